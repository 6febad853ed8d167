// What becomes of entries that are too old, or too many.
#include <gtest/gtest.h>

#include "tests/model/mailbox_bench.h"

namespace greytick::model {
namespace {

using namespace model::literals;  // NOLINT(google-build-using-namespace): literals alone.

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

}  // namespace
}  // namespace greytick::model
