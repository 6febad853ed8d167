#include "sim/report/charts.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "sim/results/text.h"

namespace greytick::report {
namespace {

using results::SeriesRow;
using Json = nlohmann::ordered_json;

double seconds(model::Instant at) { return static_cast<double>(model::to_ns(at)) / 1e9; }

Curve latency(const std::vector<SeriesRow>& series, std::optional<std::int64_t> SeriesRow::* what) {
  Curve out;
  for (const SeriesRow& row : series) {
    const auto& ns = row.*what;
    out.push_back(ns ? std::optional(static_cast<double>(*ns) / 1e6) : std::nullopt);
  }
  return out;
}

Curve level(const std::vector<SeriesRow>& series, std::uint64_t SeriesRow::* what) {
  Curve out;
  for (const SeriesRow& row : series) out.emplace_back(static_cast<double>(row.*what));
  return out;
}

// Totals become rates; the first row has nothing before it but the start.
Curve rate(const std::vector<SeriesRow>& series, std::uint64_t SeriesRow::* what) {
  Curve out;
  double then = 0.0, total_then = 0.0;
  for (const SeriesRow& row : series) {
    const double now = seconds(row.at), total = static_cast<double>(row.*what);
    const bool known = now > then && total >= total_then;
    out.push_back(known ? std::optional((total - total_then) / (now - then)) : std::nullopt);
    then = now;
    total_then = total;
  }
  return out;
}

// Four significant digits: a pixel shows less, and a page holds thousands.
double rounded(double value) {
  const std::string text = fmt::format("{:.4g}", value);
  double out = value;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

Json numbers(const Curve& curve) {
  Json out = Json::array();
  for (const auto& value : curve) {
    if (!value) {
      out.push_back(nullptr);
      continue;
    }
    const double shown = rounded(*value);
    // Whole numbers without ".0".
    if (shown == std::floor(shown) && std::abs(shown) < 1e15) {
      out.push_back(static_cast<std::int64_t>(shown));
    } else {
      out.push_back(shown);
    }
  }
  return out;
}

}  // namespace

std::string_view unit_name(Unit unit) {
  switch (unit) {
    case Unit::kDuration:
      return "ms";
    case Unit::kCount:
      return "count";
    case Unit::kRate:
      return "rate";
  }
  return {};
}

std::string unit_text(Unit unit, double value) {
  switch (unit) {
    case Unit::kDuration:
      return results::human_duration(model::Duration(static_cast<std::int64_t>(value * 1e6)));
    case Unit::kCount:
      return results::group_digits(static_cast<std::uint64_t>(value));
    case Unit::kRate:
      return value < 10.0 ? fmt::format("{:.3g}/s", value)
                          : results::human_value(scenario::MetricUnit::kRate, value);
  }
  return {};
}

std::vector<Chart> charts_of(const std::vector<SeriesRow>& series) {
  using Row = SeriesRow;
  return {
      {.id = "e2e",
       .title = "Latency, create to device",
       .about = "Of messages whose recipient was in session at commit, by the time they arrived.",
       .unit = Unit::kDuration,
       .log = true,
       .lines = {{"p99", latency(series, &Row::e2e_p99)}, {"p50", latency(series, &Row::e2e_p50)}}},
      {.id = "tick2",
       .title = "Latency, create to second tick",
       .about = "Of every message, also those whose recipient was away, by the time the sender saw "
                "✓✓.",
       .unit = Unit::kDuration,
       .log = true,
       .lines = {{"p99", latency(series, &Row::tick2_p99)},
                 {"p50", latency(series, &Row::tick2_p50)}}},
      {.id = "connected",
       .title = "Devices in session",
       .about = "At the end of each interval.",
       .unit = Unit::kCount,
       .lines = {{"connected", level(series, &Row::connected)}}},
      {.id = "reconnects",
       .title = "Dialling and reconnects",
       .about = "Attempts of devices to connect, those that a full accept queue refused, and "
                "sessions that came back after being lost.",
       .unit = Unit::kRate,
       .lines = {{"attempts", rate(series, &Row::attempts)},
                 {"reconnects", rate(series, &Row::reconnects)},
                 {"refused", rate(series, &Row::refused)}}},
      {.id = "queues",
       .title = "Queues",
       .about =
           "Waiting: committed and not yet on the recipient's device. Unanswered: composed and "
           "without the service's answer.",
       .unit = Unit::kCount,
       .lines = {{"waiting", level(series, &Row::queued)},
                 {"unanswered", level(series, &Row::in_flight)}}},
      {.id = "traffic",
       .title = "Traffic",
       .about = "Messages composed, those that reached a device, and those given up.",
       .unit = Unit::kRate,
       .lines = {{"composed", rate(series, &Row::messages)},
                 {"delivered", rate(series, &Row::delivered)},
                 {"failed", rate(series, &Row::failed)}}}};
}

Json chart_data(const Input& input, const std::vector<Chart>& charts) {
  Curves all;
  for (const SeriesRow& row : input.series) all.at.push_back(seconds(row.at));
  for (const Chart& chart : charts) {
    for (const Line& line : chart.lines) all.curves.push_back(line.values);
  }
  all = downsampled(std::move(all), kMaxPoints);

  Json out = {{"end", seconds(input.end)}, {"at", all.at}};
  out["faults"] = Json::array();
  for (const FaultWindow& f : input.faults) {
    if (out["faults"].size() == kMaxShaded) break;
    // A page is no place for a name of a megabyte.
    out["faults"].push_back(
        {{"name", f.name.substr(0, 60)}, {"from", seconds(f.start)}, {"to", seconds(f.end)}});
  }
  out["charts"] = Json::array();
  std::size_t next = 0;
  for (const Chart& chart : charts) {
    Json one = {{"id", chart.id}, {"unit", unit_name(chart.unit)}, {"log", chart.log}};
    one["lines"] = Json::array();
    for (const Line& line : chart.lines) {
      one["lines"].push_back({{"label", line.label}, {"values", numbers(all.curves[next++])}});
    }
    out["charts"].push_back(std::move(one));
  }
  return out;
}

std::string in_words(const Chart& chart, const std::vector<SeriesRow>& series) {
  std::string out;
  for (const Line& line : chart.lines) {
    const auto range = range_of(line.values, 0, line.values.size());
    out += out.empty() ? "" : " ";
    if (!range) {
      out += fmt::format("{}: nothing was measured.", line.label);
      continue;
    }
    const auto last =
        *std::ranges::find_if(line.values.rbegin(), line.values.rend(),
                              [](const std::optional<double>& v) { return v.has_value(); });
    const auto peak = std::ranges::find(line.values, std::optional(range->second));
    const auto when = series[static_cast<std::size_t>(peak - line.values.begin())].at;
    out +=
        range->first == range->second
            ? fmt::format("{}: {} throughout.", line.label, unit_text(chart.unit, *last))
            : fmt::format("{}: {} to {}, highest at {}, {} at the end.", line.label,
                          unit_text(chart.unit, range->first), unit_text(chart.unit, range->second),
                          results::clock_text(when), unit_text(chart.unit, *last));
  }
  return out;
}

}  // namespace greytick::report
