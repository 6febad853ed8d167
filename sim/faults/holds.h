#pragma once

#include <cstdint>
#include <map>

#include "model/check.h"
#include "sim/net/endpoint.h"

namespace greytick::faults {

/// Faults in force by node. They may overlap, and each heals for itself: the last one gives the
/// node back.
class Holds {
 public:
  /// True when this is the first hold on the node.
  bool take(std::uint64_t node) { return ++holds_[node] == 1; }
  bool take(const net::Endpoint& node) { return take(node.key()); }

  /// True when it was the last one. CHECKs that there is one.
  bool give_back(std::uint64_t node) {
    const auto it = holds_.find(node);
    CHECK(it != holds_.end());
    if (--it->second > 0) return false;
    holds_.erase(it);
    return true;
  }
  bool give_back(const net::Endpoint& node) { return give_back(node.key()); }

 private:
  std::map<std::uint64_t, std::uint32_t> holds_;
};

}  // namespace greytick::faults
