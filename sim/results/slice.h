// One part of a run that thresholds look at, and what was measured in it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/faults/plan.h"
#include "sim/results/histogram.h"
#include "sim/results/kinds.h"
#include "sim/scenario/scenario.h"

namespace greytick::results {

struct Span {
  Instant from, to;  // [from, to)
};

/// How often something happened, and how often in its busiest second.
struct Tally {
  std::uint64_t total = 0;
  std::int64_t second = -1;  // of simulated time, of `in_second`
  std::uint64_t in_second = 0, peak = 0;

  void add(Instant at);
};

/// All of the run after warm-up, or the time around a fault; of all devices, or of some.
struct Slice {
  std::string during;
  Duration plus{};
  scenario::Where where;
  std::optional<std::uint16_t> region = {};  // of `where`
  std::optional<std::uint8_t> access = {};
  std::uint64_t devices = 0;    // that it looks at
  std::uint64_t connected = 0;  // of them
  std::vector<Span> spans;      // ascending, apart
  std::array<Censored, kLatencies> latencies;
  std::array<Tally, kCounts> counts;
  std::array<std::int64_t, kPeaks> peaks{};
  std::uint64_t committed = 0, delivered = 0;  // of messages created here, up to the horizon
  double seconds = 0.0, connected_seconds = 0.0;
  std::size_t next_span = 0;  // the first that time has not passed

  /// The slice that a threshold with `during` or `where` is about.
  static Slice of(const scenario::Threshold& threshold, const scenario::Scenario& scenario,
                  const std::vector<faults::Window>& windows);
  /// Whether it is what the threshold is about.
  bool is_of(const scenario::Threshold& threshold) const {
    return during == threshold.during && plus == threshold.plus && where == threshold.where;
  }

  bool holds(Instant at) const;
  bool takes(const Place& place) const {
    return (!region || *region == place.region) && (!access || *access == place.access);
  }
  double connected_share() const;
  double delivered_share() const;

  /// Time went from `from` to `to`, and nothing happened in between, with as many messages in
  /// flight and queued in all of the run.
  void pass(Instant from, Instant to, std::uint64_t in_flight, std::uint64_t queued);
};

}  // namespace greytick::results
