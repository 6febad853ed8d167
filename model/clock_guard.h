// A wall clock that nobody can make jump. Anchored at the start on the store's commit clock, it
// follows the process's wall clock only as far as elapsed monotonic time allows: never faster or
// slower than 500 ppm, so a jump of 31 days expires nothing.
#pragma once

#include <algorithm>

#include "model/time.h"

namespace greytick::model {

/// Readings stay within anchor + elapsed x (1 -+ 500 ppm), the rate to which NTP holds a clock (RFC
/// 5905, MAXFREQ). They step back by no more than that band is wide: whoever needs a monotone time
/// keeps the maximum.
class ClockGuard {
 public:
  ClockGuard() = default;
  /// store_clock: commit time that the store vouches for; now: monotonic, at this start.
  ClockGuard(Instant store_clock, Instant now) : anchor_(store_clock), started_(now) {}

  /// Wall time fit for time to live: `wall`, clamped to what can have passed since the anchor.
  [[nodiscard]] Instant read(Instant wall, Instant now) const {
    const Duration elapsed = now - started_;
    const Duration slack = elapsed / 2000;  // 500 ppm, either way
    return std::clamp(wall, anchor_ + elapsed - slack, anchor_ + elapsed + slack);
  }
  /// True when the wall clock is so far off the reading that it must have jumped: machines always
  /// differ a little, and that is clamped in silence.
  [[nodiscard]] bool jumped(Instant wall, Instant now) const {
    const Instant at = read(wall, now);
    return wall > at + kJump || wall < at - kJump;
  }
  friend bool operator==(const ClockGuard&, const ClockGuard&) = default;

 private:
  static constexpr Duration kJump = std::chrono::seconds(1);
  Instant anchor_{}, started_{};
};

}  // namespace greytick::model
