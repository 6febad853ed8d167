#include "tests/world/observed_run.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include <gtest/gtest.h>

#include "sim/oracle/judge.h"
#include "sim/oracle/sketch.h"
#include "sim/scenario/load.h"

namespace greytick::world {
namespace {

using model::Duration;
using model::Instant;

constexpr Duration kDrainStep = std::chrono::seconds(1);  // as the command line drains

class Listener final : public FactSink {
 public:
  Listener(const oracle::JudgeConfig& config, ObservedRun& run) : judge_(config), run_(run) {}
  void on_fact(Instant at, const model::Fact& fact) override {
    judge_.on_fact(at, fact);
    sketches_.on_fact(fact);
    run_.facts.push_back({at, fact});
  }
  void on_bytes(Instant, const model::Address& by, std::span<const std::uint8_t> bytes) override {
    judge_.on_bytes(by, bytes);
  }
  void on_signal(Instant at, const Signal& signal) override {
    run_.signals.push_back({at, signal});
  }
  oracle::Judge& judge() { return judge_; }
  const oracle::Sketches& sketches() const { return sketches_; }

 private:
  oracle::Judge judge_;
  oracle::Sketches sketches_;
  ObservedRun& run_;
};

void advance(World& world, Instant from, Instant to, Duration piece) {
  if (piece > Duration{}) {
    for (Instant at = from + piece; at < to; at += piece) world.run_until(at);
  }
  world.run_until(to);
}

}  // namespace

std::size_t ObservedRun::count(model::Branch branch, Instant from, Instant to) const {
  return static_cast<std::size_t>(
      std::ranges::count(all<model::Took>(from, to), branch, &model::Took::branch));
}

std::vector<std::int64_t> ObservedRun::values(SignalKind kind, Instant from, Instant to) const {
  std::vector<std::int64_t> found;
  for (const Signalled& s : signals) {
    if (s.signal.kind == kind && s.at >= from && s.at < to) found.push_back(s.signal.value);
  }
  std::ranges::sort(found);
  return found;
}

std::size_t ObservedRun::count(SignalKind kind, Instant from, Instant to) const {
  return values(kind, from, to).size();
}

std::vector<Duration> ObservedRun::delays(Instant from, Instant to) const {
  using Name = std::tuple<model::StreamId, model::ClientSeq>;
  std::map<Name, Instant> created;
  std::vector<Duration> found;
  for (const Told& told : facts) {
    if (const auto* c = std::get_if<model::Created>(&told.fact)) {
      if (told.at >= from && told.at < to) created.emplace(Name{c->stream, c->cseq}, told.at);
    } else if (const auto* a = std::get_if<model::Applied>(&told.fact)) {
      const auto it = created.find({a->message.stream, a->message.cseq});
      if (it != created.end()) found.push_back(told.at - it->second);
    }
  }
  std::ranges::sort(found);
  return found;
}

ObservedRun run_scenario(std::string text, std::uint64_t seed, const RunOptions& options) {
  ObservedRun run;
  const scenario::Loaded loaded = scenario::load_text(
      "test.yaml", std::move(text), "scenarios", {.set = options.set, .seed = seed, .search = {}});
  if (!loaded.scenario) {
    ADD_FAILURE() << loaded.report.text();
    return run;
  }
  const scenario::Scenario& s = *loaded.scenario;
  oracle::JudgeConfig& config = run.judged_by;
  config.member_cap = s.topology.members_max;
  config.key = World::payload_key(s);
  config.ttl = s.topology.retention;
  config.settle = s.topology.settle;
  Listener listener(config, run);
  World world(s, listener);
  const Instant horizon = Instant{} + s.horizon;
  advance(world, {}, horizon, options.piece);
  world.begin_drain();
  Instant now = horizon;
  while (!world.drained() && now < horizon + s.drain.limit) {
    advance(world, now, now + kDrainStep, options.piece);
    now += kDrainStep;
  }
  listener.judge().finish(now);
  run.report = listener.judge().report();
  run.second = oracle::second_opinion(listener.sketches().report(), run.report);
  run.fingerprint = world.fingerprint();
  run.stats = world.stats();
  run.drained = world.drained();
  EXPECT_TRUE(run.drained) << s.name << " with seed " << seed << " does not drain";
  return run;
}

void expect_no_violation(const ObservedRun& run) {
  for (const oracle::Finding& finding : run.report.findings) {
    EXPECT_NE(finding.verdict, oracle::Verdict::kFail)
        << finding.name << ": " << (finding.first ? finding.first->sentence : "");
  }
  EXPECT_TRUE(run.second.clean() && run.second.agrees) << run.second.sentence;
}

}  // namespace greytick::world
