#include <span>
#include <string>

#include <fmt/format.h>

#include "sim/scenario/decimal.h"
#include "sim/scenario/unit_table.h"
#include "sim/scenario/units_text.h"

namespace greytick::scenario {
namespace {

bool is_whole(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  return value >= 0.0 && value < kExact &&
         value == static_cast<double>(static_cast<uint64_t>(value));
}

// Decimal suffixes only where the number stays whole: 58k, 1M.
std::string with_suffix(double value) {
  if (!is_whole(value)) return shortest(value);
  const auto whole = static_cast<uint64_t>(value);
  const Largest l = largest_whole(std::span(kCounts).first(4), whole);
  return whole == 0 ? "0" : fmt::format("{}{}", l.count, l.unit);
}

}  // namespace

std::string print_duration(Duration value) {
  if (value.count() == 0) return "0s";
  std::string out;
  uint64_t rest = 0;
  if (value.count() < 0) {
    out.push_back('-');
    rest = 0 - static_cast<uint64_t>(value.count());
  } else {
    rest = static_cast<uint64_t>(value.count());
  }
  bool first = true;
  for (const Unit& u : kTimes) {
    const uint64_t n = rest / u.scale;
    if (n == 0) continue;
    rest %= u.scale;
    if (!first) out += ' ';
    first = false;
    out += fmt::format("{}{}", n, u.name);
  }
  return out;
}

std::string print_time_of_day(Duration value) {
  const auto minutes = value.count() / static_cast<int64_t>(60 * kSecond);
  return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

std::string print_share(Share value) { return moved_point(value.value, 2) + "%"; }

std::string print_rate(Rate value) { return with_suffix(value.per_second) + "/s"; }

std::string print_bytes(Bytes value) {
  if (value.value == 0) return "0B";
  const Largest l = largest_whole(kSizes, value.value);
  return fmt::format("{}{}", l.count, l.unit);
}

std::string print_bit_rate(BitRate value) {
  if (value.bits_per_second == 0) return "0bit";
  const Largest l = largest_whole(kBits, value.bits_per_second);
  return fmt::format("{}{}", l.count, l.unit);
}

std::string print_ppm(Ppm value) { return shortest(value.value) + "ppm"; }

std::string print_count(uint64_t value) {
  if (value == 0) return "0";
  const Largest l = largest_whole(std::span(kCounts).first(4), value);
  return fmt::format("{}{}", l.count, l.unit);
}

std::string print_number(double value) { return shortest(value); }

}  // namespace greytick::scenario
