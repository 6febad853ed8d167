#include "sim/results/text.h"

#include <gtest/gtest.h>

#include "sim/results/exit_code.h"

namespace greytick::results {
namespace {

using namespace model::literals;

TEST(Text, DurationsHaveThreeDigitsAndOneUnit) {
  struct Case {
    model::Duration duration;
    const char* text;
  };
  for (const Case& c : {Case{0ns, "0"}, Case{71ms, "71.0 ms"}, Case{1910ms, "1.91 s"},
                        Case{100s, "100 s"}, Case{246s, "4.10 min"}, Case{31 * 24h, "31.0 d"},
                        Case{-5ms, "-5.00 ms"}, Case{17ns, "17.0 ns"}}) {
    EXPECT_EQ(human_duration(c.duration), c.text);
  }
}

TEST(Text, DigitsStandInGroupsOfThree) {
  EXPECT_EQ(group_digits(0), "0");
  EXPECT_EQ(group_digits(999), "999");
  EXPECT_EQ(group_digits(1000), "1,000");
  EXPECT_EQ(group_digits(1199406), "1,199,406");
}

TEST(Text, ClockGrowsWithTheTime) {
  EXPECT_EQ(clock_text(model::from_ns(247'312'000'000)), "04:07.312");
  EXPECT_EQ(clock_text(model::from_ns(3600'000'000'000)), "01:00:00.000");
  EXPECT_EQ(clock_text(model::Instant{} + 9 * 24h + 20h), "9d 20:00:00.000");
}

TEST(ExitCode, TheFirstOfTheOrderWins) {
  const auto worst = [](std::initializer_list<int> codes) {
    return worst_exit_code(std::span(codes.begin(), codes.size()));
  };
  EXPECT_EQ(worst({}), 0);
  EXPECT_EQ(worst({0, 75}), 75);
  EXPECT_EQ(worst({75, 130}), 130);
  EXPECT_EQ(worst({130, 2}), 2);
  EXPECT_EQ(worst({2, 4}), 4);
  EXPECT_EQ(worst({4, 3}), 3);
  EXPECT_EQ(worst({3, 1}), 1);
  EXPECT_EQ(worst({1, 5}), 5);
  EXPECT_EQ(worst({5, 70}), 70);
}

}  // namespace
}  // namespace greytick::results
