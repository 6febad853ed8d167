#include "sim/results/histogram.h"

#include <cstdint>

#include <gtest/gtest.h>

namespace greytick::results {
namespace {

TEST(Histogram, SmallValuesAreExact) {
  for (std::int64_t v = 0; v < 2048; ++v) {
    const std::size_t i = Histogram::index_of(v);
    EXPECT_EQ(Histogram::lowest_of(i), v);
    EXPECT_EQ(Histogram::highest_of(i), v);
  }
}

TEST(Histogram, EveryValueLiesInItsBucketWithinATenthOfAPercent) {
  for (std::int64_t v = 1; v < Histogram::kMax; v = v * 17 / 16 + 1) {
    const std::size_t i = Histogram::index_of(v);
    ASSERT_LE(Histogram::lowest_of(i), v);
    ASSERT_GE(Histogram::highest_of(i), v);
    ASSERT_LE(static_cast<double>(Histogram::highest_of(i) - Histogram::lowest_of(i)),
              static_cast<double>(v) / 1000.0);
    ASSERT_EQ(Histogram::index_of(Histogram::highest_of(i) + 1), i + 1);
  }
}

TEST(Histogram, QuantilesOfOneToAThousand) {
  Histogram h;
  for (std::int64_t v = 1; v <= 1000; ++v) h.record(v);
  EXPECT_EQ(h.quantile(0.5), 500);
  EXPECT_EQ(h.quantile(0.99), 990);
  EXPECT_EQ(h.quantile(0.999), 999);
  EXPECT_EQ(h.quantile(1.0), 1000);
  EXPECT_DOUBLE_EQ(h.mean(), 500.5);
}

TEST(Histogram, MergingEqualsRecordingAll) {
  Histogram a, b, all;
  for (std::int64_t v = 1; v < 5'000'000; v = v * 3 + 1) {
    (v % 2 == 0 ? a : b).record(v);
    all.record(v);
  }
  a.merge(b);
  EXPECT_EQ(a, all);
}

TEST(Histogram, AnEmptyOneHasNoQuantile) { EXPECT_FALSE(Histogram{}.quantile(0.5)); }

// Kaplan and Meier by hand: deaths at 1, 3 and 5, losses at 2 and 4.
// S(1) = 4/5, S(3) = 4/5 * 2/3 = 8/15, S(5) = 0.
TEST(Censored, IsTheProductLimitEstimate) {
  Censored c;
  c.ended.record(1);
  c.open.record(2);
  c.ended.record(3);
  c.open.record(4);
  c.ended.record(5);
  EXPECT_EQ(c.quantile(0.2), 1);
  EXPECT_EQ(c.quantile(0.4), 3);
  EXPECT_EQ(c.quantile(0.5), 5);
  EXPECT_EQ(c.quantile(0.9), 5);
}

TEST(Censored, SurvivorsHideTheTail) {
  Censored c;
  c.ended.record(10, 90);
  c.open.record(1000, 10);
  EXPECT_EQ(c.quantile(0.9), 10);
  EXPECT_FALSE(c.quantile(0.95));
  EXPECT_DOUBLE_EQ(c.open_share(), 0.1);
}

}  // namespace
}  // namespace greytick::results
