#include "sim/net/network.h"

#include <gtest/gtest.h>

#include "tests/net/scenario.h"

namespace greytick::net {
namespace {

using model::ConnectionId;
using Kind = Fate::Kind;

constexpr Instant at(Duration since_start) { return Instant{since_start}; }

struct Bench {
  explicit Bench(const scenario::Scenario& s = plain_scenario(), std::uint64_t seed = 1)
      : network(s, engine::Streams(seed)) {}
  Connection open(std::uint32_t id = 1, const Endpoint& g = gateway(0)) {
    const Dialled dialled = network.dial(ConnectionId(id), device(id), g, at(0s));
    EXPECT_TRUE(dialled.answered);
    return dialled.connection;
  }
  Network network;
};

// A link fast enough that bytes take no time.
scenario::Scenario fast() {
  scenario::Scenario s = plain_scenario();
  s.network.access[0].up = s.network.access[0].down = {8'000'000'000'000};
  return s;
}

TEST(Network, AHandshakeTakesItsRoundTrips) {
  Bench b(fast());
  const Dialled near = b.network.dial(ConnectionId(1), device(1), gateway(0), at(1s));
  ASSERT_TRUE(near.answered);
  EXPECT_NEAR(static_cast<double>((near.refused - at(1s)).count()), 2e6, 10);
  EXPECT_NEAR(static_cast<double>((near.established - at(1s)).count()), 6e6, 10);
  const Dialled far = b.network.dial(ConnectionId(2), device(2), gateway(2, 1), at(1s));
  EXPECT_NEAR(static_cast<double>((far.established - at(1s)).count()), 3 * 82e6, 10);
}

TEST(Network, BytesWaitForTheSlowLinkAndArriveInOrder) {
  Bench b;
  Connection c = b.open();
  // 1000 bytes at 8 Mbit/s are 1 ms on the wire, then 1 ms one way.
  EXPECT_EQ(b.network.send(c, Way::kUp, 1000, at(10s)), (Fate{Kind::kArrives, at(10002ms)}));
  EXPECT_EQ(b.network.send(c, Way::kUp, 1000, at(10s)), (Fate{Kind::kArrives, at(10003ms)}));
  EXPECT_EQ(b.network.backlog_bytes(c, Way::kUp, at(10s)), 2000U);
  EXPECT_EQ(b.network.backlog_bytes(c, Way::kUp, at(10001ms)), 1000U);
  EXPECT_EQ(b.network.backlog_bytes(c, Way::kUp, at(11s)), 0U);
  // The other way is free.
  EXPECT_EQ(b.network.send(c, Way::kDown, 1000, at(10s)), (Fate{Kind::kArrives, at(10002ms)}));
}

TEST(Network, JitterNeverReordersAConnection) {
  scenario::Scenario s = plain_scenario();
  s.network.access[0].rtt = scenario::DistSpec::lognormal(20ms, 900ms);
  s.network.access[0].correlation = {0.5};
  Bench b(s);
  Connection c = b.open();
  Instant last{};
  for (int i = 0; i < 500; ++i) {
    const Fate fate = b.network.send(c, Way::kDown, 100, at(10s + i * 1ms));
    EXPECT_EQ(fate.kind, Kind::kArrives);
    EXPECT_GE(fate.at, last);
    last = fate.at;
  }
}

TEST(Network, LossOnAConnectionIsDelayByTheRetransmissionTimeout) {
  scenario::Scenario s = fast();
  s.network.access[0].loss = scenario::Loss::independent(0.3);
  Bench b(s);
  Connection c = b.open();
  ASSERT_GE(c.rto, 200ms);
  int late = 0;
  for (int i = 0; i < 1000; ++i) {
    const Instant now = at(100s + i * 10s);
    const Duration took = b.network.send(c, Way::kUp, 100, now).at - now;
    if (took < 2ms) continue;
    EXPECT_GE(took, c.rto);
    ++late;
  }
  EXPECT_NEAR(late, 300, 50);
  EXPECT_GE(b.network.counters().retransmissions, static_cast<std::uint64_t>(late));
}

TEST(Network, ALinkThatLosesEverythingResetsTheConnectionAfterItsRetries) {
  Bench b(fast());
  Connection c = b.open();
  Rule rule = rule_on(Effect::kDrop, device(1));
  rule.with.probability = {1.0};
  const RuleId id = b.network.add_rule(rule);
  const Fate fate = b.network.send(c, Way::kUp, 100, at(10s));
  EXPECT_EQ(fate.kind, Kind::kReset);
  // 200 ms doubling to 120 s: 10 doublings sum to 204.6 s, and 6 more at the ceiling.
  EXPECT_NEAR(static_cast<double>((fate.at - at(10s)).count()) / 1e9, 204.6 + 6 * 120, 1);
  b.network.remove_rule(id);
  EXPECT_EQ(b.network.send(c, Way::kUp, 100, at(11s)).kind, Kind::kArrives);
}

TEST(Network, APartitionHoldsBytesAndHealingReleasesThemAtTheNextRetransmission) {
  Bench b(fast());
  Connection c = b.open();
  const RuleId id = b.network.add_rule(rule_on(Effect::kPartition, gateway(0)));
  EXPECT_TRUE(b.network.refresh(c, at(10s)));
  EXPECT_FALSE(c.healthy());
  EXPECT_EQ(c.unhealthy_since, at(10s));
  EXPECT_FALSE(b.network.refresh(c, at(11s)));
  EXPECT_EQ(b.network.send(c, Way::kDown, 100, at(20s)).kind, Kind::kHeld);
  EXPECT_EQ(b.network.send(c, Way::kDown, 300, at(21s)).kind, Kind::kHeld);
  EXPECT_EQ(b.network.backlog_bytes(c, Way::kDown, at(22s)), 400U);
  EXPECT_FALSE(b.network.dial(ConnectionId(2), device(2), gateway(0), at(22s)).answered);

  b.network.remove_rule(id);
  EXPECT_TRUE(b.network.refresh(c, at(25s)));
  EXPECT_TRUE(c.healthy());
  // Tries 200 ms, 600 ms, 1.4 s, 3 s, 6.2 s after 20 s: the first at or after 25 s is 26.2 s.
  const Fate first = b.network.release(c, Way::kDown, 100, at(25s));
  EXPECT_EQ(first.kind, Kind::kArrives);
  EXPECT_NEAR(static_cast<double>((first.at - at(26200ms)).count()), 1e6, 1000);
  const Fate second = b.network.release(c, Way::kDown, 300, at(25s));
  EXPECT_GE(second.at, first.at);
  EXPECT_EQ(b.network.backlog_bytes(c, Way::kDown, at(27s)), 0U);
  EXPECT_TRUE(b.network.dial(ConnectionId(3), device(2), gateway(0), at(27s)).answered);
}

TEST(Network, AOneWayPartitionLetsTheOtherWayThrough) {
  Bench b(fast());
  Connection c = b.open();
  Rule rule = rule_on(Effect::kPartition, gateway(0));
  rule.direction = scenario::Direction::kTo;
  b.network.add_rule(rule);
  b.network.refresh(c, at(10s));
  EXPECT_EQ(b.network.send(c, Way::kUp, 100, at(10s)).kind, Kind::kHeld);
  EXPECT_EQ(b.network.send(c, Way::kDown, 100, at(10s)).kind, Kind::kArrives);
}

TEST(Network, AConnectionThatStaysCutGivesUp) {
  Bench b(fast());
  Connection c = b.open();
  EXPECT_EQ(b.network.gives_up_at(c), model::kNever);
  b.network.set_radio(1, false);
  EXPECT_FALSE(b.network.radio_up(1));
  EXPECT_TRUE(b.network.radio_up(2));
  b.network.refresh(c, at(10s));
  EXPECT_NEAR(static_cast<double>((b.network.gives_up_at(c) - at(10s)).count()) / 1e9, 924.6, 1);
  EXPECT_EQ(b.network.send(c, Way::kUp, 100, at(10s)).kind, Kind::kHeld);
  b.network.set_radio(1, true);
  b.network.refresh(c, at(2000s));
  EXPECT_EQ(b.network.gives_up_at(c), model::kNever);
  EXPECT_EQ(b.network.release(c, Way::kUp, 100, at(2000s)).kind, Kind::kReset);
}

TEST(Network, AHalfOpenConnectionSwallowsBytesAndTellsNobody) {
  Bench b;
  Connection c = b.open();
  b.network.make_half_open(c, at(10s));
  EXPECT_EQ(c.unhealthy_since, at(10s));
  EXPECT_EQ(b.network.send(c, Way::kUp, 100, at(11s)), (Fate{Kind::kVanishes, model::kNever}));
  EXPECT_EQ(b.network.send(c, Way::kDown, 100, at(11s)), (Fate{Kind::kVanishes, model::kNever}));
  EXPECT_FALSE(b.network.refresh(c, at(12s)));
  EXPECT_FALSE(c.healthy());
}

TEST(Network, ALatencyRuleDelaysAndItsEndEndsTheDelay) {
  Bench b(fast());
  Connection c = b.open();
  Rule rule = rule_on(Effect::kLatency, device(1));
  rule.with.latency = 300ms;
  const RuleId id = b.network.add_rule(rule);
  EXPECT_GE(b.network.send(c, Way::kUp, 100, at(10s)).at, at(10301ms));
  b.network.remove_rule(id);
  EXPECT_LT(b.network.send(c, Way::kUp, 100, at(20s)).at, at(20002ms));
}

TEST(Network, ACorruptFrameShowsAtTheReceiver) {
  Bench b(fast());
  Connection c = b.open();
  Rule rule = rule_on(Effect::kCorrupt, gateway(0));
  rule.with.probability = {1.0};
  const RuleId id = b.network.add_rule(rule);
  EXPECT_EQ(b.network.send(c, Way::kUp, 100, at(10s)).kind, Kind::kCorrupt);
  EXPECT_TRUE(b.network.bus(gateway(0), process(0), 100, at(10s)).empty());
  EXPECT_EQ(b.network.counters().corrupted, 2U);
  b.network.remove_rule(id);
  EXPECT_EQ(b.network.send(c, Way::kUp, 100, at(11s)).kind, Kind::kArrives);
}

TEST(Network, AStallDelaysWhatIsSentDuringItAndLosesNothing) {
  scenario::Scenario s = fast();
  s.network.access[0].stalls = scenario::Stalls{.every = scenario::DistSpec::constant(10s),
                                                .lasts = scenario::DistSpec::constant(3s)};
  Bench b(s);
  Connection c = b.open();  // Dialled at 0: stalls are 10 s to 13 s, 23 s to 26 s, ...
  EXPECT_LT(b.network.send(c, Way::kUp, 100, at(9s)).at, at(9002ms));
  const Fate stalled = b.network.send(c, Way::kUp, 100, at(11s));
  EXPECT_EQ(stalled.kind, Kind::kArrives);
  EXPECT_GE(stalled.at, at(13s));
  EXPECT_LT(stalled.at, at(13002ms));
  EXPECT_LT(b.network.send(c, Way::kUp, 100, at(14s)).at, at(14002ms));
  EXPECT_GE(b.network.send(c, Way::kUp, 100, at(24s)).at, at(26s));
}

TEST(Network, AHandoffIsDrawnWithTheConnection) {
  scenario::Scenario s = fast();
  s.network.access[0].handoff = scenario::Handoff{.every = scenario::DistSpec::constant(60s),
                                                  .gap = scenario::DistSpec::constant(350ms)};
  Bench b(s);
  const Dialled d = b.network.dial(ConnectionId(1), device(1), gateway(0), at(0s));
  EXPECT_EQ(d.connection.handoff_at, d.established + 60s);
  EXPECT_EQ(d.connection.handoff_gap, 350ms);
  EXPECT_EQ(Bench().open().handoff_at, model::kNever);
}

TEST(Network, TheBusTakesHalfARoundTrip) {
  Bench b;
  EXPECT_EQ(b.network.bus(gateway(0), process(0), 100, at(1s)), (BusFate{at(1000500us)}));
  EXPECT_EQ(b.network.bus(process(0), process(4, 1), 100, at(1s)), (BusFate{at(1040ms)}));
}

TEST(Network, TheBusKeepsTheOrderOfAPairUnlessAReorderRuleActs) {
  scenario::Scenario s = plain_scenario();
  s.network.backbone.within = scenario::DistSpec::lognormal(1ms, 200ms);
  Bench b(s);
  Instant last{};
  for (int i = 0; i < 500; ++i) {
    const BusFate fate = b.network.bus(gateway(0), process(0), 100, at(1s + i * 100us));
    ASSERT_EQ(fate.size(), 1U);
    EXPECT_GE(fate[0], last);
    last = fate[0];
  }
  Rule rule = rule_on(Effect::kReorder, process(0));
  rule.with.probability = {0.2};
  rule.with.latency = 2s;
  b.network.add_rule(rule);
  int overtaken = 0;
  for (int i = 0; i < 500; ++i) {
    const BusFate fate = b.network.bus(gateway(0), process(0), 100, at(10s + i * 1ms));
    if (fate[0] < last) ++overtaken;
    last = fate[0];
  }
  EXPECT_GT(overtaken, 50);
}

TEST(Network, TheBusDuplicatesDropsAndHeals) {
  Bench b;
  Rule twice = rule_on(Effect::kDuplicate, process(0));
  twice.with.probability = {1.0};
  const RuleId duplicate = b.network.add_rule(twice);
  EXPECT_EQ(b.network.bus(gateway(0), process(0), 100, at(1s)),
            (BusFate{at(1000500us), at(1001ms)}));
  b.network.remove_rule(duplicate);
  const RuleId partition = b.network.add_rule(rule_on(Effect::kPartition, process(0)));
  EXPECT_TRUE(b.network.bus(gateway(0), process(0), 100, at(2s)).empty());
  EXPECT_EQ(b.network.bus(gateway(0), process(1), 100, at(2s)).size(), 1U);
  EXPECT_EQ(b.network.counters().dropped, 1U);
  b.network.remove_rule(partition);
  EXPECT_FALSE(b.network.rules_in_force());
  EXPECT_EQ(b.network.bus(gateway(0), process(0), 100, at(3s)).size(), 1U);
}

TEST(Network, OneConnectionDrawsTheSameWhateverOthersDo) {
  scenario::Scenario s = plain_scenario();
  s.network.access[0].rtt = scenario::DistSpec::lognormal(20ms, 900ms);
  s.network.access[0].loss = scenario::Loss::independent(0.1);
  Bench alone(s);
  Bench crowded(s);
  Bench other_seed(s, 2);
  Connection a = alone.open(1);
  Connection noise = crowded.open(2);
  Connection c = crowded.open(1);
  Connection d = other_seed.open(1);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    crowded.network.send(noise, Way::kUp, 5000, at(10s + i * 10ms));
    const Fate fate = alone.network.send(a, Way::kUp, 100, at(10s + i * 10ms));
    EXPECT_EQ(fate, crowded.network.send(c, Way::kUp, 100, at(10s + i * 10ms)));
    differs |= fate != other_seed.network.send(d, Way::kUp, 100, at(10s + i * 10ms));
  }
  EXPECT_TRUE(differs);
}

}  // namespace
}  // namespace greytick::net
