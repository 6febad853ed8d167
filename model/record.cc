#include "model/record.h"

#include <array>

namespace greytick::model {

std::string_view table_name(Table table) {
  static constexpr std::array<std::string_view, 25> kNames = {
      "conversation", "member",       "stream",
      "response",     "channel_out",  "outgoing",
      "channel_in",   "shard_clock",  "mailbox",
      "entry",        "due",          "dead_letter",
      "register",     "tick_slot",    "user_conversation",
      "identity",     "thread",       "outbox",
      "pending_read", "member_ticks", "pending_change",
      "user_device",  "body",         "group_message",
      "roster"};
  static_assert(kNames.size() == std::variant_size_v<Record>);
  return kNames[static_cast<std::size_t>(table)];
}

}  // namespace greytick::model
