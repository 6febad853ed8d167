#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/net/endpoint.h"

namespace greytick::net {

/// A set of nodes: for each kind either all of them, narrowed by region and access network, or the
/// ones listed. Membership is O(1), since each packet asks while a rule is in force.
class NodeSet {
 public:
  /// All nodes of that kind in the region, on the access network; absent: any.
  void add_all(NodeKind kind, std::optional<std::uint16_t> region = {},
               std::optional<std::uint8_t> access = {}) {
    part(kind) = {.all = true, .region = region, .access = access, .bits = {}};
  }

  void add(NodeKind kind, std::uint32_t index) {
    auto& bits = part(kind).bits;
    if (bits.size() <= index / 64) bits.resize(index / 64 + 1);
    bits[index / 64] |= std::uint64_t{1} << (index % 64);
  }

  [[nodiscard]] bool has(const Endpoint& node) const {
    const Part& p = parts_[static_cast<std::size_t>(node.kind)];
    if (p.all) {
      return (!p.region || *p.region == node.region) && (!p.access || *p.access == node.access);
    }
    return node.index / 64 < p.bits.size() &&
           (p.bits[node.index / 64] >> (node.index % 64) & 1) != 0;
  }

  friend bool operator==(const NodeSet&, const NodeSet&) = default;

 private:
  struct Part {
    bool all = false;
    std::optional<std::uint16_t> region;
    std::optional<std::uint8_t> access;
    std::vector<std::uint64_t> bits;
    friend bool operator==(const Part&, const Part&) = default;
  };
  Part& part(NodeKind kind) { return parts_[static_cast<std::size_t>(kind)]; }

  std::array<Part, kNodeKinds> parts_;
};

}  // namespace greytick::net
