#include "sim/world/people.h"

#include <array>
#include <set>

#include <gtest/gtest.h>

namespace greytick::world {
namespace {

scenario::Scenario crowd(std::uint64_t users) {
  scenario::Scenario s;
  s.population.users = users;
  s.traffic.messages = {1.0};
  return s;
}

TEST(AliasTable, DrawsByWeight) {
  const AliasTable table({1, 2, 0.5, 4, 0.5});
  engine::Stream stream(1, engine::Purpose::kTest, 1);
  std::array<int, 5> drawn{};
  constexpr int kDraws = 80'000;
  for (int i = 0; i < kDraws; ++i) ++drawn[table.draw(stream)];
  const std::array<double, 5> expected = {1 / 8.0, 2 / 8.0, 0.5 / 8, 4 / 8.0, 0.5 / 8};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(drawn[i] / double{kDraws}, expected[i], 0.006) << i;
  }
}

TEST(People, EveryPairHasOneConversationAndNoTwoPairsShareOne) {
  const scenario::Scenario s = crowd(60);
  People people(s, engine::Streams(1));
  std::set<std::uint64_t> seen;
  for (std::uint32_t a = 0; a < 60; ++a) {
    for (std::uint32_t b = 0; b < a; ++b) {
      const auto c = people.conversation(a, b);
      EXPECT_EQ(c, people.conversation(b, a));
      EXPECT_TRUE(seen.insert(c.value()).second);
    }
  }
}

TEST(People, PairsOfALargePopulationAreNumberedAsTheySpeak) {
  const scenario::Scenario s = [] {
    scenario::Scenario large = crowd(2'000'000);
    large.traffic.messages = {0.0};
    return large;
  }();
  People people(s, engine::Streams(1));
  const auto first = people.conversation(1'999'999, 3);
  const auto second = people.conversation(4, 1'999'998);
  EXPECT_NE(first, second);
  EXPECT_EQ(people.conversation(3, 1'999'999), first);
  EXPECT_LT(second.value(), std::uint64_t{1} << 40);
}

TEST(People, AUserHasAsManyContactsAsTheLawSaysAndNeverOneself) {
  scenario::Scenario s = crowd(1000);
  s.population.contacts = scenario::DistSpec::constant_number(4);
  const People people(s, engine::Streams(9));
  engine::Stream stream(1, engine::Purpose::kTest, 1);
  std::set<std::uint32_t> contacts;
  for (int i = 0; i < 500; ++i) contacts.insert(people.draw_contact(17, stream));
  EXPECT_EQ(contacts.size(), 4);
  EXPECT_FALSE(contacts.contains(17));
}

TEST(People, HomesAndNetworksFollowTheirShares) {
  scenario::Scenario s = crowd(20'000);
  s.topology.regions = {{"a", "eu-central-1"}, {"b", "us-east-1"}};
  s.population.regions = {{"a", {0.8}}, {"b", {0.2}}};
  s.network.access.resize(2, s.network.access.front());
  s.network.access[0].assigned = {0.25};
  s.network.access[1].assigned = {0.75};
  const People people(s, engine::Streams(2));
  int in_b = 0, on_second = 0;
  for (std::uint32_t u = 0; u < people.users(); ++u) {
    const net::Endpoint e = people.endpoint(u);
    EXPECT_EQ(e.region, people.home(u));
    EXPECT_EQ(e.index, u);
    in_b += e.region == 1 ? 1 : 0;
    on_second += e.access == 1 ? 1 : 0;
  }
  EXPECT_NEAR(in_b / 20'000.0, 0.2, 0.01);
  EXPECT_NEAR(on_second / 20'000.0, 0.75, 0.01);
}

}  // namespace
}  // namespace greytick::world
