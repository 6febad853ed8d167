// greytick run: one scenario, one seed or several, a verdict.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <map>
#include <optional>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "sim/cli/build.h"
#include "sim/cli/chains.h"
#include "sim/cli/estimate.h"
#include "sim/cli/execute.h"
#include "sim/cli/history.h"
#include "sim/cli/interrupt.h"
#include "sim/cli/load.h"
#include "sim/cli/report_page.h"
#include "sim/cli/seeds.h"
#include "sim/cli/terminal.h"
#include "sim/cli/trial.h"
#include "sim/cli/verbs.h"
#include "sim/engine/fingerprint.h"
#include "sim/report/page.h"
#include "sim/results/exit_code.h"
#include "sim/results/run_folder.h"
#include "sim/results/summary.h"
#include "sim/results/text.h"
#include "sim/scenario/metric_table.h"
#include "sim/scenario/units_text.h"
#include "sim/scenario/write.h"
#include "sim/stats/interval.h"

namespace greytick::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string file;
  std::vector<std::string> set;
  std::optional<std::uint64_t> seed;
  std::string seeds;
  std::string out = "runs";
  std::string budget = "10m";
  bool json = false, quiet = false, history = false, unknown_ok = false, no_report = false;
};

// The report, with what happened to each message where that takes next to no time: it needs the run
// once more.
std::string report_of(const results::RunRecord& record) {
  constexpr std::uint64_t kRepeatedEvents = 250'000;
  report::Input input =
      report_input(record.scenario, nlohmann::json::parse(results::manifest_json(record)),
                   nlohmann::json::parse(results::summary_json(record)), record.resolved,
                   record.metrics.series());
  const std::vector<Subject> subjects = subjects_of(input.summary);
  std::vector<std::vector<Hop>> chains;
  if (record.ending == results::Ending::kDone && record.events <= kRepeatedEvents) {
    results::Metrics again(record.scenario, record.metrics.windows());
    const Repeat repeat{.scenario = record.scenario,
                        .fingerprint = engine::to_hex(record.fingerprint)};
    chains = chains_of(repeat, subjects, again).value_or(std::move(chains));
  }
  if (chains.empty()) {
    input.no_hops = fmt::format(
        "Only known once the run is repeated, which takes about {:.0f} s: greytick report RUN adds "
        "what happened to each.",
        std::max(1.0, record.wall_seconds));
  }
  add_messages(input, subjects, chains);
  return report::page(input);
}

// What is left of one seed when several run.
struct SeedOutcome {
  int exit_code = 0;
  std::string json;
  std::map<std::string, double> values;  // by metric; ns where it is a latency
};

// Numbers worth an interval: the thresholds of the scenario, and the usual latencies.
std::map<std::string, double> values_of(const scenario::Scenario& s, const results::Metrics& m) {
  std::map<std::string, double> out;
  for (const scenario::Threshold& t : s.gates.thresholds) {
    const results::Measured measured = m.measure(t);
    if (!measured.value) continue;
    std::string name = scenario::print_metric(t);
    if (!t.during.empty()) name += " during " + t.during;
    const std::string where = scenario::print_where(t.where);
    if (!where.empty()) name += " where " + where;
    out[name] = *measured.value;
  }
  for (const auto which :
       {results::Latency::kE2e, results::Latency::kSent, results::Latency::kTick2}) {
    for (const auto& [name, q] : {std::pair{"p50", 0.5}, std::pair{"p99", 0.99}}) {
      const results::Censored& latency = m.latency(which);
      if (latency.count() < results::samples_needed(q)) continue;
      if (const auto value = latency.quantile(q)) {
        out[fmt::format("{}.{}", results::latency_name(which), name)] = static_cast<double>(*value);
      }
    }
  }
  return out;
}

class Run {
 public:
  explicit Run(const Options& options) : options_(options) {}

  int operator()() {
    if (!read_options()) return results::kExitUsage;
    auto loaded =
        load_scenario({.file = options_.file, .set = options_.set, .seed = options_.seed});
    if (!loaded) return loaded.error();
    scenario_ = std::move(*loaded);
    if (!affordable()) return results::kExitBudget;
    return seeds_ ? all_seeds(*seeds_) : one_seed(scenario_, false).exit_code;
  }

 private:
  bool read_options() {
    if (!options_.seeds.empty()) {
      seeds_ = parse_seeds(options_.seeds);
      if (!seeds_) {
        fmt::print(stderr, "greytick: --seeds {}: expected a range such as 1..20\n",
                   options_.seeds);
        return false;
      }
      if (options_.seed) {
        fmt::print(stderr, "greytick: --seed and --seeds exclude each other\n");
        return false;
      }
    }
    if (options_.budget == "none") return true;
    const auto budget = scenario::parse_duration(options_.budget);
    if (!budget || *budget <= model::Duration(0)) {
      fmt::print(stderr, "greytick: --budget {}: expected a duration such as 90s or 10m, or none\n",
                 options_.budget);
      return false;
    }
    budget_seconds_ = static_cast<double>(budget->count()) / 1e9;
    return true;
  }

  bool affordable() const {
    const Estimate cost = estimate(scenario_);
    if (!options_.quiet) {
      fmt::print(stderr, " greytick run {}   {} users · {} messages expected · est. {}\n",
                 options_.file, results::group_digits(scenario_.population.users),
                 results::group_digits(static_cast<std::uint64_t>(cost.messages)),
                 results::human_duration(
                     model::Duration(static_cast<std::int64_t>(cost.wall_seconds * 1e9))));
    }
    if (!budget_seconds_ || cost.wall_seconds <= *budget_seconds_) return true;
    fmt::print(stderr,
               "greytick: this would take about {:.0f} s, --budget allows {:.0f} s; nothing was "
               "run.\n  allow more:    --budget {:.0f}s, or --budget none\n  simulate less: --set "
               "horizon=..., --set population.users=..., --set traffic.messages=...\n",
               cost.wall_seconds, *budget_seconds_, cost.wall_seconds * 2.0);
    return false;
  }

  // Runs one seed and writes its folder. brief: one line instead of the report.
  SeedOutcome one_seed(const scenario::Scenario& scenario, bool brief) {
    const std::time_t started =
        std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    auto folder = results::RunFolder::begin(options_.out, fmt::format("{}", getpid()));
    if (!folder) return cannot_write(folder.error());
    std::optional<History> history;
    if (options_.history || scenario.record.history)
      history.emplace(folder->file("history.ndjson"));

    const std::vector<faults::Window> windows = faults::windows(scenario);
    results::Metrics metrics(scenario, windows);
    std::optional<Progress> progress;
    if (!options_.quiet && !brief) progress.emplace(scenario, windows, tty_on_stderr());
    const Execution done = execute(scenario, metrics,
                                   {.budget_seconds = budget_seconds_,
                                    .watcher = progress ? &*progress : nullptr,
                                    .also = history ? &*history : nullptr});
    progress.reset();
    if (history && !history->close()) return cannot_write("cannot write history.ndjson");

    results::RunRecord record{
        .scenario = scenario,
        .metrics = metrics,
        .source = options_.file,
        .folder = fs::absolute(options_.file).parent_path().string(),
        .resolved = scenario::write_yaml(scenario),
        .fingerprint = done.fingerprint,
        .ending = done.ending,
        .findings = done.findings,
        .judged = results::judge(scenario, done.findings, metrics, done.ending, done.drained_after,
                                 done.missed, done.sketches),
        .reached = done.reached,
        .drained_after = done.drained_after,
        .events = done.events,
        .wall_seconds = done.wall_seconds,
        .partings = done.partings,
        .started_utc = fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(started)),
        .host = host_text(),
        .build = build_id(),
        .log = {}};
    if (options_.unknown_ok && record.judged.exit_code == results::kExitUnknown) {
      record.judged.exit_code = results::kExitPass;
    }
    record.log.push_back(
        fmt::format("greytick {} ({})", record.build.version, record.build.revision));
    for (const results::Parting& p : record.partings) {
      record.log.push_back(results::parting_text(p));
    }
    record.log.push_back(report_text(record, {}, false));
    if (!options_.no_report) {
      if (const auto written = folder->write("report.html", report_of(record)); !written) {
        return cannot_write(written.error());
      }
    }
    const auto path = folder->finish(record);
    if (!path) return cannot_write(path.error());

    // The link is shorter to type, and still names this run while no other has ended.
    const std::string shown = brief ? path->string() : (fs::path(options_.out) / "latest").string();
    if (!options_.json) {
      const bool line = brief || options_.quiet;
      std::fputs((line ? verdict_line(record, colour_on_stdout())
                       : report_text(record, shown, colour_on_stdout(),
                                     options_.no_report ? "" : shown + "/report.html"))
                     .c_str(),
                 stdout);
      if (line && record.judged.exit_code != 0) print_reasons(record, path->string());
      std::fflush(stdout);
    } else if (!brief) {
      std::fputs(results::summary_json(record).c_str(), stdout);
    }
    return {.exit_code = record.judged.exit_code,
            .json = options_.json ? results::summary_json(record) : std::string(),
            .values = values_of(scenario, metrics)};
  }

  static void print_reasons(const results::RunRecord& record, const std::string& path) {
    for (const results::Gate& gate : record.judged.gates) {
      if (gate.verdict == results::Verdict::kPass) continue;
      fmt::print("   {:<8}{}{}   {}\n", verdict_name(gate.verdict), gate.name, scope_text(gate),
                 gate.why);
    }
    fmt::print("   results {}\n", path);
  }

  static SeedOutcome cannot_write(const std::string& why) {
    fmt::print(stderr, "greytick: {}\n", why);
    return {.exit_code = results::kExitCannotWrite, .json = {}, .values = {}};
  }

  int all_seeds(const SeedRange& seeds) {
    std::vector<int> codes;
    std::map<std::string, std::vector<double>> samples;
    nlohmann::ordered_json runs = nlohmann::ordered_json::array();
    for (std::uint64_t seed = seeds.first;; ++seed) {
      scenario_.seed = seed;
      SeedOutcome outcome = one_seed(scenario_, true);
      codes.push_back(outcome.exit_code);
      for (const auto& [name, value] : outcome.values) samples[name].push_back(value);
      if (!outcome.json.empty()) runs.push_back(nlohmann::ordered_json::parse(outcome.json));
      const bool stop = outcome.exit_code == results::kExitCannotWrite ||
                        outcome.exit_code == results::kExitInvalid || interrupted();
      if (stop || seed == seeds.last) break;
    }
    const int worst = results::worst_exit_code(codes);
    if (options_.json) {
      print_json(std::move(runs), samples, worst);
    } else {
      print_intervals(codes, samples);
    }
    return worst;
  }

  void print_intervals(const std::vector<int>& codes,
                       const std::map<std::string, std::vector<double>>& samples) const {
    const auto passed = std::ranges::count(codes, static_cast<int>(results::kExitPass));
    fmt::print("\n {} of {} seeds passed\n", passed, codes.size());
    bool header = false;
    for (const auto& [name, values] : samples) {
      const auto interval = stats::student_interval(values);
      if (!interval) continue;
      if (!header) fmt::print(" {:<32}{:>16}{:>16}{:>8}\n", "over seeds", "mean", "±95%", "seeds");
      header = true;
      const scenario::MetricUnit unit = unit_of(name);
      fmt::print(" {:<32}{:>16}{:>16}{:>8}\n", name, results::human_value(unit, interval->mean),
                 results::human_value(unit, interval->half_width), interval->samples);
    }
  }

  static void print_json(nlohmann::ordered_json runs,
                         const std::map<std::string, std::vector<double>>& samples, int worst) {
    nlohmann::ordered_json out = {{"schema_version", results::kSchemaVersion},
                                  {"exit_code", worst}};
    out["intervals"] = nlohmann::ordered_json::object();
    for (const auto& [name, values] : samples) {
      const auto interval = stats::student_interval(values);
      if (!interval) continue;
      out["intervals"][name] = {{"mean", interval->mean},
                                {"half_width", interval->half_width},
                                {"level", 0.95},
                                {"seeds", interval->samples}};
    }
    out["runs"] = std::move(runs);
    fmt::print("{}\n", out.dump(2));
  }

  const Options& options_;
  scenario::Scenario scenario_;
  std::optional<SeedRange> seeds_;
  std::optional<double> budget_seconds_;
};

}  // namespace

void add_run(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("run", "Simulate a scenario and judge it");
  verb->add_option("FILE", options->file, "Scenario")->required();
  verb->add_option("--set", options->set, "Override a key: --set a.b=c; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  verb->add_option("--seed", options->seed, "Seed; wins over the file");
  verb->add_option("--seeds", options->seeds, "Several seeds, 1..20: a line each, then intervals");
  verb->add_option("--out", options->out, "Where run folders are kept")->capture_default_str();
  verb->add_option("--budget", options->budget, "Wall time allowed for a run, or none")
      ->capture_default_str();
  verb->add_flag("--json", options->json, "Print summary.json instead of the report");
  verb->add_flag("--quiet", options->quiet, "No progress, and the verdict alone");
  verb->add_flag("--history", options->history, "Keep every fact in history.ndjson");
  verb->add_flag("--no-report", options->no_report, "Do not write report.html");
  verb->add_flag("--unknown-ok", options->unknown_ok, "Exit 0 where evidence is missing, not 2");
  verb->callback([options, &exit_code] { exit_code = Run(*options)(); });
}

}  // namespace greytick::cli
