// Who is in a conversation is decided in its log, one change after the other.
#include <gtest/gtest.h>

#include "model/conversation_shard.h"
#include "tests/model/step.h"

namespace greytick::model {
namespace {

constexpr ConversationId kGroup(8);
constexpr Placement kPlacement{1, 1, 2};
constexpr Recipient kAlice{UserId(1), DeviceId(1), Incarnation(1), MemberNumber(1)};
constexpr Recipient kBob{UserId(2), DeviceId(2), Incarnation(1), MemberNumber(2)};
constexpr Recipient kCarol{UserId(3), DeviceId(3), Incarnation(1)};
constexpr Recipient kCarolsTablet{UserId(3), DeviceId(30), Incarnation(1)};
constexpr Recipient kDave{UserId(4), DeviceId(4), Incarnation(1)};

class MembershipTest : public testing::Test {
 protected:
  MembershipTest() : bench(fresh()) {
    bench.store.put(conversation_key(kGroup), Conversation{LogPos{}, LogPos{}, 2, MemberNumber(2)});
    bench.store.put(member_key(kGroup, kAlice.device), Member{kAlice});
    bench.store.put(member_key(kGroup, kBob.device), Member{kBob});
    bench.step(Start{});
    bench.forget();
  }
  static ConversationShard::State fresh() {
    ConversationShard::State s;
    s.placement = kPlacement;
    s.self = kPlacement.conversation_shard(kGroup);
    s.config.members_max = 3;
    return s;
  }
  ChannelEntry change(MemberChange what, const Recipients& devices) {
    const Address source = kPlacement.mailbox_shard(devices.front().user);
    return {source, bench.state.self, ChannelSeq(++sent_[source.index]),
            MemberUpdate{kGroup, what, devices}};
  }
  void apply(MemberChange what, const Recipients& devices) {
    const ChannelEntry entry = change(what, devices);
    bench.arrive(entry.source, entry);
  }
  [[nodiscard]] const Conversation& conversation() const {
    return *bench.store.find<Conversation>(conversation_key(kGroup));
  }
  [[nodiscard]] bool is_member(const Recipient& who) const {
    return bench.store.find<Member>(member_key(kGroup, who.device)) != nullptr;
  }
  template <class Item>
  [[nodiscard]] std::vector<Item> channel_items() const {
    std::vector<Item> all;
    for (const ChannelEntry& entry : bench.sent<ChannelEntry>()) {
      if (const auto* item = std::get_if<Item>(&entry.item)) all.push_back(*item);
    }
    return all;
  }

  Bench<ConversationShard> bench;

 private:
  std::map<std::uint32_t, std::uint64_t> sent_;
};

TEST_F(MembershipTest, AJoinIsAnEntryThatTheJoinerSeesToo) {
  apply(MemberChange::kJoin, {kCarol});
  ASSERT_EQ(bench.noted<MemberChanged>().size(), 1U);
  const MemberChanged changed = bench.noted<MemberChanged>()[0];
  EXPECT_EQ(changed.message.kind, EntryKind::kJoined);
  EXPECT_EQ(changed.message.position, LogPos(1));
  EXPECT_EQ(changed.message.number, MemberNumber(3));
  EXPECT_EQ(changed.recipients.size(), 3U);
  std::size_t told = 0;
  for (const FanOut& item : channel_items<FanOut>()) told += item.recipients.size();
  EXPECT_EQ(told, 3U);
  EXPECT_EQ(conversation().users, 3U);
  EXPECT_TRUE(is_member(kCarol));
}

TEST_F(MembershipTest, WhoLeavesSeesTheEntryAndNothingAfterIt) {
  apply(MemberChange::kLeave, {kBob});
  ASSERT_EQ(bench.noted<MemberChanged>().size(), 1U);
  EXPECT_EQ(bench.noted<MemberChanged>()[0].message.kind, EntryKind::kLeft);
  EXPECT_EQ(bench.noted<MemberChanged>()[0].recipients.size(), 2U);
  EXPECT_FALSE(is_member(kBob));
  EXPECT_EQ(conversation().users, 1U);
  bench.forget();
  apply(MemberChange::kJoin, {kCarol});
  EXPECT_EQ(bench.noted<MemberChanged>()[0].recipients.size(), 2U);
}

TEST_F(MembershipTest, TheLastPlaceGoesToTheFirstInTheLog) {
  apply(MemberChange::kJoin, {kCarol});
  bench.forget();
  apply(MemberChange::kJoin, {kDave});
  EXPECT_FALSE(is_member(kDave));
  EXPECT_EQ(conversation().users, 3U);
  EXPECT_EQ(conversation().head, LogPos(1));
  ASSERT_EQ(channel_items<JoinRefused>().size(), 1U);
  EXPECT_EQ(channel_items<JoinRefused>()[0].user, kDave.user);
  EXPECT_EQ(bench.noted<JoinTurnedAway>().size(), 1U);
  apply(MemberChange::kLeave, {kBob});
  apply(MemberChange::kJoin, {kDave});
  EXPECT_TRUE(is_member(kDave));
}

TEST_F(MembershipTest, TheCapCountsUsersNotDevices) {
  apply(MemberChange::kJoin, {kCarol, kCarolsTablet});
  EXPECT_TRUE(is_member(kCarolsTablet));
  EXPECT_EQ(conversation().users, 3U);
  EXPECT_EQ(conversation().last_number, MemberNumber(4));
  apply(MemberChange::kLeave, {kCarol});
  EXPECT_EQ(conversation().users, 3U);
  apply(MemberChange::kLeave, {kCarolsTablet});
  EXPECT_EQ(conversation().users, 2U);
}

TEST_F(MembershipTest, AReplayedChangeIsNoSecondEntry) {
  const ChannelEntry join = change(MemberChange::kJoin, {kCarol});
  bench.arrive(join.source, join);
  bench.arrive(join.source, join);
  EXPECT_EQ(bench.took(Branch::kChannelReplayed), 1U);
  EXPECT_EQ(conversation().head, LogPos(1));
}

TEST_F(MembershipTest, JoiningAsAMemberAndLeavingAsNoneChangeNothing) {
  apply(MemberChange::kJoin, {kAlice});
  apply(MemberChange::kLeave, {kDave});
  EXPECT_EQ(conversation().head, LogPos(0));
  EXPECT_TRUE(bench.noted<MemberChanged>().empty());
}

TEST_F(MembershipTest, WhoComesBackGetsAnotherNumber) {
  apply(MemberChange::kLeave, {kBob});
  apply(MemberChange::kJoin, {kBob});
  EXPECT_EQ(bench.store.find<Member>(member_key(kGroup, kBob.device))->who.number, MemberNumber(3));
}

TEST_F(MembershipTest, ANewInstallationKeepsItsNumber) {
  Recipient renewed = kBob;
  renewed.incarnation = Incarnation(2);
  renewed.number = {};
  apply(MemberChange::kRenew, {renewed});
  const Recipient who = bench.store.find<Member>(member_key(kGroup, kBob.device))->who;
  EXPECT_EQ(who.incarnation, Incarnation(2));
  EXPECT_EQ(who.number, MemberNumber(2));
}

TEST_F(MembershipTest, AConversationThatNobodyMadeIsRefused) {
  const Address source = kPlacement.mailbox_shard(kDave.user);
  bench.arrive(source,
               ChannelEntry{source, bench.state.self, ChannelSeq(1),
                            MemberUpdate{ConversationId(99), MemberChange::kJoin, {kDave}}});
  EXPECT_EQ(channel_items<JoinRefused>().size(), 1U);
  EXPECT_EQ(bench.store.find<Conversation>(conversation_key(ConversationId(99))), nullptr);
}

}  // namespace
}  // namespace greytick::model
