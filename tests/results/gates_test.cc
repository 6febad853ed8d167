#include "sim/results/gates.h"

#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "sim/results/exit_code.h"
#include "sim/scenario/metric_table.h"
#include "tests/results/facts.h"

namespace greytick::results {
namespace {

using scenario::Compare;
using scenario::Invariant;

class Gates : public testing::Test {
 protected:
  Gates() { scenario_.horizon = 10min; }

  void limit(std::string_view metric, double value, std::uint64_t min_samples = 0) {
    scenario::Threshold t;
    ASSERT_TRUE(scenario::parse_metric(metric, t));
    t.limit = value;
    t.min_samples = min_samples;
    scenario_.gates.thresholds.push_back(t);
  }

  // `ended` messages arrive after one second each, `open` never.
  Judged run(std::uint64_t ended = 0, std::uint64_t open = 0, Ending ending = Ending::kDone,
             Duration drained_after = 0s) {
    Metrics metrics(scenario_, {});
    for (std::uint64_t n = 1; n <= ended + open; ++n) {
      metrics.on_fact(at(1min), created(n, 1min));
      metrics.on_fact(at(1min), committed(n));
      if (n <= ended) metrics.on_fact(at(1min + 1s), applied(n));
    }
    metrics.freeze(at(10min));
    return judge(scenario_, findings_, metrics, ending, drained_after, {}, sketches_);
  }

  scenario::Scenario scenario_;
  std::vector<InvariantFinding> findings_;
  std::optional<SketchFinding> sketches_;
};

TEST_F(Gates, AnInvariantThatHeldPasses) {
  scenario_.gates.always.push_back({.invariant = Invariant::kNoLoss});
  findings_.push_back({.invariant = Invariant::kNoLoss, .checked = 10});
  EXPECT_EQ(run().exit_code, kExitPass);
  EXPECT_EQ(run().verdict, Verdict::kPass);
}

TEST_F(Gates, AnInvariantWithoutFactsIsUnknown) {
  scenario_.gates.always.push_back({.invariant = Invariant::kNoLoss});
  EXPECT_EQ(run().exit_code, kExitUnknown);
}

TEST_F(Gates, AViolationFailsEvenWhereNoGateNamesIt) {
  findings_.push_back({.invariant = Invariant::kFifo, .checked = 10, .violated = 1});
  const Judged judged = run();
  EXPECT_EQ(judged.exit_code, kExitViolated);
  ASSERT_EQ(judged.gates.size(), 1U);
  EXPECT_EQ(judged.gates[0].kind, GateKind::kWatched);
}

TEST_F(Gates, TheSketchesAreOneLineThatPassesWhenNothingIsLostOrDoubled) {
  scenario_.gates.always.push_back({.invariant = Invariant::kNoLoss});
  findings_.push_back({.invariant = Invariant::kNoLoss, .checked = 10});
  limit("all.p50", 1.1e9);
  sketches_ = {.copies = 1'234'567};
  const Judged judged = run(100);
  EXPECT_EQ(judged.exit_code, kExitPass);
  ASSERT_EQ(judged.gates.size(), 3U);
  const Gate& gate = judged.gates[1];  // after the invariants
  EXPECT_EQ(gate.kind, GateKind::kSecond);
  EXPECT_EQ(gate.name, "sketches");
  EXPECT_EQ(gate.value, "1,234,567 copies");
  EXPECT_EQ(gate.limit, "agree");
  // A run in which nothing was sent has no such line.
  sketches_->copies = 0;
  EXPECT_EQ(run(100).gates.size(), 2U);
}

TEST_F(Gates, TheSketchesFailARunThatLostOrDoubledAndOneThatTheJudgeSeesOtherwise) {
  sketches_ = {.copies = 10, .lost_or_doubled = 1, .clean = false, .sentence = "one is missing"};
  EXPECT_EQ(run().exit_code, kExitViolated);
  EXPECT_EQ(run().gates[0].why, "one is missing");
  sketches_->agrees = false;
  EXPECT_EQ(run().gates[0].limit, "disagree");
  EXPECT_EQ(run().exit_code, kExitViolated);
  // The judge misses one, the sketches none.
  sketches_ = {.copies = 10, .agrees = false, .sentence = "they disagree"};
  EXPECT_EQ(run().exit_code, kExitViolated);
}

TEST_F(Gates, WhereAnInvariantMustBreakTheSketchesNeedOnlyAgree) {
  scenario_.expect.violates = {Invariant::kNoLoss};
  findings_.push_back({.invariant = Invariant::kNoLoss, .checked = 10, .violated = 1});
  sketches_ = {.copies = 10, .lost_or_doubled = 1, .clean = false, .sentence = "one is missing"};
  EXPECT_EQ(run().exit_code, kExitPass);
  sketches_->agrees = false;
  EXPECT_EQ(run().exit_code, kExitViolated);
}

TEST_F(Gates, AThresholdIsMissedAtItsLimit) {
  limit("all.p50", 1.1e9);
  EXPECT_EQ(run(100).exit_code, kExitPass);
  scenario_.gates.thresholds[0].limit = 1e9;
  EXPECT_EQ(run(100).exit_code, kExitMissed);
}

TEST_F(Gates, AQuantileNeedsTenSamplesBeyondIt) {
  EXPECT_EQ(samples_needed(0.5), 20U);
  EXPECT_EQ(samples_needed(0.99), 1000U);
  EXPECT_EQ(samples_needed(0.999), 10000U);
  limit("all.p99", 2e9);
  EXPECT_EQ(run(999).exit_code, kExitUnknown);
  EXPECT_EQ(run(1000).exit_code, kExitPass);
  scenario_.gates.thresholds[0].min_samples = 5;
  EXPECT_EQ(run(5).exit_code, kExitPass);
}

TEST_F(Gates, AQuantileThatSurvivorsHideIsUnknownBelowAndMissedOnceSeenBeyond) {
  limit("all.p90", 2e9);
  EXPECT_EQ(run(80, 20).exit_code, kExitUnknown);
  scenario_.gates.thresholds[0].limit = 0.5e9;
  EXPECT_EQ(run(80, 20).exit_code, kExitMissed);
}

TEST_F(Gates, AMaximumCountsWhatHasNotEnded) {
  limit("all.max", 2e9);
  EXPECT_EQ(run(50, 0).exit_code, kExitPass);
  EXPECT_EQ(run(50, 1).exit_code, kExitMissed);
}

TEST_F(Gates, SometimesThatNeverCameIsUnknown) {
  scenario_.gates.sometimes.push_back({.event = scenario::Rare::kQueueDepth, .over = 2});
  EXPECT_EQ(run(0, 2).exit_code, kExitUnknown);
  EXPECT_EQ(run(0, 3).exit_code, kExitPass);
}

TEST_F(Gates, EventuallyHasToHoldInTime) {
  scenario_.gates.eventually.push_back({.invariant = Invariant::kConverged, .within = 1min});
  findings_.push_back({.invariant = Invariant::kConverged, .checked = 1});
  EXPECT_EQ(run(0, 0, Ending::kDone, 59s).exit_code, kExitPass);
  EXPECT_EQ(run(0, 0, Ending::kDone, 61s).exit_code, kExitViolated);
}

TEST_F(Gates, AScenarioThatMustFailPassesOnlyWhenEachNamedInvariantIsViolated) {
  scenario_.expect.violates = {Invariant::kTickTruth, Invariant::kNoLoss};
  findings_.push_back({.invariant = Invariant::kTickTruth,
                       .checked = 5,
                       .violated = 1,
                       .first = Offender{.text = "early tick", .at = at(3s)}});
  findings_.push_back({.invariant = Invariant::kNoLoss, .checked = 5});
  EXPECT_EQ(run().exit_code, kExitViolated);
  findings_[1].violated = 1;
  const Judged judged = run();
  EXPECT_EQ(judged.exit_code, kExitPass);
  EXPECT_EQ(judged.verdict, Verdict::kPass);
  EXPECT_EQ(judged.gates[0].first->text, "early tick");
}

TEST_F(Gates, APartialRunSaysHowItEndedUnlessItFailedAlready) {
  scenario_.gates.eventually.push_back({.invariant = Invariant::kConverged});
  findings_.push_back({.invariant = Invariant::kConverged, .checked = 1});
  EXPECT_EQ(run(0, 0, Ending::kInterrupted).exit_code, kExitInterrupted);
  EXPECT_EQ(run(0, 0, Ending::kInterrupted).verdict, Verdict::kUnknown);
  EXPECT_EQ(run(0, 0, Ending::kBudget).exit_code, kExitBudget);
  findings_.push_back({.invariant = Invariant::kNoLoss, .checked = 1, .violated = 1});
  EXPECT_EQ(run(0, 0, Ending::kInterrupted).exit_code, kExitViolated);
}

TEST_F(Gates, AThresholdThatStopsTheRunIsMissedOnceItHasItsSamples) {
  limit("all.p50", 5e8);
  scenario_.gates.thresholds[0].abort_on_fail = true;
  Metrics metrics(scenario_, {});
  for (std::uint64_t n = 1; n <= 20; ++n) {
    metrics.on_fact(at(1min), created(n, 1min));
    metrics.on_fact(at(1min), committed(n));
  }
  for (std::uint64_t n = 1; n <= 20; ++n) {
    EXPECT_FALSE(first_missed(scenario_, metrics, at(1min + 1s))) << n;
    metrics.on_fact(at(1min + 1s), applied(n));
  }
  const auto missed = first_missed(scenario_, metrics, at(1min + 2s));
  ASSERT_TRUE(missed.has_value());
  EXPECT_EQ(missed->threshold, 0U);
  EXPECT_GT(missed->measured.value.value_or(0.0), 5e8);
  scenario_.gates.thresholds[0].abort_on_fail = false;
  EXPECT_FALSE(first_missed(scenario_, metrics, at(1min + 2s)));
}

TEST_F(Gates, AStoppedRunFailsWithWhatItHadThenAndLeavesTheRestOpen) {
  limit("all.p50", 5e8);
  limit("tick2.p50", 5e8);
  Metrics metrics(scenario_, {});
  metrics.freeze(at(2min));
  const Missed missed{.threshold = 0, .measured = {.value = 7e8, .samples = 20}, .at = at(2min)};
  const Judged judged = judge(scenario_, {}, metrics, Ending::kAborted, 0s, missed);
  EXPECT_EQ(judged.exit_code, kExitMissed);
  EXPECT_EQ(judged.verdict, Verdict::kFail);
  ASSERT_EQ(judged.gates.size(), 2U);
  EXPECT_EQ(judged.gates[0].verdict, Verdict::kFail);
  EXPECT_NE(judged.gates[0].why.find("stopped at 02:00"), std::string::npos) << judged.gates[0].why;
  EXPECT_EQ(judged.gates[1].verdict, Verdict::kUnknown);
  // What was violated before counts for more.
  findings_.push_back({.invariant = Invariant::kFifo, .checked = 10, .violated = 1});
  EXPECT_EQ(judge(scenario_, findings_, metrics, Ending::kAborted, 0s, missed).exit_code,
            kExitViolated);
}

}  // namespace
}  // namespace greytick::results
