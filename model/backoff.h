// How long to wait before trying again: growing delays, with jitter so that many clients that
// failed together do not return together.
#pragma once

#include <cstdint>

#include "model/time.h"

namespace greytick::model {

/// Names of Brooker, "Exponential backoff and jitter", AWS Architecture Blog 2015. With cap_n =
/// min(max, base x factor^n):
enum class Jitter : std::uint8_t {
  kNone,         // cap_n
  kEqual,        // cap_n / 2 + uniform[0, cap_n / 2]
  kFull,         // uniform[0, cap_n]
  kDecorrelated  // min(max, base + uniform[0, 3 x the last delay - base])
};

struct BackoffPolicy {
  Jitter jitter = Jitter::kFull;
  Duration base = std::chrono::seconds(1);
  std::uint32_t factor_permille = 2000;  // growth an attempt; at least 1000
  Duration max = std::chrono::seconds(30);
  Duration reset_after = std::chrono::seconds(30);  // open this long, and the count is 0 again
  Duration initial_spread{};  // set: the first attempt waits uniform[0, initial_spread] instead
  friend constexpr bool operator==(const BackoffPolicy&, const BackoffPolicy&) = default;
};

/// How often in a row it failed, and how long the last wait was.
struct Backoff {
  std::uint32_t attempts = 0;
  Duration last{};

  /// The wait before the next attempt, in [0, max of policy.max and policy.initial_spread]; counts
  /// the attempt. CHECKs 0 <= base <= max and factor_permille >= 1000.
  [[nodiscard]] Duration next(const BackoffPolicy& policy, std::uint64_t bits);
  void reset() { *this = {}; }
  friend constexpr bool operator==(const Backoff&, const Backoff&) = default;
};

}  // namespace greytick::model
