#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/time.h"
#include "sim/net/region_graph.h"
#include "sim/scenario/scenario.h"

namespace greytick::net {

/// One-way delays between the regions of a topology: half of a measured round trip.
class RegionDelays {
 public:
  /// From the matrix file of the backbone, or its uniform round trip. Within a region the delay is
  /// half of `within`. CHECKs that the file can be read and names each location.
  RegionDelays(const scenario::Backbone& backbone, const std::vector<scenario::Region>& regions,
               model::Duration within);

  /// The lines that the scenario names, or one between each two regions. Those take 1 ns at least,
  /// so that they can be part of a graph.
  [[nodiscard]] std::vector<RegionLink> lines(const scenario::Backbone& backbone,
                                              const std::vector<scenario::Region>& regions) const;

  [[nodiscard]] model::Duration one_way(std::size_t from, std::size_t to) const {
    return delays_[from * count_ + to];
  }

 private:
  std::size_t count_;
  std::vector<model::Duration> delays_;  // count_ x count_, row: from
};

}  // namespace greytick::net
