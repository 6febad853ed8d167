#include "sim/world/provider.h"

#include <algorithm>

#include "sim/engine/distributions.h"

namespace greytick::world {

using model::Duration;
using model::Instant;
using model::NotifyOutcome;

namespace {
constexpr Duration kRetryAfter = std::chrono::seconds(1);
}

Provider::Provider(const scenario::Push& push, const engine::Streams& streams)
    : streams_(streams),
      delay_(push.delay),
      wake_(push.wake.value),
      rate_max_(push.rate_max.per_second) {}

Provider::Answer Provider::ask(std::uint32_t user, Instant now) {
  // A stream for each request: what is decided of one moves no other.
  engine::Stream stream = streams_.stream(engine::Purpose::kPush,
                                          (requests_++ << 32 & ~(std::uint64_t{1} << 63)) | user);
  Answer answer;
  const double rate = condition_.rate.value_or(rate_max_);
  const Duration throttled =
      condition_.throttle_retry_after > Duration{} ? condition_.throttle_retry_after : kRetryAfter;
  if (rate <= 0) return {NotifyOutcome::kThrottled, throttled, {}, false};
  // Leaky bucket, one second deep.
  const Duration cost = engine::to_duration(1e9 / rate);
  full_at_ = std::max(full_at_, now);
  if (full_at_ + cost > now + std::chrono::seconds(1) && full_at_ > now) {
    return {NotifyOutcome::kThrottled, throttled, {}, false};
  }
  full_at_ += cost;
  bool lost = false;
  if (condition_.error > 0 && stream.bernoulli(condition_.error)) {
    switch (condition_.answer) {
      case scenario::PushAnswer::kLost:
        lost = true;
        break;
      case scenario::PushAnswer::kExpiredToken410:
        return {NotifyOutcome::kTokenExpired, {}, {}, false};
      case scenario::PushAnswer::kUnavailable503:
        return {NotifyOutcome::kUnavailable, condition_.error_retry_after, {}, false};
    }
  }
  const Duration way = delay_.sample_duration(stream);
  const bool wakes = stream.bernoulli(wake_);
  if (!lost) answer.delivered_in = way;
  answer.wakes = wakes;
  return answer;
}

}  // namespace greytick::world
