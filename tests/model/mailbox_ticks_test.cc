// Ticks stand in their slots until that very version is acknowledged.
#include <gtest/gtest.h>

#include "tests/model/mailbox_bench.h"

namespace greytick::model {
namespace {

using namespace model::literals;  // NOLINT(google-build-using-namespace): literals alone.

class MailboxShardTicks : public MailboxShardTest {
 protected:
  void update(std::uint64_t n, std::uint64_t upto) {
    raise_delivered(value_, LogPos(upto));
    bench_.arrive(
        kOther,
        ChannelEntry{kOther, bench_.state.self, ChannelSeq(n),
                     RegisterUpdate{
                         kChat, {kBobUser, kBob, kFirst}, DeviceId(1), kAlices, UserId{}, value_}});
  }
  static constexpr Address kOther{Role::kMailbox, 0, ConnectionId{}};
  TickRegister value_;
};

TEST_F(MailboxShardTest, ATickIsKeptUntilThatVeryVersionIsAcknowledged) {
  hello(1, 0);
  TickRegister value;
  raise_delivered(value, LogPos(3));
  const Address other{Role::kMailbox, 0, ConnectionId{}};
  bench_.arrive(
      other,
      ChannelEntry{
          other, bench_.state.self, ChannelSeq(1),
          RegisterUpdate{kChat, {kBobUser, kBob, kFirst}, DeviceId(1), kAlices, UserId{}, value}});
  ASSERT_EQ(bench_.sent<Tick>().size(), 1U);
  bench_.arrive(kGateway, TickAck{kBob, kBobUser, kChat, kAlices, TickVersion(7)});
  EXPECT_EQ(bench_.store.count(Table::kTickSlot), 1U);
  bench_.arrive(kGateway, TickAck{kBob, kBobUser, kChat, kAlices, TickVersion(1)});
  EXPECT_EQ(bench_.store.count(Table::kTickSlot), 0U);
}

TEST_F(MailboxShardTest, AnAckOfATickThatCannotBeIsNoHarm) {
  hello(1, 0);
  bench_.arrive(kGateway, TickAck{kBob, kBobUser, ConversationId(~0ULL), kAlices, TickVersion(1)});
  bench_.arrive(kGateway, TickAck{kBob, kBobUser, kChat, MemberNumber(~0U), TickVersion(1)});
  EXPECT_TRUE(box().session_open);
}

TEST_F(MailboxShardTicks, ATickForASessionOfBeforeARestartMakesTheDeviceSayHello) {
  hello(1, 0);
  const SessionEpoch before = box().epoch;
  bench_.restart(initial(), Start{LeaseEpoch(2), bench_.now, 0});
  update(1, 3);
  EXPECT_TRUE(bench_.sent<Tick>().empty());
  ASSERT_EQ(bench_.sent<Evict>().size(), 1U);
  EXPECT_EQ(bench_.sent<Evict>()[0].epoch, before);
  hello(2, 0);
  EXPECT_EQ(bench_.sent<Tick>().size(), 1U);
}

TEST_F(MailboxShardTicks, ATickThatARestartInterruptedIsNotForgotten) {
  hello(1, 0);
  update(1, 3);
  bench_.forget();
  bench_.restart(initial(), Start{LeaseEpoch(2), bench_.now, 0});
  EXPECT_EQ(bench_.sent<Evict>().size(), 1U);  // of a mailbox with nothing in it
  hello(2, 0);
  EXPECT_EQ(bench_.sent<Tick>().size(), 1U);
}

TEST_F(MailboxShardTicks, AnUpdateThatIsNotNewerIsNotKept) {
  update(1, 3);
  const TickRegister first = value_;
  value_ = {};
  update(2, 1);
  ASSERT_EQ(value_.version, first.version);
  EXPECT_EQ(bench_.store.find<TickSlot>(tick_slot_key(kBob, kChat, kAlices))->value, first);
}

TEST_F(MailboxShardTicks, NobodyKeepsTicksForAReplacedInstallation) {
  update(1, 3);
  bench_.arrive(kGateway, Register{kBob, kBobUser, 100});
  EXPECT_EQ(bench_.store.count(Table::kTickSlot), 0U);
  update(2, 7);
  EXPECT_EQ(bench_.store.count(Table::kTickSlot), 0U);
}

TEST_F(MailboxShardTicks, AnAckOfATickInASessionThatIsOverMakesTheDeviceSayHello) {
  bench_.arrive(kGateway, TickAck{kBob, kBobUser, kChat, kAlices, TickVersion(1)});
  EXPECT_EQ(bench_.sent<Evict>().size(), 1U);
}

TEST_F(MailboxShardTicks, ATickThatWaitsKeepsItsDueRowHoweverLong) {
  update(1, 3);
  advance(31 * 24h);
  EXPECT_EQ(bench_.store.count(Table::kDue), 1U);
  bench_.arrive(kGateway, TickAck{kBob, kBobUser, kChat, kAlices, value_.version});
  advance(31 * 24h);
  EXPECT_EQ(bench_.store.count(Table::kDue), 0U);
}

}  // namespace
}  // namespace greytick::model
