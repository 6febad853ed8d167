// The regions as a graph of named links: the way of a frame between two regions is the shortest one
// over the links that are up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/time.h"

namespace greytick::net {

/// A line between two regions, with its delay each way.
struct RegionLink {
  std::uint16_t a, b;
  model::Duration there, back;  // a to b, b to a; > 0

  friend bool operator==(const RegionLink&, const RegionLink&) = default;
};

/// Regions that reach each other, ascending; in order of their first regions.
using Components = std::vector<std::vector<std::uint16_t>>;

class RegionGraph {
 public:
  /// links: between regions below `regions`, each pair at most once, no region with itself.
  RegionGraph(std::size_t regions, std::vector<RegionLink> links);

  [[nodiscard]] std::span<const RegionLink> links() const { return links_; }

  /// Which links carry frames: for each link whether it does from a to b, and from b to a. Works
  /// out all ways anew: O(regions * links * log regions).
  struct Up {
    bool there = true, back = true;
    friend bool operator==(const Up&, const Up&) = default;
  };
  void set_up(std::vector<Up> up);

  [[nodiscard]] bool reaches(std::size_t from, std::size_t to) const {
    return delays_[from * regions_ + to] != kNoWay;
  }
  /// One way along the shortest way; CHECKs that there is one. Zero from a region to itself.
  /// Of ways equally short any: they take as long.
  [[nodiscard]] model::Duration one_way(std::size_t from, std::size_t to) const;

  /// Regions that reach each other both ways.
  [[nodiscard]] Components components() const;

 private:
  static constexpr std::int64_t kNoWay = INT64_MAX;

  std::size_t regions_;
  std::vector<RegionLink> links_;
  std::vector<Up> up_;                // by link
  std::vector<std::int64_t> delays_;  // ns, regions_ x regions_, row: from
};

}  // namespace greytick::net
