// Processes that leave and join again, and deploys, which are made of that.
#include <algorithm>
#include <optional>

#include "model/check.h"
#include "sim/faults/injector.h"

namespace greytick::faults {

// The processes leave, or join again, and with them go their shards.
void Injector::rebalance(std::span<const net::Endpoint> nodes, const scenario::FaultWith& with,
                         bool join, Instant at) {
  std::vector<net::Endpoint> turned;
  for (const net::Endpoint& node : nodes) {
    if (!(join ? left_.give_back(node) : left_.take(node))) continue;
    assignment_.set_member(node.index, join);
    controls_.set_member(node.index, join, at);
    turned.push_back(node);
  }
  for (const net::Endpoint& node : turned) {
    for (const model::Address& shard : assignment_.shards_near(node.index)) {
      const std::uint32_t host = controls_.host(shard);
      const std::optional<std::uint32_t> place = assignment_.place(shard);
      const bool goes = join ? place == node.index : host == node.index;
      if (!goes || !place || *place == host) continue;
      controls_.move_shard(
          shard,
          {.to = place, .handover = with.handover, .hint = with.hint, .entries = with.entries}, at);
    }
  }
}

Instant Injector::next_step() const {
  Instant due = model::kNever;
  for (const Active& active : active_) {
    if (active.taken < active.steps.size()) due = std::min(due, active.steps[active.taken].at);
  }
  return due;
}

void Injector::take_steps(Instant due) {
  for (Active& active : active_) {
    while (active.taken < active.steps.size() && active.steps[active.taken].at <= due) {
      carry_out(active.steps[active.taken++], fault_of(active.occurrence).with, due);
    }
  }
}

void Injector::carry_out(const DeployStep& step, const scenario::FaultWith& with, Instant at) {
  const bool gateways = step.nodes.front().kind == net::NodeKind::kGateway;
  switch (step.act) {
    case DeployStep::Act::kLeave:
      if (!gateways) return rebalance(step.nodes, with, false, at);
      for (const net::Endpoint& node : step.nodes) {
        if (draining_.take(node)) controls_.drain_gateway(node.index, at);
      }
      return;
    case DeployStep::Act::kStop:
      CHECK(with.to.has_value());
      for (const net::Endpoint& node : step.nodes) {
        if (down_.take(node)) controls_.crash(node, at);
        controls_.set_version(node, static_cast<model::Version>(*with.to), at);
      }
      return;
    case DeployStep::Act::kStart:
      for (const net::Endpoint& node : step.nodes) {
        if (down_.give_back(node)) controls_.restart(node, at);
      }
      back_to_work(step, with, at);
      return;
  }
}

void Injector::back_to_work(const DeployStep& step, const scenario::FaultWith& with, Instant at) {
  if (step.nodes.front().kind != net::NodeKind::kGateway) {
    return rebalance(step.nodes, with, true, at);
  }
  for (const net::Endpoint& node : step.nodes) {
    if (draining_.give_back(node)) controls_.undrain_gateway(node.index, at);
  }
}

// Whoever is in the middle of it goes on; the others stay as they are.
void Injector::end_deploy(const Active& active, Instant at) {
  if (active.taken == 0) return;
  DeployStep last = active.steps[active.taken - 1];
  const scenario::FaultWith& with = fault_of(active.occurrence).with;
  if (last.act == DeployStep::Act::kLeave) back_to_work(last, with, at);
  if (last.act != DeployStep::Act::kStop) return;
  last.act = DeployStep::Act::kStart;
  carry_out(last, with, at);
}

}  // namespace greytick::faults
