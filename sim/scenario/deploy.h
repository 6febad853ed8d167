#ifndef GREYTICK_SIM_SCENARIO_DEPLOY_H_
#define GREYTICK_SIM_SCENARIO_DEPLOY_H_

#include "sim/scenario/fault.h"
#include "sim/scenario/scenario.h"

namespace greytick::scenario {

/// When a server does what in its turn of a rolling deploy, from the turn's beginning.
struct DeployTurn {
  Duration stops{0};   // a gateway has closed its sessions, a process has handed its shards over
  Duration starts{0};  // with the other version; a gateway takes logins, a process joins
  Duration over{0};    // a process has its shards again
};

/// kind: a gateway or a process.
[[nodiscard]] inline DeployTurn deploy_turn(TargetKind kind, const Topology& topology,
                                            const FaultWith& with) {
  const bool gateway = kind == TargetKind::kGateway;
  // By then whoever looks for a shard has heard where it went.
  const Duration stops = gateway ? topology.gateways.drain : with.handover + with.hint;
  const Duration starts = stops + with.restart;
  return {.stops = stops, .starts = starts, .over = gateway ? starts : starts + with.handover};
}

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_DEPLOY_H_
