#ifndef GREYTICK_SIM_SCENARIO_SCHEMA_H_
#define GREYTICK_SIM_SCENARIO_SCHEMA_H_

#include <string>

namespace greytick::scenario {

/// A JSON Schema of the scenario form, draft 2020-12, for editors: keys with their meaning,
/// defaults and units, from the tables that the decoder reads.
///
/// It accepts whatever the decoder accepts. It refuses what is wrong with a file's form: unknown
/// keys and words, values without their unit, faults without their parts. What only the whole
/// scenario can tell, such as a target that is not there or shares that do not sum, it lets pass;
/// so too a part left to a file under `extends`. Source: https://json-schema.org/draft/2020-12
std::string schema();

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_SCHEMA_H_
