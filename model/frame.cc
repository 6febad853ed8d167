#include "model/frame.h"

#include <array>

namespace greytick::model {

std::string_view frame_name(const Frame& frame) {
  static constexpr std::array<std::string_view, std::variant_size_v<Frame>> kNames = {
      "hello",    "welcome",   "hello_stale", "register",    "registered",  "session_closed",
      "evict",    "send",      "send_reply",  "data",        "ack",         "read",
      "read_ack", "tick",      "tick_ack",    "channel",     "channel_ack", "ping",
      "pong",     "wake_up",   "notify",      "notified",    "nudge",       "dial",
      "hang_up",  "connected", "refused",     "disconnected"};
  return kNames[frame.index()];
}

}  // namespace greytick::model
