// Messages, by their fields: a struct's are those of its schema, a variant's are its alternatives.
// Declared in form.h, which these functions and its forms call in turn: a message nests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "model/wire/form.h"
#include "model/wire/frame_schema.h"
#include "model/wire/record_schema.h"

namespace greytick::wire {

template <class T>
concept IsVariant = requires { Schema<T>::kAlternatives; };

template <class F>
std::uint32_t tag_of(const F& field) {
  return WireFormat::MakeTag(static_cast<int>(field.number), Form<F>::kType);
}
template <class T>
std::uint32_t tag_of(const Alternative<T>& alternative) {
  return WireFormat::MakeTag(static_cast<int>(alternative.number), MessageForm<T>::kType);
}

/// Calls f(field) for each, in order.
template <class T, class F>
void for_each_field(const F& f) {
  std::apply([&](const auto&... fields) { (f(fields), ...); }, Schema<T>::kFields);
}

/// Calls f(alternative, value) for the one that is held.
template <class V, class F>
auto with_alternative(const V& value, const F& f) {
  return std::visit(
      [&]<class T>(const T& held) {
        return f(std::get<Alternative<T>>(Schema<V>::kAlternatives), held);
      },
      value);
}

template <class V>
consteval bool in_variant_order() {
  using Alternatives = std::remove_const_t<decltype(Schema<V>::kAlternatives)>;
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return sizeof...(I) == std::tuple_size_v<Alternatives> &&
           (std::is_same_v<std::variant_alternative_t<I, V>,
                           typename std::tuple_element_t<I, Alternatives>::Held> &&
            ...);
  }(std::make_index_sequence<std::variant_size_v<V>>());
}

// ---------------------------------------------------------------- always there

template <class T>
consteval bool body_required() {
  if constexpr (IsVariant<T>) {
    return true;
  } else {
    return std::apply(
        [](const auto&... f) {
          return (false || ... || Form<std::remove_cvref_t<decltype(f)>>::kRequired);
        },
        Schema<T>::kFields);
  }
}

/// Bit i: field i is always there.
template <class T>
consteval std::uint64_t required_fields() {
  std::uint64_t bits = 0;
  std::uint64_t bit = 1;
  std::apply(
      [&](const auto&... f) {
        ((bits |= Form<std::remove_cvref_t<decltype(f)>>::kRequired ? bit : 0, bit <<= 1), ...);
      },
      Schema<T>::kFields);
  return bits;
}

// ---------------------------------------------------------------- size, limits

template <class F, class T>
std::size_t field_size(const F& field, const T& message) {
  using FieldForm = Form<F>;
  const auto& value = message.*field.member;
  const std::size_t tag = varint_size(tag_of(field));
  if constexpr (FieldForm::kRepeated) {
    std::size_t size = 0;
    for (const auto& element : value) size += tag + FieldForm::Element::size(element);
    return size;
  } else if constexpr (FieldForm::kType == WireFormat::WIRETYPE_LENGTH_DELIMITED &&
                       HasSchema<typename F::Member>) {
    // Absent is what has no bytes: they are counted once for both questions.
    const std::size_t body = body_size(value);
    return body == 0 && !FieldForm::kRequired ? 0 : tag + varint_size(body) + body;
  } else {
    return FieldForm::absent(value) ? 0 : tag + FieldForm::size(value);
  }
}

template <class T>
std::size_t body_size(const T& message) {
  std::size_t size = 0;
  if constexpr (IsVariant<T>) {
    size = with_alternative(message, []<class H>(const Alternative<H>& a, const H& held) {
      return varint_size(tag_of(a)) + MessageForm<H>::size(held);
    });
  } else {
    for_each_field<T>([&](const auto& f) { size += field_size(f, message); });
  }
  return size;
}

template <class T>
const char* body_within(const T& message) {
  const char* passed = nullptr;
  if constexpr (IsVariant<T>) {
    passed = std::visit([](const auto& held) { return body_within(held); }, message);
  } else {
    for_each_field<T>([&]<class F>(const F& f) {
      if (Form<F>::within(message.*f.member) != nullptr) {
        passed = Form<F>::kRepeated ? f.name : Form<F>::within(message.*f.member);
      }
    });
  }
  return passed;
}

// ---------------------------------------------------------------- write

template <class F, class T>
std::uint8_t* write_field(const F& field, const T& message, std::uint8_t* to) {
  using FieldForm = Form<F>;
  const auto& value = message.*field.member;
  if constexpr (FieldForm::kRepeated) {
    for (const auto& element : value) {
      to = Out::WriteTagToArray(tag_of(field), to);
      to = FieldForm::Element::write(element, to);
    }
  } else if (!FieldForm::absent(value)) {
    to = Out::WriteTagToArray(tag_of(field), to);
    to = FieldForm::write(value, to);
  }
  return to;
}

template <class T>
std::uint8_t* write_body(const T& message, std::uint8_t* to) {
  if constexpr (IsVariant<T>) {
    return with_alternative(message, [to]<class H>(const Alternative<H>& a, const H& held) {
      return MessageForm<H>::write(held, Out::WriteTagToArray(tag_of(a), to));
    });
  } else {
    for_each_field<T>([&](const auto& f) { to = write_field(f, message, to); });
    return to;
  }
}

// ---------------------------------------------------------------- read

enum class Taken : std::uint8_t { kNot, kYes, kFailed };

/// Reads the value of `tag`, whose first byte is at `at`, if it is of this field.
template <class F, class T>
Taken take_field(Reader& in, const Tag& tag, std::size_t at, const F& field, T& message) {
  if (tag.number != field.number) return Taken::kNot;
  if (tag.type != Form<F>::kType) {
    in.fail(Fault::kWireType, at, field.name);
    return Taken::kFailed;
  }
  return Form<F>::read(in, message.*field.member, field.name) ? Taken::kYes : Taken::kFailed;
}

template <class T>
bool read_struct(Reader& in, T& message) {
  std::uint64_t seen = 0;
  while (in.left() > 0) {
    const std::size_t at = in.offset();
    Tag tag;
    if (!in.tag(tag)) return false;
    auto taken = Taken::kNot;
    std::uint64_t bit = 1;
    for_each_field<T>([&](const auto& f) {
      if (taken == Taken::kNot) {
        taken = take_field(in, tag, at, f, message);
        if (taken == Taken::kYes) seen |= bit;
      }
      bit <<= 1;
    });
    if (taken == Taken::kFailed || (taken == Taken::kNot && !in.skip(tag))) return false;
  }
  std::uint64_t missing = required_fields<T>() & ~seen;
  for_each_field<T>([&](const auto& f) {
    if ((missing & 1) != 0) in.fail(Fault::kMissing, in.offset(), f.name);
    missing >>= 1;
  });
  return (required_fields<T>() & ~seen) == 0;
}

// Of several alternatives the last holds; one that comes twice in a row is one, in pieces.
template <class V>
bool read_variant(Reader& in, V& message) {
  bool seen = false;
  while (in.left() > 0) {
    const std::size_t at = in.offset();
    Tag tag;
    if (!in.tag(tag)) return false;
    auto taken = Taken::kNot;
    const auto take = [&]<class H>(const Alternative<H>& a) {
      if (tag.number != a.number) return;
      taken = Taken::kFailed;
      if (tag.type != MessageForm<H>::kType) {
        in.fail(Fault::kWireType, at, a.name);
        return;
      }
      if (!seen || !std::holds_alternative<H>(message)) message.template emplace<H>();
      seen = true;
      if (MessageForm<H>::read(in, std::get<H>(message), a.name)) taken = Taken::kYes;
    };
    std::apply([&](const auto&... a) { (take(a), ...); }, Schema<V>::kAlternatives);
    if (taken == Taken::kFailed || (taken == Taken::kNot && !in.skip(tag))) return false;
  }
  return seen || in.fail(Fault::kMissing, in.offset(), "body");
}

template <class T>
bool read_body(Reader& in, T& message) {
  if constexpr (IsVariant<T>) {
    static_assert(in_variant_order<T>());
    return read_variant(in, message);
  } else {
    return read_struct(in, message);
  }
}

}  // namespace greytick::wire
