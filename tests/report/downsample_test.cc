#include "sim/report/downsample.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace greytick::report {
namespace {

Curves sines(std::size_t n) {
  Curves out;
  out.curves.resize(2);
  for (std::size_t i = 0; i < n; ++i) {
    out.at.push_back(static_cast<double>(i));
    out.curves[0].emplace_back(std::sin(static_cast<double>(i) / 50.0));
    out.curves[1].push_back(i % 3 == 0 ? std::nullopt : std::optional(static_cast<double>(i)));
  }
  return out;
}

TEST(Downsample, AShortSeriesIsLeftAlone) {
  const Curves in = sines(10);
  const Curves out = downsampled(in, 10);
  EXPECT_EQ(out.at, in.at);
  EXPECT_EQ(out.curves, in.curves);
}

TEST(Downsample, PeaksAndTroughsStayAndMoveByLessThanARun) {
  Curves in = sines(100'000);
  in.curves[0][77'777] = 9.0;
  in.curves[0][12'345] = -9.0;
  const Curves out = downsampled(in, 2000);
  EXPECT_EQ(out.at.size(), 2000U);
  EXPECT_TRUE(std::ranges::is_sorted(out.at, std::ranges::less_equal()));
  const auto where = [&out](double value) {
    const auto it = std::ranges::find(out.curves[0], std::optional(value));
    return it == out.curves[0].end() ? -1.0
                                     : out.at[static_cast<std::size_t>(it - out.curves[0].begin())];
  };
  EXPECT_NEAR(where(9.0), 77'777.0, 100.0);
  EXPECT_NEAR(where(-9.0), 12'345.0, 100.0);
  // A rising curve still rises, holes or not.
  EXPECT_TRUE(std::ranges::is_sorted(out.curves[1]));
}

TEST(Downsample, ARunWithoutAnyValueStaysAHole) {
  Curves in = sines(1000);
  for (std::size_t i = 400; i < 600; ++i) in.curves[0][i] = std::nullopt;
  const Curves out = downsampled(in, 20);
  for (std::size_t i = 0; i < out.at.size(); ++i) {
    const bool hole = out.at[i] >= 400.0 && out.at[i] < 600.0;
    EXPECT_EQ(out.curves[0][i].has_value(), !hole) << out.at[i];
  }
}

TEST(Downsample, RunsCoverEveryRowOnce) {
  for (const std::size_t n : {0U, 1U, 7U, 40U, 41U, 12'345U}) {
    std::size_t next = 0;
    for (const auto& [first, last] : runs_of(n, 40)) {
      EXPECT_EQ(first, next);
      EXPECT_GT(last, first);
      next = last;
    }
    EXPECT_EQ(next, n);
    EXPECT_LE(runs_of(n, 40).size(), 40U);
  }
}

}  // namespace
}  // namespace greytick::report
