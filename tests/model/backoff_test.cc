#include "model/backoff.h"

#include <algorithm>
#include <cstdint>

#include <gtest/gtest.h>

#include "model/draw.h"

namespace greytick::model {
namespace {

using namespace literals;

constexpr std::uint64_t kMost = ~std::uint64_t{0};

BackoffPolicy policy(Jitter jitter) {
  return {.jitter = jitter, .base = 1s, .factor_permille = 2000, .max = 30s};
}

TEST(Draw, CoversTheWholeSpanAndNoMore) {
  EXPECT_EQ(uniform_upto(0, 10s), 0s);
  EXPECT_EQ(uniform_upto(kMost, 10s), 10s);
  EXPECT_EQ(uniform_upto(kMost / 2, 10s), 5s);
  EXPECT_EQ(uniform_upto(kMost, 0s), 0s);
}

TEST(Draw, GivesDifferentBitsToDifferentUses) { EXPECT_NE(derive(7, 1), derive(7, 2)); }

TEST(Backoff, WithoutJitterDoublesUpToTheCap) {
  Backoff backoff;
  for (const Duration wait : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
    EXPECT_EQ(backoff.next(policy(Jitter::kNone), 12345), wait);
  }
}

TEST(Backoff, StaysCappedAfterAWeekOfFailures) {
  Backoff backoff;
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_LE(backoff.next(policy(Jitter::kNone), 0), Duration{30s});
  }
}

TEST(Backoff, EqualJitterKeepsHalf) {
  Backoff low, high;
  for (const Duration cap : {1s, 2s, 4s}) {
    EXPECT_EQ(low.next(policy(Jitter::kEqual), 0), cap / 2);
    EXPECT_EQ(high.next(policy(Jitter::kEqual), kMost), cap);
  }
}

TEST(Backoff, FullJitterUsesTheWholeSpan) {
  Backoff low, high;
  for (const Duration cap : {1s, 2s, 4s}) {
    EXPECT_EQ(low.next(policy(Jitter::kFull), 0), 0s);
    EXPECT_EQ(high.next(policy(Jitter::kFull), kMost), cap);
  }
}

TEST(Backoff, DecorrelatedJitterTriplesTheLastWaitAtMost) {
  Backoff backoff;
  EXPECT_EQ(backoff.next(policy(Jitter::kDecorrelated), kMost), 3s);
  EXPECT_EQ(backoff.next(policy(Jitter::kDecorrelated), kMost), 9s);
  EXPECT_EQ(backoff.next(policy(Jitter::kDecorrelated), kMost), 27s);
  EXPECT_EQ(backoff.next(policy(Jitter::kDecorrelated), kMost), 30s);
  EXPECT_EQ(backoff.next(policy(Jitter::kDecorrelated), 0), 1s);
}

TEST(Backoff, SpreadsTheFirstAttemptOnly) {
  BackoffPolicy spread = policy(Jitter::kNone);
  spread.initial_spread = 60s;
  Backoff backoff;
  EXPECT_EQ(backoff.next(spread, kMost), 60s);
  EXPECT_EQ(backoff.next(spread, kMost), 2s);
}

TEST(Backoff, ForgetsOnReset) {
  Backoff backoff;
  for (int i = 0; i < 5; ++i) (void)backoff.next(policy(Jitter::kNone), 0);
  backoff.reset();
  EXPECT_EQ(backoff.next(policy(Jitter::kNone), 0), 1s);
}

TEST(Backoff, AFactorOfOneNeverGrows) {
  BackoffPolicy flat = policy(Jitter::kNone);
  flat.factor_permille = 1000;
  Backoff backoff;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(backoff.next(flat, 0), 1s);
}

}  // namespace
}  // namespace greytick::model
