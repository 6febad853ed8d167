// How each type of member stands on the wire. A form has
//   kType                      its wire type
//   kRequired                  it is always there: no value of it is left out
//   kRepeated                  a member is a list of it, and each element has its own tag
//   absent(value)              canonical writing leaves it out
//   size(value)                its bytes after the tag
//   write(value, to)           writes them, returns the end
//   read(in, value, field)     reads them over what is there, as protobuf merges
//   within(value)              nullptr, or the name of a limit that it passes
// Messages are written by the functions of message.h, which know their fields.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include <boost/container/small_vector.hpp>
#include <google/protobuf/io/coded_stream.h>

#include "model/frame.h"
#include "model/wire/reader.h"
#include "model/wire/scalar.h"
#include "model/wire/schema.h"

namespace greytick::wire {

using Out = google::protobuf::io::CodedOutputStream;

inline std::size_t varint_size(std::uint64_t value) { return Out::VarintSize64(value); }

template <class T>
std::size_t body_size(const T& message);
template <class T>
std::uint8_t* write_body(const T& message, std::uint8_t* to);
template <class T>
bool read_body(Reader& in, T& message);
template <class T>
const char* body_within(const T& message);
template <class T>
consteval bool body_required();

template <class M>
struct VarintForm {
  static constexpr auto kType = WireFormat::WIRETYPE_VARINT;
  static constexpr bool kRequired = Scalar<M>::kRequired;
  static constexpr bool kRepeated = false;
  static bool absent(const M& value) { return Scalar<M>::to_bits(value) == 0; }
  static std::size_t size(const M& value) { return varint_size(Scalar<M>::to_bits(value)); }
  static std::uint8_t* write(const M& value, std::uint8_t* to) {
    return Out::WriteVarint64ToArray(Scalar<M>::to_bits(value), to);
  }
  static bool read(Reader& in, M& value, const char* field) {
    const std::size_t start = in.offset();
    std::uint64_t bits = 0;
    if (!in.varint(bits, field, Scalar<M>::kMax)) return false;
    if (kRequired && bits == 0) return in.fail(Fault::kRange, start, field);
    value = Scalar<M>::from_bits(bits);
    return true;
  }
  static const char* within(const M&) { return nullptr; }
};

template <class M>
struct FixedForm {
  static constexpr auto kType = WireFormat::WIRETYPE_FIXED64;
  static constexpr bool kRequired = false;
  static constexpr bool kRepeated = false;
  static_assert(Scalar<M>::kMax == std::numeric_limits<std::uint64_t>::max());
  static bool absent(const M& value) { return Scalar<M>::to_bits(value) == 0; }
  static std::size_t size(const M&) { return sizeof(std::uint64_t); }
  static std::uint8_t* write(const M& value, std::uint8_t* to) {
    return Out::WriteLittleEndian64ToArray(Scalar<M>::to_bits(value), to);
  }
  static bool read(Reader& in, M& value, const char* field) {
    std::uint64_t bits = 0;
    if (!in.fixed64(bits, field)) return false;
    value = Scalar<M>::from_bits(bits);
    return true;
  }
  static const char* within(const M&) { return nullptr; }
};

// As a UUID is written everywhere: the most significant byte first.
struct MessageIdForm {
  static constexpr auto kType = WireFormat::WIRETYPE_LENGTH_DELIMITED;
  static constexpr bool kRequired = false;
  static constexpr bool kRepeated = false;
  static constexpr std::size_t kBytes = 16;
  static bool absent(const model::MessageId& id) { return id == model::MessageId{}; }
  static std::size_t size(const model::MessageId&) { return 1 + kBytes; }
  static std::uint8_t* write(const model::MessageId& id, std::uint8_t* to) {
    *to++ = kBytes;
    for (const std::uint64_t half : {id.high, id.low}) {
      for (int shift = 56; shift >= 0; shift -= 8) *to++ = static_cast<std::uint8_t>(half >> shift);
    }
    return to;
  }
  static bool read(Reader& in, model::MessageId& id, const char* field) {
    const std::size_t start = in.offset();
    std::span<const std::uint8_t> bytes;
    if (!in.string(bytes, field)) return false;
    if (!bytes.empty() && bytes.size() != kBytes) return in.fail(Fault::kRange, start, field);
    id = {};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      std::uint64_t& half = i < kBytes / 2 ? id.high : id.low;
      half = half << 8 | bytes[i];
    }
    return true;
  }
  static const char* within(const model::MessageId&) { return nullptr; }
};

// A simulated ciphertext is its length and its proof. On the wire it takes its length: the proof,
// then zeros. One that is shorter than its proof says so.
struct ContentForm {
  static constexpr auto kType = WireFormat::WIRETYPE_LENGTH_DELIMITED;
  static constexpr bool kRequired = false;
  static constexpr bool kRepeated = false;
  static constexpr std::uint32_t kProof = sizeof(model::Ciphertext::tag);
  static_assert(kProof == 16);
  static constexpr std::uint8_t kSealedTag = 1 << 3 | WireFormat::WIRETYPE_LENGTH_DELIMITED;
  static constexpr std::uint8_t kExcessTag = 2 << 3 | WireFormat::WIRETYPE_VARINT;

  static bool absent(const model::Ciphertext& c) { return c == model::Ciphertext{}; }
  static std::size_t size(const model::Ciphertext& c) {
    const std::size_t body = body_size(c);
    return varint_size(body) + body;
  }
  static std::uint8_t* write(const model::Ciphertext& c, std::uint8_t* to) {
    to = Out::WriteVarint64ToArray(body_size(c), to);
    if (absent(c)) return to;
    const std::uint32_t sealed = sealed_size(c);
    *to++ = kSealedTag;
    to = Out::WriteVarint32ToArray(sealed, to);
    for (const std::uint64_t word : c.tag) to = Out::WriteLittleEndian64ToArray(word, to);
    std::memset(to, 0, sealed - kProof);
    to += sealed - kProof;
    if (c.bytes < kProof) {
      *to++ = kExcessTag;
      to = Out::WriteVarint32ToArray(kProof - c.bytes, to);
    }
    return to;
  }
  static bool read(Reader& in, model::Ciphertext& c, const char* field) {
    std::size_t size = 0;
    if (!in.length(size, field)) return false;
    return in.inside(size, [&] { return read_fields(in, c); });
  }
  static const char* within(const model::Ciphertext& c) {
    return c.bytes <= kMaxContentBytes ? nullptr : "content";
  }

 private:
  static std::uint32_t sealed_size(const model::Ciphertext& c) { return std::max(c.bytes, kProof); }
  static std::size_t body_size(const model::Ciphertext& c) {
    if (absent(c)) return 0;
    const std::uint32_t sealed = sealed_size(c);
    return 1 + varint_size(sealed) + sealed + (c.bytes < kProof ? 2 : 0);
  }

  static bool read_fields(Reader& in, model::Ciphertext& c) {
    const std::size_t start = in.offset();
    // What was read before, if the message comes in pieces.
    std::size_t sealed = absent(c) ? 0 : sealed_size(c);
    std::uint64_t excess = sealed == 0 ? 0 : sealed - c.bytes;
    while (in.left() > 0) {
      Tag tag;
      const std::size_t at = in.offset();
      if (!in.tag(tag)) return false;
      if (tag.number == 1) {
        if (tag.type != WireFormat::WIRETYPE_LENGTH_DELIMITED) {
          return in.fail(Fault::kWireType, at, "sealed");
        }
        if (!read_sealed(in, c, sealed)) return false;
      } else if (tag.number == 2) {
        if (tag.type != WireFormat::WIRETYPE_VARINT) {
          return in.fail(Fault::kWireType, at, "excess");
        }
        if (!in.varint(excess, "excess", kProof)) return false;
      } else if (!in.skip(tag)) {
        return false;
      }
    }
    // Of the two ways to write an empty content, without proof, only the shorter is known here.
    const bool proved = c.tag[0] != 0 || c.tag[1] != 0;
    if (excess > 0 && (sealed != kProof || (excess == kProof && !proved))) {
      return in.fail(Fault::kContent, start, "excess");
    }
    c.bytes = static_cast<std::uint32_t>(sealed - excess);
    return true;
  }

  static bool read_sealed(Reader& in, model::Ciphertext& c, std::size_t& sealed) {
    const std::size_t start = in.offset();
    std::span<const std::uint8_t> bytes;
    if (!in.string(bytes, "sealed")) return false;
    if (bytes.size() > kMaxContentBytes) return in.fail(Fault::kLimit, start, "sealed");
    if (!bytes.empty() && bytes.size() < kProof) return in.fail(Fault::kContent, start, "sealed");
    c.tag[0] = c.tag[1] = 0;
    sealed = bytes.size();
    for (std::size_t i = 0; i < std::min<std::size_t>(sealed, kProof); ++i) {
      c.tag[i / 8] |= std::uint64_t{bytes[i]} << (8 * (i % 8));
    }
    for (std::size_t i = kProof; i < sealed; ++i) {
      if (bytes[i] != 0) {
        return in.fail(Fault::kContent, start + varint_size(sealed) + i, "sealed");
      }
    }
    return true;
  }
};

template <class M>
struct MessageForm {
  static constexpr auto kType = WireFormat::WIRETYPE_LENGTH_DELIMITED;
  static constexpr bool kRequired = body_required<M>();
  static constexpr bool kRepeated = false;
  static bool absent(const M& message) { return !kRequired && body_size(message) == 0; }
  static std::size_t size(const M& message) {
    const std::size_t body = body_size(message);
    return varint_size(body) + body;
  }
  static std::uint8_t* write(const M& message, std::uint8_t* to) {
    to = Out::WriteVarint64ToArray(body_size(message), to);
    return write_body(message, to);
  }
  static bool read(Reader& in, M& message, const char* field) {
    std::size_t size = 0;
    if (!in.length(size, field)) return false;
    return in.inside(size, [&] { return read_body(in, message); });
  }
  static const char* within(const M& message) { return body_within(message); }
};

/// Limit of a list, by what it holds.
template <class M>
inline constexpr std::uint32_t kMaxElements = 0;
template <>
inline constexpr std::uint32_t kMaxElements<model::Recipient> = kMaxRecipients;
template <>
inline constexpr std::uint32_t kMaxElements<model::FailedInterval> = kMaxFailedIntervals;

template <class List>
struct ListForm {
  using Element = MessageForm<typename List::value_type>;
  static constexpr auto kType = Element::kType;
  static constexpr bool kRequired = false;
  static constexpr bool kRepeated = true;
  static constexpr std::uint32_t kMax = kMaxElements<typename List::value_type>;
  static_assert(kMax > 0);
  static bool read(Reader& in, List& list, const char* field) {
    if (list.size() >= kMax) return in.fail(Fault::kLimit, in.offset(), field);
    return Element::read(in, list.emplace_back(), field);
  }
  static const char* within(const List& list) { return list.size() <= kMax ? nullptr : "list"; }
};

template <class M>
concept HasSchema = requires { Schema<M>::kFields; } || requires { Schema<M>::kAlternatives; };

template <class M, As A>
struct FormOf {
  using Type = std::conditional_t<A == As::kFixed, FixedForm<M>, VarintForm<M>>;
};
template <HasSchema M>
struct FormOf<M, As::kPlain> {
  using Type = MessageForm<M>;
};
template <>
struct FormOf<model::MessageId, As::kPlain> {
  using Type = MessageIdForm;
};
template <>
struct FormOf<model::Ciphertext, As::kPlain> {
  using Type = ContentForm;
};
template <class M, std::size_t N>
struct FormOf<boost::container::small_vector<M, N>, As::kPlain> {
  using Type = ListForm<boost::container::small_vector<M, N>>;
};
template <class M>
struct FormOf<std::vector<M>, As::kPlain> {
  using Type = ListForm<std::vector<M>>;
};
template <class F>
using Form = typename FormOf<typename F::Member, F::kAs>::Type;

}  // namespace greytick::wire
