#ifndef GREYTICK_SIM_SCENARIO_SCHEMA_GATE_H_
#define GREYTICK_SIM_SCENARIO_SCHEMA_GATE_H_

#include <string>

#include "sim/scenario/schema_leaf.h"

namespace greytick::scenario {

/// The definitions `invariant`, `eventual_invariant`, `rare_event`, `threshold` and `gate`.
void add_gate_definitions(Json& defs);

/// Every metric with every aspect.
std::string metric_pattern();

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_SCHEMA_GATE_H_
