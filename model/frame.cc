#include "model/frame.h"

#include <array>
#include <type_traits>

namespace greytick::model {
namespace {

// Fixed bytes of each frame: its fields at their wire width, behind an envelope of type, length and
// checksum. Content travels at its stated length.
constexpr std::uint32_t kEnvelope = 12;
constexpr std::uint32_t kMessageFields = 64;
constexpr std::uint32_t kRecipientFields = 12;
constexpr std::uint32_t kRegisterFields = 24;
constexpr std::uint32_t kIntervalFields = 17;

std::uint32_t size_of(const Message& m) { return kMessageFields + m.content.bytes; }
std::uint32_t size_of(const TickRegister& r) {
  return kRegisterFields + kIntervalFields * static_cast<std::uint32_t>(r.failed.size());
}
std::uint32_t size_of(const ChannelItem& item) {
  return std::visit(
      []<class T>(const T& i) -> std::uint32_t {
        if constexpr (std::is_same_v<T, FanOut>) {
          return size_of(i.message) +
                 kRecipientFields * static_cast<std::uint32_t>(i.recipients.size());
        } else if constexpr (std::is_same_v<T, RegisterUpdate>) {
          return 8 + kRecipientFields + 4 + size_of(i.value);
        } else {
          return 8 + kRecipientFields;
        }
      },
      item);
}

}  // namespace

std::string_view frame_name(const Frame& frame) {
  static constexpr std::array<std::string_view, std::variant_size_v<Frame>> kNames = {
      "hello",    "welcome",   "hello_stale", "register",    "registered",  "session_closed",
      "evict",    "send",      "send_reply",  "data",        "ack",         "read",
      "read_ack", "tick",      "tick_ack",    "channel",     "channel_ack", "ping",
      "pong",     "wake_up",   "notify",      "notified",    "nudge",       "dial",
      "hang_up",  "connected", "refused",     "disconnected"};
  return kNames[frame.index()];
}

std::uint32_t wire_size(const Frame& frame) {
  return kEnvelope +
         std::visit(
             []<class T>(const T& f) -> std::uint32_t {
               if constexpr (std::is_same_v<T, SendMessage>) {
                 return kMessageFields + f.content.bytes;
               } else if constexpr (std::is_same_v<T, Data>) {
                 return 20 + size_of(f.message);
               } else if constexpr (std::is_same_v<T, Tick>) {
                 return 16 + size_of(f.value);
               } else if constexpr (std::is_same_v<T, ChannelEntry>) {
                 return 18 + size_of(f.item);
               } else if constexpr (std::is_same_v<T, Ping> || std::is_same_v<T, Pong>) {
                 return 0;
               } else {
                 return sizeof(T);
               }
             },
             frame);
}

}  // namespace greytick::model
