#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "model/time.h"
#include "sim/engine/random.h"
#include "sim/faults/churn.h"
#include "sim/faults/clocks.h"
#include "sim/faults/controls.h"
#include "sim/faults/plan.h"
#include "sim/faults/targets.h"
#include "sim/scenario/scenario.h"

namespace greytick::faults {

/// Carries the scenario's faults out: starts them, heals them, in time order. The world keeps one
/// event of class kFault at next(), and calls run() there.
class Injector {
 public:
  /// scenario and controls outlive the injector.
  Injector(const scenario::Scenario& scenario, const engine::Streams& streams, Controls& controls);
  Injector(const Injector&) = delete;
  Injector& operator=(const Injector&) = delete;

  /// When something is due next; kNever when nothing is.
  [[nodiscard]] Instant next() const;

  /// Does everything due at or before `at`: first what heals, then what starts, each in the order
  /// of the scenario. CHECKs that time does not go back.
  void run(Instant at);

  /// Heals what is in force and starts nothing any more: the drain.
  void heal_all(Instant at);

  /// What the wall clock of a node shows.
  [[nodiscard]] Instant wall(const net::Endpoint& node, Instant now) const {
    return clocks_.wall(node, now);
  }

  /// Faults in force, by index into scenario.faults, ascending; each once.
  [[nodiscard]] std::vector<std::uint32_t> in_force() const;

 private:
  struct Active {
    Occurrence occurrence;
    net::RuleId rule = 0;              // link faults
    std::vector<net::Endpoint> nodes;  // what was hit
  };

  void start(const Occurrence& occurrence);
  void heal(Active& active, Instant at);
  void start_link(Active& active);
  void start_connections(const Active& active);
  void apply_stores(Instant at);
  void apply_push(Instant at);
  void apply_churn(Instant at);
  [[nodiscard]] const scenario::Fault& fault_of(const Active& active) const {
    return scenario_.faults[active.occurrence.fault];
  }

  const scenario::Scenario& scenario_;
  engine::Streams streams_;
  Controls& controls_;
  Targets targets_;
  std::vector<Occurrence> plan_;
  std::size_t planned_ = 0;     // plan_[0 .. planned_) have started
  std::vector<Active> active_;  // in the order in which they started
  Clocks clocks_;
  Churn churn_;
  std::map<std::uint64_t, std::uint32_t> down_;  // crashes in force by node
  std::map<std::uint64_t, std::uint32_t> paused_;
  std::map<std::uint32_t, std::uint32_t> draining_;
  std::map<std::uint32_t, std::uint32_t> apps_away_;
  Instant last_{};
};

}  // namespace greytick::faults
