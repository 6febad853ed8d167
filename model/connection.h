// The ring of states that a phone's connection goes round, and which may follow which.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/ids.h"

namespace greytick::model {

enum class Link : std::uint8_t {
  kOffline,     // the app wants no connection
  kConnecting,  // a dial is under way
  kResuming,    // connected; HELLO or REGISTER sent, its answer pending
  kFlushing,    // session open, the outbox being emptied
  kOpen,
  kDegraded,  // one heartbeat late
  kDropped,   // lost; passed through at once on the way to backoff
  kBackoff,   // the next dial is scheduled
};
inline constexpr std::size_t kLinks = static_cast<std::size_t>(Link::kBackoff) + 1;

std::string_view link_name(Link link);  // "offline", ...

/// The transition table: true iff `to` may follow `from`. Any state may fall back to kOffline.
bool may_follow(Link from, Link to);

/// Invariants: at most one dial is pending (kConnecting, or kBackoff's timer) and at most one
/// connection held; `gateway` names it in kResuming .. kDegraded and is Address{} elsewhere.
struct Connection {
  Link link = Link::kOffline;
  Address gateway{};

  /// CHECKs the transition table.
  void move(Link to);
  /// A connection is held.
  [[nodiscard]] bool connected() const {
    return link == Link::kResuming || link == Link::kFlushing || link == Link::kOpen ||
           link == Link::kDegraded;
  }
  /// A session is open, as far as this end knows.
  [[nodiscard]] bool in_session() const { return connected() && link != Link::kResuming; }
  friend constexpr bool operator==(const Connection&, const Connection&) = default;
};

}  // namespace greytick::model
