#include "sim/net/region_graph.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/scenario/load.h"
#include "tests/net/scenario.h"

namespace greytick::net {
namespace {

using Up = RegionGraph::Up;

// 0 -10- 1 -10- 2, and 0 -50- 2 the long way; 3 hangs on 2.
RegionGraph square() {
  return {4, {{0, 1, 10ms, 11ms}, {1, 2, 10ms, 11ms}, {0, 2, 50ms, 50ms}, {2, 3, 5ms, 5ms}}};
}

TEST(RegionGraph, TakesTheShortestWayEachWay) {
  const RegionGraph graph = square();
  EXPECT_EQ(graph.one_way(0, 2), 20ms);
  EXPECT_EQ(graph.one_way(2, 0), 22ms);
  EXPECT_EQ(graph.one_way(0, 3), 25ms);
  EXPECT_EQ(graph.one_way(1, 1), 0ms);
  EXPECT_EQ(graph.components(), (Components{{0, 1, 2, 3}}));
}

TEST(RegionGraph, GoesRoundALineThatIsDownAndBackWhenItIsUp) {
  RegionGraph graph = square();
  graph.set_up({{.there = false, .back = true}, {}, {}, {}});
  EXPECT_EQ(graph.one_way(0, 2), 50ms);
  EXPECT_EQ(graph.one_way(2, 0), 22ms);
  EXPECT_EQ(graph.one_way(0, 1), 61ms);
  EXPECT_EQ(graph.components(), (Components{{0, 1, 2, 3}}));
  graph.set_up(std::vector<Up>(4));
  EXPECT_EQ(graph.one_way(0, 2), 20ms);
}

TEST(RegionGraph, NamesTheRegionsThatReachEachOther) {
  RegionGraph graph = square();
  const Up down{.there = false, .back = false};
  graph.set_up({down, down, {}, {}});
  EXPECT_EQ(graph.components(), (Components{{0, 2, 3}, {1}}));
  EXPECT_FALSE(graph.reaches(0, 1));
  EXPECT_TRUE(graph.reaches(0, 3));
  // One way is not both.
  graph.set_up({{}, {}, {}, {.there = true, .back = false}});
  EXPECT_EQ(graph.components(), (Components{{0, 1, 2}, {3}}));
  EXPECT_TRUE(graph.reaches(0, 3));
  EXPECT_FALSE(graph.reaches(3, 0));
}

RC_GTEST_PROP(RegionGraph, AgreesWithFloydAndWarshall, ()) {
  const auto n = *rc::gen::inRange<std::size_t>(1, 8);
  std::vector<RegionLink> links;
  std::vector<Up> up;
  constexpr std::int64_t kFar = INT64_MAX / 4;
  std::vector<std::vector<std::int64_t>> far(n, std::vector<std::int64_t>(n, kFar));
  for (std::uint16_t a = 0; a < n; ++a) {
    far[a][a] = 0;
    for (std::uint16_t b = a + 1; b < n; ++b) {
      if (*rc::gen::inRange(0, 3) == 0) continue;
      const auto there = *rc::gen::inRange<std::int64_t>(1, 100);
      const auto back = *rc::gen::inRange<std::int64_t>(1, 100);
      links.push_back({a, b, model::Duration{there}, model::Duration{back}});
      up.push_back({.there = *rc::gen::arbitrary<bool>(), .back = *rc::gen::arbitrary<bool>()});
      if (up.back().there) far[a][b] = there;
      if (up.back().back) far[b][a] = back;
    }
  }
  RegionGraph graph(n, links);
  graph.set_up(up);
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        far[i][j] = std::min(far[i][j], far[i][k] + far[k][j]);
      }
    }
  }
  const Components components = graph.components();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      RC_ASSERT(graph.reaches(i, j) == (far[i][j] < kFar));
      if (graph.reaches(i, j)) {
        RC_ASSERT(graph.one_way(i, j).count() == far[i][j]);
      }
      const bool together = std::ranges::any_of(components, [&](const auto& c) {
        return std::ranges::count(c, i) > 0 && std::ranges::count(c, j) > 0;
      });
      RC_ASSERT(together == (graph.reaches(i, j) && graph.reaches(j, i)));
    }
  }
}

// --- in the network ---

// Three regions 80 ms of round trip apart; with lines, none between eu and br.
scenario::Scenario three(bool lines) {
  scenario::Scenario s = plain_scenario();
  s.topology.regions.push_back({.name = "in", .location = "ap-south-1"});
  if (lines) {
    s.network.backbone.links = {{.from = "eu", .to = "in", .rtt = {}},
                                {.from = "br", .to = "in", .rtt = 120ms},
                                {.from = "eu", .to = "br", .rtt = 500ms}};
  }
  return s;
}

Rule parting(std::uint16_t from, std::uint16_t to) {
  Rule rule{.effect = Effect::kPartition, .target = {}, .other = NodeSet{}, .key = 1, .with = {}};
  for (const NodeKind kind : {NodeKind::kGateway, NodeKind::kProcess, NodeKind::kStore,
                              NodeKind::kPush, NodeKind::kDevice}) {
    rule.target.add_all(kind, from);
    rule.other->add_all(kind, to);
  }
  return rule;
}

model::Instant arrival(Network& network, std::uint16_t from, std::uint16_t to, model::Instant now) {
  const BusFate fate = network.bus(process(from * 4U, from), process(to * 4U, to), 100, now);
  return fate.empty() ? model::kNever : fate.front();
}

TEST(Lines, FramesGoStraightWhereNoneAreNamed) {
  const scenario::Scenario s = three(false);
  Network network(s, engine::Streams(1));
  EXPECT_EQ(arrival(network, 0, 1, Instant{}), Instant{} + 40ms);
  const RuleId rule = network.add_rule(parting(0, 1));
  EXPECT_EQ(network.components(), (Components{{0, 1, 2}}));  // by way of the third
  EXPECT_EQ(arrival(network, 0, 1, Instant{} + 1s), model::kNever);
  EXPECT_TRUE(network.cut(process(0, 0), process(4, 1)));
  network.remove_rule(rule);
  EXPECT_EQ(arrival(network, 0, 1, Instant{} + 2s), Instant{} + 2040ms);
}

TEST(Lines, FramesGoTheShortestWayAndRoundALineThatAPartitionTakesDown) {
  const scenario::Scenario s = three(true);
  Network network(s, engine::Streams(1));
  EXPECT_EQ(arrival(network, 0, 1, Instant{}), Instant{} + 100ms);  // by way of `in`
  const RuleId first = network.add_rule(parting(0, 2));
  EXPECT_EQ(arrival(network, 0, 1, Instant{} + 1s), Instant{} + 1250ms);  // straight now
  EXPECT_EQ(arrival(network, 0, 2, Instant{} + 1s), Instant{} + 1310ms);  // by way of br
  EXPECT_FALSE(network.cut(process(0, 0), process(8, 2)));
  EXPECT_EQ(network.components(), (Components{{0, 1, 2}}));
  const RuleId second = network.add_rule(parting(0, 1));
  EXPECT_EQ(network.components(), (Components{{0}, {1, 2}}));
  EXPECT_EQ(arrival(network, 0, 2, Instant{} + 2s), model::kNever);
  EXPECT_TRUE(network.cut(process(0, 0), process(8, 2)));
  EXPECT_FALSE(network.cut(process(4, 1), process(8, 2)));
  network.remove_rule(first);
  EXPECT_EQ(arrival(network, 0, 1, Instant{} + 3s), Instant{} + 3100ms);
  network.remove_rule(second);
  EXPECT_EQ(network.components(), (Components{{0, 1, 2}}));
}

TEST(Lines, AServerCutOffTakesNoLineDown) {
  const scenario::Scenario s = three(true);
  Network network(s, engine::Streams(1));
  network.add_rule(rule_on(Effect::kPartition, process(0, 0)));
  EXPECT_EQ(network.components(), (Components{{0, 1, 2}}));
  EXPECT_EQ(arrival(network, 0, 1, Instant{}), model::kNever);
  EXPECT_TRUE(network.cut(process(0, 0), process(8, 2)));
  EXPECT_FALSE(network.cut(process(1, 0), process(8, 2)));
}

TEST(Lines, AConnectionToAnotherRegionFollowsTheWay) {
  const scenario::Scenario s = three(true);
  Network network(s, engine::Streams(1));
  Dialled d = network.dial(model::ConnectionId(1), device(7, 0), gateway(2, 1), Instant{});
  ASSERT_TRUE(d.answered);
  const Instant now = d.established + 1s;
  // 100 bytes take 100 us on the wire and the LAN's half round trip of 1 ms.
  EXPECT_EQ(network.send(d.connection, Way::kUp, 100, now).at, now + 100us + 1ms + 100ms);
  network.add_rule(parting(0, 2));
  EXPECT_FALSE(network.refresh(d.connection, now + 1s));
  EXPECT_EQ(network.send(d.connection, Way::kUp, 100, now + 1s).at, now + 1s + 100us + 1ms + 250ms);
  network.add_rule(parting(0, 1));
  EXPECT_TRUE(network.refresh(d.connection, now + 2s));
  EXPECT_EQ(network.send(d.connection, Way::kUp, 100, now + 2s).kind, Fate::Kind::kHeld);
}

TEST(Lines, AreCheckedWhenLoaded) {
  const auto problem = [](const std::string& links) {
    const scenario::Loaded loaded = scenario::load_text(
        "test.yaml",
        "scenario: lines\ntraffic: {messages: 1/s}\ntopology: {regions: [eu, br, in]}\n"
        "network: {backbone: {links: " +
            links + "}}\n",
        "scenarios");
    const auto all = loaded.report.sorted();
    return all.empty() ? std::string("none") : all[0].message;
  };
  EXPECT_EQ(problem("[{from: eu, to: br}, {from: in, to: br, rtt: 90ms}]"), "none");
  EXPECT_EQ(problem("[{from: eu, to: br}]"), "no way from 'eu' to 'in'");
  EXPECT_EQ(problem("[{from: eu, to: us}]"), "unknown region 'us'");
  EXPECT_EQ(problem("[{from: eu}]"), "a line without 'to'");
  EXPECT_EQ(problem("[{from: eu, to: br}, {from: br, to: eu}]"),
            "'br' and 'eu' have a line already");
  EXPECT_EQ(problem("[{from: eu, to: eu}]"), "'eu' and 'eu' have a line already");
}

}  // namespace
}  // namespace greytick::net
