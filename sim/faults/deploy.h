#pragma once

#include <cstdint>
#include <vector>

#include "model/time.h"
#include "sim/net/endpoint.h"
#include "sim/scenario/scenario.h"

namespace greytick::faults {

/// What some servers of a region do together in a rolling deploy.
struct DeployStep {
  enum class Act : std::uint8_t {
    kLeave,  // a gateway drains, a process hands its shards over
    kStop,
    kStart,  // with the other version; back to work
  };
  model::Instant at;
  Act act = Act::kLeave;
  std::vector<net::Endpoint> nodes;  // gateways or processes
};

/// The steps, in the order of their times: gateways before processes, region by region, at most
/// `with.at_once` of a region together. Each turn has the share of the whole time that it needs.
/// nodes: those to deploy, in any order; others than gateways and processes are left out.
std::vector<DeployStep> deploy_steps(const scenario::Topology& topology,
                                     const scenario::Fault& fault,
                                     const std::vector<net::Endpoint>& nodes, model::Instant start);

}  // namespace greytick::faults
