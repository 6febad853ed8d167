#ifndef GREYTICK_SIM_SCENARIO_REGION_MATRICES_H_
#define GREYTICK_SIM_SCENARIO_REGION_MATRICES_H_

#include <string_view>

#include "sim/scenario/scenario.h"

namespace greytick::scenario {

/// The file a measured matrix is read from where the scenario names none; empty for `uniform`.
std::string_view matrix_file(RegionMatrix matrix);

/// Where a region with one of the usual names (eu, in, br, use, usw, sg, me, za) lies in the AWS
/// matrix; the name itself for any other.
std::string_view usual_location(std::string_view region);

/// What another matrix calls the place of a usual AWS location: the nearest one it has. The
/// location itself where it has none, or where the location is not a usual one.
std::string_view location_in(RegionMatrix matrix, std::string_view aws_location);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_REGION_MATRICES_H_
