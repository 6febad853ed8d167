#include "sim/faults/targets.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/faults/recorded_controls.h"

namespace greytick::faults {
namespace {

using model::Address;
using model::Role;
using net::NodeKind;
using scenario::Selector;
using scenario::TargetKind;
using scenario::TargetMode;
using testing::ElementsAre;

struct Bench {
  scenario::Scenario scenario = small_scenario();
  RecordedControls controls{scenario, 10};
  Targets targets{scenario, controls};
  engine::Stream stream{1, engine::Purpose::kFault, 1};

  std::vector<std::uint32_t> servers(const Selector& s) {
    std::vector<std::uint32_t> out;
    for (const net::Endpoint& e : targets.servers(s, stream)) out.push_back(e.index);
    return out;
  }
};

TEST(Targets, CountWithinTheNamedRegionElseOverAll) {
  Bench b;
  EXPECT_THAT(b.servers({.kind = TargetKind::kGateway}), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(b.servers({.kind = TargetKind::kGateway, .region = "br"}), ElementsAre(2, 3));
  EXPECT_THAT(b.servers({.kind = TargetKind::kGateway, .mode = TargetMode::kIndex, .index = 3}),
              ElementsAre(3));
  EXPECT_THAT(
      b.servers(
          {.kind = TargetKind::kProcess, .region = "br", .mode = TargetMode::kIndex, .index = 1}),
      ElementsAre(3));
  EXPECT_THAT(b.servers({.kind = TargetKind::kStore}), ElementsAre(0, 1));
  EXPECT_THAT(b.servers({.kind = TargetKind::kPush}), ElementsAre(0));
  const auto all = b.targets.servers({.kind = TargetKind::kGateway}, b.stream);
  EXPECT_EQ(all[1].region, 0);
  EXPECT_EQ(all[2].region, 1);
}

TEST(Targets, ARegionStandsForItsServersAndDevices) {
  Bench b;
  const Selector br{.kind = TargetKind::kRegion, .region = "br"};
  EXPECT_EQ(b.servers(br).size(), 5U);  // 2 gateways, 2 processes, 1 store
  EXPECT_EQ(b.servers({.kind = TargetKind::kRegion, .region = "eu"}).size(), 6U);  // and push
  EXPECT_THAT(b.targets.devices(br, b.stream), ElementsAre(1, 3, 5, 7, 9));
  const net::NodeSet set = b.targets.nodes(br, b.stream);
  EXPECT_TRUE(set.has(b.controls.device(1)));
  EXPECT_FALSE(set.has(b.controls.device(2)));
  EXPECT_TRUE(set.has(net::gateway(2, 1)));
  EXPECT_FALSE(set.has(net::gateway(1, 0)));
}

TEST(Targets, BothRegionsTogetherAreEverything) {
  Bench b;
  const net::NodeSet set = b.targets.nodes({.kind = TargetKind::kRegion}, b.stream);
  for (std::uint32_t i = 0; i < 10; ++i) EXPECT_TRUE(set.has(b.controls.device(i)));
  EXPECT_TRUE(set.has(net::gateway(0, 0)));
  EXPECT_TRUE(set.has(net::process(3, 1)));
}

TEST(Targets, DrawsOneAFixedNumberOrAShareAnewEachTime) {
  Bench b;
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 100; ++i) {
    const auto one = b.servers({.kind = TargetKind::kGateway, .mode = TargetMode::kOne});
    ASSERT_EQ(one.size(), 1U);
    seen.insert(one[0]);
  }
  EXPECT_EQ(seen.size(), 4U);
  const auto three = b.targets.devices(
      {.kind = TargetKind::kDevice, .mode = TargetMode::kFixed, .count = 3}, b.stream);
  EXPECT_EQ(std::set(three.begin(), three.end()).size(), 3U);
  const Selector share{.kind = TargetKind::kDevice, .mode = TargetMode::kPercent, .share = {0.3}};
  EXPECT_EQ(b.targets.devices(share, b.stream).size(), 3U);
  const Selector odd{.kind = TargetKind::kDevice, .mode = TargetMode::kPercent, .share = {0.31}};
  EXPECT_EQ(b.targets.devices(odd, b.stream).size(), 4U);  // rounded up
}

TEST(Targets, AProcessHostsEachSecondShardOfItsRegion) {
  Bench b;
  const auto shards = b.targets.shards(
      {.kind = TargetKind::kProcess, .mode = TargetMode::kIndex, .index = 3}, b.stream);
  EXPECT_THAT(shards,
              ElementsAre(Address{Role::kConversation, 5, {}}, Address{Role::kConversation, 7, {}},
                          Address{Role::kMailbox, 5, {}}, Address{Role::kMailbox, 7, {}}));
  EXPECT_THAT(b.targets.shards({.kind = TargetKind::kMailboxShard,
                                .region = "br",
                                .mode = TargetMode::kIndex,
                                .index = 0},
                               b.stream),
              ElementsAre(Address{Role::kMailbox, 4, {}}));
}

TEST(Targets, AnAccessNetworkNarrowsDevices) {
  Bench b;
  b.scenario.network.access.push_back(b.scenario.network.access[0]);
  b.scenario.network.access[1].name = "other";
  const Selector none{.kind = TargetKind::kDevice, .access = "other"};
  EXPECT_TRUE(b.targets.devices(none, b.stream).empty());
  const Selector lan{.kind = TargetKind::kDevice, .access = "lan"};
  EXPECT_EQ(b.targets.devices(lan, b.stream).size(), 10U);
  EXPECT_TRUE(b.targets.nodes(lan, b.stream).has(net::device(4)));
  EXPECT_FALSE(b.targets.nodes(none, b.stream).has(net::device(4)));
}

}  // namespace
}  // namespace greytick::faults
