// Values of every frame and record, made from their members and not from the codec's schema: a
// member that the schema forgot would come back wrong.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <random>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <boost/container/small_vector.hpp>
#include <boost/pfr.hpp>

#include "model/frame.h"
#include "model/record.h"
#include "model/wire/codec.h"
#include "model/wire/schema.h"

namespace greytick::wire {

/// Source of numbers that prefers the edges: zero, one, where a varint grows, the largest.
class EdgyNumbers {
 public:
  explicit EdgyNumbers(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t number(std::uint64_t max) {
    const std::uint64_t raw = engine_();
    switch (raw % 8) {
      case 0:
        return 0;
      case 1:
        return max;
      case 2:
        return max < 128 ? max : 127 + (raw >> 8) % 2;
      case 3:
        return max < 1000 ? max : (raw >> 8) % 1000;
      default:
        return max == ~std::uint64_t{0} ? engine_() >> (raw >> 8) % 64 : engine_() % (max + 1);
    }
  }
  std::size_t elements() { return number(3); }
  std::uint32_t content_bytes() { return static_cast<std::uint32_t>(number(600)); }

 private:
  std::mt19937_64 engine_;
};

/// 1, 2, 3, ... in the order of the members, so that a reader sees which went where.
class CountedNumbers {
 public:
  std::uint64_t number(std::uint64_t max) { return max == 1 ? 1 : 1 + next_++ % max; }
  std::size_t elements() { return 2; }
  std::uint32_t content_bytes() { return static_cast<std::uint32_t>(16 + number(100)); }

 private:
  std::uint64_t next_ = 0;
};

template <class Numbers, std::unsigned_integral M>
void fill(Numbers& from, M& value) {
  value = static_cast<M>(from.number(std::numeric_limits<M>::max()));
}
template <class Numbers, class E>
  requires std::is_enum_v<E>
void fill(Numbers& from, E& value) {
  value = static_cast<E>(from.number(static_cast<std::uint64_t>(Enum<E>::kLast)));
}
template <class Numbers>
void fill(Numbers& from, model::Version& value) {
  value = static_cast<model::Version>(std::max<std::uint64_t>(from.number(255), 1));
}
template <class Numbers, class T, class Rep>
void fill(Numbers& from, model::Id<T, Rep>& value) {
  value = model::Id<T, Rep>(static_cast<Rep>(from.number(std::numeric_limits<Rep>::max())));
}
template <class Numbers>
void fill(Numbers& from, model::MemberNumber& value) {
  value = model::MemberNumber(static_cast<std::uint32_t>(from.number((1U << 24) - 1)));
}
template <class Numbers, class T>
void fill(Numbers& from, model::Seq<T>& value) {
  value = model::Seq<T>(from.number(~std::uint64_t{0}));
}
template <class Numbers>
void fill(Numbers& from, model::Duration& value) {
  value = model::Duration(static_cast<std::int64_t>(from.number(~std::uint64_t{0})));
}
template <class Numbers>
void fill(Numbers& from, model::Instant& value) {
  value = model::from_ns(static_cast<std::int64_t>(from.number(~std::uint64_t{0})));
}
template <class Numbers>
void fill(Numbers& from, model::Ciphertext& value) {
  value.bytes = from.content_bytes();
  for (std::uint64_t& word : value.tag) word = from.number(~std::uint64_t{0});
}
template <class Numbers, class M, std::size_t N>
void fill(Numbers& from, boost::container::small_vector<M, N>& value);
template <class Numbers, class M>
void fill(Numbers& from, std::vector<M>& value);
template <class Numbers, class... Ts>
void fill(Numbers& from, std::variant<Ts...>& value);
template <class Numbers, class T>
  requires(std::is_aggregate_v<T>)
void fill(Numbers& from, T& value) {
  boost::pfr::for_each_field(value, [&](auto& member) { fill(from, member); });
}
template <class Numbers, class M, std::size_t N>
void fill(Numbers& from, boost::container::small_vector<M, N>& value) {
  value.resize(from.elements());
  for (M& element : value) fill(from, element);
}
template <class Numbers, class M>
void fill(Numbers& from, std::vector<M>& value) {
  value.resize(from.elements());
  for (M& element : value) fill(from, element);
}
template <class Numbers, class... Ts>
void fill(Numbers& from, std::variant<Ts...>& value) {
  const std::size_t held = from.number(sizeof...(Ts) - 1);
  std::size_t i = 0;
  ((held == i++ ? fill(from, value.template emplace<Ts>()) : void()), ...);
}

/// The value of V's alternative number `held`, its members filled.
template <class V, class Numbers>
V filled(Numbers from, std::size_t held) {
  V value;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((held == I ? fill(from, value.template emplace<I>()) : void()), ...);
  }(std::make_index_sequence<std::variant_size_v<V>>());
  return value;
}

inline bool same(const model::Frame& a, const model::Frame& b) {
  return a.index() == b.index() &&
         std::visit(
             [&]<class T>(const T& held) { return boost::pfr::eq_fields(held, std::get<T>(b)); },
             a);
}
inline bool same(const model::Record& a, const model::Record& b) { return a == b; }

template <class V>
Result<V> decode(std::span<const std::uint8_t> bytes) {
  if constexpr (std::is_same_v<V, model::Frame>) {
    return decode_frame(bytes);
  } else {
    return decode_record(bytes);
  }
}

template <class V>
Bytes encoded(const V& value) {
  Bytes bytes;
  CHECK(encode(value, bytes).has_value());
  return bytes;
}

}  // namespace greytick::wire
