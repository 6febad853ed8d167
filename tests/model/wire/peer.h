// A second reader and writer of the same .proto files: protoc's own code. Held against ours.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "model/wire/frame.pb.h"
#include "model/wire/record.pb.h"
#include "tests/model/wire/values.h"

namespace greytick::wire {

template <class V>
using Peer = std::conditional_t<std::is_same_v<V, model::Frame>, Frame, Record>;

template <class P>
Bytes written_by(const P& peer) {
  Bytes bytes(peer.ByteSizeLong());
  CHECK(peer.SerializeToArray(bytes.data(), static_cast<int>(bytes.size())));
  return bytes;
}

/// What must hold of any bytes at all; the name of what does not, else empty.
///
/// Either they are refused, with an error inside them; or protobuf takes them too, both find the
/// same value in them, and that value's own encoding is the one that protobuf makes of it.
template <class V>
std::string_view broken_promise(std::span<const std::uint8_t> bytes) {
  const Result<V> value = decode<V>(bytes);
  if (!value) {
    const Error& error = value.error();
    if (error.offset > bytes.size()) return "the error lies in the bytes";
    if (error.field.empty()) return "the error names a field";
    return {};
  }
  Bytes ours;
  if (!encode(*value, ours)) return "what was read can be written";
  if (ours.size() != encoded_size(*value)) return "the size is that of the bytes";
  const Result<V> again = decode<V>(ours);
  if (!again || !same(*value, *again)) return "what was written can be read";

  Peer<V> peer;
  if (!peer.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return "protobuf takes what we take";
  }
  const Result<V> through_peer = decode<V>(written_by(peer));
  if (!through_peer || !same(*value, *through_peer)) return "protobuf finds the same value";
  Peer<V> of_ours;
  if (!of_ours.ParseFromArray(ours.data(), static_cast<int>(ours.size()))) {
    return "protobuf takes what we write";
  }
  if (written_by(of_ours) != ours) return "protobuf writes the same bytes";
  return {};
}

}  // namespace greytick::wire
