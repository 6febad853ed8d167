// One run of many, reduced to the numbers that are compared.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/scenario/gates.h"
#include "sim/scenario/scenario.h"

namespace greytick::cli {

struct TrialGate {
  std::string kind, name;  // name: "e2e.p99 during crash"
  std::string verdict;     // "PASS", "FAIL", "UNKNOWN"
};

struct Trial {
  std::uint64_t seed = 0;
  int exit_code = 0;
  std::string ending;  // "done", or it was cut short
  std::string fingerprint;
  double wall_seconds = 0.0;
  std::map<std::string, double> values;  // by metric; ns, 1/s, counts, fractions or bytes
  std::vector<TrialGate> gates;
};

/// What a summary.json says. Throws nlohmann::json::exception when it is none.
Trial trial_of(const nlohmann::json& summary);

/// Runs the scenario to its end, in this process, and keeps nothing else.
///
/// more: metrics over the whole run that its summary may not name.
Trial run_trial(const scenario::Scenario& scenario, std::span<const scenario::Threshold> more);

/// Both ways, for the pipe between processes and for files.
std::string print_trial(const Trial& trial);
std::optional<Trial> parse_trial(const std::string& text);

/// The unit of a value's name, "e2e.p99 during crash"; a count when no metric has that name.
scenario::MetricUnit unit_of(const std::string& name);

}  // namespace greytick::cli
