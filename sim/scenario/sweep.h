#ifndef GREYTICK_SIM_SCENARIO_SWEEP_H_
#define GREYTICK_SIM_SCENARIO_SWEEP_H_

#include <cstddef>
#include <cstdint>
#include <expected>
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
  std::vector<SweepAxis> axes = {};                // the last one turns fastest
  std::vector<std::vector<std::string>> zip = {};  // paths of axes that turn together
  std::string constraint = {};                     // points where it does not hold are left out
  SweepRepeat repeat = {};
  bool common_random_numbers = true;  // every point has the same seeds
  bool operator==(const Sweep&) const = default;
};

/// Why axes cannot be zipped, as a sentence; the key it is about.
struct ZipError {
  std::string key;
  std::string message;
};

/// Every point before the constraint: a value for each axis, in the order of axes. The last axis
/// turns fastest; zipped ones turn with the first of them. Fails when zip names what is no axis, an
/// axis twice, or axes of different lengths, and when there are more than points_max.
std::expected<std::vector<std::vector<std::string>>, ZipError> sweep_points(const Sweep& sweep,
                                                                            size_t points_max);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_SWEEP_H_
