#include "sim/faults/clocks.h"

#include <utility>

namespace greytick::faults {

namespace {
__extension__ using Wide = __int128;
constexpr double kPpbPerPpm = 1000.0;
}  // namespace

void Clocks::add(std::uint64_t token, net::NodeSet nodes, model::Duration offset, double drift_ppm,
                 model::Instant since) {
  errors_.push_back({.token = token,
                     .nodes = std::move(nodes),
                     .offset = offset,
                     .drift_ppb = static_cast<std::int64_t>(drift_ppm * kPpbPerPpm),
                     .since = since});
}

void Clocks::remove(std::uint64_t token) {
  std::erase_if(errors_, [token](const Error& e) { return e.token == token; });
}

model::Instant Clocks::wall(const net::Endpoint& node, model::Instant now) const {
  model::Instant wall = now;
  for (const Error& e : errors_) {
    if (!e.nodes.has(node)) continue;
    const Wide gained = Wide{(now - e.since).count()} * e.drift_ppb / 1'000'000'000;
    wall = saturating_add(wall, e.offset + model::Duration{static_cast<std::int64_t>(gained)});
  }
  return wall;
}

}  // namespace greytick::faults
