#ifndef GREYTICK_SIM_SCENARIO_NAIVE_CHECK_H_
#define GREYTICK_SIM_SCENARIO_NAIVE_CHECK_H_

#include "sim/scenario/decode.h"
#include "sim/scenario/scenario.h"

namespace greytick::scenario {

/// Reports whatever a scenario of the naive pipeline says and that pipeline does not heed: every
/// key that is not at its default, but for those it reads; faults other than one crash of a server;
/// installations. A scenario of the real pipeline passes.
void check_naive(Decoder& d, const Scenario& s);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_NAIVE_CHECK_H_
