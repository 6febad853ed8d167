#ifndef GREYTICK_SIM_SCENARIO_CHECK_H_
#define GREYTICK_SIM_SCENARIO_CHECK_H_

#include "sim/scenario/decode.h"
#include "sim/scenario/scenario.h"

namespace greytick::scenario {

/// Reports what cannot hold together: indices out of range, shares that do not sum to 100%, faults
/// after the horizon, thresholds during faults that do not exist, and so on.
void check(Decoder& d, const Scenario& s);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_CHECK_H_
