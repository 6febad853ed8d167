// Values that are one number on the wire.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "model/ids.h"
#include "model/time.h"
#include "model/version.h"
#include "model/wire/reader.h"
#include "model/wire/schema.h"

namespace greytick::wire {

/// to_bits and from_bits between a value and its number; kMax is the largest number that the value
/// can hold, kRequired says that zero is not among them.
template <class M>
struct Scalar;

template <std::unsigned_integral M>
struct Scalar<M> {
  static constexpr std::uint64_t kMax = std::numeric_limits<M>::max();  // of a bool: 1
  static constexpr bool kRequired = false;
  static constexpr std::uint64_t to_bits(M value) { return value; }
  static constexpr M from_bits(std::uint64_t bits) { return static_cast<M>(bits); }
};

template <class T, class Rep>
struct Scalar<model::Id<T, Rep>> {
  static constexpr std::uint64_t kMax = std::numeric_limits<Rep>::max();
  static constexpr bool kRequired = false;
  static constexpr std::uint64_t to_bits(model::Id<T, Rep> value) { return value.value(); }
  static constexpr model::Id<T, Rep> from_bits(std::uint64_t bits) {
    return model::Id<T, Rep>(static_cast<Rep>(bits));
  }
};

// With a conversation it makes one half of a key.
template <>
struct Scalar<model::MemberNumber> {
  static constexpr std::uint64_t kMax = (1U << 24) - 1;
  static constexpr bool kRequired = false;
  static constexpr std::uint64_t to_bits(model::MemberNumber value) { return value.value(); }
  static constexpr model::MemberNumber from_bits(std::uint64_t bits) {
    return model::MemberNumber(static_cast<std::uint32_t>(bits));
  }
};

template <class T>
struct Scalar<model::Seq<T>> {
  static constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  static constexpr bool kRequired = false;
  static constexpr std::uint64_t to_bits(model::Seq<T> value) { return value.value(); }
  static constexpr model::Seq<T> from_bits(std::uint64_t bits) { return model::Seq<T>(bits); }
};

template <class E>
  requires std::is_enum_v<E>
struct Scalar<E> {
  static constexpr bool kRequired = Enum<E>::kShifted;
  static constexpr std::uint64_t kShift = kRequired ? 1 : 0;
  static constexpr std::uint64_t kMax = static_cast<std::uint64_t>(Enum<E>::kLast) + kShift;
  static constexpr std::uint64_t to_bits(E value) {
    return static_cast<std::uint64_t>(value) + kShift;
  }
  static constexpr E from_bits(std::uint64_t bits) { return static_cast<E>(bits - kShift); }
};

// Absent is 2: who speaks less, or more, says so.
template <>
struct Scalar<model::Version> {
  static constexpr std::uint64_t kMax = std::numeric_limits<std::uint8_t>::max();
  static constexpr bool kRequired = false;
  static constexpr std::uint64_t to_bits(model::Version value) {
    return value == model::Version::k2 ? 0 : static_cast<std::uint64_t>(value);
  }
  static constexpr model::Version from_bits(std::uint64_t bits) {
    return bits == 0 ? model::Version::k2 : static_cast<model::Version>(bits);
  }
};

// Signed: zigzag, so that small negative ones are short too.
template <>
struct Scalar<model::Duration> {
  static constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  static constexpr bool kRequired = false;
  static std::uint64_t to_bits(model::Duration value) {
    return WireFormat::ZigZagEncode64(value.count());
  }
  static model::Duration from_bits(std::uint64_t bits) {
    return model::Duration{WireFormat::ZigZagDecode64(bits)};
  }
};

template <>
struct Scalar<model::Instant> {
  static constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  static constexpr bool kRequired = false;
  static std::uint64_t to_bits(model::Instant value) {
    return WireFormat::ZigZagEncode64(model::to_ns(value));
  }
  static model::Instant from_bits(std::uint64_t bits) {
    return model::from_ns(WireFormat::ZigZagDecode64(bits));
  }
};

}  // namespace greytick::wire
