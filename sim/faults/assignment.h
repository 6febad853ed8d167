#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/ids.h"
#include "sim/scenario/scenario.h"

namespace greytick::faults {

/// Which process ought to run a shard, when processes leave and join. Consistent: one that leaves
/// moves its own shards only, and gets the same ones back when it joins.
/// Source: rendezvous hashing; Thaler and Ravishankar, "Using name-based mappings to increase hit
/// rates", IEEE/ACM Transactions on Networking 6(1), 1998. Here the process that a shard was dealt
/// to at the start comes before all others.
class Assignment {
 public:
  explicit Assignment(const scenario::Topology& topology)
      : shards_(topology.shards),
        members_(topology.regions.size() * topology.shards.processes, true) {}

  /// Processes are numbered over all regions.
  void set_member(std::uint32_t process, bool member) { members_[process] = member; }

  /// The member of the shard's region that comes first for it; empty when none is left.
  /// shard: role kConversation or kMailbox.
  [[nodiscard]] std::optional<std::uint32_t> place(const model::Address& shard) const;

  /// The shards of the process's region, conversation shards first, ascending.
  [[nodiscard]] std::vector<model::Address> shards_near(std::uint32_t process) const;

 private:
  [[nodiscard]] std::uint32_t count_of(model::Role role) const {
    return role == model::Role::kConversation ? shards_.conversation : shards_.mailbox;
  }

  scenario::Shards shards_;
  std::vector<bool> members_;
};

}  // namespace greytick::faults
