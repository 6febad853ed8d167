// greytick new: a scenario to begin with.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "sim/cli/verbs.h"
#include "sim/results/exit_code.h"
#include "sim/scenario/load.h"

namespace greytick::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string name;
  std::string out = ".";
};

constexpr const char* kStarter = R"(# yaml-language-server: $schema=.scenario.schema.json
# (greytick schema > .scenario.schema.json, once, and the editor completes keys.)
# Every key left out has a default; greytick validate {0}.yaml --resolved yaml prints them all.
scenario: {0}
about: Two thousand phones chat for five minutes; one gateway crashes and comes back.
seed: 42                        # or random, or --seed 7, or --seeds 1..20

horizon: 5m                     # simulated time under load; a drain follows
warmup: 30s                     # left out of latencies, never of invariants
users: 2k                       # one device each; about a third is online at any time
traffic: {{messages: 50/s}}       # over the whole service
network: cellular-4g            # or wifi, or a mapping with shares

topology:
  regions: [eu]
  gateways: {{per_region: 3}}     # hold the connections
client:
  backoff: {{jitter: full, base: 500ms, max: 60s}}

faults:                         # each heals; greytick schema or docs/scenario.md has them all
  - name: crash
    at: 2m
    for: 30s
    fault: crash
    target: "gateways[0]"
  # - {{at: 3m, for: 20s, fault: latency, target: {{kind: region, region: eu}}, with: {{latency: 150ms}}}}

gates:                          # a name is an invariant, an expression a threshold
  - no_loss                     # what was accepted arrives
  - no_duplicate                # shown once
  - tick_order                  # sent, delivered, read: never back
  - converged                   # nothing is left when all is calm
  - e2e.p50 < 500ms             # phones in session, from create to apply
  - reconnected_in < 60s during crash
)";

int write_new(const Options& options) {
  const std::string text = fmt::format(kStarter, options.name);
  // The loader knows what a name may be.
  const scenario::Loaded loaded = scenario::load_text(options.name + ".yaml", text);
  if (!loaded.scenario) {
    fmt::print(stderr, "greytick: '{}' is not a name for a scenario\n{}", options.name,
               loaded.report.text());
    return results::kExitUsage;
  }
  const fs::path path = fs::path(options.out) / (options.name + ".yaml");
  if (fs::exists(path)) {
    fmt::print(stderr, "greytick: {} is there already; nothing was written\n", path.string());
    return results::kExitCannotWrite;
  }
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) {
    fmt::print(stderr, "greytick: cannot write {}\n", path.string());
    return results::kExitCannotWrite;
  }
  fmt::print(" wrote    {0}\n run      greytick run {0}\n", path.lexically_normal().string());
  return results::kExitPass;
}

}  // namespace

void add_new(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("new", "Write a commented scenario to begin with, NAME.yaml");
  verb->add_option("NAME", options->name, "Of the scenario and its file")->required();
  verb->add_option("--out", options->out, "Folder")->capture_default_str();
  verb->callback([options, &exit_code] { exit_code = write_new(*options); });
}

}  // namespace greytick::cli
