#include "sim/faults/assignment.h"

#include "sim/engine/fingerprint.h"

namespace greytick::faults {

using model::Address;
using model::Role;

std::optional<std::uint32_t> Assignment::place(const Address& shard) const {
  const std::uint32_t count = count_of(shard.role);
  const std::uint32_t first = shard.index / count * shards_.processes;
  const std::uint32_t dealt = first + shard.index % count % shards_.processes;
  if (members_[dealt]) return dealt;
  const std::uint64_t name =
      engine::mix64(std::uint64_t{static_cast<std::uint8_t>(shard.role)} << 32 | shard.index);
  std::optional<std::uint32_t> best;
  std::uint64_t highest = 0;
  for (std::uint32_t process = first; process < first + shards_.processes; ++process) {
    if (!members_[process]) continue;
    const std::uint64_t weight = engine::mix64(name ^ engine::mix64(process + std::uint64_t{1}));
    if (best && weight <= highest) continue;
    best = process;
    highest = weight;
  }
  return best;
}

std::vector<Address> Assignment::shards_near(std::uint32_t process) const {
  std::vector<Address> all;
  for (const Role role : {Role::kConversation, Role::kMailbox}) {
    const std::uint32_t count = count_of(role);
    const std::uint32_t first = process / shards_.processes * count;
    for (std::uint32_t i = first; i < first + count; ++i) all.push_back({role, i, {}});
  }
  return all;
}

}  // namespace greytick::faults
