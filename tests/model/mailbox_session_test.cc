// HELLO and WELCOME, and which acknowledgements are believed.
#include <gtest/gtest.h>

#include "tests/model/mailbox_bench.h"

namespace greytick::model {
namespace {

using namespace model::literals;  // NOLINT(google-build-using-namespace): literals alone.

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

}  // namespace
}  // namespace greytick::model
