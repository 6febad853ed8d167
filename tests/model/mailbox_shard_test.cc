#include "model/mailbox_shard.h"

#include <gtest/gtest.h>

#include "model/mailbox_steps.h"
#include "tests/model/step.h"

namespace greytick::model {
namespace {

using namespace model::literals;  // NOLINT(google-build-using-namespace): literals alone.

constexpr DeviceId kBob{2};
constexpr UserId kBobUser{2};
constexpr ConversationId kChat{7};
constexpr Address kSource{Role::kConversation, 0, ConnectionId{}};
constexpr Address kGateway{Role::kGateway, 3, ConnectionId{}};
constexpr Incarnation kFirst{1};

// One mailbox shard, one phone, Bob's, which every test drives by frames.
class MailboxShardTest : public testing::Test {
 protected:
  MailboxShardTest() : bench_(initial()) {
    Mailbox m;
    m.user = kBobUser;
    m.incarnation = kFirst;
    m.install_id = 99;
    bench_.store.put(mailbox_key(kBob), m);
    bench_.store.put(key_of<UserConversation>(kBobUser.value(), kChat.value()), UserConversation{});
    bench_.step(Start{LeaseEpoch(1), Instant{}, 0});
  }
  static MailboxShard::State initial() {
    MailboxShard::State s;
    s.placement = {1, 1, 1};
    s.self = {Role::kMailbox, 0, ConnectionId{}};
    s.config.window = 4;
    s.config.mailbox_max = 20;
    return s;
  }
  Message message(std::uint64_t k) const {
    Message m;
    m.stream = {DeviceId(1), kFirst, kChat};
    m.sender = UserId(1);
    m.cseq = ClientSeq(k);
    m.position = LogPos(k);
    m.accepted_at = bench_.now;
    m.content.bytes = 10;
    return m;
  }
  void fan_out(std::uint64_t k, Incarnation of = kFirst) {
    ++channel_;
    again_ = ChannelEntry{kSource, bench_.state.self, ChannelSeq(channel_),
                          FanOut{message(k), {{kBobUser, kBob, of}}}};
    bench_.arrive(kSource, again_);
  }
  void hello(std::uint64_t seq, std::uint64_t cursor, std::uint64_t nonce = 5) {
    bench_.arrive(kGateway,
                  Hello{kBob, kBobUser, kFirst, HelloSeq(seq), Nonce(nonce), MailboxSeq(cursor)});
  }
  void ack(std::uint64_t cursor) {
    bench_.arrive(kGateway, Ack{kBob, kBobUser, kFirst, box().epoch, MailboxSeq(cursor)});
  }
  void close() { bench_.arrive(kGateway, SessionClosed{kBob, kBobUser, box().epoch}); }
  const Mailbox& box() const { return *bench_.store.find<Mailbox>(mailbox_key(kBob)); }
  const TickRegister& ticks() const {
    return bench_.store.find<DeviceRegister>(register_key(kBob, kChat))->value;
  }
  Bench<MailboxShard> bench_;
  std::uint64_t channel_ = 0;
  ChannelEntry again_{};
};

TEST_F(MailboxShardTest, OfflineMessagesWaitAndAPushIsAskedForOnce) {
  fan_out(1);
  fan_out(2);
  EXPECT_EQ(box().tail, MailboxSeq(2));
  EXPECT_EQ(bench_.sent<WakeUp>().size(), 1U);
  EXPECT_TRUE(bench_.sent<Data>().empty());
}

TEST_F(MailboxShardTest, AHelloGetsTheBacklogInOrderWithinTheWindowAndAcksBringTheRest) {
  for (std::uint64_t k = 1; k <= 6; ++k) fan_out(k);
  hello(1, 0);
  ASSERT_EQ(bench_.sent<Welcome>().size(), 1U);
  ASSERT_EQ(bench_.sent<Data>().size(), 4U);
  EXPECT_EQ(bench_.sent<Data>()[3].mseq, MailboxSeq(4));
  ack(2);
  ASSERT_EQ(bench_.sent<Data>().size(), 6U);
  EXPECT_EQ(bench_.sent<Data>()[5].mseq, MailboxSeq(6));
  EXPECT_EQ(ticks().delivered_upto, LogPos(2));
}

TEST_F(MailboxShardTest, AReplayedChannelEntryChangesNothing) {
  fan_out(1);
  bench_.arrive(kSource, again_);
  EXPECT_EQ(box().tail, MailboxSeq(1));
  EXPECT_EQ(bench_.took(Branch::kChannelReplayed), 1U);
}

TEST_F(MailboxShardTest, AnAckAboveWhatWasOfferedIsCutShort) {
  for (std::uint64_t k = 1; k <= 6; ++k) fan_out(k);
  hello(1, 0);
  ack(1'000);
  EXPECT_EQ(box().acked, MailboxSeq(4));
}

TEST_F(MailboxShardTest, ALateAckOfAClosedSessionIsStillTrueAndTheDeviceIsToldToSayHello) {
  fan_out(1);
  hello(1, 0);
  close();
  ack(1);
  EXPECT_EQ(box().acked, MailboxSeq(1));
  EXPECT_EQ(ticks().delivered_upto, LogPos(1));
  EXPECT_FALSE(bench_.sent<Evict>().empty());
}

TEST_F(MailboxShardTest, ARepeatedHelloGetsTheSameWelcomeAndAStaleOneIsTold) {
  hello(2, 0);
  const SessionEpoch epoch = box().epoch;
  hello(2, 0);
  EXPECT_EQ(box().epoch, epoch);
  EXPECT_EQ(bench_.sent<Welcome>().size(), 2U);
  hello(1, 0);
  hello(2, 0, 6);
  EXPECT_EQ(bench_.sent<HelloStale>().size(), 2U);
  EXPECT_EQ(box().epoch, epoch);
}

TEST_F(MailboxShardTest, ADeviceWhoseDiskWentBackNeedsANewIncarnation) {
  fan_out(1);
  hello(1, 0);
  ack(1);
  hello(2, 0);
  EXPECT_EQ(bench_.sent<HelloStale>().size(), 1U);
}

TEST_F(MailboxShardTest, WhatWasNeverOfferedExpiresIntoATombstoneAndADeadLetter) {
  fan_out(1);
  bench_.advance(30 * 24h + 2min);
  ASSERT_EQ(bench_.noted<Settled>().size(), 1U);
  EXPECT_EQ(bench_.noted<Settled>()[0].cause, Cause::kExpired);
  EXPECT_EQ(bench_.store.count(Table::kDeadLetter), 1U);
  EXPECT_EQ(box().tail, MailboxSeq(1));
  hello(1, 0);
  ASSERT_EQ(bench_.sent<Data>().size(), 1U);
  EXPECT_EQ(bench_.sent<Data>()[0].cause, Cause::kExpired);
  ack(1);
  EXPECT_EQ(ticks().delivered_upto, LogPos{});
  EXPECT_EQ(level_of(ticks(), LogPos(1), LogPos(1)), Level::kFailed);
}

TEST_F(MailboxShardTest, WhatWasOfferedDoesNotExpireUntilAHelloSaysItWasNotApplied) {
  fan_out(1);
  hello(1, 0);
  close();
  bench_.advance(30 * 24h + 2min);
  EXPECT_TRUE(bench_.noted<Settled>().empty());
  hello(2, 0);
  ASSERT_EQ(bench_.noted<Settled>().size(), 1U);
  EXPECT_EQ(bench_.took(Branch::kExpiredInHello), 1U);
}

TEST_F(MailboxShardTest, WhatWasOfferedAndAppliedIsDeliveredHoweverLateTheHello) {
  fan_out(1);
  hello(1, 0);
  close();
  bench_.advance(30 * 24h + 2min);
  hello(2, 1);
  EXPECT_TRUE(bench_.noted<Settled>().empty());
  EXPECT_EQ(ticks().delivered_upto, LogPos(1));
}

TEST_F(MailboxShardTest, DoubtSettlesAsUnconfirmedAndAHelloCorrectsItEitherWay) {
  for (const std::uint64_t cursor : {0U, 1U}) {
    SCOPED_TRACE(cursor);
    fan_out(cursor + 1);
    hello(10 * cursor + 1, cursor * box().acked.value());
    close();
    bench_.forget();
    bench_.advance(31 * 24h + 2min);
    ASSERT_EQ(bench_.noted<Settled>().size(), 1U);
    EXPECT_EQ(bench_.noted<Settled>()[0].cause, Cause::kUnconfirmed);
    hello(10 * cursor + 2, cursor == 0 ? 0 : box().tail.value());
    if (cursor == 0) {
      ASSERT_EQ(bench_.noted<Settled>().size(), 2U);
      EXPECT_EQ(bench_.noted<Settled>()[1].cause, Cause::kExpired);
      ack(1);
    } else {
      EXPECT_EQ(bench_.noted<Corrected>().size(), 1U);
      EXPECT_EQ(level_of(ticks(), LogPos(2), LogPos(2)), Level::kDelivered);
    }
  }
}

TEST_F(MailboxShardTest, AWallClockThatJumps31DaysExpiresNothing) {
  fan_out(1);
  bench_.wall += 31 * 24h;
  bench_.advance(10min);
  EXPECT_TRUE(bench_.noted<Settled>().empty());
}

TEST_F(MailboxShardTest, AFullMailboxTurnsTheNextEntryIntoATombstoneAndSaysSo) {
  for (std::uint64_t k = 1; k <= 21; ++k) fan_out(k);
  ASSERT_EQ(bench_.noted<Settled>().size(), 1U);
  EXPECT_EQ(bench_.noted<Settled>()[0].cause, Cause::kOverCapacity);
  EXPECT_EQ(box().tail, MailboxSeq(21));
}

TEST_F(MailboxShardTest, ASessionOfBeforeARestartIsClosedWhenSomethingArrives) {
  hello(1, 0);
  const SessionEpoch before = box().epoch;
  bench_.restart(initial(), Start{LeaseEpoch(2), bench_.now, 0});
  bench_.forget();
  fan_out(1);
  EXPECT_GT(box().epoch, before);
  EXPECT_FALSE(box().session_open);
  ASSERT_EQ(bench_.sent<Evict>().size(), 1U);
  EXPECT_EQ(bench_.sent<Evict>()[0].epoch, before);
  EXPECT_EQ(bench_.sent<WakeUp>().size(), 1U);
}

TEST_F(MailboxShardTest, ASilentConsumerIsGivenThreeRedeliveriesAndThenCut) {
  fan_out(1);
  hello(1, 0);
  bench_.advance(35s);
  EXPECT_EQ(bench_.took(Branch::kRedelivered), 2U);
  EXPECT_EQ(bench_.took(Branch::kSlowConsumerCut), 1U);
  EXPECT_FALSE(box().session_open);
}

TEST_F(MailboxShardTest, ATickIsKeptUntilThatVeryVersionIsAcknowledged) {
  hello(1, 0);
  TickRegister value;
  raise_delivered(value, LogPos(3));
  const Address other{Role::kMailbox, 0, ConnectionId{}};
  bench_.arrive(other,
                ChannelEntry{other, bench_.state.self, ChannelSeq(1),
                             RegisterUpdate{kChat, {kBobUser, kBob, kFirst}, DeviceId(1), value}});
  ASSERT_EQ(bench_.sent<Tick>().size(), 1U);
  bench_.arrive(kGateway, TickAck{kBob, kBobUser, kChat, DeviceId(1), TickVersion(7)});
  EXPECT_EQ(bench_.store.count(Table::kTickSlot), 1U);
  bench_.arrive(kGateway, TickAck{kBob, kBobUser, kChat, DeviceId(1), TickVersion(1)});
  EXPECT_EQ(bench_.store.count(Table::kTickSlot), 0U);
}

TEST_F(MailboxShardTest, ReinstallRetiresWhatWaitsAndTellsTheConversations) {
  for (std::uint64_t k = 1; k <= 6; ++k) fan_out(k);
  hello(1, 0);  // 1..4 are in doubt from now on
  bench_.arrive(kGateway, Register{kBob, kBobUser, 100});
  ASSERT_EQ(bench_.noted<Settled>().size(), 6U);
  EXPECT_EQ(bench_.noted<Settled>()[3].cause, Cause::kUnconfirmed);
  EXPECT_EQ(bench_.noted<Settled>()[4].cause, Cause::kRetired);
  EXPECT_EQ(bench_.noted<Retired>().size(), 1U);
  ASSERT_EQ(bench_.sent<Registered>().size(), 1U);
  EXPECT_EQ(bench_.sent<Registered>()[0].incarnation, Incarnation(2));
  EXPECT_EQ(box().tail, MailboxSeq{});
  bench_.arrive(kGateway, Register{kBob, kBobUser, 100});  // asked again: the same answer
  EXPECT_EQ(bench_.sent<Registered>().size(), 2U);
  fan_out(7);  // still for the old installation
  EXPECT_EQ(bench_.noted<Settled>().back().cause, Cause::kRetired);
  EXPECT_EQ(box().tail, MailboxSeq{});
}

}  // namespace
}  // namespace greytick::model
