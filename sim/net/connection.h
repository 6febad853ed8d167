#pragma once

#include <cstdint>

#include "model/ids.h"
#include "model/time.h"
#include "sim/net/endpoint.h"

namespace greytick::net {

using model::Duration;
using model::Instant;

enum class Way : std::uint8_t { kUp, kDown };  // from the device, to the device

/// One direction of a connection. Bytes arrive in the order they were sent.
struct Lane {
  Instant free_at{};             // the slow link has put everything on the wire by then
  Instant last_arrival{};        // nothing may arrive before it
  std::uint64_t held_bytes = 0;  // given to send() while the way was cut, not yet released
  Instant held_since{};          // meaningful while held_bytes > 0
  double deviate = 0.0;          // of the last delay, as a normal one; for correlated delays
  std::uint32_t delay_draws = 0, loss_draws = 0;  // positions in the lane's random streams
  bool bad = false;                               // the burst state of the access network's loss

  friend bool operator==(const Lane&, const Lane&) = default;
};

/// What the network knows of one device's connection to a gateway: a value, kept by the world.
/// Made by Network::dial, changed by Network alone.
struct Connection {
  model::ConnectionId id;
  Endpoint device, gateway;
  Duration wan{};                           // one way between the two regions, without jitter
  Duration rto{};                           // retransmission timeout of a first loss
  bool half_open = false;                   // bytes vanish both ways and nobody is told
  Instant unhealthy_since = model::kNever;  // kNever: both ways work
  Instant stall_from = model::kNever, stall_until = model::kNever;  // the next stall, or this one
  std::uint32_t stall_draws = 0;
  Instant handoff_at = model::kNever;  // the device changes networks, which breaks the connection
  Duration handoff_gap{};              // and has none for so long
  Lane up, down;

  [[nodiscard]] bool healthy() const { return unhealthy_since == model::kNever; }
  friend bool operator==(const Connection&, const Connection&) = default;
};

}  // namespace greytick::net
