#ifndef GREYTICK_SIM_SCENARIO_SCHEMA_DIST_H_
#define GREYTICK_SIM_SCENARIO_SCHEMA_DIST_H_

#include <string_view>

#include "sim/scenario/dist_spec.h"
#include "sim/scenario/schema_leaf.h"

namespace greytick::scenario {

/// The name of the definition of distributions in that unit.
std::string_view dist_definition(DistUnit unit);

/// That definition: a value alone, a call, or a mapping.
Json distribution_schema(DistUnit unit);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_SCHEMA_DIST_H_
