// greytick scenarios: what ships.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/cli/build.h"
#include "sim/cli/verbs.h"
#include "sim/results/exit_code.h"
#include "sim/scenario/load.h"

namespace greytick::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  bool list = false, json = false;
};

// The scenarios of the first folder that has any, by name.
std::vector<fs::path> shipped() {
  for (const fs::path& folder : data_folders()) {
    std::vector<fs::path> found;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
      if (entry.path().extension() == ".yaml") found.push_back(entry.path());
    }
    std::ranges::sort(found);
    if (!found.empty()) return found;
  }
  return {};
}

int list(const Options& options) {
  auto out = nlohmann::ordered_json::array();
  for (const fs::path& path : shipped()) {
    const scenario::Loaded loaded = scenario::load_file(path);
    const std::string about = loaded.scenario ? loaded.scenario->about : "(does not load)";
    const std::string name = loaded.scenario ? loaded.scenario->name : path.stem().string();
    out.push_back({{"scenario", name}, {"file", path.string()}, {"about", about}});
    if (!options.json) fmt::print(" {:<24}{}\n", name, about);
  }
  if (options.json) fmt::print("{}\n", out.dump(2));
  if (!out.empty()) return results::kExitPass;
  fmt::print(stderr, "greytick: no scenarios here, nor beside the program\n");
  return results::kExitNotFound;
}

}  // namespace

void add_scenarios(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("scenarios", "List the shipped scenarios");
  verb->add_flag("--list", options->list, "The same; what the verb does anyway");
  verb->add_flag("--json", options->json, "As JSON, with the file of each");
  verb->callback([options, &exit_code] { exit_code = list(*options); });
}

}  // namespace greytick::cli
