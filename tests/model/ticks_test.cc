#include "model/ticks.h"

#include <gtest/gtest.h>

namespace greytick::model {
namespace {

TEST(Ticks, MarksOnlyGrowAndEachChangeIsANewVersion) {
  TickRegister reg;
  EXPECT_TRUE(raise_delivered(reg, LogPos(5)));
  EXPECT_FALSE(raise_delivered(reg, LogPos(3)));
  EXPECT_EQ(reg.delivered_upto, LogPos(5));
  EXPECT_EQ(reg.version, TickVersion(1));
}

TEST(Ticks, ReadNeverExceedsDelivered) {
  TickRegister reg;
  EXPECT_FALSE(raise_read(reg, LogPos(4)));
  raise_delivered(reg, LogPos(2));
  EXPECT_TRUE(raise_read(reg, LogPos(4)));
  EXPECT_EQ(reg.read_upto, LogPos(2));
}

TEST(Ticks, AFailedPositionStaysFailedBelowALaterDelivery) {
  TickRegister reg;
  set_cause(reg, LogPos(2), Cause::kExpired);
  raise_delivered(reg, LogPos(3));
  EXPECT_EQ(level_of(reg, LogPos(2), LogPos(3)), Level::kFailed);
  EXPECT_EQ(level_of(reg, LogPos(3), LogPos(3)), Level::kDelivered);
  EXPECT_EQ(level_of(reg, LogPos(4), LogPos(3)), Level::kPending);
}

TEST(Ticks, NeighbouringFailuresJoin) {
  TickRegister reg;
  set_cause(reg, LogPos(1), Cause::kExpired);
  set_cause(reg, LogPos(3), Cause::kExpired, LogPos(1));  // 2 was the recipient's own
  set_cause(reg, LogPos(4), Cause::kExpired);
  set_cause(reg, LogPos(7), Cause::kExpired);
  set_cause(reg, LogPos(6), Cause::kExpired);
  ASSERT_EQ(reg.failed.size(), 2U);
  EXPECT_EQ(reg.failed[0], (FailedInterval{LogPos(1), LogPos(4), Cause::kExpired}));
  EXPECT_EQ(reg.failed[1], (FailedInterval{LogPos(6), LogPos(7), Cause::kExpired}));
  set_cause(reg, LogPos(5), Cause::kExpired);
  EXPECT_EQ(reg.failed.size(), 1U);
}

TEST(Ticks, FailuresDoNotJoinOverAMessageThatStillWaits) {
  TickRegister reg;
  set_cause(reg, LogPos(1), Cause::kOverCapacity);
  set_cause(reg, LogPos(3), Cause::kOverCapacity, LogPos(2));
  ASSERT_EQ(reg.failed.size(), 2U);
  EXPECT_EQ(level_of(reg, LogPos(2), LogPos(3)), Level::kSent);
}

TEST(Ticks, AnUnconfirmedFailureCanBeTakenBackOrMadeFinal) {
  TickRegister reg;
  for (std::uint64_t k = 1; k <= 3; ++k) set_cause(reg, LogPos(k), Cause::kUnconfirmed);
  raise_delivered(reg, LogPos(2));
  EXPECT_TRUE(set_cause(reg, LogPos(2), Cause::kNone));
  EXPECT_EQ(level_of(reg, LogPos(2), LogPos(3)), Level::kDelivered);
  EXPECT_TRUE(set_cause(reg, LogPos(3), Cause::kExpired));
  ASSERT_EQ(reg.failed.size(), 2U);
  EXPECT_EQ(reg.failed[0].to, LogPos(1));
  EXPECT_EQ(reg.failed[1].cause, Cause::kExpired);
  EXPECT_FALSE(set_cause(reg, LogPos(9), Cause::kNone));
}

}  // namespace
}  // namespace greytick::model
