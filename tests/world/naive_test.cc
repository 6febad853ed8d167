// The judges are seen to catch the textbook pipeline: each shipped race violates what its scenario
// says, for several seeds.
#include "sim/world/naive.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "sim/oracle/judge.h"
#include "sim/oracle/second_opinion.h"
#include "sim/oracle/sketch.h"
#include "sim/scenario/load.h"

namespace greytick::world {
namespace {

struct Judged final : FactSink {
  explicit Judged(const scenario::Scenario& s)
      : judge([&] {
          oracle::JudgeConfig config{};
          config.key = naive_payload_key(s);
          return config;
        }()) {}
  void on_fact(model::Instant at, const model::Fact& fact) override {
    judge.on_fact(at, fact);
    sketches.on_fact(fact);
  }
  oracle::Judge judge;
  oracle::Sketches sketches;
};

struct Outcome {
  oracle::Report report;
  oracle::SecondOpinion second;
  std::uint64_t fingerprint = 0;
};

Outcome run(const scenario::Scenario& s) {
  Judged judged(s);
  NaiveWorld world(s, judged);
  world.run_until(model::Instant{} + s.horizon);
  world.begin_drain();
  world.run_until(world.reached() + s.drain.limit);
  EXPECT_TRUE(world.drained());
  judged.judge.finish(world.reached());
  const oracle::Report report = judged.judge.report();
  return {report, oracle::second_opinion(judged.sketches.report(), report), world.fingerprint()};
}

// Races that lose messages for good; the others break an order, a tick, or commit one twice.
constexpr int kLosing[] = {2, 3, 5, 6, 8, 10, 12};

class NaiveRace : public testing::TestWithParam<int> {};

TEST_P(NaiveRace, IsCaughtAndNamesTheFirstOffender) {
  const std::string file = "scenarios/naive_r" + std::to_string(GetParam()) + ".yaml";
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(file + " seed " + std::to_string(seed));
    const scenario::Loaded loaded =
        scenario::load_file(file, {.set = {}, .seed = seed, .search = {}});
    ASSERT_TRUE(loaded.scenario.has_value()) << loaded.report.text();
    const Outcome first = run(*loaded.scenario);
    ASSERT_FALSE(loaded.scenario->expect.violates.empty());
    for (const scenario::Invariant expected : loaded.scenario->expect.violates) {
      const oracle::Finding& finding = first.report.of(static_cast<int>(expected));
      EXPECT_EQ(finding.verdict, oracle::Verdict::kFail) << finding.name;
      ASSERT_TRUE(finding.first.has_value());
      EXPECT_FALSE(finding.first->sentence.empty());
    }
    // The sketches name what is lost, as the judge does.
    const bool loses = std::ranges::find(kLosing, GetParam()) != std::end(kLosing);
    EXPECT_TRUE(first.second.agrees) << first.second.sentence;
    EXPECT_EQ(first.second.lost, loses ? first.report.counters.undelivered : 0U);
    EXPECT_EQ(first.second.lost > 0, loses);
    EXPECT_EQ(first.second.doubled, 0U);
    EXPECT_EQ(run(*loaded.scenario).fingerprint, first.fingerprint);
  }
}

INSTANTIATE_TEST_SUITE_P(Textbook, NaiveRace, testing::Range(1, 14));

TEST(Naive, WithoutARaceTheTextbookPipelineIsFoundClean) {
  const scenario::Loaded loaded =
      scenario::load_text("quiet.yaml",
                          "scenario: quiet\nextends: base/naive.yaml\nscript:\n"
                          "  - {at: 1s, device: 0, do: connect}\n"
                          "  - {at: 1s, device: 1, do: connect}\n"
                          "  - {at: 5s, device: 1, do: send, to: 0, count: 3, every: 1s}\n",
                          "scenarios");
  ASSERT_TRUE(loaded.scenario.has_value()) << loaded.report.text();
  const Outcome clean = run(*loaded.scenario);
  for (const oracle::Finding& finding : clean.report.findings) {
    EXPECT_NE(finding.verdict, oracle::Verdict::kFail)
        << finding.name << ": " << (finding.first ? finding.first->sentence : "");
  }
  EXPECT_EQ(clean.report.counters.applied, 3U);
  EXPECT_TRUE(clean.second.clean() && clean.second.agrees) << clean.second.sentence;
}

}  // namespace
}  // namespace greytick::world
