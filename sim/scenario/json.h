#ifndef GREYTICK_SIM_SCENARIO_JSON_H_
#define GREYTICK_SIM_SCENARIO_JSON_H_

#include <nlohmann/json.hpp>

#include "sim/scenario/node.h"

namespace greytick::scenario {

/// The tree as JSON. Values keep their units, so they stay text; only what is plainly a number or a
/// truth is one.
nlohmann::ordered_json to_json(const Node& node);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_JSON_H_
