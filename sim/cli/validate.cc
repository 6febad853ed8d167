// greytick validate: everything but the run.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/cli/build.h"
#include "sim/cli/estimate.h"
#include "sim/cli/simulation.h"
#include "sim/cli/verbs.h"
#include "sim/engine/fingerprint.h"
#include "sim/results/exit_code.h"
#include "sim/results/run_record.h"
#include "sim/results/text.h"
#include "sim/scenario/json.h"
#include "sim/scenario/load.h"
#include "sim/scenario/write.h"

namespace greytick::cli {
namespace {

struct Options {
  std::vector<std::string> files, set;
  std::string format = "human", resolved;
};

int validate_one(const std::string& file, const Options& options) {
  scenario::LoadOptions how{.set = options.set};
  for (auto& folder : data_folders()) how.search.push_back(std::move(folder));
  const scenario::Loaded loaded = scenario::load_file(file, how);
  if (!loaded.scenario) {
    if (options.format == "json") {
      std::fputs(loaded.report.json().c_str(), stdout);
    } else {
      std::fputs(loaded.report.text().c_str(), stderr);
    }
    return loaded.not_found ? results::kExitNotFound : results::kExitInvalid;
  }
  const scenario::Scenario& s = *loaded.scenario;
  const std::string yaml = scenario::write_yaml(s);
  if (options.resolved == "yaml") {
    std::fputs(yaml.c_str(), stdout);
    return results::kExitPass;
  }
  if (options.resolved == "json") {
    fmt::print("{}\n", scenario::to_json(scenario::to_tree(s)).dump(2));
    return results::kExitPass;
  }
  const Estimate cost = estimate(s);
  const std::string hash = engine::to_hex(results::scenario_hash(yaml));
  if (options.format == "json") {
    const nlohmann::ordered_json out = {{"file", file},
                                        {"scenario", s.name},
                                        {"scenario_hash", hash},
                                        {"users", s.population.users},
                                        {"messages", cost.messages},
                                        {"wall_seconds", cost.wall_seconds},
                                        {"errors", nlohmann::ordered_json::array()}};
    fmt::print("{}\n", out.dump(2));
  } else {
    fmt::print(" valid    {}   hash {}   {} users · {} messages expected · est. {}\n", file, hash,
               results::group_digits(s.population.users),
               results::group_digits(static_cast<std::uint64_t>(cost.messages)),
               results::human_duration(
                   model::Duration(static_cast<std::int64_t>(cost.wall_seconds * 1e9))));
  }
  return results::kExitPass;
}

int validate(const Options& options) {
  int worst = results::kExitPass;
  for (const std::string& file : options.files) {
    const int code = validate_one(file, options);
    // An invalid file says more than one that is not there.
    if (worst == results::kExitPass || code == results::kExitInvalid) {
      if (code != results::kExitPass) worst = code;
    }
  }
  return worst;
}

}  // namespace

void add_validate(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("validate", "Check scenarios and run nothing");
  verb->add_option("FILE", options->files, "Scenarios")->required();
  verb->add_option("--set", options->set, "Override a key: --set a.b=c; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  verb->add_option("--format", options->format, "human or json")
      ->check(CLI::IsMember({"human", "json"}));
  verb->add_option("--resolved", options->resolved, "Print every key: yaml or json")
      ->check(CLI::IsMember({"yaml", "json"}));
  verb->callback([options, &exit_code] { exit_code = validate(*options); });
}

}  // namespace greytick::cli
