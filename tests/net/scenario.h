#pragma once

#include "sim/net/network.h"
#include "sim/scenario/scenario.h"

namespace greytick::net {

using namespace model::literals;  // NOLINT(google-build-using-namespace): durations read well.

/// Two regions 80 ms apart, a LAN of 2 ms round trip and 8 Mbit/s; no jitter, no loss: every delay
/// can be worked out by hand.
inline scenario::Scenario plain_scenario() {
  scenario::Scenario s;
  s.topology.regions = {{.name = "eu", .location = "eu-central-1"},
                        {.name = "br", .location = "sa-east-1"}};
  s.network.backbone.matrix = scenario::RegionMatrix::kUniform;
  s.network.backbone.rtt = 80ms;
  s.network.backbone.jitter = scenario::DistSpec::constant(0ns);
  s.network.backbone.within = scenario::DistSpec::constant(1ms);
  s.network.backbone.loss = {0.0};
  s.network.tcp = {};
  scenario::Access lan;
  lan.name = "lan";
  lan.rtt = scenario::DistSpec::constant(2ms);
  lan.down = lan.up = {8'000'000};
  lan.assigned = {1.0};
  s.network.access = {lan};
  return s;
}

inline Endpoint device(std::uint32_t index, std::uint16_t region = 0) {
  return {.kind = NodeKind::kDevice, .access = 0, .region = region, .index = index};
}
inline Endpoint gateway(std::uint32_t index, std::uint16_t region = 0) {
  return {.kind = NodeKind::kGateway, .access = 0, .region = region, .index = index};
}
inline Endpoint process(std::uint32_t index, std::uint16_t region = 0) {
  return {.kind = NodeKind::kProcess, .access = 0, .region = region, .index = index};
}

inline Rule rule_on(Effect effect, const Endpoint& node) {
  Rule rule{.effect = effect, .target = {}, .other = {}, .key = 7, .with = {}};
  rule.target.add(node.kind, node.index);
  return rule;
}

}  // namespace greytick::net
