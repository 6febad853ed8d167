// The judge and the brute-force judge must say the same of every history, healthy or broken.

#include <string>

#include <gtest/gtest.h>

#include "sim/oracle/brute_force.h"
#include "sim/oracle/judge.h"
#include "tests/oracle/story.h"

namespace greytick::oracle {
namespace {

std::string first_of(const Finding& f) {
  if (!f.first) return "none";
  return "fact " + std::to_string(f.first->fact) + ": " + f.first->sentence;
}

void expect_agreement(const Report& judge, const Report& brute) {
  EXPECT_EQ(judge.counters, brute.counters);
  EXPECT_EQ(judge.branches, brute.branches);
  for (int n = 1; n <= kInvariants; ++n) {
    const Finding& a = judge.of(n);
    const Finding& b = brute.of(n);
    SCOPED_TRACE("I" + std::to_string(n) + " judge: " + first_of(a) +
                 "; brute force: " + first_of(b));
    EXPECT_EQ(a.verdict, b.verdict);
    EXPECT_EQ(a.violated, b.violated);
    // How many promises were still open at the end is not for both to know.
    if (n != 8) {
      EXPECT_EQ(a.checked, b.checked);
    }
    if (!a.first || !b.first) continue;
    EXPECT_EQ(a.first->fact, b.first->fact);
    EXPECT_EQ(a.first->at, b.first->at);
    if (a.first->fact == 0) continue;  // At the end, the two look in different orders.
    EXPECT_EQ(a.first->device, b.first->device);
    EXPECT_EQ(a.first->conversation, b.first->conversation);
    EXPECT_EQ(a.first->position, b.first->position);
    EXPECT_EQ(a.first->stream, b.first->stream);
    EXPECT_EQ(a.first->cseq, b.first->cseq);
  }
}

TEST(Agreement, NobodyObjectsToAHealthyHistory) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const History history = healthy_history(seed, 600);
    const Report judge = judge_history<Judge>(history);
    for (const Violation& v : judge.violations) ADD_FAILURE() << v.invariant << ": " << v.sentence;
    expect_agreement(judge, judge_history<BruteForce>(history));
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Agreement, HealthyHistoriesPutEveryInvariantOfThisWorldToTheTest) {
  Report all = judge_history<Judge>(healthy_history(7, 3000));
  for (const Finding& f : all.findings) {
    SCOPED_TRACE(f.name);
    EXPECT_EQ(f.verdict, f.invariant == 13 ? Verdict::kUnknown : Verdict::kPass);
  }
  EXPECT_GT(all.counters.corrected, 0U);
  EXPECT_GT(all.counters.retired, 0U);
  for (const auto cause :
       {model::Cause::kExpired, model::Cause::kUnconfirmed, model::Cause::kRetired}) {
    EXPECT_GT(all.counters.settled[static_cast<std::size_t>(cause)], 0U);
  }
}

TEST(Agreement, BothSeeTheSameFirstOffenderInBrokenHistories) {
  for (int m = 0; m < kMutations; ++m) {
    const auto mutation = static_cast<Mutation>(m);
    int broken = 0;
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
      SCOPED_TRACE(std::string(mutation_name(mutation)) + ", seed " + std::to_string(seed));
      History history = healthy_history(seed, 400);
      Dice dice(seed * 1000 + static_cast<std::uint64_t>(m));
      if (!mutate(history, mutation, dice)) continue;
      const Report judge = judge_history<Judge>(history);
      expect_agreement(judge, judge_history<BruteForce>(history));
      if (!judge.violations.empty()) ++broken;
      if (testing::Test::HasFailure()) return;
    }
    EXPECT_GE(broken, 10) << mutation_name(mutation);
  }
}

TEST(Agreement, BothSeeTheSameFirstOffenderWhenSeveralThingsBreak) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    History history = healthy_history(seed, 400);
    Dice dice(seed);
    for (int i = 0; i < 3; ++i) {
      mutate(history, static_cast<Mutation>(dice.below(kMutations)), dice);
    }
    expect_agreement(judge_history<Judge>(history), judge_history<BruteForce>(history));
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace greytick::oracle
