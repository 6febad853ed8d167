#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "model/time.h"
#include "sim/engine/random.h"
#include "sim/faults/assignment.h"
#include "sim/faults/churn.h"
#include "sim/faults/clocks.h"
#include "sim/faults/controls.h"
#include "sim/faults/deploy.h"
#include "sim/faults/holds.h"
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
  [[nodiscard]] Instant next();

  /// Does everything due at or before `at`, in time order; at one instant first what heals, then
  /// what goes on, then what starts, then radios. CHECKs that time does not go back.
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
    net::RuleId rule = 0;                     // link faults
    std::vector<net::Endpoint> nodes = {};    // crash, power_loss, pause, drain, stores
    std::vector<std::uint32_t> devices = {};  // app_kill, reinstall, restore_backup
    std::vector<DeployStep> steps = {};       // rolling_deploy
    std::size_t taken = 0;                    // steps[0 .. taken) have been
  };
  struct Backup {
    Occurrence occurrence;
    Instant at;
  };

  void start(const Occurrence& occurrence);
  void heal(const Active& active, Instant at);
  void start_link(Active& active, engine::Stream& stream);
  void start_nodes(Active& active, engine::Stream& stream);
  void strike_connections(const Occurrence& occurrence, engine::Stream& stream);
  void move_shards(const scenario::Fault& fault, engine::Stream& stream, Instant at);
  // --- injector_deploy.cc ---
  void rebalance(std::span<const net::Endpoint> nodes, const scenario::FaultWith& with, bool join,
                 Instant at);
  [[nodiscard]] Instant next_step() const;
  void take_steps(Instant due);
  void carry_out(const DeployStep& step, const scenario::FaultWith& with, Instant at);
  void back_to_work(const DeployStep& step, const scenario::FaultWith& with, Instant at);
  void end_deploy(const Active& active, Instant at);
  void start_churn(const Occurrence& occurrence, engine::Stream& stream);
  void start_apps(Active& active, engine::Stream& stream);
  void plan_backups();
  void back_up(const Backup& backup);
  [[nodiscard]] bool device_draw(const Occurrence& occurrence, std::uint32_t device) const;
  void apply_stores(Instant at);
  void apply_push(Instant at);
  // The fault; where it strikes one region, with that for its target's.
  [[nodiscard]] const scenario::Fault& fault_of(const Occurrence& occurrence) const {
    return occurrence.region ? local_.at({occurrence.fault, *occurrence.region})
                             : scenario_.faults[occurrence.fault];
  }

  const scenario::Scenario& scenario_;
  engine::Streams streams_;
  Controls& controls_;
  Targets targets_;
  std::vector<Occurrence> plan_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, scenario::Fault> local_;  // fault and region
  std::size_t started_ = 0;      // plan_[0 .. started_) have started
  std::vector<Backup> backups_;  // for the restores of plan_, ascending by time
  std::size_t backed_up_ = 0;    // backups_[0 .. backed_up_) are taken
  std::vector<Active> active_;   // in the order in which they started
  Assignment assignment_;
  Clocks clocks_;
  Churn churn_;
  Holds down_, paused_, draining_, left_, away_;
  std::vector<StoreCondition> stores_;  // as the world was told, one a region
  PushCondition push_;                  // likewise
  Instant last_ = Instant::min();
};

}  // namespace greytick::faults
