// A run as a trace for ui.perfetto.dev: faults and counters over time, chosen messages hop by hop.
#pragma once

#include <string>
#include <vector>

#include "model/time.h"
#include "sim/cli/story.h"
#include "sim/faults/plan.h"
#include "sim/results/metrics.h"

namespace greytick::cli {

struct TracedMessage {
  std::string name;  // "17:5:3   1.9 s from create to device"
  std::vector<Hop> hops;
};

/// JSON in the Trace Event Format, times in microseconds of simulated time. Three groups of tracks:
/// the run (faults as slices, the time series as counters), each message (a slice from hop to hop),
/// and each place (a mark where a message passes, joined by arrows).
/// Source: "Trace Event Format",
/// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
std::string trace_json(const std::vector<faults::Window>& windows,
                       const std::vector<results::SeriesRow>& series,
                       const std::vector<TracedMessage>& messages);

}  // namespace greytick::cli
