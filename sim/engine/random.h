#ifndef GREYTICK_SIM_ENGINE_RANDOM_H_
#define GREYTICK_SIM_ENGINE_RANDOM_H_

#include <array>
#include <cstdint>

#include "model/check.h"
#include "sim/engine/philox.h"

namespace greytick::engine {

/// What a random draw is for. Each purpose of each entity has a stream of its own, so that one more
/// draw for one purpose moves no other. The values are part of the results: append, never renumber.
enum class Purpose : std::uint8_t {
  kLinkDelay = 0,
  kLoss = 1,
  kPresence = 2,
  kWorkload = 3,
  kPayload = 4,
  kBackoff = 5,
  kNonce = 6,
  kFault = 7,
  kStore = 8,
  kPush = 9,
  kRead = 10,
  kChurn = 11,
  kContacts = 12,
  kPlacement = 13,
  kService = 14,
  kClock = 15,
  kDuplicate = 16,
  kReorder = 17,
  kCorrupt = 18,
  kConnection = 19,
  kEntropy = 20,
  kSwarm = 21,
  kGroups = 22,
  kTest = 255,
};

/// An endless sequence of random numbers, keyed by (seed, purpose, entity); a value of 24 bytes.
///
/// Draw n is one Philox block of counter (n, purpose, entity) under key seed, so streams of
/// different purpose or entity share no block: independence is by construction, not by luck of
/// seeding. A stream can be dropped and taken up again at position(), which is all that an idle
/// device must keep.
class Stream {
 public:
  constexpr Stream(std::uint64_t seed, Purpose purpose, std::uint64_t entity,
                   std::uint64_t position = 0)
      : seed_(seed),
        entity_(entity),
        purpose_and_position_(static_cast<std::uint64_t>(purpose) << kPositionBits | position) {
    CHECK(position <= kPositionMask);
  }

  /// How many draws were taken; below 2^56.
  constexpr std::uint64_t position() const { return purpose_and_position_ & kPositionMask; }

  /// 64 independent fair bits. Takes one draw, like every function below but uniform_below.
  constexpr std::uint64_t next_u64() {
    const auto block = philox4x32_10(
        {low(purpose_and_position_), high(purpose_and_position_), low(entity_), high(entity_)},
        {low(seed_), high(seed_)});
    CHECK(position() != kPositionMask);
    ++purpose_and_position_;
    return static_cast<std::uint64_t>(block[1]) << 32 | block[0];
  }

  /// An integer uniform in [0, bound), without bias; nearly always one draw. CHECKs bound > 0.
  /// Source: Lemire, "Fast random integer generation in an interval", ACM TOMACS 29(1), 2019.
  constexpr std::uint64_t uniform_below(std::uint64_t bound) {
    CHECK(bound > 0);
    Wide product = static_cast<Wide>(next_u64()) * bound;
    if (static_cast<std::uint64_t>(product) < bound) {
      const std::uint64_t reject_below = (0 - bound) % bound;
      while (static_cast<std::uint64_t>(product) < reject_below) {
        product = static_cast<Wide>(next_u64()) * bound;
      }
    }
    return static_cast<std::uint64_t>(product >> 64);
  }

  /// An integer uniform in [first, last], both included. CHECKs first <= last.
  constexpr std::int64_t uniform_between(std::int64_t first, std::int64_t last) {
    CHECK(first <= last);
    const std::uint64_t count =
        static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) + 1;
    const std::uint64_t offset = count == 0 ? next_u64() : uniform_below(count);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(first) + offset);
  }

  /// A multiple of 2^-53 uniform in [0, 1).
  constexpr double uniform01() { return static_cast<double>(next_u64() >> 11) * 0x1p-53; }

  /// An odd multiple of 2^-53 uniform in (0, 1): neither end, symmetric about a half, so that it
  /// can go through any quantile function.
  constexpr double uniform_open() {
    return (static_cast<double>(next_u64() >> 12) + 0.5) * 0x1p-52;
  }

  /// True with the given probability, compared as integers: exactly never at 0, exactly always
  /// at 1. CHECKs 0 <= probability <= 1, which also refuses NaN.
  constexpr bool bernoulli(double probability) {
    CHECK(probability >= 0.0);
    CHECK(probability <= 1.0);
    return (next_u64() >> 11) < static_cast<std::uint64_t>(probability * 0x1p53);
  }

  friend constexpr bool operator==(const Stream&, const Stream&) = default;

 private:
  __extension__ using Wide = unsigned __int128;
  static constexpr int kPositionBits = 56;
  static constexpr std::uint64_t kPositionMask = (std::uint64_t{1} << kPositionBits) - 1;

  static constexpr std::uint32_t low(std::uint64_t word) {
    return static_cast<std::uint32_t>(word);
  }
  static constexpr std::uint32_t high(std::uint64_t word) {
    return static_cast<std::uint32_t>(word >> 32);
  }

  std::uint64_t seed_;
  std::uint64_t entity_;
  std::uint64_t purpose_and_position_;
};

static_assert(sizeof(Stream) == 24);

/// All the streams of one run: the only thing that a seed becomes.
class Streams {
 public:
  constexpr explicit Streams(std::uint64_t seed) : seed_(seed) {}

  constexpr std::uint64_t seed() const { return seed_; }

  /// The stream of one purpose of one entity, from its draw number `position` on. Entities are
  /// numbered by the caller; two kinds of entity that share a purpose must not share numbers.
  constexpr Stream stream(Purpose purpose, std::uint64_t entity, std::uint64_t position = 0) const {
    return Stream(seed_, purpose, entity, position);
  }

 private:
  std::uint64_t seed_;
};

}  // namespace greytick::engine

#endif  // GREYTICK_SIM_ENGINE_RANDOM_H_
