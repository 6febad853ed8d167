#include "sim/cli/sweep_table.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/results/exit_code.h"
#include "sim/results/run_record.h"
#include "sim/results/text.h"
#include "sim/stats/interval.h"

namespace greytick::cli {
namespace {

constexpr std::size_t kShownMax = 5;

std::size_t passed(const SweepPoint& point) {
  return static_cast<std::size_t>(
      std::ranges::count(point.trials, static_cast<int>(results::kExitPass), &Trial::exit_code));
}

// RFC 4180: what holds a comma or a quote is quoted.
std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

// Columns, not bytes: every character here is one column wide.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

SweepTable::SweepTable(const std::vector<scenario::SweepAxis>& axes,
                       const std::vector<SweepPoint>& points, std::string first, double level)
    : axes_(axes), points_(points), first_(std::move(first)), level_(level) {}

std::string SweepTable::label(const std::vector<scenario::SweepAxis>& axes,
                              const SweepPoint& point) {
  std::string out;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    out += fmt::format("{}{}={}", i == 0 ? "" : " ", axes[i].path, point.values[i]);
  }
  return out;
}

SweepTable::Cell SweepTable::cell(const SweepPoint& point, const std::string& metric) const {
  std::vector<double> values;
  for (const Trial& trial : point.trials) {
    const auto value = trial.values.find(metric);
    if (value != trial.values.end()) values.push_back(value->second);
  }
  Cell out{.samples = values.size()};
  if (values.empty()) return out;
  for (const double value : values) out.mean += value / static_cast<double>(values.size());
  if (const auto interval = stats::student_interval(values, level_)) {
    out.half_width = interval->half_width;
  }
  return out;
}

std::vector<std::string> SweepTable::all() const {
  std::set<std::string> names;
  for (const SweepPoint& point : points_) {
    for (const Trial& trial : point.trials) {
      for (const auto& [name, value] : trial.values) names.insert(name);
    }
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> SweepTable::shown() const {
  std::vector<std::string> wanted;
  if (!first_.empty()) wanted.push_back(first_);
  for (const SweepPoint& point : points_) {
    for (const Trial& trial : point.trials) {
      for (const TrialGate& gate : trial.gates) {
        if (gate.kind == "threshold") wanted.push_back(gate.name);
      }
    }
  }
  wanted.insert(wanted.end(), {"e2e.p50", "e2e.p99", "tick2.p99"});
  const std::vector<std::string> known = all();
  std::vector<std::string> out;
  for (const std::string& name : wanted) {
    const bool there = std::ranges::find(known, name) != known.end();
    const bool twice = std::ranges::find(out, name) != out.end();
    if (there && !twice && out.size() < kShownMax) out.push_back(name);
  }
  return out;
}

std::string SweepTable::text() const {
  const std::vector<std::string> metrics = shown();
  std::vector<std::vector<std::string>> rows(1);
  for (const scenario::SweepAxis& axis : axes_) rows[0].push_back(axis.path);
  rows[0].insert(rows[0].end(), {"seeds", "passed"});
  rows[0].insert(rows[0].end(), metrics.begin(), metrics.end());
  bool short_of = false;
  for (const SweepPoint& point : points_) {
    std::vector<std::string> row = point.values;
    row.push_back(fmt::format("{}{}", point.trials.size(), point.enough ? "" : "*"));
    short_of = short_of || !point.enough;
    row.push_back(fmt::format("{}", passed(point)));
    for (const std::string& metric : metrics) {
      const Cell c = cell(point, metric);
      std::string value = c.samples == 0 ? "–" : results::human_value(unit_of(metric), c.mean);
      if (c.half_width > 0.0 && c.mean != 0.0)
        value += fmt::format(" ±{:.1f}%", c.half_width / std::abs(c.mean) * 100.0);
      row.push_back(std::move(value));
    }
    rows.push_back(std::move(row));
  }
  std::vector<std::size_t> widths(rows[0].size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - width(row[i]), ' ');
      // Names to the left, numbers to the right.
      line += i < axes_.size() ? " " + row[i] + space + " " : "  " + space + row[i];
    }
    out += line + "\n";
  }
  if (short_of) out += " * fewer seeds than its interval, or the plan, asks for\n";
  return out;
}

std::string SweepTable::csv() const {
  const std::vector<std::string> metrics = all();
  std::string out;
  for (const scenario::SweepAxis& axis : axes_) out += quoted(axis.path) + ",";
  out += "seeds,passed,enough";
  for (const std::string& metric : metrics)
    out += "," + quoted(metric) + "," + quoted(metric + " half_width");
  out += "\n";
  for (const SweepPoint& point : points_) {
    for (const std::string& value : point.values) out += quoted(value) + ",";
    out += fmt::format("{},{},{}", point.trials.size(), passed(point), point.enough ? 1 : 0);
    for (const std::string& metric : metrics) {
      const Cell c = cell(point, metric);
      out += c.samples == 0 ? std::string(",") : fmt::format(",{}", c.mean);
      out += c.half_width < 0.0 ? std::string(",") : fmt::format(",{}", c.half_width);
    }
    out += "\n";
  }
  return out;
}

std::string SweepTable::json(const std::string& folder, int exit_code) const {
  nlohmann::ordered_json out = {{"schema_version", results::kSchemaVersion},
                                {"folder", folder},
                                {"exit_code", exit_code},
                                {"level", level_}};
  out["points"] = nlohmann::ordered_json::array();
  const std::vector<std::string> metrics = all();
  for (const SweepPoint& point : points_) {
    nlohmann::ordered_json one;
    for (std::size_t i = 0; i < axes_.size(); ++i) one["values"][axes_[i].path] = point.values[i];
    one["passed"] = passed(point);
    one["enough"] = point.enough;
    one["runs"] = nlohmann::ordered_json::array();
    for (const Trial& t : point.trials) {
      one["runs"].push_back(
          {{"seed", t.seed}, {"exit_code", t.exit_code}, {"fingerprint", t.fingerprint}});
    }
    for (const std::string& metric : metrics) {
      const Cell c = cell(point, metric);
      if (c.samples == 0) continue;
      one["metrics"][metric] = {{"mean", c.mean}, {"samples", c.samples}};
      if (c.half_width >= 0.0) one["metrics"][metric]["half_width"] = c.half_width;
    }
    out["points"].push_back(std::move(one));
  }
  return out.dump(2);
}

}  // namespace greytick::cli
