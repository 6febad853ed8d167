#pragma once

#include <cstdint>
#include <vector>

#include "model/time.h"
#include "sim/net/node_set.h"

namespace greytick::faults {

/// Wall clocks of all nodes: true time, plus what the faults in force add.
class Clocks {
 public:
  /// From `since` on the wall of each node in the set is off by offset and gains drift_ppm parts in
  /// a million. token: names the error, for remove().
  void add(std::uint64_t token, net::NodeSet nodes, model::Duration offset, double drift_ppm,
           model::Instant since);
  void remove(std::uint64_t token);

  /// What the node's wall shows at true time `now`. May lie before Instant{}, the start of the run.
  [[nodiscard]] model::Instant wall(const net::Endpoint& node, model::Instant now) const;

 private:
  struct Error {
    std::uint64_t token;
    net::NodeSet nodes;
    model::Duration offset;
    std::int64_t drift_ppb;
    model::Instant since;
  };
  std::vector<Error> errors_;
};

}  // namespace greytick::faults
