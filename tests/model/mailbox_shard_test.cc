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
constexpr MemberNumber kAlices(1);
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
  // Days pass, and what the shard wrote into its channels has arrived.
  void advance(Duration by) {
    for (const Role role : {Role::kMailbox, Role::kConversation}) {
      const Address target{role, 0, ConnectionId{}};
      if (const auto* row = bench_.store.find<ChannelOut>(channel_out_key(target))) {
        bench_.arrive(target, ChannelAck{bench_.state.self, target, row->last});
      }
    }
    bench_.advance(by);
  }
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

// What was offered is in doubt to the last: a retirement in several steps does not forget it.
TEST_F(MailboxShardTest, ARetirementInStepsKeepsTheDoubtOfALargeWindow) {
  bench_.state.config.window = 300;
  bench_.state.config.mailbox_max = 1000;
  hello(1, 0);
  for (std::uint64_t k = 1; k <= 310; ++k) fan_out(k);
  ASSERT_EQ(bench_.sent<Data>().size(), 300U);
  bench_.arrive(kGateway, Register{kBob, kBobUser, 100});
  const auto cause_of = [&](std::uint64_t mseq) {
    return bench_.store.find<DeadLetter>(mailbox_steps::dead_letter_key(kBob, kFirst, mseq))->cause;
  };
  EXPECT_EQ(box().incarnation, kFirst.next());
  for (const std::uint64_t mseq : {1U, 256U, 257U, 300U}) {
    EXPECT_EQ(cause_of(mseq), Cause::kUnconfirmed) << mseq;
  }
  EXPECT_EQ(cause_of(301), Cause::kRetired);
}

TEST_F(MailboxShardTest, TheWindowIsBoundedInBytesTooAndAcksMakeRoom) {
  bench_.state.config.deliver_bytes = 250;  // two entries of 106
  for (std::uint64_t k = 1; k <= 4; ++k) fan_out(k);
  hello(1, 0);
  EXPECT_EQ(bench_.sent<Data>().size(), 2U);
  fan_out(5);
  EXPECT_EQ(bench_.sent<Data>().size(), 2U);
  ack(1);
  ASSERT_EQ(bench_.sent<Data>().size(), 3U);
  EXPECT_EQ(bench_.sent<Data>()[2].mseq, MailboxSeq(3));
  ack(3);
  EXPECT_EQ(bench_.sent<Data>().size(), 5U);
  ack(5);
  fan_out(6);
  fan_out(7);
  fan_out(8);  // comes live, and does not fit
  EXPECT_EQ(bench_.sent<Data>().size(), 7U);
}

TEST_F(MailboxShardTest, AnEntryLargerThanTheBoundGoesAlone) {
  bench_.state.config.deliver_bytes = 50;
  fan_out(1);
  fan_out(2);
  hello(1, 0);
  ASSERT_EQ(bench_.sent<Data>().size(), 1U);
  ack(1);
  ASSERT_EQ(bench_.sent<Data>().size(), 2U);
  EXPECT_EQ(bench_.sent<Data>()[1].mseq, MailboxSeq(2));
}

TEST_F(MailboxShardTest, ARedeliveryAndALateAckLeaveTheBytesRight) {
  bench_.state.config.deliver_bytes = 250;
  for (std::uint64_t k = 1; k <= 4; ++k) fan_out(k);
  hello(1, 0);
  advance(bench_.state.config.redeliver_after);  // a look: nothing was acknowledged
  ASSERT_EQ(bench_.sent<Data>().size(), 4U);
  EXPECT_EQ(bench_.sent<Data>()[3].mseq, MailboxSeq(2));
  ack(4);  // the window was offered as far as anybody knows, so this is taken as said
  EXPECT_EQ(bench_.state.sessions.at(kBob).unacked_bytes, 0U);
  fan_out(5);
  fan_out(6);
  EXPECT_EQ(bench_.sent<Data>().back().mseq, MailboxSeq(6));
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
  advance(30 * 24h + 2min);
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
  advance(30 * 24h + 2min);
  EXPECT_TRUE(bench_.noted<Settled>().empty());
  hello(2, 0);
  ASSERT_EQ(bench_.noted<Settled>().size(), 1U);
  EXPECT_EQ(bench_.took(Branch::kExpiredInHello), 1U);
}

TEST_F(MailboxShardTest, WhatWasOfferedAndAppliedIsDeliveredHoweverLateTheHello) {
  fan_out(1);
  hello(1, 0);
  close();
  advance(30 * 24h + 2min);
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
    advance(31 * 24h + 2min);
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
  advance(10min);
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
  advance(35s);
  EXPECT_EQ(bench_.took(Branch::kRedelivered), 2U);
  EXPECT_EQ(bench_.took(Branch::kSlowConsumerCut), 1U);
  EXPECT_FALSE(box().session_open);
}

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

TEST_F(MailboxShardTest, ANewMessageIsPushedAgainThoughAnEarlierPushWentUnheard) {
  fan_out(1);
  advance(3h);
  bench_.forget();
  fan_out(2);
  EXPECT_EQ(bench_.sent<WakeUp>().size(), 1U);
  fan_out(3);
  EXPECT_EQ(bench_.sent<WakeUp>().size(), 1U);
}

TEST_F(MailboxShardTest, WithAnOpenSessionOnlyWhatLiesBeyondTheWindowExpires) {
  for (std::uint64_t k = 1; k <= 6; ++k) fan_out(k);
  advance(30 * 24h - 10s);
  hello(1, 0);  // 1..4 are offered
  advance(2min + 10s);
  ASSERT_EQ(bench_.noted<Settled>().size(), 2U);
  EXPECT_EQ(bench_.noted<Settled>()[0].mseq, MailboxSeq(5));
  EXPECT_EQ(bench_.noted<Settled>()[1].mseq, MailboxSeq(6));
  EXPECT_EQ(ticks().failed.size(), 1U);
}

TEST_F(MailboxShardTest, OverCapacityDoesNotTouchTheTickOfAMessageThatStillWaits) {
  for (std::uint64_t k = 1; k <= 21; ++k) fan_out(k);  // 21 does not fit
  hello(1, 0);
  ack(1);
  fan_out(22);
  EXPECT_EQ(bench_.store.find<Entry>(entry_key(kBob, MailboxSeq(22)))->cause, Cause::kOverCapacity);
  ack(4);
  fan_out(23);
  ack(8);
  for (std::uint64_t k = 24; k <= 31; ++k) fan_out(k);
  for (const std::uint64_t k : {23U, 25U}) {
    EXPECT_EQ(level_of(ticks(), LogPos(k), LogPos(31)), Level::kSent) << k;
  }
  EXPECT_EQ(level_of(ticks(), LogPos(31), LogPos(31)), Level::kFailed);
  EXPECT_EQ(level_of(ticks(), LogPos(22), LogPos(31)), Level::kFailed);
}

TEST_F(MailboxShardTest, AnExpiredNeighbourDoesNotTouchTheTickOfAMessageInDoubt) {
  fan_out(1);
  advance(30 * 24h + 2min);  // 1 expires
  fan_out(2);
  hello(1, 0);
  close();  // the tombstone and 2 were offered
  fan_out(3);
  advance(30 * 24h + 2min);  // 3 expires
  EXPECT_EQ(bench_.noted<Settled>().back().message.position, LogPos(3));
  EXPECT_EQ(level_of(ticks(), LogPos(2), LogPos(3)), Level::kSent);
  hello(2, 2);
  EXPECT_EQ(level_of(ticks(), LogPos(2), LogPos(3)), Level::kDelivered);
}

TEST_F(MailboxShardTest, ManyMessagesExpireInBoundedStepsAndOneInterval) {
  bench_.state.config.mailbox_max = 1'000;
  for (std::uint64_t k = 1; k <= 600; ++k) fan_out(k);
  advance(30 * 24h + 2min);
  EXPECT_EQ(bench_.noted<Settled>().size(), 600U);
  EXPECT_EQ(bench_.store.count(Table::kDeadLetter), 600U);
  ASSERT_EQ(ticks().failed.size(), 1U);
  EXPECT_EQ(ticks().failed[0], (FailedInterval{LogPos(1), LogPos(600), Cause::kExpired}));
  EXPECT_EQ(box().due_bucket, 0U);
}

TEST_F(MailboxShardTest, AReinstallWithMuchWaitingIsRetiredInBoundedSteps) {
  bench_.state.config.mailbox_max = 1'000;
  for (std::uint64_t k = 1; k <= 600; ++k) fan_out(k);
  hello(1, 0);
  bench_.arrive(kGateway, Register{kBob, kBobUser, 100});
  const auto settled = bench_.noted<Settled>();
  ASSERT_EQ(settled.size(), 600U);
  for (std::size_t i = 0; i < settled.size(); ++i) {
    EXPECT_EQ(settled[i].cause, i < 4 ? Cause::kUnconfirmed : Cause::kRetired) << i;
  }
  EXPECT_EQ(bench_.store.count(Table::kEntry), 0U);
  ASSERT_EQ(bench_.sent<ChannelEntry>().back().target.role, Role::kConversation);
  ASSERT_EQ(bench_.sent<Registered>().size(), 1U);
  EXPECT_EQ(bench_.sent<Registered>()[0].incarnation, Incarnation(2));
}

// The store of a shard that crashed between two steps of retiring.
TEST_F(MailboxShardTest, ARetirementThatACrashInterruptedGoesOnByItself) {
  for (std::uint64_t k = 1; k <= 3; ++k) fan_out(k);
  Mailbox m = box();
  m.install_id = 100;
  m.retiring = true;
  bench_.store.put(mailbox_key(kBob), m);
  bench_.restart(initial(), Start{LeaseEpoch(2), bench_.now, 0});
  EXPECT_EQ(bench_.noted<Retired>().size(), 1U);
  EXPECT_EQ(box().incarnation, Incarnation(2));
}

TEST_F(MailboxShardTest, ARegistrationThatACrashInterruptedIsAnsweredWhereTheDeviceIsNow) {
  Mailbox m = box();  // nothing waits, so no due row leads here
  m.install_id = 100;
  m.retiring = true;
  bench_.store.put(mailbox_key(kBob), m);
  const Address elsewhere{Role::kGateway, 4, ConnectionId{}};
  bench_.arrive(elsewhere, Register{kBob, kBobUser, 100});
  ASSERT_EQ(bench_.sent<Registered>().size(), 1U);
  EXPECT_EQ(bench_.sends.back().to, elsewhere);
}

TEST_F(MailboxShardTest, ADeviceThatKeepsSilentIsToldAfterARestartThatSomethingWaits) {
  hello(1, 0);
  const SessionEpoch before = box().epoch;
  fan_out(1);
  bench_.forget();
  bench_.restart(initial(), Start{LeaseEpoch(2), bench_.now, 0});
  ASSERT_EQ(bench_.sent<Evict>().size(), 1U);
  EXPECT_EQ(bench_.sent<Evict>()[0].epoch, before);
  EXPECT_EQ(bench_.sent<WakeUp>().size(), 1U);
  EXPECT_FALSE(box().session_open);
}

TEST_F(MailboxShardTest, APhoneThatIsOffIsAskedForAgainAfterARestartButNotAtOnce) {
  fan_out(1);
  bench_.restart(initial(), Start{LeaseEpoch(2), bench_.now, 0});
  bench_.forget();
  bench_.step(Posted{Chore::kOffer, kBob.value()});
  EXPECT_TRUE(bench_.sent<WakeUp>().empty());
  advance(6h + 1min);
  EXPECT_FALSE(bench_.sent<WakeUp>().empty());
}

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

TEST_F(MailboxShardTest, ReadIsAnAckFirstAndIsRepeatedHarmlessly) {
  fan_out(1);
  hello(1, 0);
  Read read{kBob, kBobUser, kFirst, box().epoch, MailboxSeq(1), kChat, LogPos(1), {}};
  read.senders.push_back({UserId(1), DeviceId(1), kFirst});
  bench_.arrive(kGateway, read);
  EXPECT_EQ(box().acked, MailboxSeq(1));
  EXPECT_EQ(ticks().read_upto, LogPos(1));
  const TickVersion version = ticks().version;
  bench_.arrive(kGateway, read);
  EXPECT_EQ(ticks().version, version);
  EXPECT_EQ(bench_.sent<ReadAck>().size(), 2U);
}

TEST_F(MailboxShardTest, ATombstoneKeepsItsPlaceAndNoContent) {
  fan_out(1);
  advance(30 * 24h + 2min);
  const auto* entry = bench_.store.find<Entry>(entry_key(kBob, MailboxSeq(1)));
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->message.content, Ciphertext{});
  EXPECT_EQ(bench_.store.find<DeadLetter>(mailbox_steps::dead_letter_key(kBob, kFirst, 1))
                ->message.content.bytes,
            10U);
}

TEST_F(MailboxShardTest, ALiveSessionIsNotHandedMoreThanTheWindow) {
  hello(1, 0);
  for (std::uint64_t k = 1; k <= 6; ++k) fan_out(k);
  EXPECT_EQ(bench_.sent<Data>().size(), 4U);
  ack(1);
  ASSERT_EQ(bench_.sent<Data>().size(), 5U);
  EXPECT_EQ(bench_.sent<Data>()[4].mseq, MailboxSeq(5));
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
