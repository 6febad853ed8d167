#include "model/plaintext.h"

#include <bit>
#include <cstring>

namespace greytick::model {
namespace {

std::uint64_t word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  std::uint64_t word = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&word, bytes.data() + at, sizeof(word));
  } else {
    for (std::size_t i = sizeof(word); i-- > 0;) word = word << 8 | bytes[at + i];
  }
  return word;
}

}  // namespace

std::optional<std::size_t> find_canary(std::span<const std::uint8_t> bytes, PayloadKey key) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  const std::uint64_t salted = payload_internal::mix(key.value + payload_internal::kCanarySalt);
  for (std::size_t at = 0; at + 2 * kWord <= bytes.size(); ++at) {
    if (payload_internal::mix(word_at(bytes, at) ^ salted) == word_at(bytes, at + kWord)) return at;
  }
  return std::nullopt;
}

}  // namespace greytick::model
