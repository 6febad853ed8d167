#ifndef GREYTICK_SIM_ENGINE_PHILOX_H_
#define GREYTICK_SIM_ENGINE_PHILOX_H_

#include <array>
#include <cstdint>

namespace greytick::engine {

/// The block function Philox4x32-10: 128 bits of counter and 64 bits of key to 128 random bits.
///
/// A bijection of the counter for each key, so a stream is a function of its position and needs no
/// state: adding an entity or a draw moves nobody else's. Not a cipher. Total: no error.
/// Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11,
/// 2011; the tests hold it against the known-answer vectors published with Random123.
constexpr std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> counter,
                                                     std::array<std::uint32_t, 2> key) {
  constexpr std::uint64_t kMultiplier0 = 0xD2511F53;
  constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
  constexpr std::uint32_t kWeyl1 = 0xBB67AE85;
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t product0 = kMultiplier0 * counter[0];
    const std::uint64_t product1 = kMultiplier1 * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

}  // namespace greytick::engine

#endif  // GREYTICK_SIM_ENGINE_PHILOX_H_
