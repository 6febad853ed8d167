// Content, as the servers see it: opaque. In the simulator a ciphertext is its length and a 16-byte
// tag that proves what it is: a pure function of the run's key and the stream position, so a judge
// recomputes it instead of remembering it.
#pragma once

#include <cstdint>

#include "model/ids.h"

namespace greytick::model {

/// A stream of messages: what one installation of a device writes into one conversation.
struct StreamId {
  DeviceId device;
  Incarnation incarnation;
  ConversationId conversation;
  friend constexpr auto operator<=>(const StreamId&, const StreamId&) = default;
};

struct Ciphertext {
  std::uint32_t bytes = 0;        // length on the wire, padding included
  std::uint64_t tag[2] = {0, 0};  // self-proving
  friend constexpr bool operator==(const Ciphertext&, const Ciphertext&) = default;
};

/// A secret of the run, known to devices and judges, to no server.
struct PayloadKey {
  std::uint64_t value = 0;
  friend constexpr bool operator==(const PayloadKey&, const PayloadKey&) = default;
};

namespace payload_internal {
// The finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
// generators", OOPSLA 2014).
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}
}  // namespace payload_internal

/// The content of the message at position `n` of `stream`: `bytes` long, its tag a function of
/// (key, stream, n) and of the list of devices that it is sealed for, which a position of the log
/// names; below 2^32.
constexpr Ciphertext seal(PayloadKey key, const StreamId& stream, ClientSeq n, std::uint32_t bytes,
                          LogPos devices = {}) {
  using payload_internal::mix;
  std::uint64_t h = mix(key.value + 0x9e3779b97f4a7c15ULL);
  h = mix(h ^ stream.conversation.value());
  h = mix(h ^ ((std::uint64_t{stream.device.value()} << 32) |
               (stream.incarnation.value() & 0xffffffffU)));
  h = mix(h ^ n.value());
  // The lower half tells the list to whoever has the key; the upper one proves it.
  const std::uint64_t list = devices.value() & 0xffff'ffffU;
  const std::uint64_t proof = mix(h + key.value);
  return {bytes, {h, proof ^ list ^ (mix(list) & 0xffff'ffff'0000'0000ULL)}};
}

/// The list of devices that the content of this position was sealed for, if it proves itself.
constexpr LogPos sealed_for(const Ciphertext& content, PayloadKey key, const StreamId& stream,
                            ClientSeq n) {
  const Ciphertext plain = seal(key, stream, n, content.bytes);
  return LogPos((plain.tag[1] ^ content.tag[1]) & 0xffff'ffffU);
}

/// True iff `content` is what seal() made for this position.
constexpr bool proves(const Ciphertext& content, PayloadKey key, const StreamId& stream,
                      ClientSeq n) {
  return content == seal(key, stream, n, content.bytes, sealed_for(content, key, stream, n));
}

}  // namespace greytick::model
