#ifndef GREYTICK_SIM_SCENARIO_REFERENCE_H_
#define GREYTICK_SIM_SCENARIO_REFERENCE_H_

#include <string>

namespace greytick::scenario {

/// docs/scenario.md: every key with its form, default and meaning, every fault, metric, invariant
/// and rare event, from the tables that the decoder itself reads. Markdown; ends with a newline.
std::string reference();

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_REFERENCE_H_
