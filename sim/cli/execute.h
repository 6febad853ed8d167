// One run from start to end of drain, watched by judges and metrics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/time.h"
#include "sim/results/gates.h"
#include "sim/results/metrics.h"
#include "sim/results/run_record.h"
#include "sim/scenario/scenario.h"
#include "sim/world/fact_sink.h"

namespace greytick::cli {

/// Told how far a run is; between two calls the simulation advances.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_progress(model::Instant now, std::uint64_t events,
                           const results::Metrics& metrics) = 0;
  /// The next instant at which it wants to be told at the latest; kNever if it does not care.
  virtual model::Instant next_stop(model::Instant) const { return model::kNever; }
};

struct ExecuteOptions {
  std::optional<double> budget_seconds = {};   // wall time; absent: no bound
  std::optional<model::Instant> stop_at = {};  // simulated; a replay of a partial run
  Watcher* watcher = nullptr;                  // may be absent
  world::FactSink* also = nullptr;             // hears every fact too; may be absent
};

struct Execution {
  std::uint64_t fingerprint = 0;
  results::Ending ending = results::Ending::kDone;
  std::optional<results::Missed> missed = {};  // of an ending kAborted
  std::vector<results::InvariantFinding> findings;
  std::optional<results::SketchFinding> sketches = {};  // of a whole run that has them
  model::Instant reached;
  model::Duration drained_after{};
  std::uint64_t events = 0;
  double wall_seconds = 0.0;
  std::vector<results::Parting> partings = {};
};

/// Runs the scenario; metrics belongs to it and is fresh. Stops early at the budget or when
/// interrupted() turns true; what was seen so far is then in the result.
Execution execute(const scenario::Scenario& scenario, results::Metrics& metrics,
                  const ExecuteOptions& options);

}  // namespace greytick::cli
