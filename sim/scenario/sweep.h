#ifndef GREYTICK_SIM_SCENARIO_SWEEP_H_
#define GREYTICK_SIM_SCENARIO_SWEEP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/units.h"

// What a file asks `sweep` for. It is no part of a scenario: run, and resolved.yaml, know nothing
// of it.
namespace greytick::scenario {

/// One key and the values it takes in turn, written as after --set KEY=.
struct SweepAxis {
  std::string path;                 // "client.backoff.jitter"
  std::vector<std::string> values;  // YAML in flow style, not empty
  bool operator==(const SweepAxis&) const = default;
};

/// Until the mean of a metric is known well enough.
struct SweepUntil {
  std::string metric;       // as thresholds name it
  Share relative_ci{0.05};  // half the interval's width over the mean
  Share level{0.95};        // of the interval
  bool operator==(const SweepUntil&) const = default;
};

/// Seeds for each point.
struct SweepRepeat {
  uint32_t min = 5, max = 40;
  std::optional<SweepUntil> until = {};  // absent: min
  bool operator==(const SweepRepeat&) const = default;
};

struct Sweep {
  std::vector<SweepAxis> axes = {};  // the last one turns fastest
  SweepRepeat repeat = {};
  bool common_random_numbers = true;  // every point has the same seeds
  bool operator==(const Sweep&) const = default;
};

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_SWEEP_H_
