#include "model/clock_guard.h"

#include <gtest/gtest.h>

namespace greytick::model {
namespace {

using namespace literals;

constexpr Instant kStore = Instant{} + 1000h;
constexpr Instant kStart = Instant{} + 5s;

TEST(ClockGuard, FollowsAWallClockThatDriftsNoMoreThanNtpAllows) {
  const ClockGuard guard(kStore, kStart);
  EXPECT_EQ(guard.read(kStore + 2000s + 900ms, kStart + 2000s), kStore + 2000s + 900ms);
  EXPECT_EQ(guard.read(kStore + 2000s - 900ms, kStart + 2000s), kStore + 2000s - 900ms);
}

TEST(ClockGuard, AJumpOfAMonthMovesItByTheBandOnly) {
  const ClockGuard guard(kStore, kStart);
  EXPECT_EQ(guard.read(kStore + 744h, kStart + 2000s), kStore + 2001s);
  EXPECT_EQ(guard.read(kStore - 744h, kStart + 2000s), kStore + 1999s);
  EXPECT_TRUE(guard.jumped(kStore + 744h, kStart + 2000s));
  EXPECT_TRUE(guard.jumped(kStore - 744h, kStart + 2000s));
}

TEST(ClockGuard, KnowsNothingButTheStoreAtItsStart) {
  const ClockGuard guard(kStore, kStart);
  EXPECT_EQ(guard.read(kStore + 1ms, kStart), kStore);
  EXPECT_EQ(guard.read(Instant::max(), kStart), kStore);
}

TEST(ClockGuard, TheSkewThatMachinesHaveIsNoJump) {
  const ClockGuard guard(kStore, kStart);
  EXPECT_FALSE(guard.jumped(kStore + 900ms, kStart));
  EXPECT_FALSE(guard.jumped(kStore - 900ms, kStart));
  EXPECT_TRUE(guard.jumped(kStore + 1100ms, kStart));
}

}  // namespace
}  // namespace greytick::model
