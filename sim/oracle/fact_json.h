// A fact as text: one line of history.ndjson for other checkers, one line for people. Pure.
#pragma once

#include <string>

#include "model/fact.h"
#include "model/time.h"

namespace greytick::oracle {

/// Appends one JSON object and a newline to `out`:
///   {"at":1500000000,"fact":"applied","device":7,"incarnation":1,...}
/// at: ns since the start of the run. Ids and positions are numbers. 128-bit message ids, tags and
/// hashes are strings of hexadecimal digits, since JSON readers round integers above 2^53. The
/// fields of a message lie in "message". No error.
void append_ndjson(std::string& out, model::Instant at, const model::Fact& fact);
[[nodiscard]] std::string to_ndjson(model::Instant at, const model::Fact& fact);

/// What happened, in a few words and without the time: "device 7 applied position 5 of conversation
/// 3 (message 4 of device 2)".
[[nodiscard]] std::string describe(const model::Fact& fact);

}  // namespace greytick::oracle
