// The primitives of the wire format over protobuf's own stream, with what protobuf does not tell:
// where it went wrong and what was expected there.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include "model/check.h"
#include "model/wire/codec.h"

namespace greytick::wire {

using WireFormat = google::protobuf::internal::WireFormatLite;

struct Tag {
  std::uint32_t number = 0;
  WireFormat::WireType type{};
};

/// Reads one message and those inside it. Every function that returns bool is false when it failed,
/// and then error() says why; nothing is read after that.
class Reader {
 public:
  /// bytes.size() <= kMaxBytes; they outlive the reader.
  explicit Reader(std::span<const std::uint8_t> bytes)
      : bytes_(bytes), in_(bytes.data(), static_cast<int>(bytes.size())) {
    CHECK(bytes.size() <= kMaxBytes);
    in_.PushLimit(static_cast<int>(bytes.size()));
  }

  [[nodiscard]] const Error& error() const { return error_; }
  [[nodiscard]] std::size_t offset() const {
    return static_cast<std::size_t>(in_.CurrentPosition());
  }
  /// Bytes left of the message being read.
  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(in_.BytesUntilLimit()); }

  bool fail(Fault fault, std::size_t at, const char* field) {
    error_ = {fault, at, field};
    return false;
  }

  bool varint(std::uint64_t& value, const char* field,
              std::uint64_t max = std::numeric_limits<std::uint64_t>::max()) {
    const std::size_t start = offset();
    const std::size_t room = left();
    if (!in_.ReadVarint64(&value)) {
      constexpr std::size_t kLongest = 10;
      return fail(room < kLongest ? Fault::kTruncated : Fault::kVarint, start, field);
    }
    // The tenth byte has room for one bit; protobuf drops the others.
    if (offset() - start == 10 && bytes_[offset() - 1] > 1) {
      return fail(Fault::kVarint, start, field);
    }
    return value <= max || fail(Fault::kRange, start, field);
  }

  bool fixed64(std::uint64_t& value, const char* field) {
    const std::size_t start = offset();
    return in_.ReadLittleEndian64(&value) || fail(Fault::kTruncated, start, field);
  }

  /// The length before a string or a message, which lies wholly inside the message around.
  bool length(std::size_t& value, const char* field) {
    const std::size_t start = offset();
    std::uint64_t wide = 0;
    if (!varint(wide, field)) return false;
    if (offset() - start > kLongestWord) return fail(Fault::kVarint, start, field);
    if (wide > left()) return fail(Fault::kTruncated, start, field);
    value = static_cast<std::size_t>(wide);
    return true;
  }

  /// A string, in place.
  bool string(std::span<const std::uint8_t>& value, const char* field) {
    std::size_t size = 0;
    if (!length(size, field)) return false;
    value = bytes_.subspan(offset(), size);
    return in_.Skip(static_cast<int>(size));
  }

  bool tag(Tag& value) {
    const std::size_t start = offset();
    std::uint64_t wide = 0;
    if (!varint(wide, "tag")) return false;
    const bool padded = offset() - start > kLongestWord;
    if (padded || wide > std::numeric_limits<std::uint32_t>::max()) {
      return fail(Fault::kTag, start, "tag");
    }
    const auto raw = static_cast<std::uint32_t>(wide);
    value.number = static_cast<std::uint32_t>(WireFormat::GetTagFieldNumber(raw));
    if (value.number == 0) return fail(Fault::kTag, start, "tag");
    const std::uint32_t type = raw & 7U;
    if (type > WireFormat::WIRETYPE_FIXED32) return fail(Fault::kWireType, start, "tag");
    value.type = static_cast<WireFormat::WireType>(type);
    return true;
  }

  /// Over a field that this version does not know.
  bool skip(const Tag& unknown) {
    constexpr const char* kField = "unknown field";
    const std::size_t start = offset();
    std::uint64_t ignored = 0;
    std::span<const std::uint8_t> bytes;
    switch (unknown.type) {
      case WireFormat::WIRETYPE_VARINT:
        return varint(ignored, kField);
      case WireFormat::WIRETYPE_FIXED64:
        return fixed64(ignored, kField);
      case WireFormat::WIRETYPE_FIXED32:
        return in_.Skip(4) || fail(Fault::kTruncated, start, kField);
      case WireFormat::WIRETYPE_LENGTH_DELIMITED:
        return string(bytes, kField);
      case WireFormat::WIRETYPE_START_GROUP:
      case WireFormat::WIRETYPE_END_GROUP:
        break;  // proto3 has no groups
    }
    return fail(Fault::kWireType, start, kField);
  }

  /// Reads a message by `body`, which finds `size` bytes left.
  template <class Body>
  bool inside(std::size_t size, const Body& body) {
    const auto outer = in_.PushLimit(static_cast<int>(size));
    if (!body()) return false;
    in_.PopLimit(outer);
    return true;
  }

 private:
  // Bytes of a tag or a length: protobuf refuses more, whatever they say.
  static constexpr std::size_t kLongestWord = 5;

  std::span<const std::uint8_t> bytes_;
  google::protobuf::io::CodedInputStream in_;
  Error error_;
};

}  // namespace greytick::wire
