#include "sim/net/conditions.h"

#include <gtest/gtest.h>

#include "tests/net/scenario.h"

namespace greytick::net {
namespace {

using scenario::Direction;
using scenario::JitterShape;

constexpr int kMany = 20'000;

Conditions fresh() { return Conditions(engine::Streams(1)); }

TEST(Rule, MatchesByDirectionSeenFromTheTarget) {
  Rule rule = rule_on(Effect::kDrop, gateway(0));
  EXPECT_TRUE(rule.matches(gateway(0), device(1)));
  EXPECT_TRUE(rule.matches(device(1), gateway(0)));
  EXPECT_FALSE(rule.matches(device(1), gateway(1)));
  rule.direction = Direction::kTo;
  EXPECT_FALSE(rule.matches(gateway(0), device(1)));
  EXPECT_TRUE(rule.matches(device(1), gateway(0)));
  rule.direction = Direction::kFrom;
  EXPECT_TRUE(rule.matches(gateway(0), device(1)));
  EXPECT_FALSE(rule.matches(device(1), gateway(0)));
}

TEST(Rule, BetweenTwoSetsMatchesOnlyWhatGoesFromOneToTheOther) {
  Rule rule{.effect = Effect::kPartition, .target = {}, .other = NodeSet{}, .key = 1, .with = {}};
  rule.target.add_all(NodeKind::kProcess, std::uint16_t{0});
  rule.other->add_all(NodeKind::kProcess, std::uint16_t{1});
  EXPECT_TRUE(rule.matches(process(0, 0), process(4, 1)));
  EXPECT_TRUE(rule.matches(process(4, 1), process(0, 0)));
  EXPECT_FALSE(rule.matches(process(0, 0), process(1, 0)));
  rule.direction = Direction::kTo;
  EXPECT_FALSE(rule.matches(process(0, 0), process(4, 1)));
  EXPECT_TRUE(rule.matches(process(4, 1), process(0, 0)));
}

TEST(Conditions, APartitionSparesLinksInsideTheTarget) {
  Conditions conditions = fresh();
  Rule rule{.effect = Effect::kPartition, .target = {}, .other = {}, .key = 1, .with = {}};
  rule.target.add_all(NodeKind::kProcess, std::uint16_t{0});
  const RuleId id = conditions.add(rule);
  EXPECT_TRUE(conditions.cut(process(0, 0), process(4, 1)));
  EXPECT_FALSE(conditions.cut(process(0, 0), process(1, 0)));
  EXPECT_FALSE(conditions.cut(process(4, 1), process(5, 1)));
  conditions.remove(id);
  EXPECT_FALSE(conditions.cut(process(0, 0), process(4, 1)));
  EXPECT_TRUE(conditions.empty());
}

TEST(Conditions, APartitionOfAShareCutsThatManyPairsTheSameBothWays) {
  Conditions conditions = fresh();
  Rule rule = rule_on(Effect::kPartition, gateway(0));
  rule.with.share = {0.3};
  conditions.add(rule);
  int cut = 0;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const bool one = conditions.cut(gateway(0), device(i));
    EXPECT_EQ(one, conditions.cut(device(i), gateway(0)));
    cut += one ? 1 : 0;
  }
  EXPECT_NEAR(cut, 600, 90);
}

TEST(Conditions, DropsThatShareOfPackets) {
  Conditions conditions = fresh();
  Rule rule = rule_on(Effect::kDrop, gateway(0));
  rule.with.probability = {0.2};
  conditions.add(rule);
  int lost = 0;
  for (int i = 0; i < kMany; ++i) lost += conditions.judge(gateway(0), device(1), 1).lost ? 1 : 0;
  EXPECT_NEAR(lost, 0.2 * kMany, 250);
}

TEST(Conditions, BurstsLoseInRunsAndAsOftenAsTheChainSays) {
  Conditions conditions = fresh();
  Rule rule = rule_on(Effect::kDrop, gateway(0));
  rule.with.bursts =
      scenario::Loss{.to_bad = {0.01}, .to_good = {0.09}, .loss_bad = {1.0}, .loss_good = {0.0}};
  conditions.add(rule);
  int lost = 0;
  int runs = 0;
  bool before = false;
  for (int i = 0; i < kMany; ++i) {
    const bool now = conditions.judge(gateway(0), device(1), 1).lost;
    lost += now ? 1 : 0;
    runs += now && !before ? 1 : 0;
    before = now;
  }
  EXPECT_NEAR(lost, 0.1 * kMany, 450);                           // to_bad / (to_bad + to_good)
  EXPECT_NEAR(static_cast<double>(lost) / runs, 1 / 0.09, 2.5);  // mean burst: 1 / to_good
}

struct JitterCase {
  const char* name;
  JitterShape shape;
};

TEST(Conditions, LatencyHasItsMeanAndItsDeviation) {
  const JitterCase cases[] = {{"normal", JitterShape::kNormal},
                              {"pareto", JitterShape::kPareto},
                              {"uniform", JitterShape::kUniform}};
  for (const JitterCase& c : cases) {
    SCOPED_TRACE(c.name);
    Conditions conditions = fresh();
    Rule rule = rule_on(Effect::kLatency, gateway(0));
    rule.with.latency = 100ms;
    rule.with.jitter = 5ms;
    rule.with.distribution = c.shape;
    conditions.add(rule);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < kMany; ++i) {
      const auto ms =
          static_cast<double>(conditions.judge(gateway(0), device(1), 1).delay.count()) / 1e6;
      sum += ms;
      squares += ms * ms;
    }
    const double mean = sum / kMany;
    EXPECT_NEAR(mean, 100, 0.3);
    const double width = c.shape == JitterShape::kUniform ? 25.0 / 3 : 25.0;
    EXPECT_NEAR(squares / kMany - mean * mean, width, 0.5 * width);
  }
}

TEST(Conditions, CorrelatedLatencyKeepsItsLawAndFollowsItself) {
  Conditions conditions = fresh();
  Rule rule = rule_on(Effect::kLatency, gateway(0));
  rule.with.latency = 100ms;
  rule.with.jitter = 10ms;
  rule.with.correlation = {0.8};
  conditions.add(rule);
  double previous = 0;
  double squares = 0;
  double products = 0;
  for (int i = 0; i < kMany; ++i) {
    const double off =
        static_cast<double>(conditions.judge(gateway(0), device(1), 1).delay.count()) / 1e6 - 100;
    squares += off * off;
    products += off * previous;
    previous = off;
  }
  EXPECT_NEAR(squares / kMany, 100, 8);
  EXPECT_NEAR(products / squares, 0.8, 0.05);
}

TEST(Conditions, ARuleOnOneLinkDrawsTheSameWhateverAnotherLinkCarries) {
  Conditions alone = fresh();
  Conditions shared = fresh();
  Rule rule = rule_on(Effect::kDrop, gateway(0));
  rule.with.probability = {0.5};
  alone.add(rule);
  shared.add(rule);
  for (int i = 0; i < 200; ++i) {
    shared.judge(gateway(0), device(2), 2);
    EXPECT_EQ(alone.judge(gateway(0), device(1), 1).lost,
              shared.judge(gateway(0), device(1), 1).lost);
  }
}

}  // namespace
}  // namespace greytick::net
