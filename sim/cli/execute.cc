#include "sim/cli/execute.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "sim/cli/interrupt.h"
#include "sim/cli/simulation.h"
#include "sim/oracle/judge.h"
#include "sim/oracle/second_opinion.h"
#include "sim/oracle/sketch.h"

namespace greytick::cli {
namespace {

using Clock = std::chrono::steady_clock;
using model::Duration;
using model::Instant;

// Everyone who listens to a run, in a fixed order.
class Audience final : public world::FactSink {
 public:
  Audience(oracle::Judge& judge, oracle::Sketches* sketches, results::Metrics& metrics,
           world::FactSink* also)
      : judge_(judge), sketches_(sketches), metrics_(metrics), also_(also) {}
  void on_fact(Instant at, const model::Fact& fact) override {
    judge_.on_fact(at, fact);
    if (sketches_ != nullptr) sketches_->on_fact(fact);
    metrics_.on_fact(at, fact);
    if (also_ != nullptr) also_->on_fact(at, fact);
  }
  void foresee(const model::StreamId& stream, model::DeviceId device, bool next) override {
    judge_.foresee(stream.conversation, device, next);
    metrics_.foresee(stream, device, next);
  }
  void on_bytes(Instant, const model::Address& by, std::span<const std::uint8_t> bytes) override {
    judge_.on_bytes(by, bytes);
  }
  void on_signal(Instant at, const world::Signal& signal) override {
    metrics_.on_signal(at, signal);
    if (also_ != nullptr) also_->on_signal(at, signal);
  }

 private:
  oracle::Judge& judge_;
  oracle::Sketches* sketches_;  // may be absent
  results::Metrics& metrics_;
  world::FactSink* also_;
};

oracle::JudgeConfig judge_config(const scenario::Scenario& s) {
  oracle::JudgeConfig config;
  config.member_cap = s.topology.members_max;
  config.key = payload_key(s);
  // The textbook pipeline never gives a message up.
  if (s.pipeline.kind == scenario::PipelineKind::kReal) {
    config.ttl = s.topology.retention;
    config.settle = s.topology.settle;
  }
  return config;
}

std::vector<results::InvariantFinding> findings_of(const oracle::Report& report) {
  std::vector<results::InvariantFinding> out;
  for (const oracle::Finding& f : report.findings) {
    results::InvariantFinding finding{.invariant = static_cast<scenario::Invariant>(f.invariant),
                                      .checked = f.checked,
                                      .violated = f.violated};
    // Before the end of a run some invariants are not judged yet, whatever they have counted.
    if (f.verdict == oracle::Verdict::kUnknown) finding.checked = 0;
    if (f.first) {
      finding.first = results::Offender{.text = f.first->sentence,
                                        .at = f.first->at,
                                        .device = f.first->device,
                                        .conversation = f.first->conversation,
                                        .stream = f.first->stream,
                                        .cseq = f.first->cseq,
                                        .position = f.first->position};
    }
    out.push_back(std::move(finding));
  }
  return out;
}

results::SketchFinding finding_of(const oracle::SecondOpinion& opinion, Instant at) {
  results::SketchFinding out{.copies = opinion.copies,
                             .lost_or_doubled = opinion.lost + opinion.doubled,
                             .clean = opinion.clean(),
                             .agrees = opinion.agrees,
                             .sentence = opinion.sentence};
  if (opinion.first) {
    const oracle::Copy& copy = opinion.first->copy;
    out.first = results::Offender{.text = opinion.sentence,
                                  .at = at,
                                  .device = copy.recipient,
                                  .conversation = copy.stream.conversation,
                                  .stream = copy.stream};
    if (copy.is_change()) {
      out.first->position = model::LogPos(copy.number());
    } else {
      out.first->cseq = model::ClientSeq(copy.number());
    }
  }
  return out;
}

// Cuts simulated time into pieces of roughly 50 ms of wall time, so that progress, budget and
// interruption are looked at often and cost nothing.
class Pacer {
 public:
  explicit Pacer(Duration longest)
      : longest_(std::max(longest, Duration(1))), slice_(std::min(longest_, Duration(1'000'000))) {}
  Duration slice() const { return slice_; }
  void took(Clock::duration wall) {
    if (wall < std::chrono::milliseconds(25)) slice_ = std::min(slice_ * 2, longest_);
    if (wall > std::chrono::milliseconds(100)) slice_ = std::max(slice_ / 2, Duration(1000));
  }

 private:
  Duration longest_, slice_;
};

// The drain ends at the first whole second without anything pending, wherever slices are cut.
constexpr Duration kDrainStep = std::chrono::seconds(1);

class Runner {
 public:
  Runner(const scenario::Scenario& scenario, Simulation& simulation, results::Metrics& metrics,
         const ExecuteOptions& options)
      : scenario_(scenario),
        simulation_(simulation),
        metrics_(metrics),
        options_(options),
        started_(Clock::now()),
        looks_(std::ranges::any_of(scenario.gates.thresholds, &scenario::Threshold::abort_on_fail)),
        next_look_(Instant{} + scenario.record.metrics_every) {}

  // Runs up to `end`; false when it had to stop before.
  bool advance(Instant end, Pacer& pacer) {
    while (now_ < end) {
      if (stopped()) return false;
      Instant next = std::min(end, model::saturating_add(now_, pacer.slice()));
      if (looks_) next = std::min(next, next_look_);
      if (options_.watcher != nullptr) {
        const Instant stop = options_.watcher->next_stop(now_);
        if (stop > now_) next = std::min(next, stop);
      }
      if (options_.stop_at && *options_.stop_at > now_) next = std::min(next, *options_.stop_at);
      const auto before = Clock::now();
      simulation_.run_until(next);
      pacer.took(Clock::now() - before);
      now_ = next;
      if (looks_ && now_ == next_look_) {
        next_look_ = model::saturating_add(next_look_, scenario_.record.metrics_every);
        missed_ = results::first_missed(scenario_, metrics_, now_);
        // At the end there is nothing left to save by stopping.
        if (now_ == end) missed_.reset();
        if (missed_) ending_ = results::Ending::kAborted;
      }
      if (options_.watcher != nullptr) {
        options_.watcher->on_progress(now_, simulation_.events(), metrics_);
      }
    }
    return true;
  }

  Instant now() const { return now_; }
  results::Ending ending() const { return ending_; }
  const std::optional<results::Missed>& missed() const { return missed_; }
  /// Past the horizon metrics stand still.
  void look_no_more() { looks_ = false; }
  double wall_seconds() const {
    return std::chrono::duration<double>(Clock::now() - started_).count();
  }

 private:
  bool stopped() {
    if (ending_ == results::Ending::kAborted) return true;
    if (interrupted() || (options_.stop_at && now_ >= *options_.stop_at)) {
      ending_ = results::Ending::kInterrupted;
    } else if (options_.budget_seconds && wall_seconds() > *options_.budget_seconds) {
      ending_ = results::Ending::kBudget;
    }
    return ending_ != results::Ending::kDone;
  }

  const scenario::Scenario& scenario_;
  Simulation& simulation_;
  results::Metrics& metrics_;
  const ExecuteOptions& options_;
  Clock::time_point started_;
  // Thresholds with abort_on_fail are looked at on a grid of simulated time, wherever slices are
  // cut, so that a replay stops at the same instant.
  bool looks_;
  Instant next_look_;
  std::optional<results::Missed> missed_ = {};
  Instant now_{};
  results::Ending ending_ = results::Ending::kDone;
};

std::vector<results::Parting> partings_of(const scenario::Scenario& scenario,
                                          const std::vector<world::Parted>& parted) {
  std::vector<results::Parting> out;
  for (const world::Parted& p : parted) {
    results::Parting& parting = out.emplace_back();
    parting.at = p.at;
    for (const std::vector<std::uint16_t>& component : p.components) {
      std::vector<std::string>& names = parting.components.emplace_back();
      for (const std::uint16_t r : component) names.push_back(scenario.topology.regions[r].name);
    }
  }
  return out;
}

}  // namespace

Execution execute(const scenario::Scenario& scenario, results::Metrics& metrics,
                  const ExecuteOptions& options) {
  oracle::Judge judge(judge_config(scenario));
  std::optional<oracle::Sketches> sketches;
  if (scenario.oracle.sketches) sketches.emplace();
  Audience audience(judge, sketches ? &*sketches : nullptr, metrics, options.also);
  const auto simulation = make_simulation(scenario, audience);
  metrics.set_places([&simulation](model::DeviceId device) { return simulation->place(device); });

  Runner runner(scenario, *simulation, metrics, options);
  const Instant horizon = Instant{} + scenario.horizon;
  Pacer pacer(scenario.horizon / 50);
  bool whole = runner.advance(horizon, pacer);
  runner.look_no_more();
  metrics.freeze(runner.now());
  if (whole) {
    simulation->begin_drain();
    const Instant limit = model::saturating_add(horizon, scenario.drain.limit);
    while (whole && !simulation->drained() && runner.now() < limit) {
      whole = runner.advance(std::min(limit, runner.now() + kDrainStep), pacer);
    }
  }
  if (whole) judge.finish(runner.now());
  metrics.set_cost(simulation->cost());
  const oracle::Report report = judge.report();
  std::optional<results::SketchFinding> second;
  if (whole && sketches) {
    second = finding_of(oracle::second_opinion(sketches->report(), report), runner.now());
  }
  return Execution{.fingerprint = simulation->fingerprint(),
                   .ending = runner.ending(),
                   .missed = runner.missed(),
                   .findings = findings_of(report),
                   .sketches = std::move(second),
                   .reached = runner.now(),
                   .drained_after = std::max(Duration(0), runner.now() - horizon),
                   .events = simulation->events(),
                   .wall_seconds = runner.wall_seconds(),
                   .partings = partings_of(scenario, simulation->parted())};
}

}  // namespace greytick::cli
