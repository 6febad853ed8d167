#ifndef GREYTICK_SIM_ENGINE_EVENT_H_
#define GREYTICK_SIM_ENGINE_EVENT_H_

#include <cstdint>
#include <type_traits>

#include "model/check.h"
#include "model/time.h"

namespace greytick::engine {

using model::Duration;
using model::Instant;

/// What comes first at one and the same instant: a fault strikes before the message that arrives
/// then, a commit is seen before the timer that would have given up on it, and the app acts last.
enum class EventClass : std::uint8_t { kFault, kArrival, kDurable, kTimer, kApp };

inline constexpr int kOriginBits = 56;
inline constexpr int kOriginSeqBits = 48;
inline constexpr std::uint64_t kOriginMax = (std::uint64_t{1} << kOriginBits) - 1;
inline constexpr std::uint64_t kOriginSeqMax = (std::uint64_t{1} << kOriginSeqBits) - 1;

/// One thing that will happen: 32 bytes, no pointer, freely copied.
///
/// The total order is (at, class, origin, origin_seq): all of it is known to the sender alone, so
/// it depends neither on threads nor on how the world is partitioned. A body is a slab handle; it
/// does not take part in the order and must not reach a fingerprint, since it is a place and not a
/// value. Invariant: no two pending events share origin and origin_seq (the sender counts, see
/// Origin).
class Event {
 public:
  Event() = default;

  /// origin:     entity that schedules the event, at most kOriginMax.
  /// origin_seq: how many events that entity scheduled before, at most kOriginSeqMax.
  /// target:     node that will handle it; kind: what it is, the world's own enum; body: handle.
  /// CHECKs the two bounds.
  constexpr Event(Instant at, EventClass event_class, std::uint64_t origin,
                  std::uint64_t origin_seq, std::uint32_t target, std::uint8_t kind,
                  std::uint32_t body)
      : at_(at),
        class_and_origin_(static_cast<std::uint64_t>(event_class) << kOriginBits | origin),
        seq_and_kind_(origin_seq << kSeqShift | kind),
        target_(target),
        body_(body) {
    CHECK(origin <= kOriginMax);
    CHECK(origin_seq <= kOriginSeqMax);
  }

  constexpr Instant at() const { return at_; }
  constexpr EventClass event_class() const {
    return static_cast<EventClass>(class_and_origin_ >> kOriginBits);
  }
  constexpr std::uint64_t origin() const { return class_and_origin_ & kOriginMax; }
  constexpr std::uint64_t origin_seq() const { return seq_and_kind_ >> kSeqShift; }
  constexpr std::uint32_t target() const { return target_; }
  constexpr std::uint8_t kind() const { return static_cast<std::uint8_t>(seq_and_kind_); }
  constexpr std::uint32_t body() const { return body_; }

  /// True when a happens before b. The kind sits below the sequence in the last word and never
  /// decides, since sequences of one origin differ.
  friend constexpr bool operator<(const Event& a, const Event& b) {
    if (a.at_ != b.at_) {
      return a.at_ < b.at_;
    }
    if (a.class_and_origin_ != b.class_and_origin_) {
      return a.class_and_origin_ < b.class_and_origin_;
    }
    return a.seq_and_kind_ < b.seq_and_kind_;
  }

  friend constexpr bool operator==(const Event&, const Event&) = default;

 private:
  static constexpr int kSeqShift = 64 - kOriginSeqBits;

  Instant at_;
  std::uint64_t class_and_origin_;
  std::uint64_t seq_and_kind_;
  std::uint32_t target_;
  std::uint32_t body_;
};

static_assert(sizeof(Event) == 32);
static_assert(std::is_trivially_copyable_v<Event>);

/// Numbers the events of one entity; every scheduler owns one. 16 bytes, a value.
class Origin {
 public:
  constexpr explicit Origin(std::uint64_t id) : id_(id) { CHECK(id <= kOriginMax); }

  constexpr std::uint64_t id() const { return id_; }
  constexpr std::uint64_t events_made() const { return next_seq_; }

  /// The next event of this entity; consumes one sequence number.
  constexpr Event make(Instant at, EventClass event_class, std::uint32_t target, std::uint8_t kind,
                       std::uint32_t body) {
    return Event(at, event_class, id_, next_seq_++, target, kind, body);
  }

 private:
  std::uint64_t id_;
  std::uint64_t next_seq_ = 0;
};

}  // namespace greytick::engine

#endif  // GREYTICK_SIM_ENGINE_EVENT_H_
