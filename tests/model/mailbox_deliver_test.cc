// What waits, what is offered, and when a push is asked for.
#include <gtest/gtest.h>

#include "tests/model/mailbox_bench.h"

namespace greytick::model {
namespace {

using namespace model::literals;  // NOLINT(google-build-using-namespace): literals alone.

TEST_F(MailboxShardTest, OfflineMessagesWaitAndAPushIsAskedForOnce) {
  fan_out(1);
  fan_out(2);
  EXPECT_EQ(box().tail, MailboxSeq(2));
  EXPECT_EQ(bench_.sent<WakeUp>().size(), 1U);
  EXPECT_TRUE(bench_.sent<Data>().empty());
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

TEST_F(MailboxShardTest, AFullMailboxTurnsTheNextEntryIntoATombstoneAndSaysSo) {
  for (std::uint64_t k = 1; k <= 21; ++k) fan_out(k);
  ASSERT_EQ(bench_.noted<Settled>().size(), 1U);
  EXPECT_EQ(bench_.noted<Settled>()[0].cause, Cause::kOverCapacity);
  EXPECT_EQ(box().tail, MailboxSeq(21));
}

TEST_F(MailboxShardTest, ASilentConsumerIsGivenThreeRedeliveriesAndThenCut) {
  fan_out(1);
  hello(1, 0);
  advance(35s);
  EXPECT_EQ(bench_.took(Branch::kRedelivered), 2U);
  EXPECT_EQ(bench_.took(Branch::kSlowConsumerCut), 1U);
  EXPECT_FALSE(box().session_open);
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

TEST_F(MailboxShardTest, ALiveSessionIsNotHandedMoreThanTheWindow) {
  hello(1, 0);
  for (std::uint64_t k = 1; k <= 6; ++k) fan_out(k);
  EXPECT_EQ(bench_.sent<Data>().size(), 4U);
  ack(1);
  ASSERT_EQ(bench_.sent<Data>().size(), 5U);
  EXPECT_EQ(bench_.sent<Data>()[4].mseq, MailboxSeq(5));
}

}  // namespace
}  // namespace greytick::model
