#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "model/time.h"
#include "sim/engine/random.h"
#include "sim/faults/controls.h"
#include "sim/net/law.h"
#include "sim/scenario/fault.h"

namespace greytick::faults {

/// Radios that come and go while churn faults are in force. Each device has a stream of its own, so
/// that one more device changes nothing for the others.
class Churn {
 public:
  Churn(const engine::Streams& streams, Controls& controls)
      : streams_(streams), controls_(controls) {}

  /// The radios of these devices alternate from `at` on, beginning with a stay up. A device that
  /// another churn holds already stays with it. token: names this churn.
  void start(std::uint64_t token, const std::vector<std::uint32_t>& devices,
             const scenario::FaultWith& with, model::Instant at);
  /// Radios of this churn work again.
  void stop(std::uint64_t token, model::Instant at);

  /// When the next radio turns; kNever while no churn is in force.
  [[nodiscard]] model::Instant next();
  /// Turns every radio that is due at or before `at`.
  void run(model::Instant at);

 private:
  struct Due {
    model::Instant at;
    std::uint32_t device;
    std::uint64_t token;
    friend bool operator>(const Due& a, const Due& b) {
      return a.at != b.at ? a.at > b.at : a.device > b.device;
    }
  };
  struct Radio {
    std::uint32_t device;
    std::uint64_t draws = 0;
    bool up = true;
  };
  struct Active {
    std::uint64_t token;
    net::Law up, down;
    double switches;
    std::vector<Radio> radios;  // ascending by device
  };

  engine::Streams streams_;
  Controls& controls_;
  std::vector<Active> active_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
};

}  // namespace greytick::faults
