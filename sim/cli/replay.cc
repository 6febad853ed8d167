// greytick replay: a run once more, compared with what it left behind.
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/cli/build.h"
#include "sim/cli/execute.h"
#include "sim/cli/past_run.h"
#include "sim/cli/terminal.h"
#include "sim/cli/verbs.h"
#include "sim/engine/fingerprint.h"
#include "sim/oracle/fact_json.h"
#include "sim/results/exit_code.h"
#include "sim/results/run_record.h"
#include "sim/results/text.h"

namespace greytick::cli {
namespace {

struct Options {
  std::string run;
  bool json = false, quiet = false;
};

// Compares the facts of this run with those of history.ndjson, up to the first that differs.
class Comparer final : public world::FactSink {
 public:
  explicit Comparer(const std::filesystem::path& path) : in_(path) {}

  void on_fact(model::Instant at, const model::Fact& fact) override {
    if (difference_) return;
    ++number_;
    const std::string now = oracle::to_ndjson(at, fact);
    std::string then;
    if (!std::getline(in_, then)) {
      difference_ = fmt::format("fact {} is new: {} {}", number_, results::clock_text(at),
                                oracle::describe(fact));
    } else if (then + "\n" != now) {
      difference_ = fmt::format("fact {} differs\n   then  {}\n   now   {}", number_, then,
                                now.substr(0, now.size() - 1));
    }
  }
  void finish() {
    std::string then;
    if (!difference_ && std::getline(in_, then)) {
      difference_ = fmt::format("fact {} is missing: {}", number_ + 1, then);
    }
  }
  const std::optional<std::string>& difference() const { return difference_; }

 private:
  std::ifstream in_;
  std::uint64_t number_ = 0;
  std::optional<std::string> difference_;
};

int replay(const Options& options) {
  const auto past = read_run(options.run);
  if (!past) return past.error();
  const int semantics = past->manifest.value("semantics_version", 0);
  if (semantics != results::kSemanticsVersion) {
    fmt::print(stderr,
               "greytick: the run has semantics {}, this greytick {}: fingerprints differ "
               "by design\n",
               semantics, results::kSemanticsVersion);
    return results::kExitInvalid;
  }
  const auto history = past->path / "history.ndjson";
  std::optional<Comparer> comparer;
  if (std::filesystem::exists(history)) comparer.emplace(history);

  const std::vector<faults::Window> windows = faults::windows(past->scenario);
  results::Metrics metrics(past->scenario, windows);
  std::optional<Progress> progress;
  if (!options.quiet) progress.emplace(past->scenario, windows, tty_on_stderr());
  ExecuteOptions how{.watcher = progress ? &*progress : nullptr,
                     .also = comparer ? &*comparer : nullptr};
  if (past->partial()) how.stop_at = past->reached();
  const Execution done = execute(past->scenario, metrics, how);
  progress.reset();
  if (done.reached != past->reached() && done.ending == results::Ending::kInterrupted) {
    fmt::print(stderr, "greytick: interrupted at {}, nothing was compared\n",
               results::clock_text(done.reached));
    return results::kExitInterrupted;
  }
  if (comparer) comparer->finish();
  const std::string now = engine::to_hex(done.fingerprint);
  const bool same = now == past->fingerprint();
  if (options.json) {
    nlohmann::ordered_json out = {{"schema_version", results::kSchemaVersion},
                                  {"same", same},
                                  {"then", past->fingerprint()},
                                  {"now", now}};
    if (comparer && comparer->difference()) out["difference"] = *comparer->difference();
    fmt::print("{}\n", out.dump(2));
    return same ? results::kExitPass : results::kExitDiverged;
  }
  fmt::print(" {}  {}   seed {}   {:.1f} s   fingerprint {}\n", same ? "SAME" : "DIFFERS",
             past->scenario.name, past->scenario.seed, done.wall_seconds, now);
  if (same) return results::kExitPass;
  fmt::print("   the run had {}\n", past->fingerprint());
  if (comparer && comparer->difference()) {
    fmt::print("   {}\n", *comparer->difference());
  } else if (!comparer) {
    fmt::print("   run with --history to learn the first fact that differs\n");
  }
  const std::string then_build = past->manifest.at("build").value("revision", std::string());
  if (then_build != build_id().revision) {
    fmt::print("   the run was made by revision {}, this is {}\n", then_build, build_id().revision);
  }
  fmt::print(" exit {}\n", static_cast<int>(results::kExitDiverged));
  return results::kExitDiverged;
}

}  // namespace

void add_replay(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("replay", "Run again from a run folder, compare fingerprints");
  verb->add_option("RUN", options->run, "Run folder")->required();
  verb->add_flag("--json", options->json, "Print the comparison as JSON");
  verb->add_flag("--quiet", options->quiet, "No progress");
  verb->callback([options, &exit_code] { exit_code = replay(*options); });
}

}  // namespace greytick::cli
