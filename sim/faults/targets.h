#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/ids.h"
#include "sim/engine/random.h"
#include "sim/faults/controls.h"
#include "sim/net/node_set.h"
#include "sim/scenario/scenario.h"

namespace greytick::faults {

/// Finds what a selector means. Draws of the modes one, fixed and percent come from the stream it
/// is given, so each occurrence of each fault draws for itself.
class Targets {
 public:
  /// Both outlive it.
  Targets(const scenario::Scenario& scenario, const Controls& controls)
      : scenario_(scenario), controls_(controls) {}

  /// The nodes, ascending by kind and index. A region or the service stands for its servers:
  /// gateways, processes, stores and, with its first region, push. CHECKs that the target is not a
  /// shard.
  std::vector<net::Endpoint> servers(const scenario::Selector& selector,
                                     engine::Stream& stream) const;

  /// The shards, ascending; of a process those it runs now, conversation shards first.
  std::vector<model::Address> shards(const scenario::Selector& selector,
                                     engine::Stream& stream) const;

  /// The devices of a service, region or device selector, ascending.
  std::vector<std::uint32_t> devices(const scenario::Selector& selector,
                                     engine::Stream& stream) const;

  /// Servers and devices together, for links, connections and clocks.
  net::NodeSet nodes(const scenario::Selector& selector, engine::Stream& stream) const;

 private:
  [[nodiscard]] std::uint32_t per_region(net::NodeKind kind) const;
  [[nodiscard]] std::vector<std::uint32_t> regions(const scenario::Selector& selector,
                                                   engine::Stream& stream) const;
  static std::vector<std::uint32_t> within(std::span<const std::uint32_t> regions,
                                           std::uint32_t count);
  [[nodiscard]] net::Endpoint endpoint(net::NodeKind kind, std::uint32_t index) const;
  [[nodiscard]] std::optional<std::uint8_t> access_index(const scenario::Selector& selector) const;

  const scenario::Scenario& scenario_;
  const Controls& controls_;
};

}  // namespace greytick::faults
