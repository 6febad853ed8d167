#ifndef GREYTICK_SIM_SCENARIO_LOSS_H_
#define GREYTICK_SIM_SCENARIO_LOSS_H_

#include "sim/scenario/units.h"

namespace greytick::scenario {

// Packet loss as a Gilbert-Elliott chain, one step a packet. Plain independent loss p is the chain
// that never turns bad: {to_bad 0, to_good 100%, loss_bad 0, loss_good p}.
// Names against tc-netem: to_bad = p, to_good = r, loss_bad = 1-h, loss_good = 1-k.
struct Loss {
  Share to_bad = {};
  Share to_good{1.0};
  Share loss_bad = {};
  Share loss_good = {};

  bool is_independent() const { return to_bad.value == 0.0; }
  bool operator==(const Loss&) const = default;

  static constexpr Loss independent(double probability) {
    return {.to_bad = {}, .to_good = {1.0}, .loss_bad = {}, .loss_good = {probability}};
  }
};

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_LOSS_H_
