// How a .proto file is said in C++: which member stands under which number. frame_schema.h and
// record_schema.h say it; the tests hold them against the files through protoc's own code.
#pragma once

#include <cstdint>
#include <tuple>
#include <type_traits>
#include <variant>

#include "model/frame.h"
#include "model/record.h"

namespace greytick::wire {

/// How a member is written, where its type does not say it alone.
enum class As : std::uint8_t {
  kPlain,  // what its type suggests (form.h)
  kFixed,  // 64 random bits: a varint would need ten bytes for most of them
};

template <class T, class M, As A>
struct Field {
  using Member = M;
  static constexpr As kAs = A;
  std::uint32_t number;
  const char* name;
  M T::* member;
};
template <class T, class M>
constexpr Field<T, M, As::kPlain> field(std::uint32_t number, const char* name, M T::* member) {
  return {number, name, member};
}
template <class T, class M>
constexpr Field<T, M, As::kFixed> fixed(std::uint32_t number, const char* name, M T::* member) {
  return {number, name, member};
}

/// One alternative of a variant: a message with one oneof.
template <class T>
struct Alternative {
  using Held = T;
  std::uint32_t number;
  const char* name;
};
template <class T>
constexpr Alternative<T> alternative(std::uint32_t number, const char* name) {
  return {number, name};
}

/// kFields of a message, ascending by number; kAlternatives of a variant, in the variant's order.
template <class T>
struct Schema;

/// The largest enumerator of an enum on the wire. kShifted: its zero means something, so the wire
/// has one more, and its own zero is "unspecified" and refused.
template <class E>
struct Enum;
template <>
struct Enum<model::Cause> {
  static constexpr auto kLast = model::Cause::kOverCapacity;
  static constexpr bool kShifted = false;
};
template <>
struct Enum<model::EntryKind> {
  static constexpr auto kLast = model::EntryKind::kUnlinked;
  static constexpr bool kShifted = false;
};
template <>
struct Enum<model::MemberChange> {
  static constexpr auto kLast = model::MemberChange::kLeave;
  static constexpr bool kShifted = false;
};
template <>
struct Enum<model::MembershipOutcome> {
  static constexpr auto kLast = model::MembershipOutcome::kFull;
  static constexpr bool kShifted = true;
};
template <>
struct Enum<model::RejectReason> {
  static constexpr auto kLast = model::RejectReason::kTooLarge;
  static constexpr bool kShifted = false;
};
template <>
struct Enum<model::ReplyCode> {
  static constexpr auto kLast = model::ReplyCode::kStaleDevices;
  static constexpr bool kShifted = true;
};
template <>
struct Enum<model::NotifyOutcome> {
  static constexpr auto kLast = model::NotifyOutcome::kTokenExpired;
  static constexpr bool kShifted = true;
};
template <>
struct Enum<model::Role> {
  static constexpr auto kLast = model::Role::kProvider;
  static constexpr bool kShifted = true;
};

}  // namespace greytick::wire
