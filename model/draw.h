// Draws from the 64 random bits that travel with each input: pure functions, the same everywhere.
#pragma once

#include <cstdint>

#include "model/check.h"
#include "model/payload.h"
#include "model/time.h"

namespace greytick::model {

/// Independent bits for the `salt`-th use of one entropy word.
constexpr std::uint64_t derive(std::uint64_t entropy, std::uint64_t salt) {
  return payload_internal::mix(entropy + (salt + 1) * 0x9e3779b97f4a7c15ULL);
}

/// Uniform over [0, most], most >= 0: CHECKed. Source: Lemire, "Fast random integer generation in
/// an interval", TOMACS 2019, without the rejection step (a bias below most / 2^64).
constexpr Duration uniform_upto(std::uint64_t bits, Duration most) {
  CHECK(most >= Duration{});
  __extension__ using Wide = unsigned __int128;
  const auto wide = Wide{bits} * (static_cast<std::uint64_t>(most.count()) + 1);
  return Duration{static_cast<std::int64_t>(static_cast<std::uint64_t>(wide >> 64))};
}

}  // namespace greytick::model
