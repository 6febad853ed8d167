#include "sim/report/charts.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/report/run_input.h"

namespace greytick::report {
namespace {

using namespace std::chrono_literals;

const Chart& chart(const std::vector<Chart>& charts, std::string_view id) {
  return *std::ranges::find(charts, id, &Chart::id);
}

TEST(Charts, TotalsBecomeRatesAndLatenciesMilliseconds) {
  std::vector<results::SeriesRow> rows(2);
  rows[0].at = model::Instant{} + 10s;
  rows[0].reconnects = 50;
  rows[0].e2e_p99 = 1'500'000'000;
  rows[1].at = model::Instant{} + 30s;
  rows[1].reconnects = 450;
  const std::vector<Chart> charts = charts_of(rows);
  const Line& reconnects = chart(charts, "reconnects").lines[1];
  EXPECT_EQ(reconnects.label, "reconnects");
  EXPECT_EQ(reconnects.values, (Curve{5.0, 20.0}));
  EXPECT_EQ(chart(charts, "e2e").lines[0].values, (Curve{1500.0, std::nullopt}));
}

TEST(Charts, InWordsSayRangePeakAndEnd) {
  const std::vector<results::SeriesRow> rows = series_of_rows(100);
  const std::vector<Chart> charts = charts_of(rows);
  const std::string words = in_words(chart(charts, "e2e"), rows);
  EXPECT_NE(words.find("p99: 900 ms to 5.35 min, highest at 08:30.000, "), std::string::npos)
      << words;
  EXPECT_EQ(in_words(chart(charts_of({}), "connected"), {}), "connected: nothing was measured.");
}

TEST(Charts, ThirtyDaysAreDrawnWithFewPointsAndTheirPeak) {
  Input input = run_of_rows(259'200);
  for (int i = 0; i < 3000; ++i) {
    const model::Instant start = model::Instant{} + i * 14min;
    input.faults.push_back({.name = "f", .kind = "crash", .start = start, .end = start + 1min});
  }
  const auto data = chart_data(input, charts_of(input.series));
  EXPECT_EQ(data["at"].size(), kMaxPoints);
  EXPECT_EQ(data["faults"].size(), kMaxShaded);
  EXPECT_EQ(data["end"], 30.0 * 86'400.0);
  for (const auto& one : data["charts"]) {
    for (const auto& line : one["lines"]) EXPECT_EQ(line["values"].size(), kMaxPoints);
  }
  const auto& p99 = data["charts"][0]["lines"][0]["values"];
  EXPECT_NE(std::ranges::find(p99, nlohmann::ordered_json(321'000)), p99.end());
}

}  // namespace
}  // namespace greytick::report
