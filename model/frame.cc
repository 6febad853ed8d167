#include "model/frame.h"

#include <algorithm>
#include <array>

namespace greytick::model {

void add_newest(Recipients& list, const Recipient& who) {
  const auto same = std::ranges::find(list, who.device, &Recipient::device);
  if (same == list.end()) {
    list.push_back(who);
  } else if (same->incarnation < who.incarnation) {
    *same = who;
  }
}

std::string_view frame_name(const Frame& frame) {
  static constexpr std::array<std::string_view, std::variant_size_v<Frame>> kNames = {
      "hello",
      "welcome",
      "hello_stale",
      "register",
      "registered",
      "session_closed",
      "evict",
      "send",
      "send_reply",
      "data",
      "ack",
      "read",
      "read_ack",
      "tick",
      "tick_ack",
      "channel",
      "channel_ack",
      "ping",
      "pong",
      "wake_up",
      "notify",
      "notified",
      "nudge",
      "dial",
      "hang_up",
      "connected",
      "refused",
      "disconnected",
      "change_membership",
      "membership_reply",
      "log_out",
      "logged_out"};
  return kNames[frame.index()];
}

std::string_view entry_kind_name(EntryKind kind) {
  constexpr std::array<std::string_view, 5> kNames = {"content", "joined", "left", "linked",
                                                      "unlinked"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace greytick::model
