// greytick compare: is B worse than A?
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/cli/interrupt.h"
#include "sim/cli/load.h"
#include "sim/cli/past_run.h"
#include "sim/cli/seeds.h"
#include "sim/cli/trial.h"
#include "sim/cli/verbs.h"
#include "sim/cli/workers.h"
#include "sim/results/exit_code.h"
#include "sim/results/run_record.h"
#include "sim/results/text.h"
#include "sim/scenario/metric_table.h"
#include "sim/scenario/units_text.h"
#include "sim/stats/interval.h"

namespace greytick::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string a, b;
  std::string seeds = "1..5";
  std::string tolerance = "5%";
  std::vector<std::string> set, set_b, metrics;
  std::size_t jobs = std::max(1U, std::thread::hardware_concurrency());
  bool all = false, json = false, quiet = false;
};

enum class Worse : std::uint8_t { kHigher, kLower, kNeither };

// Which way a metric gets worse. Counts of what simply happens say nothing either way.
Worse worse_when(const std::string& name) {
  scenario::Threshold t;
  if (!scenario::parse_metric(name.substr(0, name.find(' ')), t)) return Worse::kNeither;
  if (t.metric == "delivered" || t.metric == "delivered_share" || t.metric == "connected_share")
    return Worse::kLower;
  if (t.unit == scenario::MetricUnit::kDuration) return Worse::kHigher;
  constexpr auto kCosts = std::to_array<std::string_view>(
      {"attempts",          "refused",      "failed",        "rejected",         "retries",
       "retryable",         "redeliveries", "tombstones",    "dead_letters",     "unconfirmed",
       "expired",           "push_errors",  "frames_lost",   "connections_lost", "queued",
       "queued_peak",       "queue.depth",  "channel.depth", "in_flight_peak",   "store.bytes_peak",
       "session.bytes_peak"});
  return std::ranges::find(kCosts, t.metric) != kCosts.end() ? Worse::kHigher : Worse::kNeither;
}

// One side: runs that are there already, or a scenario that is to be run.
struct Side {
  std::string label;
  std::optional<scenario::Scenario> scenario;
  std::vector<Trial> trials;
};

struct Row {
  std::string name;
  double a = 0.0, b = 0.0;                // means over the pairs
  std::optional<stats::Interval> change;  // b - a; nothing for a single pair
  std::size_t pairs = 0;
  bool judged = false, worse = false;

  double difference() const { return b - a; }
  // Relative to A; nothing where A is zero.
  std::optional<double> relative(double difference) const {
    if (a == 0.0) return std::nullopt;
    return difference / std::abs(a);
  }
};

class Compare {
 public:
  explicit Compare(const Options& options) : options_(options) {}

  int operator()() {
    if (!read_options()) return results::kExitUsage;
    for (const auto& [path, side, set_b] :
         {std::tuple{&options_.a, &a_, false}, std::tuple{&options_.b, &b_, true}}) {
      if (const int code = read_side(*path, *side, set_b); code != results::kExitPass) return code;
    }
    if (!a_.scenario && !b_.scenario && a_.trials[0].seed != b_.trials[0].seed) {
      fmt::print(stderr,
                 "greytick: seeds {} and {}: chance differs too, so this is no pair; better give "
                 "the scenarios\n",
                 a_.trials[0].seed, b_.trials[0].seed);
    }
    if (const int code = run_missing(); code != results::kExitPass) return code;
    compare_metrics();
    compare_gates();
    const bool regressed = !failing_.empty() || std::ranges::any_of(rows_, &Row::worse);
    options_.json ? print_json(regressed) : print_text(regressed);
    return regressed ? results::kExitRegression : results::kExitPass;
  }

 private:
  static bool usage(std::string_view why) {
    fmt::print(stderr, "greytick: {}\n", why);
    return false;
  }

  bool read_options() {
    const auto seeds = parse_seeds(options_.seeds);
    if (!seeds || seeds->last - seeds->first >= 10'000)
      return usage(fmt::format("--seeds {}: expected a range such as 1..20", options_.seeds));
    seeds_ = *seeds;
    const auto tolerance = scenario::parse_share(options_.tolerance);
    if (!tolerance)
      return usage(
          fmt::format("--tolerance {}: expected a percentage such as 5%", options_.tolerance));
    tolerance_ = tolerance->value;
    for (const std::string& name : options_.metrics) {
      scenario::Threshold t;
      if (const auto parsed = scenario::parse_metric(name, t); !parsed)
        return usage(fmt::format("--metric: {}{}", parsed.error().message,
                                 parsed.error().nearest.empty()
                                     ? std::string()
                                     : "; did you mean " + parsed.error().nearest + "?"));
      more_.push_back(std::move(t));
    }
    return true;
  }

  int read_side(const std::string& path, Side& side, bool set_b) {
    side.label = path;
    if (fs::is_directory(path)) {
      const auto past = read_run(path);
      if (!past) return past.error();
      try {
        side.trials.push_back(trial_of(past->summary));
      } catch (const nlohmann::json::exception&) {
        fmt::print(stderr, "greytick: {} is damaged: summary.json says too little\n", path);
        return results::kExitInvalid;
      }
      if (past->partial()) {
        fmt::print(stderr, "greytick: {} was stopped before its end\n", path);
        return results::kExitInvalid;
      }
      seeds_ = {side.trials[0].seed, side.trials[0].seed};
      return results::kExitPass;
    }
    std::vector<std::string> set = options_.set;
    if (set_b) set.insert(set.end(), options_.set_b.begin(), options_.set_b.end());
    for (const std::string& one : set) side.label += " --set " + one;
    auto loaded = load_scenario({.file = path, .set = std::move(set)});
    if (!loaded) return loaded.error();
    side.scenario = std::move(*loaded);
    return results::kExitPass;
  }

  // Runs both scenarios with the same seeds, all at once as far as --jobs goes.
  int run_missing() {
    struct Job {
      Side* side;
      std::uint64_t seed;
    };
    std::vector<Job> jobs;
    for (std::uint64_t seed = seeds_.first;; ++seed) {
      for (Side* side : {&a_, &b_}) {
        if (side->scenario) jobs.push_back({side, seed});
      }
      if (seed == seeds_.last) break;
    }
    std::vector<Trial> answers(jobs.size());
    Workers workers(options_.jobs);
    for (std::size_t next = 0; next < jobs.size() || !workers.idle();) {
      if (next < jobs.size() && !workers.full() && !interrupted()) {
        const Job job = jobs[next];
        const bool begun = workers.start(next++, [this, job] {
          scenario::Scenario s = *job.side->scenario;
          s.seed = job.seed;
          return print_trial(run_trial(s, more_));
        });
        if (begun) continue;
        fmt::print(stderr, "greytick: no process can be made\n");
        return results::kExitInternal;
      }
      if (workers.idle()) break;
      Workers::Done done = workers.wait();
      std::optional<Trial> trial = done.whole ? parse_trial(done.text) : std::nullopt;
      if (interrupted()) continue;
      if (!trial) {
        fmt::print(stderr, "greytick: seed {} of {} came to no end\n", jobs[done.id].seed,
                   jobs[done.id].side->label);
        return results::kExitInternal;
      }
      if (!options_.quiet) {
        fmt::print(stderr, " seed {:<6}{:<44}exit {:<4}{:.1f} s\n", jobs[done.id].seed,
                   jobs[done.id].side->label, trial->exit_code, trial->wall_seconds);
      }
      answers[done.id] = std::move(*trial);
    }
    if (interrupted()) {
      fmt::print(stderr, "greytick: interrupted, nothing was compared\n");
      return results::kExitInterrupted;
    }
    for (std::size_t i = 0; i < jobs.size(); ++i)
      jobs[i].side->trials.push_back(std::move(answers[i]));
    return results::kExitPass;
  }

  // What a regression is looked for in: the gates' own metrics, the usual latencies, what arrived,
  // and whatever --metric names. The rest is shown, not judged: of fifty intervals at 95 % two or
  // three miss by chance.
  bool judged(const std::string& name) const {
    constexpr auto kUsual =
        std::to_array<std::string_view>({"e2e.p50", "e2e.p99", "sent.p50", "sent.p99", "tick2.p50",
                                         "tick2.p99", "delivered_share"});
    if (std::ranges::find(kUsual, name) != kUsual.end()) return true;
    if (std::ranges::find(options_.metrics, name) != options_.metrics.end()) return true;
    const auto is_threshold = [&name](const TrialGate& g) {
      return g.kind == "threshold" && g.name == name;
    };
    return std::ranges::any_of(a_.trials[0].gates, is_threshold);
  }

  void compare_metrics() {
    for (const auto& [name, ignored] : a_.trials[0].values) {
      Row row{.name = name, .change = {}};
      std::vector<double> a, b;
      for (std::size_t i = 0; i < a_.trials.size(); ++i) {
        const auto in_a = a_.trials[i].values.find(name);
        const auto in_b = b_.trials[i].values.find(name);
        if (in_a == a_.trials[i].values.end() || in_b == b_.trials[i].values.end()) continue;
        a.push_back(in_a->second);
        b.push_back(in_b->second);
      }
      if (a.empty()) continue;
      row.pairs = a.size();
      for (std::size_t i = 0; i < a.size(); ++i) {
        row.a += a[i] / static_cast<double>(a.size());
        row.b += b[i] / static_cast<double>(a.size());
      }
      row.change = stats::paired_difference(a, b);
      row.judged = judged(name);
      row.worse = row.judged && is_worse(row);
      rows_.push_back(std::move(row));
    }
  }

  // The end of the interval that is kindest to B is still beyond the tolerance.
  bool is_worse(const Row& row) const {
    const Worse worse = worse_when(row.name);
    if (worse == Worse::kNeither) return false;
    const double sign = worse == Worse::kHigher ? 1.0 : -1.0;
    const double width = row.change ? row.change->half_width : 0.0;
    const double least = sign * row.difference() - width;
    return least > tolerance_ * std::abs(row.a);
  }

  // Gates that fail in B with a seed with which they do not fail in A.
  void compare_gates() {
    for (std::size_t i = 0; i < b_.trials.size(); ++i) {
      for (const TrialGate& gate : b_.trials[i].gates) {
        if (gate.verdict != "FAIL") continue;
        const bool before =
            std::ranges::any_of(a_.trials[i].gates, [&gate](const TrialGate& other) {
              return other.name == gate.name && other.verdict == "FAIL";
            });
        if (!before) failing_.push_back({gate.name, b_.trials[i].seed});
      }
    }
  }

  static std::string relative_text(const Row& row) {
    if (row.difference() == 0.0) return "=";
    const auto change = row.relative(row.difference());
    return change ? fmt::format("{:+.1f}%", *change * 100.0) : std::string("from 0");
  }

  static std::string width_text(const Row& row) {
    if (!row.change) return "";
    const auto width = row.relative(row.change->half_width);
    return width ? fmt::format("±{:.1f}%", *width * 100.0)
                 : "±" + results::human_value(unit_of(row.name), row.change->half_width);
  }

  void print_text(bool regressed) const {
    fmt::print(" A  {}\n B  {}\n {} pairs of runs, seeds {}..{}\n\n", a_.label, b_.label,
               a_.trials.size(), a_.trials.front().seed, a_.trials.back().seed);
    fmt::print("   {:<34}{:>12}{:>12}{:>10}{:>10}\n", "metric", "A", "B", "change",
               a_.trials.size() > 1 ? "at 95%" : "");
    for (const Row& row : rows_) {
      const bool moved = row.difference() != 0.0 &&
                         (!row.change || std::abs(row.difference()) > row.change->half_width);
      if (!options_.all && !row.judged && !moved) continue;
      const scenario::MetricUnit unit = unit_of(row.name);
      const std::string width = width_text(row);
      // The sign ± is two bytes and one column.
      const int column = width.empty() ? 10 : 11;
      fmt::print(" {} {:<34}{:>12}{:>12}{:>10}{:>{}}\n", row.worse ? "✗" : " ", row.name,
                 results::human_value(unit, row.a), results::human_value(unit, row.b),
                 relative_text(row), width, column);
    }
    for (const Failing& f : failing_)
      fmt::print("\n ✗ {} fails in B with seed {}, and not in A", f.gate, f.seed);
    fmt::print("{}\n {}\n", failing_.empty() ? "" : "\n",
               regressed
                   ? fmt::format("REGRESSION   exit {}", static_cast<int>(results::kExitRegression))
                   : fmt::format("NO REGRESSION   beyond {}", options_.tolerance));
  }

  void print_json(bool regressed) const {
    nlohmann::ordered_json out = {{"schema_version", results::kSchemaVersion},
                                  {"a", a_.label},
                                  {"b", b_.label},
                                  {"regression", regressed},
                                  {"tolerance", tolerance_}};
    out["seeds"] = nlohmann::ordered_json::array();
    for (const Trial& t : a_.trials) out["seeds"].push_back(t.seed);
    out["metrics"] = nlohmann::ordered_json::array();
    for (const Row& row : rows_) {
      nlohmann::ordered_json one = {{"name", row.name},   {"a", row.a},
                                    {"b", row.b},         {"difference", row.difference()},
                                    {"pairs", row.pairs}, {"judged", row.judged},
                                    {"worse", row.worse}};
      one["half_width"] = row.change ? nlohmann::ordered_json(row.change->half_width) : nullptr;
      const auto relative = row.relative(row.difference());
      one["relative"] = relative ? nlohmann::ordered_json(*relative) : nullptr;
      out["metrics"].push_back(std::move(one));
    }
    out["newly_failing"] = nlohmann::ordered_json::array();
    for (const Failing& f : failing_)
      out["newly_failing"].push_back({{"gate", f.gate}, {"seed", f.seed}});
    fmt::print("{}\n", out.dump(2));
  }

  struct Failing {
    std::string gate;
    std::uint64_t seed;
  };

  const Options& options_;
  SeedRange seeds_;
  double tolerance_ = 0.0;
  std::vector<scenario::Threshold> more_;  // of --metric
  Side a_, b_;
  std::vector<Row> rows_;
  std::vector<Failing> failing_;
};

}  // namespace

void add_compare(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("compare", "Two scenarios with paired seeds, or two runs: is B worse?");
  verb->add_option("A", options->a, "Baseline: a scenario or a run folder")->required();
  verb->add_option("B", options->b, "The other")->required();
  const auto list = [verb](const char* name, std::vector<std::string>& into, const char* about) {
    verb->add_option(name, into, about)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->allow_extra_args(false);
  };
  verb->add_option("--seeds", options->seeds, "Seeds that both run with; a run folder has its own")
      ->capture_default_str();
  list("--set", options->set, "Override a key of both scenarios; may be repeated");
  list("--set-b", options->set_b, "Override a key of B alone; may be repeated");
  list("--metric", options->metrics, "Judge this metric too; may be repeated");
  verb->add_option("--tolerance", options->tolerance,
                   "A metric may be worse by this part, beyond its interval")
      ->capture_default_str();
  verb->add_option("--jobs", options->jobs, "Runs at a time, a process each; by default, all cores")
      ->check(CLI::Range(1, 1024));
  verb->add_flag("--all", options->all, "Show what neither moved nor is judged, too");
  verb->add_flag("--json", options->json, "Print the comparison as JSON");
  verb->add_flag("--quiet", options->quiet, "No progress");
  verb->callback([options, &exit_code] { exit_code = Compare(*options)(); });
}

}  // namespace greytick::cli
