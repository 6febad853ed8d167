#include "model/time.h"

#include <cstdint>
#include <limits>
#include <type_traits>

#include <gtest/gtest.h>

namespace greytick::model {
namespace {

using namespace literals;

template <class Clock>
concept HasNow = requires { Clock::now(); };

static_assert(!HasNow<PipelineClock>, "a machine must not be able to read the clock");
static_assert(HasNow<std::chrono::steady_clock>, "the concept must be able to fail");
static_assert(!std::is_convertible_v<std::int64_t, Duration>);
static_assert(!std::is_convertible_v<Duration, Instant>);

TEST(Time, CountsIntegerNanoseconds) {
  EXPECT_EQ(Duration{80ms}.count(), 80'000'000);
  EXPECT_EQ(to_ns(Instant{} + 1s), 1'000'000'000);
  EXPECT_EQ(from_ns(to_ns(Instant{} + 7ns)), Instant{} + 7ns);
  EXPECT_EQ((Instant{} + 90s) - (Instant{} + 30s), 1min);
}

TEST(Time, SaturatingAddIsPlainAdditionInRange) {
  EXPECT_EQ(saturating_add(Instant{} + 1s, 2s), Instant{} + 3s);
  EXPECT_EQ(saturating_add(Instant{} + 3s, -2s), Instant{} + 1s);
}

TEST(Time, SaturatingAddStopsAtTheEnds) {
  EXPECT_EQ(saturating_add(Instant::max() - 1ns, 1h), Instant::max());
  EXPECT_EQ(saturating_add(Instant::min() + 1ns, -1h), Instant::min());
  EXPECT_EQ(saturating_add(Instant{}, Duration::max()), Instant::max());
}

TEST(Time, NeverDoesNotComeNearer) {
  EXPECT_EQ(saturating_add(kNever, -24h), kNever);
  EXPECT_EQ(saturating_add(kNever, 24h), kNever);
}

TEST(Time, SaturatingSubStopsAtTheEnds) {
  EXPECT_EQ(saturating_sub(Instant{} + 3s, Instant{} + 1s), Duration{2s});
  EXPECT_EQ(saturating_sub(kNever, Instant::min()), Duration::max());
  EXPECT_EQ(saturating_sub(Instant::min(), kNever), Duration::min());
}

}  // namespace
}  // namespace greytick::model
