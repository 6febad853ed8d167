// A run to report on, as large and as hostile as a test wants it.
#pragma once

#include <chrono>
#include <string>

#include "sim/report/input.h"

namespace greytick::report {

/// `rows` of a time series, ten seconds apart, with one peak of 321 s in e2e_p99 at row rows / 2.
inline std::vector<results::SeriesRow> series_of_rows(std::size_t rows) {
  std::vector<results::SeriesRow> out;
  for (std::uint64_t i = 1; i <= rows; ++i) {
    const std::uint64_t wobble = i * 2'654'435'761U % 997;
    results::SeriesRow row;
    row.at = model::Instant{} + std::chrono::seconds(10 * i);
    row.messages = 1000 * i + wobble;
    row.committed = row.delivered = row.messages - 7;
    row.failed = i / 100;
    row.logins = row.attempts = 50 * i;
    row.refused = i;
    row.reconnects = 3 * i;
    row.connected = 12'000 + wobble;
    row.in_flight = wobble;
    row.queued = 100 + wobble;
    row.e2e_p50 = static_cast<std::int64_t>(20'000'000 + 1000 * wobble);
    row.e2e_p99 = static_cast<std::int64_t>(900'000'000 + 1000 * wobble);
    if (i % 7 != 0) row.tick2_p50 = row.e2e_p50;
    row.tick2_p99 = row.e2e_p99;
    out.push_back(row);
  }
  if (rows > 0) out[rows / 2].e2e_p99 = 321'000'000'000;
  return out;
}

inline Input run_of_rows(std::size_t rows) {
  Input in;
  in.manifest = {{"verdict", "FAIL"},
                 {"scenario", "s"},
                 {"seed", 7},
                 {"exit_code", 3},
                 {"ending", "done"},
                 {"fingerprint", "0123456789abcdef"},
                 {"simulated_ns", 600'000'000'000},
                 {"wall_seconds", 1.5},
                 {"events", 1'234'567},
                 {"started", "20261124T023011Z"},
                 {"build", {{"version", "0.1.0"}, {"revision", "abc"}}}};
  const nlohmann::json latency = {{"ended", 5000},     {"open", 0},         {"p50", 71'000'000},
                                  {"p90", nullptr},    {"p99", 99'000'000}, {"p99.9", 123'456'789},
                                  {"max", 222'000'000}};
  in.summary = {{"gates",
                 {{{"kind", "always"},
                   {"name", "no_loss"},
                   {"verdict", "PASS"},
                   {"value", ""},
                   {"limit", ""},
                   {"samples", 4321},
                   {"violated", 0}},
                  {{"kind", "threshold"},
                   {"name", "e2e.p99"},
                   {"verdict", "FAIL"},
                   {"value", "9 s"},
                   {"limit", "< 3s"},
                   {"samples", 5000},
                   {"violated", 0},
                   {"why", "9 s is not < 3s"}}}},
                {"invariants", nlohmann::json::array()},
                {"latency_ns", {{"e2e", latency}}},
                {"counts", {{"messages", 1000}}},
                {"peaks", {{"queued_peak", 55}}},
                {"branches", {{"pushed", 9}}},
                {"slowest", nlohmann::json::array()}};
  in.about = "What it is about.";
  in.resolved = "scenario: s\n";
  in.series = series_of_rows(rows);
  in.end = model::Instant{} + std::chrono::seconds(10 * rows);
  return in;
}

}  // namespace greytick::report
