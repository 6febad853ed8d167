#ifndef GREYTICK_TESTS_ARCHITECTURE_PURE_WORDS_H_
#define GREYTICK_TESTS_ARCHITECTURE_PURE_WORDS_H_

#include <string>
#include <vector>

#include "tests/architecture/source_text.h"

namespace greytick::architecture {

/// One sentence for each word or standard header by which the source would do more than compute on
/// its arguments.
///
/// model/: no clock, socket, thread, file, log, random source or exception.
/// sim/engine, net, faults, oracle, world: no clock, thread of its own making, environment, or
/// standard random source; and no transcendental of libm, whose last bit differs by platform.
/// Other folders: nothing.
std::vector<std::string> impure_words(const Source& source);

}  // namespace greytick::architecture

#endif  // GREYTICK_TESTS_ARCHITECTURE_PURE_WORDS_H_
