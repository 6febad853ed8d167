#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/time.h"
#include "sim/scenario/scenario.h"

namespace greytick::faults {

using model::Duration;
using model::Instant;

/// One time that a fault strikes: in force over [start, end), or at `start` alone when end ==
/// start.
struct Occurrence {
  std::uint32_t fault = 0;   // index into scenario.faults
  std::uint32_t number = 0;  // of this fault's occurrences, from 0
  Instant start, end;
  // Of a fault by the clocks of regions: the one it strikes, index into topology.regions.
  std::optional<std::uint32_t> region = {};
  friend bool operator==(const Occurrence&, const Occurrence&) = default;
};

/// When a named fault is in force.
struct Window {
  std::string name;
  Instant start, end;
  friend bool operator==(const Window&, const Window&) = default;
};

/// Every occurrence that starts before the horizon, ascending by (start, fault, number); what would
/// last longer ends at the horizon, where everything heals.
std::vector<Occurrence> occurrences(const scenario::Scenario& scenario);

/// The same with names, for thresholds `during` and for reports.
std::vector<Window> windows(const scenario::Scenario& scenario);

/// Names of the windows that hold `at`, in the order of `windows`; momentary ones hold their start.
std::vector<std::string_view> in_force(const std::vector<Window>& windows, Instant at);

}  // namespace greytick::faults
