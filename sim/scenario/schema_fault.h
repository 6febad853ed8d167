#ifndef GREYTICK_SIM_SCENARIO_SCHEMA_FAULT_H_
#define GREYTICK_SIM_SCENARIO_SCHEMA_FAULT_H_

#include "sim/scenario/schema_leaf.h"

namespace greytick::scenario {

/// The definition `fault`. parameters: the properties of FaultWith. defs: gets the definitions of
/// its targets.
Json fault_schema(const Json& parameters, Json& defs);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_SCHEMA_FAULT_H_
