// The push gateway: asks the phone maker's service to wake phones. A hint, never the delivery: what
// it forgets, a mailbox shard asks for again.
#pragma once

#include <cstdint>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/backoff.h"
#include "model/ids.h"
#include "model/machine.h"
#include "model/time.h"

namespace greytick::model {

struct Push {
  struct Config {
    std::uint32_t devices_max = 100'000;  // with a request outstanding or due; more are ignored
    std::uint32_t attempts_max = 8;       // then the device is forgotten
    Duration answer_timeout = std::chrono::seconds(30);
    BackoffPolicy backoff{.base = std::chrono::seconds(1), .max = std::chrono::minutes(5)};
    friend constexpr bool operator==(const Config&, const Config&) = default;
  };

  /// One device that somebody wants woken. However often it is asked for, one request.
  struct Wanted {
    Backoff backoff;
    bool outstanding = false;  // a request is at the provider; else it waits for kPushRetry
    friend constexpr bool operator==(const Wanted&, const Wanted&) = default;
  };

  struct State {
    Config config;
    boost::unordered_flat_map<DeviceId, Wanted, std::hash<DeviceId>> wanted;  // never iterated
    friend bool operator==(const State&, const State&) = default;
  };

  static ReadSet keys_of(const State& state, const Input& input);
  static Step handle(State& state, const Stimulus& t, const Input& input, View& view, Outputs& out);
};

}  // namespace greytick::model
