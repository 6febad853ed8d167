// What a user wrote, in the clear. It exists inside the device alone: it can be moved and not
// copied, only seal() takes it, and no server's source may name this file (tests/architecture).
//
// A plaintext carries a canary: two words of which the second is a function of the first under the
// run's key. Whoever knows the key finds one among any bytes, at any offset, without knowing which
// message it is from; two random words pass for one once in 2^64.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "model/payload.h"

namespace greytick::model {

struct Canary {
  std::uint64_t first = 0, second = 0;
};

namespace payload_internal {
inline constexpr std::uint64_t kCanarySalt = 0x63616e617279ULL;
constexpr std::uint64_t second_of(PayloadKey key, std::uint64_t first) {
  return mix(first ^ mix(key.value + kCanarySalt));
}
}  // namespace payload_internal

class Plaintext {
 public:
  /// The text of the n-th message of a stream, `bytes` long.
  Plaintext(PayloadKey key, const StreamId& stream, ClientSeq n, std::uint32_t bytes)
      : bytes_(bytes) {
    using payload_internal::mix;
    const std::uint64_t who =
        std::uint64_t{stream.device.value()} << 32 | (stream.incarnation.value() & 0xffff'ffffU);
    canary_.first = mix(mix(mix(key.value ^ n.value()) ^ who) ^ stream.conversation.value());
    canary_.second = payload_internal::second_of(key, canary_.first);
  }
  Plaintext(Plaintext&&) = default;
  Plaintext& operator=(Plaintext&&) = default;
  Plaintext(const Plaintext&) = delete;
  Plaintext& operator=(const Plaintext&) = delete;

  [[nodiscard]] std::uint32_t bytes() const { return bytes_; }
  [[nodiscard]] const Canary& canary() const { return canary_; }

 private:
  Canary canary_;
  std::uint32_t bytes_;
};

/// The only way out of the device. The text is gone then.
[[nodiscard]] inline Ciphertext seal(PayloadKey key, const StreamId& stream, ClientSeq n,
                                     Plaintext&& text, LogPos devices = {}) {
  const Plaintext gone = std::move(text);
  return seal(key, stream, n, gone.bytes(), devices);
}

/// Where the first canary of the run begins among these bytes (little-endian words, any alignment).
[[nodiscard]] std::optional<std::size_t> find_canary(std::span<const std::uint8_t> bytes,
                                                     PayloadKey key);

}  // namespace greytick::model
