// Timers over an event queue that cannot take events back. A machine arms, moves and cancels; of
// each timer at most one event that matters is pending, and one that fires early is posted again.
#pragma once

#include "model/time.h"

namespace greytick::world {

struct Alarm {
  model::Instant deadline = model::kNever;   // what the machine asked for
  model::Instant scheduled = model::kNever;  // of the pending event that counts; others are stale

  /// True when the caller must post an event at `at`.
  [[nodiscard]] bool arm(model::Instant at) {
    deadline = at;
    if (at >= scheduled) return false;
    scheduled = at;
    return true;
  }
  enum class Ring : std::uint8_t { kStale, kEarly, kNow };
  /// An event of this timer came up. kEarly: the caller posts it again at `deadline`.
  [[nodiscard]] Ring ring(model::Instant now) {
    if (now != scheduled) return Ring::kStale;
    if (deadline == model::kNever) {
      scheduled = model::kNever;
      return Ring::kStale;
    }
    if (deadline > now) {
      scheduled = deadline;
      return Ring::kEarly;
    }
    deadline = scheduled = model::kNever;
    return Ring::kNow;
  }
  [[nodiscard]] bool idle() const {
    return deadline == model::kNever && scheduled == model::kNever;
  }
};

}  // namespace greytick::world
