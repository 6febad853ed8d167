#include "sim/faults/assignment.h"

#include <set>

#include <gtest/gtest.h>

namespace greytick::faults {
namespace {

using model::Address;
using model::Role;

// Two regions of five processes, with 40 conversation and 60 mailbox shards each.
scenario::Topology topology() {
  scenario::Topology t;
  t.regions.resize(2);
  t.shards.processes = 5;
  t.shards.conversation = 40;
  t.shards.mailbox = 60;
  return t;
}

TEST(Assignment, DealsShardsRoundRobinWhileEverybodyIsThere) {
  const Assignment all(topology());
  EXPECT_EQ(all.place({Role::kConversation, 0, {}}), 0U);
  EXPECT_EQ(all.place({Role::kConversation, 7, {}}), 2U);
  EXPECT_EQ(all.place({Role::kConversation, 43, {}}), 5U + 3U);
  EXPECT_EQ(all.place({Role::kMailbox, 119, {}}), 5U + 4U);
  EXPECT_EQ(all.shards_near(1).size(), 100U);
  EXPECT_EQ(all.shards_near(5).front(), (Address{Role::kConversation, 40, {}}));
  EXPECT_EQ(all.shards_near(9).back(), (Address{Role::kMailbox, 119, {}}));
}

TEST(Assignment, OneThatLeavesMovesItsOwnShardsOnlyAndSpreadsThem) {
  const Assignment before(topology());
  Assignment after(topology());
  after.set_member(7, false);
  std::set<std::uint32_t> takers;
  for (const std::uint32_t region : {0U, 5U}) {
    for (const Address& shard : before.shards_near(region)) {
      if (before.place(shard) == 7U) {
        takers.insert(*after.place(shard));
      } else {
        EXPECT_EQ(after.place(shard), before.place(shard));
      }
    }
  }
  EXPECT_EQ(takers, (std::set<std::uint32_t>{5, 6, 8, 9}));
}

TEST(Assignment, ASecondThatLeavesMovesNothingBetweenTheOthers) {
  Assignment one(topology());
  one.set_member(7, false);
  Assignment two = one;
  two.set_member(9, false);
  for (const Address& shard : one.shards_near(7)) {
    EXPECT_NE(two.place(shard), 9U);
    if (one.place(shard) == 9U) continue;
    EXPECT_EQ(two.place(shard), one.place(shard));
  }
}

TEST(Assignment, NobodyIsLeft) {
  Assignment none(topology());
  for (std::uint32_t p = 0; p < 5; ++p) none.set_member(p, false);
  EXPECT_EQ(none.place({Role::kMailbox, 3, {}}), std::nullopt);
  EXPECT_EQ(none.place({Role::kMailbox, 60, {}}), 5U);
}

}  // namespace
}  // namespace greytick::faults
