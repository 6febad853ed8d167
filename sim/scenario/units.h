#ifndef GREYTICK_SIM_SCENARIO_UNITS_H_
#define GREYTICK_SIM_SCENARIO_UNITS_H_

#include <compare>
#include <cstdint>

#include "model/time.h"

// The dimensioned values of a scenario. Each is written with its unit in YAML ("58k/s", "0.1%",
// "4Mbit", "64MiB"); text forms are in units_text.h.
namespace greytick::scenario {

using model::Duration;

/// A fraction in [0, 1], written as a percentage: `0.1%` is 0.001.
struct Share {
  double value = 0.0;
  auto operator<=>(const Share&) const = default;
};

/// Happenings per second of simulated time, >= 0: `58k/s`, `4/h`.
struct Rate {
  double per_second = 0.0;
  auto operator<=>(const Rate&) const = default;
};

/// A size in bytes: `512B`, `4kB` (1000), `4KiB` (1024).
struct Bytes {
  uint64_t value = 0;
  auto operator<=>(const Bytes&) const = default;
};

/// Link capacity in bits per second: `12Mbit`.
struct BitRate {
  uint64_t bits_per_second = 0;
  auto operator<=>(const BitRate&) const = default;
};

/// Parts per million, for clock drift: `500ppm`. May be negative.
struct Ppm {
  double value = 0.0;
  auto operator<=>(const Ppm&) const = default;
};

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_UNITS_H_
