#ifndef GREYTICK_SIM_SCENARIO_COMPLETE_H_
#define GREYTICK_SIM_SCENARIO_COMPLETE_H_

#include "sim/scenario/decode.h"
#include "sim/scenario/scenario.h"

namespace greytick::scenario {

/// Fills in what depends on other keys: shares by region, names of faults, default gates, the path
/// of the region matrix.
/// invariants_given: the file says which invariants it wants, so there are no default gates.
void complete(Decoder& d, Scenario& s, bool invariants_given);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_COMPLETE_H_
