#ifndef GREYTICK_SIM_SCENARIO_ACCESS_PROFILES_H_
#define GREYTICK_SIM_SCENARIO_ACCESS_PROFILES_H_

#include <optional>
#include <string_view>
#include <vector>

#include "sim/scenario/scenario.h"

namespace greytick::scenario {

/// The access networks a scenario may name without defining them: lan, wifi, cellular-5g,
/// cellular-4g, cellular-3g; `assigned` is 0 in each.
/// Source: round trips are the UCC 5G trace's pings less its 64 ms wired floor (Raca et al., MMSys
/// 2020); loss is set to the order of its ping loss, as Gilbert-Elliott bursts; wifi, capacities
/// and the share of time between stalls are assumptions; stall lengths follow the median of the
/// nationwide Android failure study (Li et al., SIGCOMM 2021).
std::vector<Access> access_profiles();

/// The profile of that name, or nothing.
std::optional<Access> access_profile(std::string_view name);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_ACCESS_PROFILES_H_
