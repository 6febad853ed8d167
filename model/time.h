#ifndef GREYTICK_MODEL_TIME_H_
#define GREYTICK_MODEL_TIME_H_

#include <chrono>
#include <cstdint>
#include <type_traits>

namespace greytick::model {

/// A span of simulated or real time: integer nanoseconds, signed, about 292 years either way.
using Duration = std::chrono::duration<std::int64_t, std::nano>;

/// The clock that every machine is told about and none can read: it has no now(), so asking it does
/// not compile (style.md 2). The simulator counts from the start of the run, the server from boot.
struct PipelineClock {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<PipelineClock, Duration>;
  // NOLINTNEXTLINE(readability-identifier-naming): std::chrono requires this name.
  static constexpr bool is_steady = true;
};

/// A point of pipeline time. Instant{} is the start of the run; Instant::max() means "never".
using Instant = PipelineClock::time_point;

static_assert(sizeof(Instant) == 8);
static_assert(sizeof(Duration) == 8);
static_assert(std::is_trivially_copyable_v<Instant>);
static_assert(std::is_trivially_copyable_v<Duration>);

/// The literals of durations: 80ms, 30s, 24h. A nested name, as in the standard, so that a header
/// never pours them over its includer.
namespace literals {
using namespace std::chrono_literals;
}

/// No deadline: arming a timer at kNever cancels it.
inline constexpr Instant kNever = Instant::max();

/// at + delay without overflow: stays at Instant::max() or Instant::min(). "Never" is absorbing:
/// saturating_add(kNever, d) is kNever for every d, also a negative one, because a deadline that
/// does not exist does not come nearer. Units: nanoseconds. Total: no error.
[[nodiscard]] constexpr Instant saturating_add(Instant at, Duration delay) {
  if (at == kNever) {
    return kNever;
  }
  std::int64_t sum = 0;
  if (__builtin_add_overflow(at.time_since_epoch().count(), delay.count(), &sum)) {
    return delay.count() > 0 ? Instant::max() : Instant::min();
  }
  return Instant{Duration{sum}};
}

/// later - earlier without overflow: stays at Duration::max() or Duration::min(). Units:
/// nanoseconds.
[[nodiscard]] constexpr Duration saturating_sub(Instant later, Instant earlier) {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(later.time_since_epoch().count(), earlier.time_since_epoch().count(),
                             &difference)) {
    return later > earlier ? Duration::max() : Duration::min();
  }
  return Duration{difference};
}

/// Nanoseconds since the start of the pipeline clock, for printing, hashing and storing.
[[nodiscard]] constexpr std::int64_t to_ns(Instant at) { return at.time_since_epoch().count(); }

/// The Instant that many nanoseconds after the start of the pipeline clock; the inverse of to_ns.
[[nodiscard]] constexpr Instant from_ns(std::int64_t ns) { return Instant{Duration{ns}}; }

}  // namespace greytick::model

#endif  // GREYTICK_MODEL_TIME_H_
