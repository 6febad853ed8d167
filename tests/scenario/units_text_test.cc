// The text of dimensioned values: what is read, what is refused, and that printing is exact.
#include "sim/scenario/units_text.h"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/scenario/nearest.h"

namespace greytick::scenario {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(Units, TimesAreReadInEveryUnitAndSum) {
  struct Case {
    std::string_view text;
    Duration value;
  };
  for (const Case& c :
       {Case{"90s", seconds(90)}, Case{"10m", minutes(10)}, Case{"10 min", minutes(10)},
        Case{"9d 20h", days(9) + hours(20)}, Case{"1.5h", minutes(90)},
        Case{"9d20h", days(9) + hours(20)}, Case{"0.000001ms", nanoseconds(1)},
        Case{"-31d", -days(31)}, Case{"2m 3s 4ms", minutes(2) + milliseconds(3004)},
        Case{"0s", Duration(0)}, Case{"36500d", kDurationMax}}) {
    SCOPED_TRACE(c.text);
    const Parsed<Duration> parsed = parse_duration(c.text);
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
    EXPECT_EQ(*parsed, c.value);
  }
}

TEST(Units, WhatIsNoTimeIsRefusedAndTheRightSpellingOffered) {
  struct Case {
    std::string_view text;
    std::string_view nearest;
  };
  for (const Case& c :
       {Case{"30", "30s"}, Case{"10M", "10m"}, Case{"5 minutes", "5m"}, Case{"", ""}, Case{"s", ""},
        Case{"1h 2h", ""}, Case{"1s 5", ""}, Case{"1..5s", ""}, Case{"36501d", ""},
        Case{"0.5ns", ""}, Case{"99999999999999999999d", ""}, Case{"5s ", ""}, Case{"- 5s", ""},
        Case{"1e3s", ""}}) {
    SCOPED_TRACE(c.text);
    const Parsed<Duration> parsed = parse_duration(c.text);
    ASSERT_FALSE(parsed.has_value());
    EXPECT_EQ(parsed.error().nearest, c.nearest);
    EXPECT_FALSE(parsed.error().message.empty());
  }
}

TEST(Units, PrefixesAreDecimalUnlessTheySayOtherwise) {
  EXPECT_EQ(parse_count("20k"), 20'000U);
  EXPECT_EQ(parse_count("1.5M"), 1'500'000U);
  EXPECT_EQ(parse_count("2Mi"), uint64_t{2} << 20U);
  EXPECT_FALSE(parse_count("1.5").has_value());
  EXPECT_EQ(parse_bytes("4kB"), Bytes{4000});
  EXPECT_EQ(parse_bytes("4KiB"), Bytes{4096});
  EXPECT_EQ(parse_bit_rate("12Mbit"), BitRate{12'000'000});
  EXPECT_EQ(parse_rate("58k/s"), Rate{58'000.0});
  EXPECT_EQ(parse_rate("4/h"), Rate{4.0 / 3600.0});
  EXPECT_EQ(parse_share("0.1%"), Share{0.001});
  EXPECT_EQ(parse_ppm("-20ppm"), Ppm{-20.0});
  EXPECT_EQ(parse_number("0.6"), 0.6);
}

TEST(Units, ABareNumberIsOfferedItsUnit) {
  EXPECT_EQ(parse_share("0.5").error().nearest, "50%");
  EXPECT_EQ(parse_rate("58k").error().nearest, "58k/s");
  EXPECT_EQ(parse_bytes("160").error().nearest, "160B");
  EXPECT_EQ(parse_bit_rate("12").error().nearest, "12Mbit");
  EXPECT_EQ(parse_ppm("20").error().nearest, "20ppm");
}

TEST(Units, CanonicalSpellingsAreShort) {
  EXPECT_EQ(print_duration(days(9) + hours(20)), "9d 20h");
  EXPECT_EQ(print_duration(milliseconds(-1500)), "-1s 500ms");
  EXPECT_EQ(print_rate({58'000.0}), "58k/s");
  EXPECT_EQ(print_rate({0.25}), "0.25/s");
  EXPECT_EQ(print_share({0.001}), "0.1%");
  EXPECT_EQ(print_share({1.0}), "100%");
  EXPECT_EQ(print_share({0.00001}), "0.001%");
  EXPECT_EQ(print_bytes({1U << 20U}), "1MiB");
  EXPECT_EQ(print_bytes({0}), "0B");
  EXPECT_EQ(print_count(20'000), "20k");
  EXPECT_EQ(print_count(1), "1");
  EXPECT_EQ(print_bit_rate({12'000'000}), "12Mbit");
}

RC_GTEST_PROP(Units, ReadingWhatWasPrintedGivesTheSameTime, ()) {
  const auto most = kDurationMax.count();
  const auto ns = *rc::gen::inRange<int64_t>(-most, most);
  RC_ASSERT(parse_duration(print_duration(Duration(ns))).value() == Duration(ns));
}

RC_GTEST_PROP(Units, ReadingWhatWasPrintedGivesTheSameCounts, (uint64_t n)) {
  n >>= 1U;
  RC_ASSERT(parse_count(print_count(n)).value() == n);
  RC_ASSERT(parse_bytes(print_bytes({n})).value() == Bytes{n});
  RC_ASSERT(parse_bit_rate(print_bit_rate({n})).value() == BitRate{n});
}

RC_GTEST_PROP(Units, ReadingWhatWasPrintedGivesTheSameBitsOfANumber, (uint64_t mantissa)) {
  // Spread over many magnitudes, subnormal ones included.
  const int exponent = *rc::gen::inRange(-1080, 900);
  const double x = std::ldexp(static_cast<double>(mantissa >> 11U), exponent);
  RC_PRE(std::isfinite(x));
  RC_ASSERT(parse_number(print_number(x)).value() == x);
  RC_ASSERT(parse_rate(print_rate({x})).value() == Rate{x});
  RC_ASSERT(parse_ppm(print_ppm({-x})).value() == Ppm{-x});
  const double share = static_cast<double>(mantissa >> 11U) * 0x1p-53;
  RC_ASSERT(parse_share(print_share({share})).value() == Share{share});
}

RC_GTEST_PROP(Units, NoTextCrashesAReader, ()) {
  const auto text = *rc::gen::container<std::string>(
      rc::gen::oneOf(rc::gen::elementOf(std::string("0123456789.eE+-% /kMGidhmsunBbit")),
                     rc::gen::arbitrary<char>()));
  (void)parse_duration(text);
  (void)parse_share(text);
  (void)parse_rate(text);
  (void)parse_bytes(text);
  (void)parse_bit_rate(text);
  (void)parse_ppm(text);
  (void)parse_count(text);
  (void)parse_number(text);
}

TEST(Nearest, CountsSwapsAsOneAndWantsACloseName) {
  EXPECT_EQ(edit_distance("partion", "partition"), 2U);
  EXPECT_EQ(edit_distance("users", "usres"), 1U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(nearest_name("partion", {"pause", "partition"}), "partition");
  EXPECT_EQ(nearest_name("Always-Online", {"sessions", "always_online"}), "always_online");
  EXPECT_EQ(nearest_name("router", {"gateway", "store"}), "");
}

}  // namespace
}  // namespace greytick::scenario
