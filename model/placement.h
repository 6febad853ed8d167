// Where things live: which shard owns a conversation or a user. A pure function of ids and counts,
// the same at every machine.
#pragma once

#include <cstdint>

#include "model/ids.h"

namespace greytick::model {

/// Users and conversations are dealt to regions round robin, then to the shards of their region.
struct Placement {
  std::uint32_t regions = 1;
  std::uint32_t conversation_shards = 16;  // a region
  std::uint32_t mailbox_shards = 16;       // a region

  [[nodiscard]] constexpr std::uint32_t region_of(UserId user) const {
    return user.value() % regions;
  }
  [[nodiscard]] constexpr Address conversation_shard(ConversationId c) const {
    const auto region = static_cast<std::uint32_t>(c.value() % regions);
    const auto slot = static_cast<std::uint32_t>((c.value() / regions) % conversation_shards);
    return {Role::kConversation, region * conversation_shards + slot, ConnectionId{}};
  }
  [[nodiscard]] constexpr Address mailbox_shard(UserId user) const {
    const std::uint32_t slot = (user.value() / regions) % mailbox_shards;
    return {Role::kMailbox, region_of(user) * mailbox_shards + slot, ConnectionId{}};
  }
  friend constexpr bool operator==(const Placement&, const Placement&) = default;
};

}  // namespace greytick::model
