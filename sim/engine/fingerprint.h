#ifndef GREYTICK_SIM_ENGINE_FINGERPRINT_H_
#define GREYTICK_SIM_ENGINE_FINGERPRINT_H_

#include <array>
#include <concepts>
#include <cstdint>
#include <string>

namespace greytick::engine {

/// A bijection of 64 bits in which each input bit flips each output bit with probability near 1/2.
/// Source: Stafford, "Better bit mixing", 2011, variant 13; the finaliser of SplitMix64.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

/// The history of one logical process as a hash: what it handled, in its order; 16 bytes, a value.
///
/// h <- mix64(h ^ word) + odd constant. Each step is a bijection of h for a given word and of the
/// word for a given h, so two histories that differ in one word never meet again by that alone.
/// Absorb values (times, kinds, ids, sequence numbers), never places (handles, addresses).
class Chain {
 public:
  /// lp: the number of the logical process; equal histories of two processes must not cancel out.
  constexpr explicit Chain(std::uint64_t lp) : hash_(mix64(lp + kGolden)) {}

  template <std::integral... Words>
  constexpr void absorb(Words... words) {
    (absorb_word(static_cast<std::uint64_t>(words)), ...);
  }

  /// Words absorbed so far.
  constexpr std::uint64_t words() const { return words_; }

  /// The hash of the whole history with its length; absorbing may go on afterwards.
  constexpr std::uint64_t digest() const { return mix64(hash_ ^ mix64(words_ + kGolden)); }

  friend constexpr bool operator==(const Chain&, const Chain&) = default;

 private:
  static constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;

  constexpr void absorb_word(std::uint64_t word) {
    hash_ = mix64(hash_ ^ word) + kGolden;
    ++words_;
  }

  std::uint64_t hash_;
  std::uint64_t words_ = 0;
};

/// The fingerprint of a run: the sum of its chains modulo 2^64, so that it depends neither on the
/// order of the processes nor on how they were spread over threads and ranks.
class Fingerprint {
 public:
  constexpr void add(const Chain& chain) { sum_ += chain.digest(); }
  /// Joins the part that another thread or rank summed.
  constexpr void add(const Fingerprint& part) { sum_ += part.sum_; }

  constexpr std::uint64_t value() const { return sum_; }

  friend constexpr bool operator==(const Fingerprint&, const Fingerprint&) = default;

 private:
  std::uint64_t sum_ = 0;
};

/// 16 lower-case hexadecimal digits, most significant first: how a fingerprint is printed.
inline std::string to_hex(std::uint64_t value) {
  constexpr std::array<char, 16> kDigits = {'0', '1', '2', '3', '4', '5', '6', '7',
                                            '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
  std::string text(16, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit) {
    *digit = kDigits[value & 0xf];
    value >>= 4;
  }
  return text;
}

}  // namespace greytick::engine

#endif  // GREYTICK_SIM_ENGINE_FINGERPRINT_H_
