#include "sim/faults/deploy.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "sim/engine/distributions.h"
#include "sim/scenario/deploy.h"

namespace greytick::faults {
namespace {

using net::Endpoint;
using net::NodeKind;
using scenario::DeployTurn;

struct Turn {
  std::vector<Endpoint> nodes;
  DeployTurn times;
};

bool same_turn(const std::vector<Endpoint>& nodes, const Endpoint& next, std::uint64_t at_once) {
  return nodes.size() < at_once && nodes.front().kind == next.kind &&
         nodes.front().region == next.region;
}

std::vector<Turn> turns_of(const scenario::Topology& topology, const scenario::FaultWith& with,
                           std::vector<Endpoint> nodes) {
  std::erase_if(nodes, [](const Endpoint& e) {
    return e.kind != NodeKind::kGateway && e.kind != NodeKind::kProcess;
  });
  std::ranges::sort(nodes, {},
                    [](const Endpoint& e) { return std::tuple(e.kind, e.region, e.index); });
  std::vector<Turn> turns;
  for (const Endpoint& node : nodes) {
    if (turns.empty() || !same_turn(turns.back().nodes, node, with.at_once)) {
      const auto kind = node.kind == NodeKind::kGateway ? scenario::TargetKind::kGateway
                                                        : scenario::TargetKind::kProcess;
      turns.push_back({{}, scenario::deploy_turn(kind, topology, with)});
    }
    turns.back().nodes.push_back(node);
  }
  return turns;
}

}  // namespace

std::vector<DeployStep> deploy_steps(const scenario::Topology& topology,
                                     const scenario::Fault& fault,
                                     const std::vector<Endpoint>& nodes, model::Instant start) {
  const std::vector<Turn> turns = turns_of(topology, fault.with, nodes);
  model::Duration needed{};
  for (const Turn& turn : turns) needed += turn.times.over;
  // The time that is left over, spread over the turns by what they need.
  const double stretch = needed > model::Duration{} ? static_cast<double>(fault.lasts.count()) /
                                                          static_cast<double>(needed.count())
                                                    : 0.0;
  std::vector<DeployStep> steps;
  model::Duration before{};
  for (const Turn& turn : turns) {
    const model::Instant begins =
        start + engine::to_duration(static_cast<double>(before.count()) * stretch);
    steps.push_back({begins, DeployStep::Act::kLeave, turn.nodes});
    steps.push_back({begins + turn.times.stops, DeployStep::Act::kStop, turn.nodes});
    steps.push_back({begins + turn.times.starts, DeployStep::Act::kStart, turn.nodes});
    before += turn.times.over;
  }
  return steps;
}

}  // namespace greytick::faults
