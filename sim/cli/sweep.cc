// greytick sweep: every combination of some values, each with several seeds, one table.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/cli/build.h"
#include "sim/cli/estimate.h"
#include "sim/cli/interrupt.h"
#include "sim/cli/sweep_table.h"
#include "sim/cli/trial.h"
#include "sim/cli/verbs.h"
#include "sim/cli/workers.h"
#include "sim/engine/fingerprint.h"
#include "sim/results/exit_code.h"
#include "sim/results/run_record.h"
#include "sim/results/text.h"
#include "sim/scenario/constraint.h"
#include "sim/scenario/load.h"
#include "sim/scenario/metric_table.h"
#include "sim/scenario/units_text.h"
#include "sim/scenario/write.h"
#include "sim/stats/interval.h"

namespace greytick::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string file;
  std::vector<std::string> set, axes;
  std::optional<std::uint64_t> seed;
  std::string out = "runs";
  std::size_t jobs = std::max(1U, std::thread::hardware_concurrency());
  std::string shard;
  bool fail_fast = false, json = false, quiet = false;
};

// One of several programs that share the points of a sweep.
struct Shard {
  std::size_t number = 1, of = 1;  // 1 <= number <= of
  bool takes(std::size_t point) const { return point % of == number - 1; }
};

std::optional<Shard> parse_shard(const std::string& text) {
  if (text.empty()) return Shard{};
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const auto number = scenario::parse_count(text.substr(0, slash));
  const auto of = scenario::parse_count(text.substr(slash + 1));
  if (!number || !of || *number < 1 || *number > *of || *of > 10'000) return std::nullopt;
  return Shard{.number = *number, .of = *of};
}

constexpr std::size_t kPointsMax = 10'000;

// What a trial's file must have been written by, to stand for a run of this program: a rebuilt
// program may judge otherwise.
std::string program_id() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  const auto size = fs::file_size(self, error);
  const auto time = fs::last_write_time(self, error).time_since_epoch().count();
  return fmt::format("{} {} {}", build_id().revision, size, time);
}

class SweepRun {
 public:
  explicit SweepRun(const Options& options) : options_(options), program_(program_id()) {}

  int operator()() {
    if (const int code = read_plan(); code != results::kExitPass) return code;
    if (const int code = open_folder(); code != results::kExitPass) return code;
    announce();
    if (const int code = run_all(); code != results::kExitPass) return code;
    const scenario::SweepUntil until = plan_.repeat.until.value_or(scenario::SweepUntil{});
    const SweepTable table(plan_.axes, points_, until.metric, until.level.value);
    const fs::path csv = folder_ / table_name();
    if (!write(csv, table.csv())) return results::kExitCannotWrite;
    std::vector<int> codes;
    for (const SweepPoint& point : points_) {
      for (const Trial& trial : point.trials) codes.push_back(trial.exit_code);
    }
    if (interrupted()) codes.push_back(results::kExitInterrupted);
    const int worst = results::worst_exit_code(codes);
    if (options_.json) {
      fmt::print("{}\n", table.json(folder_.string(), worst));
    } else {
      fmt::print("{}\n table    {}\n exit {}\n", table.text(), csv.string(), worst);
    }
    return worst;
  }

 private:
  scenario::Loaded load(const std::vector<std::string>& more) const {
    scenario::LoadOptions how{.set = options_.set, .seed = options_.seed};
    how.set.insert(how.set.end(), more.begin(), more.end());
    for (auto& folder : data_folders()) how.search.push_back(std::move(folder));
    return scenario::load_file(options_.file, how);
  }

  static int refuse(const scenario::Loaded& loaded) {
    std::fputs(loaded.report.text().c_str(), stderr);
    return loaded.not_found ? results::kExitNotFound : results::kExitInvalid;
  }

  std::string table_name() const {
    return shard_.of == 1 ? "points.csv"
                          : fmt::format("points-{}of{}.csv", shard_.number, shard_.of);
  }

  int read_plan() {
    if (const std::optional<Shard> shard = parse_shard(options_.shard)) {
      shard_ = *shard;
    } else {
      fmt::print(stderr, "greytick: --shard {}: expected NUMBER/OF, such as 2/8\n", options_.shard);
      return results::kExitUsage;
    }
    // Axes of the command line are read as those of a file.
    std::vector<std::string> written;
    for (const std::string& axis : options_.axes) {
      const std::size_t equals = axis.find('=');
      if (equals == std::string::npos || equals == 0) {
        fmt::print(stderr, "greytick: --axis {}: expected KEY=[VALUE, VALUE]\n", axis);
        return results::kExitUsage;
      }
      scenario::Loaded one = scenario::load_text(
          "--axis", fmt::format("scenario: x\nusers: 2\ntraffic: {{messages: 1/s}}\nsweep: {{axes: "
                                "{{\"{}\": {}}}}}\n",
                                axis.substr(0, equals), axis.substr(equals + 1)));
      if (!one.sweep || !one.report.ok()) {
        std::fputs(one.report.text().c_str(), stderr);
        return results::kExitUsage;
      }
      plan_.axes.push_back(std::move(one.sweep->axes.front()));
    }
    scenario::Loaded base = load({});
    if (!base.scenario) return refuse(base);
    if (base.sweep) {
      std::vector<scenario::SweepAxis> from_line = std::exchange(plan_.axes, {});
      plan_ = std::move(*base.sweep);
      for (scenario::SweepAxis& axis : from_line) {
        const auto same = std::ranges::find(plan_.axes, axis.path, &scenario::SweepAxis::path);
        same == plan_.axes.end() ? plan_.axes.push_back(std::move(axis))
                                 : static_cast<void>(*same = std::move(axis));
      }
    }
    if (plan_.axes.empty()) {
      fmt::print(stderr,
                 "greytick: {} says nothing under 'sweep: axes'\n  say it there, or --axis "
                 "'client.backoff.jitter=[none, full]'\n",
                 options_.file);
      return results::kExitInvalid;
    }
    base_ = std::move(*base.scenario);
    if (base_.seed_random) {
      // Drawn anew, nothing would ever be found again.
      fmt::print(stderr, "greytick: a sweep needs a seed to begin with: --seed 1\n");
      return results::kExitInvalid;
    }
    if (plan_.repeat.until) {
      scenario::Threshold metric;
      // The loader knows it; what is not known would not be measured.
      if (scenario::parse_metric(plan_.repeat.until->metric, metric)) until_ = std::move(metric);
    }
    return make_points();
  }

  int make_points() {
    const auto combinations = scenario::sweep_points(plan_, kPointsMax);
    if (!combinations) {
      fmt::print(stderr, "greytick: the axis {}: {}\n", combinations.error().key,
                 combinations.error().message);
      return results::kExitInvalid;
    }
    std::size_t number = 0;
    for (const std::vector<std::string>& values : *combinations) {
      SweepPoint point{.values = values};
      std::vector<std::string> set;
      set.reserve(plan_.axes.size());
      for (std::size_t k = 0; k < plan_.axes.size(); ++k)
        set.push_back(plan_.axes[k].path + "=" + point.values[k]);
      scenario::Loaded loaded = load(set);
      if (!loaded.scenario) return refuse(loaded);
      if (!plan_.constraint.empty()) {
        const auto holds =
            scenario::constraint_holds(plan_.constraint, scenario::to_tree(*loaded.scenario));
        if (!holds) {
          fmt::print(stderr, "greytick: at {} the constraint cannot be judged: {}\n",
                     SweepTable::label(plan_.axes, point), holds.error().message);
          return results::kExitInvalid;
        }
        if (!*holds) {
          ++left_out_;
          continue;
        }
      }
      point.number = number++;
      if (!shard_.takes(point.number)) continue;
      point.scenario = std::move(*loaded.scenario);
      points_.push_back(std::move(point));
    }
    all_points_ = number;
    if (number == 0) {
      fmt::print(stderr, "greytick: the constraint leaves no point: {}\n", plan_.constraint);
      return results::kExitInvalid;
    }
    return results::kExitPass;
  }

  // The folder is named by the scenario and the axes, so the same sweep finds its trials again.
  int open_folder() {
    nlohmann::ordered_json plan = {{"scenario", base_.name}, {"source", options_.file}};
    std::string text = scenario::write_yaml(base_);
    for (const scenario::SweepAxis& axis : plan_.axes) {
      plan["axes"][axis.path] = axis.values;
      text += axis.path;
      for (const std::string& value : axis.values) text += "=" + value;
    }
    plan["repeat"] = {{"min", plan_.repeat.min}, {"max", plan_.repeat.max}};
    plan["common_random_numbers"] = plan_.common_random_numbers;
    if (!plan_.zip.empty()) plan["zip"] = plan_.zip;
    if (!plan_.constraint.empty()) plan["constraint"] = plan_.constraint;
    plan["points"] = all_points_;
    const std::string hash = engine::to_hex(results::scenario_hash(text)).substr(0, 8);
    folder_ = fs::path(options_.out) / "sweeps" / fmt::format("{}-{}", base_.name, hash);
    std::error_code error;
    fs::create_directories(folder_ / "trials", error);
    if (error) {
      fmt::print(stderr, "greytick: cannot make the folder {}: {}\n", folder_.string(),
                 error.message());
      return results::kExitCannotWrite;
    }
    return write(folder_ / "plan.json", plan.dump(2) + "\n") ? results::kExitPass
                                                             : results::kExitCannotWrite;
  }

  void announce() const {
    if (options_.quiet) return;
    double seconds = 0.0;
    for (const SweepPoint& point : points_) seconds += estimate(point.scenario).wall_seconds;
    seconds *= plan_.repeat.min;
    seconds /= static_cast<double>(options_.jobs);
    std::string points = fmt::format("{} points", points_.size());
    if (shard_.of > 1)
      points += fmt::format(" of {}, shard {}/{}", all_points_, shard_.number, shard_.of);
    if (left_out_ > 0) points += fmt::format(" · {} left out by the constraint", left_out_);
    fmt::print(stderr, " greytick sweep {}   {} · {} to {} seeds each · est. {} at least\n",
               options_.file, points, plan_.repeat.min,
               plan_.repeat.until ? plan_.repeat.max : plan_.repeat.min,
               results::human_duration(model::Duration(static_cast<std::int64_t>(seconds * 1e9))));
  }

  scenario::Scenario with_seed(std::size_t point, std::size_t repetition) const {
    scenario::Scenario s = points_[point].scenario;
    // Apart by more than any point repeats.
    const std::uint64_t offset =
        plan_.common_random_numbers ? 0 : points_[point].number * 1'000'000;
    s.seed = s.seed + offset + repetition;
    return s;
  }

  // A trial is named by all that decides it.
  fs::path trial_file(const scenario::Scenario& s) const {
    return folder_ / "trials" /
           (engine::to_hex(results::scenario_hash(scenario::write_yaml(s))) + ".json");
  }

  std::optional<Trial> kept(const scenario::Scenario& s) const {
    std::ifstream in(trial_file(s));
    std::string program, text;
    // Another `until` may ask for what was not measured then.
    if (!std::getline(in, program) || !std::getline(in, text) || program != program_line()) {
      return std::nullopt;
    }
    return parse_trial(text);
  }

  std::string program_line() const {
    return fmt::format("// {} {}", program_, until_ ? scenario::print_metric(*until_) : "-");
  }

  bool write(const fs::path& path, const std::string& text) const {
    const fs::path partial = path.string() + ".partial";
    std::ofstream out(partial, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    std::error_code error;
    if (out) fs::rename(partial, path, error);
    if (out && !error) return true;
    fmt::print(stderr, "greytick: cannot write {}\n", path.string());
    return false;
  }

  // Whether the interval of `until` is narrow enough; true without one.
  bool known_well(const SweepPoint& point) const {
    if (!plan_.repeat.until) return true;
    std::vector<double> values;
    for (const Trial& trial : point.trials) {
      const auto value = trial.values.find(plan_.repeat.until->metric);
      if (value != trial.values.end()) values.push_back(value->second);
    }
    const auto interval = stats::student_interval(values, plan_.repeat.until->level.value);
    return interval &&
           interval->half_width <= plan_.repeat.until->relative_ci.value * std::abs(interval->mean);
  }

  // Whether the point wants another seed, judged on those before it alone: so the answer does not
  // depend on how many ran at a time.
  bool wants_more(const SweepPoint& point) const {
    const std::size_t n = point.trials.size();
    return n < plan_.repeat.min || (n < plan_.repeat.max && !known_well(point));
  }

  // Takes a finished trial in; the order of trials is that of seeds.
  void take(std::size_t point, std::size_t repetition, Trial trial, bool reused) {
    SweepPoint& p = points_[point];
    p.early[repetition] = std::move(trial);
    const Trial& t = p.early[repetition];
    failed_ = failed_ || t.exit_code != results::kExitPass;
    ++(reused ? reused_ : ran_);
    if (!options_.quiet && !reused) {
      fmt::print(stderr, " run {:<6}{}  seed {}  exit {}  {:.1f} s\n", ran_,
                 SweepTable::label(plan_.axes, p), t.seed, t.exit_code, t.wall_seconds);
    }
    for (auto next = p.early.find(p.trials.size()); next != p.early.end();
         next = p.early.find(p.trials.size())) {
      p.trials.push_back(std::move(next->second));
      p.early.erase(next);
    }
  }

  // The next run that is worth beginning: below `min` any seed, beyond it one after the other.
  std::optional<std::pair<std::size_t, std::size_t>> next_job() {
    for (std::size_t i = 0; i < points_.size(); ++i) {
      SweepPoint& p = points_[i];
      const bool all_in = p.begun == p.trials.size();
      if (p.begun < plan_.repeat.min || (all_in && wants_more(p))) return {{i, p.begun++}};
    }
    return std::nullopt;
  }

  bool stopped() const { return interrupted() || (options_.fail_fast && failed_); }

  int run_all() {
    struct Job {
      std::size_t point, repetition;
      fs::path file;
    };
    std::vector<Job> jobs;
    Workers workers(options_.jobs);
    bool told = false;
    for (;;) {
      if (!stopped() && !workers.full()) {
        if (const auto next = next_job()) {
          const auto [point, repetition] = *next;
          const scenario::Scenario s = with_seed(point, repetition);
          if (auto trial = kept(s)) {
            take(point, repetition, std::move(*trial), true);
            continue;
          }
          jobs.push_back({point, repetition, trial_file(s)});
          std::vector<scenario::Threshold> more;
          if (until_) more.push_back(*until_);
          if (workers.start(jobs.size() - 1, [&] { return print_trial(run_trial(s, more)); }))
            continue;
          fmt::print(stderr, "greytick: no process can be made\n");
          return results::kExitInternal;
        }
      }
      if (workers.idle()) break;
      if (stopped() && !std::exchange(told, true)) workers.interrupt();
      const Workers::Done done = workers.wait();
      std::optional<Trial> trial = done.whole ? parse_trial(done.text) : std::nullopt;
      if (!trial && !stopped()) {
        fmt::print(stderr, "greytick: {} came to no end\n",
                   SweepTable::label(plan_.axes, points_[jobs[done.id].point]));
        return results::kExitInternal;
      }
      // What was cut short says nothing, and will be run again; abort_on_fail comes again too.
      if (!trial || (trial->ending != "done" && trial->ending != "aborted")) continue;
      const Job& job = jobs[done.id];
      if (!write(job.file, program_line() + "\n" + print_trial(*trial) + "\n"))
        return results::kExitCannotWrite;
      take(job.point, job.repetition, std::move(*trial), false);
    }
    if (!options_.quiet) fmt::print(stderr, " {} runs, {} found from before\n", ran_, reused_);
    if (options_.fail_fast && failed_ && !options_.quiet)
      fmt::print(stderr, " stopped at the first that did not pass\n");
    // Trials that came in past a gap count too, now that the gap stays.
    for (SweepPoint& point : points_) {
      for (auto& [repetition, trial] : point.early) point.trials.push_back(std::move(trial));
      point.early.clear();
      point.enough = point.trials.size() >= plan_.repeat.min && known_well(point);
    }
    return results::kExitPass;
  }

  const Options& options_;
  std::string program_;
  scenario::Scenario base_;
  scenario::Sweep plan_;
  std::optional<scenario::Threshold> until_;
  Shard shard_;
  std::vector<SweepPoint> points_;  // of this shard
  std::size_t all_points_ = 0, left_out_ = 0;
  fs::path folder_;
  std::size_t ran_ = 0, reused_ = 0;
  bool failed_ = false;
};

}  // namespace

void add_sweep(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "sweep", "Run every combination of the values under 'sweep', each with several seeds");
  verb->add_option("FILE", options->file, "Scenario")->required();
  const auto list = [verb](const char* name, std::vector<std::string>& into, const char* about) {
    verb->add_option(name, into, about)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->allow_extra_args(false);
  };
  list("--set", options->set, "Override a key: --set a.b=c; may be repeated");
  list("--axis", options->axes, "Another axis, or another range of one: 'KEY=[VALUE, VALUE]'");
  verb->add_option("--seed", options->seed, "First seed; wins over the file");
  verb->add_option("--out", options->out, "Results are kept there, under sweeps/")
      ->capture_default_str();
  verb->add_option("--jobs", options->jobs, "Runs at a time, a process each; by default, all cores")
      ->check(CLI::Range(1, 1024));
  verb->add_option("--shard", options->shard,
                   "Run one part of the points, such as 2/8; all parts share the folder");
  verb->add_flag("--fail-fast", options->fail_fast, "Stop at the first run that does not pass");
  verb->add_flag("--json", options->json, "Print the table as JSON");
  verb->add_flag("--quiet", options->quiet, "No progress");
  verb->callback([options, &exit_code] { exit_code = SweepRun(*options)(); });
}

}  // namespace greytick::cli
