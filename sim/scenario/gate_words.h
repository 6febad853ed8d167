#ifndef GREYTICK_SIM_SCENARIO_GATE_WORDS_H_
#define GREYTICK_SIM_SCENARIO_GATE_WORDS_H_

#include <string_view>

#include "sim/scenario/decode.h"

namespace greytick::scenario {

/// The error for a word that names no invariant, with the one that was probably meant.
void report_unknown_invariant(Decoder& d, const Mark& mark, std::string_view word);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_GATE_WORDS_H_
