// The phone makers' push services, as one stand-in: so many requests a second, a long-tailed way to
// the phone, and moods.
#pragma once

#include <cstdint>
#include <optional>

#include "model/frame.h"
#include "model/time.h"
#include "sim/engine/random.h"
#include "sim/faults/controls.h"
#include "sim/net/law.h"
#include "sim/scenario/scenario.h"

namespace greytick::world {

class Provider {
 public:
  struct Answer {
    model::NotifyOutcome outcome = model::NotifyOutcome::kAccepted;
    model::Duration retry_after{};
    std::optional<model::Duration> delivered_in;  // absent: the phone never hears of it
    bool wakes = false;
  };

  Provider(const scenario::Push& push, const engine::Streams& streams);
  /// One request for the phone of `user`. Calls ascend in time.
  Answer ask(std::uint32_t user, model::Instant now);
  void set(const faults::PushCondition& condition) { condition_ = condition; }

 private:
  engine::Streams streams_;
  std::uint64_t requests_ = 0;
  net::Law delay_;
  double wake_;
  double rate_max_;
  faults::PushCondition condition_;
  // The bucket holds one second's worth of requests.
  model::Instant full_at_{};
};

}  // namespace greytick::world
