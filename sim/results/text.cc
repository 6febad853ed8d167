#include "sim/results/text.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

namespace greytick::results {
namespace {

// Three significant digits, without an exponent up to 9999.
std::string short_number(double value) {
  const double size = std::abs(value);
  if (size >= 100.0) return fmt::format("{:.0f}", value);
  if (size >= 10.0) return fmt::format("{:.1f}", value);
  return fmt::format("{:.2f}", value);
}

}  // namespace

std::string human_duration(model::Duration duration) {
  struct Unit {
    double ns;
    std::string_view name;
  };
  static constexpr std::array<Unit, 7> kUnits = {{{86'400e9, "d"},
                                                  {3600e9, "h"},
                                                  {60e9, "min"},
                                                  {1e9, "s"},
                                                  {1e6, "ms"},
                                                  {1e3, "us"},
                                                  {1.0, "ns"}}};
  const auto ns = static_cast<double>(duration.count());
  if (ns == 0.0) return "0";
  for (const Unit& unit : kUnits) {
    // 0.9995 rounds up to the next unit; a hundred seconds still read better than 1.67 min.
    const double least = unit.name == "min" || unit.name == "h" || unit.name == "d" ? 2.0 : 1.0;
    if (std::abs(ns) >= unit.ns * least * 0.9995 || unit.ns == 1.0) {
      return fmt::format("{} {}", short_number(ns / unit.ns), unit.name);
    }
  }
  return "0";
}

std::string group_digits(std::uint64_t value) {
  const std::string digits = fmt::format("{}", value);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string human_value(scenario::MetricUnit unit, double value) {
  switch (unit) {
    case scenario::MetricUnit::kDuration:
      return human_duration(model::Duration(static_cast<std::int64_t>(value)));
    case scenario::MetricUnit::kRate:
      return fmt::format("{}/s", group_digits(static_cast<std::uint64_t>(value)));
    case scenario::MetricUnit::kCount:
      return group_digits(static_cast<std::uint64_t>(value));
    case scenario::MetricUnit::kShare:
      return fmt::format("{}%", short_number(value * 100.0));
    case scenario::MetricUnit::kBytes:
      if (value >= 1e9) return fmt::format("{} GB", short_number(value / 1e9));
      if (value >= 1e6) return fmt::format("{} MB", short_number(value / 1e6));
      if (value >= 1e3) return fmt::format("{} kB", short_number(value / 1e3));
      return fmt::format("{} B", static_cast<std::uint64_t>(value));
    case scenario::MetricUnit::kRatio:
      return value < 1000.0 ? short_number(value) : group_digits(static_cast<std::uint64_t>(value));
  }
  return {};
}

std::string clock_text(model::Instant at) {
  const std::int64_t ms = model::to_ns(at) / 1'000'000;
  const std::int64_t seconds = ms / 1000, minutes = seconds / 60, hours = minutes / 60;
  const std::string tail = fmt::format("{:02}:{:02}.{:03}", minutes % 60, seconds % 60, ms % 1000);
  if (hours == 0) return tail;
  if (hours < 24) return fmt::format("{:02}:{}", hours, tail);
  return fmt::format("{}d {:02}:{}", hours / 24, hours % 24, tail);
}

}  // namespace greytick::results
