// Frames and records as bytes, both ways: the messages of frame.proto and record.proto in
// protobuf's wire format.
//
// Writing is canonical: a value has one encoding. Fields stand in the order of their numbers, zeros
// and empty messages are left out, varints are as short as they can be.
//
// Reading trusts nothing. It looks at no byte outside the input, goes no deeper than the messages
// nest, allocates for elements that it has seen and never for a count that it was told, and skips
// fields that it does not know. Where it is given what canonical writing never makes, it follows
// protobuf (the last of two values holds, messages merge) or refuses; it accepts nothing that
// protobuf refuses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/frame.h"
#include "model/record.h"

namespace greytick::wire {

/// What one frame or record may hold. Both directions refuse more.
inline constexpr std::uint32_t kMaxContentBytes = 16U << 20;
inline constexpr std::uint32_t kMaxRecipients = 1U << 16;
inline constexpr std::uint32_t kMaxFailedIntervals = 1U << 16;

/// The bytes of one frame or record. No value within the limits above comes near it; it bounds what
/// unknown fields may add.
inline constexpr std::size_t kMaxBytes = std::size_t{kMaxContentBytes} + (8U << 20);

enum class Fault : std::uint8_t {
  kTooLong,    // more than kMaxBytes
  kTruncated,  // the input, or the message around, ends inside a value
  kVarint,     // a varint of more than 64 bits
  kTag,        // field number zero, or a tag of more than 32 bits
  kWireType,   // of another type than the field has, or of none that is still in use
  kRange,      // a value that the field cannot hold
  kLimit,      // more than one of the limits above
  kContent,    // content that no proof of 16 bytes and zeros up to the length makes
  kMissing,    // a field that is always there is not
};

/// Why bytes are no frame or record, or why a value has no bytes.
struct Error {
  Fault fault{};
  std::size_t offset = 0;  // of the first byte that is wrong; when writing, zero
  std::string_view field;  // where: its name in the .proto file, "message" for the whole
  friend bool operator==(const Error&, const Error&) = default;
};

/// What was expected, as a noun: "a varint of at most 64 bits".
std::string_view expected(Fault fault);

/// "byte 17: position: expected a varint of at most 64 bits".
std::string describe(const Error& error);

template <class T>
using Result = std::expected<T, Error>;

using Bytes = std::vector<std::uint8_t>;

/// Bytes that encode() makes of it, counted without making them. Total: beyond the limits too.
std::size_t encoded_size(const model::Frame& frame);
std::size_t encoded_size(const model::Record& record);

/// Replaces `out` by the encoding, exactly encoded_size() bytes; its memory is used again. Errors:
/// kLimit, and then `out` is as it was.
Result<void> encode(const model::Frame& frame, Bytes& out);
Result<void> encode(const model::Record& record, Bytes& out);

/// The value that `bytes` holds. Memory taken is at most a small multiple of bytes.size().
Result<model::Frame> decode_frame(std::span<const std::uint8_t> bytes);
Result<model::Record> decode_record(std::span<const std::uint8_t> bytes);

}  // namespace greytick::wire
