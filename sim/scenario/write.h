#ifndef GREYTICK_SIM_SCENARIO_WRITE_H_
#define GREYTICK_SIM_SCENARIO_WRITE_H_

#include <string>

#include "sim/scenario/node.h"
#include "sim/scenario/scenario.h"

namespace greytick::scenario {

/// The scenario as canonical YAML, resolved.yaml: every key, canonical units, no `extends`, no
/// short form. Loading it gives an equal Scenario, provided the data files it names are found
/// again. A function of the scenario alone, so its hash names the scenario.
std::string write_yaml(const Scenario& scenario);

/// The same as a tree.
Node to_tree(const Scenario& scenario);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_WRITE_H_
