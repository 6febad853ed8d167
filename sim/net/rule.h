#pragma once

#include <cstdint>
#include <optional>

#include "sim/net/node_set.h"
#include "sim/scenario/fault.h"

namespace greytick::net {

/// What a rule does to the packets it matches. The parameters are those of scenario::FaultWith.
enum class Effect : std::uint8_t { kDrop, kLatency, kDuplicate, kReorder, kCorrupt, kPartition };

/// A condition of the network while a link fault is in force.
///
/// key: numbers the occurrence of the fault; draws of the rule hang on it, so equal rules of
/// different occurrences differ.
///
/// Which packets from a to b it matches:
///   without `other`, kBoth: a or b is in `target`; kTo: b is; kFrom: a is. A partition spares the
///                    links inside the target, unless `inside` says that the target is everything.
///   with `other`,    kTo: from other to target; kFrom: from target to other; kBoth: either.
struct Rule {
  Effect effect = Effect::kDrop;
  NodeSet target;
  std::optional<NodeSet> other;
  scenario::Direction direction = scenario::Direction::kBoth;
  bool inside = false;
  // It takes lines between regions down and cuts nothing off that another way reaches. The network
  // sets it.
  bool lines_only = false;
  std::uint64_t key = 0;
  scenario::FaultWith with;

  [[nodiscard]] bool matches(const Endpoint& a, const Endpoint& b) const;
};

using RuleId = std::uint32_t;

}  // namespace greytick::net
