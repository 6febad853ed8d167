// One door to the pipelines under test, so that verbs need not know which one runs.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "model/payload.h"
#include "model/time.h"
#include "sim/results/metrics.h"
#include "sim/scenario/scenario.h"
#include "sim/world/fact_sink.h"
#include "sim/world/world.h"

namespace greytick::cli {

class Simulation {
 public:
  virtual ~Simulation() = default;
  /// Handles every event before `end`. Where it is cut into pieces changes nothing.
  virtual void run_until(model::Instant end) = 0;
  /// The horizon: load stops, faults heal, devices with a backlog connect.
  virtual void begin_drain() = 0;
  /// Nothing is on its way any more.
  virtual bool drained() const = 0;
  /// Where a device is at home.
  virtual results::Place place(model::DeviceId device) const = 0;
  virtual std::uint64_t fingerprint() const = 0;
  virtual std::uint64_t events() const = 0;
  /// What it cost so far.
  virtual results::Cost cost() const = 0;
  /// How partitions divided the regions, change by change.
  virtual std::vector<world::Parted> parted() const = 0;
};

/// The pipeline that the scenario asks for. Both arguments outlive it.
std::unique_ptr<Simulation> make_simulation(const scenario::Scenario& scenario,
                                            world::FactSink& facts);

/// The secret under which the contents of that run prove themselves.
model::PayloadKey payload_key(const scenario::Scenario& scenario);

}  // namespace greytick::cli
