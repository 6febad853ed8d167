// The judge and the brute-force judge, of what a world did and of that broken in every way.
#pragma once

#include <functional>

#include "tests/oracle/story.h"
#include "tests/world/observed_run.h"

namespace greytick::world {

/// Changes a history; false when there is nothing to change.
using Forge = std::function<bool(oracle::History&, oracle::Dice&)>;

[[nodiscard]] oracle::History history_of(const ObservedRun& run);

/// Both judges see nothing wrong in the run; then it is broken in each way that oracle::mutate
/// knows, and by `forge`, twelve times each, and both must name the same first offender of each
/// invariant. Returns how many of the broken histories they found broken.
int break_and_compare(const ObservedRun& run, const Forge& forge);

/// The same with `forge` alone, so many times.
int forge_and_compare(const ObservedRun& run, const Forge& forge, std::uint64_t times);

/// Tells a mark for all of a group too early, too late, of another message, at another level, or
/// never on one device.
bool forge_aggregate(oracle::History& history, oracle::Dice& dice);

}  // namespace greytick::world
