#ifndef GREYTICK_SIM_SCENARIO_FAULT_CHECK_H_
#define GREYTICK_SIM_SCENARIO_FAULT_CHECK_H_

#include "sim/scenario/decode.h"
#include "sim/scenario/scenario.h"

namespace greytick::scenario {

/// Reports faults that cannot be: targets that are not there or not of their kind, times after the
/// horizon or of no clock, a repetition before the fault has healed, a name taken twice.
void check_faults(Decoder& d, const Scenario& s);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_FAULT_CHECK_H_
