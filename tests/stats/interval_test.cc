#include "sim/stats/interval.h"

#include <array>

#include <gtest/gtest.h>

namespace greytick::stats {
namespace {

// Student's own example: additional hours of sleep, ten patients; t(9) at 97.5 % is 2.262157.
TEST(StudentInterval, AnswersTheSleepDataAsPrintedInTextbooks) {
  constexpr std::array kHours = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
  const auto interval = student_interval(kHours);
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->mean, 2.33, 1e-12);
  EXPECT_NEAR(interval->half_width, 1.4323225, 1e-6);
}

TEST(StudentInterval, OneSampleSaysNothingAboutSpread) {
  constexpr std::array kOne = {1.0};
  EXPECT_FALSE(student_interval(kOne));
}

TEST(StudentInterval, EqualSamplesLeaveNoWidth) {
  constexpr std::array kSame = {3.0, 3.0, 3.0};
  EXPECT_DOUBLE_EQ(student_interval(kSame)->half_width, 0.0);
}

// The two columns of the same data: hours gained with each of two drugs, by the same ten patients.
// Their difference is 1.58 with 0.70 to 2.46, though each alone varies by hours.
TEST(PairedDifference, LeavesOutWhatBothSamplesShare) {
  constexpr std::array kDextro = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
  constexpr std::array kLaevo = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
  const auto interval = paired_difference(kDextro, kLaevo);
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->mean, 1.58, 1e-12);
  EXPECT_NEAR(interval->half_width, 0.8798860, 1e-6);
}

}  // namespace
}  // namespace greytick::stats
