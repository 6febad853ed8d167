#include "model/backoff.h"

#include <algorithm>

#include "model/check.h"
#include "model/draw.h"

namespace greytick::model {
namespace {

// min(max, base x factor^attempts), in integers: no power of a floating-point number decides a
// time.
Duration cap_of(const BackoffPolicy& policy, std::uint32_t attempts) {
  __extension__ using Wide = __int128;
  Wide cap = policy.base.count();
  const Wide most = policy.max.count();
  for (std::uint32_t i = 0; i < attempts && cap < most; ++i) {
    const Wide grown = cap * policy.factor_permille / 1000;
    if (grown == cap) break;  // A factor of 1, or a base too small to grow.
    cap = grown;
  }
  return Duration{static_cast<std::int64_t>(std::min(cap, most))};
}

Duration jittered(const BackoffPolicy& policy, const Backoff& backoff, std::uint64_t bits) {
  const Duration cap = cap_of(policy, backoff.attempts);
  switch (policy.jitter) {
    case Jitter::kNone:
      return cap;
    case Jitter::kEqual:
      return cap / 2 + uniform_upto(bits, cap - cap / 2);
    case Jitter::kFull:
      return uniform_upto(bits, cap);
    case Jitter::kDecorrelated: {
      const Duration last = std::clamp(backoff.last, policy.base, policy.max);
      return std::min(policy.max, policy.base + uniform_upto(bits, 3 * last - policy.base));
    }
  }
  return cap;
}

}  // namespace

Duration Backoff::next(const BackoffPolicy& policy, std::uint64_t bits) {
  CHECK(policy.base >= Duration{});
  CHECK(policy.base <= policy.max);
  CHECK(policy.factor_permille >= 1000);
  const bool spread = attempts == 0 && policy.initial_spread > Duration{};
  const Duration wait =
      spread ? uniform_upto(bits, policy.initial_spread) : jittered(policy, *this, bits);
  ++attempts;
  last = std::min(wait, policy.max);
  return wait;
}

}  // namespace greytick::model
