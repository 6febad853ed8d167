// The curves of a report, from the time series of a run.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/report/downsample.h"
#include "sim/report/input.h"

namespace greytick::report {

enum class Unit : std::uint8_t {
  kDuration,  // ms
  kCount,
  kRate,  // 1/s
};
std::string_view unit_name(Unit unit);  // as page.js reads it: "ms", "count", "rate"
std::string unit_text(Unit unit, double value);

struct Line {
  std::string_view label;
  Curve values;  // one a row of the series
};

struct Chart {
  std::string_view id, title, about;
  Unit unit{};
  bool log = false;  // of its vertical axis
  std::vector<Line> lines;
};

/// Latency of messages and of second ticks, connected devices, dialling, queues, traffic.
std::vector<Chart> charts_of(const std::vector<results::SeriesRow>& series);

/// The charts and the faults as page.js draws them, at most kMaxPoints points a line.
nlohmann::ordered_json chart_data(const Input& input, const std::vector<Chart>& charts);
inline constexpr std::size_t kMaxPoints = 2000;
inline constexpr std::size_t kMaxShaded = 1000;  // faults; more would be one grey surface

/// A chart in words: for each line its least, greatest and last value, and when it peaked.
std::string in_words(const Chart& chart, const std::vector<results::SeriesRow>& series);

}  // namespace greytick::report
