#pragma once

#include <compare>
#include <cstdint>

namespace greytick::net {

/// What can stand at an end of a link, or be hit by a fault.
enum class NodeKind : std::uint8_t { kGateway, kProcess, kStore, kPush, kDevice };
inline constexpr int kNodeKinds = 5;

/// One node. It carries its region and access network, so that a rule can be matched without
/// looking anything up.
///
/// index:  over all regions: region * count per region + number within; devices by device id.
/// region: of topology.regions; a device stands in the region it is homed in.
/// access: of network.access; devices only, else 0.
struct Endpoint {
  NodeKind kind = NodeKind::kGateway;
  std::uint8_t access = 0;
  std::uint16_t region = 0;
  std::uint32_t index = 0;

  friend constexpr auto operator<=>(const Endpoint&, const Endpoint&) = default;

  /// The node as a number: kind and index, unique in a run. Below 2^35.
  [[nodiscard]] constexpr std::uint64_t key() const {
    return static_cast<std::uint64_t>(kind) << 32 | index;
  }
};

static_assert(sizeof(Endpoint) == 8);

}  // namespace greytick::net
