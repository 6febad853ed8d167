#ifndef GREYTICK_SIM_SCENARIO_ACCESS_PROFILES_H_
#define GREYTICK_SIM_SCENARIO_ACCESS_PROFILES_H_

#include <optional>
#include <string_view>
#include <vector>

#include "sim/scenario/scenario.h"

namespace greytick::scenario {

/// The access networks a scenario may name without defining them: lan, wifi, cellular-5g,
/// cellular-4g, cellular-3g, and as measured 5g-static, 5g-driving, lte-driving, hspa-driving;
/// `assigned` is 0 in each. The measured ones read data/access_quantiles.csv, whose path is empty
/// here: the loader looks it up.
/// Source: round trips are the UCC 5G trace's pings less its 64 ms wired floor (Raca et al., MMSys
/// 2020); loss is set to the order of its ping loss, as Gilbert-Elliott bursts; wifi, capacities
/// and the share of time between stalls are assumptions; stall lengths follow the median of the
/// nationwide Android failure study (Li et al., SIGCOMM 2021). The measured ones are the quantiles
/// and rates that analysis/derive_access.py finds in the 5G trace; capacities up are assumptions.
std::vector<Access> access_profiles();

/// The profile of that name, or nothing.
std::optional<Access> access_profile(std::string_view name);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_ACCESS_PROFILES_H_
