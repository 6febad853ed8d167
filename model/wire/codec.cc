#include "model/wire/codec.h"

#include "model/check.h"
#include "model/wire/message.h"

namespace greytick::wire {
namespace {

template <class V>
Result<void> encode_any(const V& value, Bytes& out) {
  if (const char* limit = body_within(value)) {
    return std::unexpected(Error{Fault::kLimit, 0, limit});
  }
  const std::size_t size = body_size(value);
  CHECK(size <= kMaxBytes);
  out.resize(size);
  const std::uint8_t* end = write_body(value, out.data());
  CHECK(end == out.data() + size);
  return {};
}

template <class V>
Result<V> decode_any(std::span<const std::uint8_t> bytes) {
  if (bytes.size() > kMaxBytes) {
    return std::unexpected(Error{Fault::kTooLong, kMaxBytes, "message"});
  }
  Reader in(bytes);
  Result<V> value;
  if (!read_body(in, *value)) value = std::unexpected(in.error());
  return value;
}

}  // namespace

std::string_view expected(Fault fault) {
  switch (fault) {
    case Fault::kTooLong:
      return "no more bytes than one message may have";
    case Fault::kTruncated:
      return "more bytes";
    case Fault::kVarint:
      return "a varint of at most 64 bits";
    case Fault::kTag:
      return "a field number from 1 to 2^29 - 1";
    case Fault::kWireType:
      return "the wire type of this field";
    case Fault::kRange:
      return "a value that the field can hold";
    case Fault::kLimit:
      return "no more than the limit of this field";
    case Fault::kContent:
      return "a proof of 16 bytes and zeros up to the length";
    case Fault::kMissing:
      return "a field that is always there";
  }
  CHECK_MSG(false, "not a fault");
}

std::string describe(const Error& error) {
  std::string text = "byte " + std::to_string(error.offset) + ": ";
  text += error.field;
  text += ": expected ";
  text += expected(error.fault);
  return text;
}

std::size_t encoded_size(const model::Frame& frame) { return body_size(frame); }
std::size_t encoded_size(const model::Record& record) { return body_size(record); }

Result<void> encode(const model::Frame& frame, Bytes& out) { return encode_any(frame, out); }
Result<void> encode(const model::Record& record, Bytes& out) { return encode_any(record, out); }

Result<model::Frame> decode_frame(std::span<const std::uint8_t> bytes) {
  return decode_any<model::Frame>(bytes);
}
Result<model::Record> decode_record(std::span<const std::uint8_t> bytes) {
  return decode_any<model::Record>(bytes);
}

}  // namespace greytick::wire
