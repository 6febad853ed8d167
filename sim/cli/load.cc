#include "sim/cli/load.h"

#include <cstdio>
#include <random>

#include <fmt/format.h>

#include "sim/cli/build.h"
#include "sim/results/exit_code.h"
#include "sim/scenario/load.h"

namespace greytick::cli {

std::expected<scenario::Scenario, int> load_scenario(const LoadRequest& request) {
  scenario::LoadOptions options{.set = request.set, .seed = request.seed};
  if (!request.folder.empty()) options.search.push_back(request.folder);
  for (auto& folder : data_folders()) options.search.push_back(std::move(folder));
  scenario::Loaded loaded = scenario::load_file(request.file, options);
  if (!loaded.scenario) {
    std::fputs(loaded.report.text().c_str(), stderr);
    return std::unexpected(loaded.not_found ? results::kExitNotFound : results::kExitInvalid);
  }
  if (loaded.scenario->seed_random) {
    loaded.scenario->seed = std::random_device{}();
    loaded.scenario->seed_random = false;  // The run folder names the seed that was drawn.
    fmt::print(stderr, " seed     {}, drawn at random\n", loaded.scenario->seed);
  }
  return std::move(*loaded.scenario);
}

}  // namespace greytick::cli
