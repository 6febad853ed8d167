#ifndef GREYTICK_SIM_SCENARIO_SCHEMA_WHOLE_H_
#define GREYTICK_SIM_SCENARIO_SCHEMA_WHOLE_H_

#include "sim/scenario/schema_leaf.h"

namespace greytick::scenario {

/// What the decoder asks of a whole scenario, by path: a file that extends another may leave it to
/// that one.
Json whole_schema();

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_SCHEMA_WHOLE_H_
