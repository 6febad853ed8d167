#ifndef GREYTICK_SIM_SCENARIO_DIST_SHAPE_H_
#define GREYTICK_SIM_SCENARIO_DIST_SHAPE_H_

#include <optional>
#include <string_view>
#include <vector>

#include "sim/scenario/dist_spec.h"

namespace greytick::scenario {

// Which parameters a kind of distribution takes; each alternative is complete in itself.
struct DistShape {
  DistKind kind;
  std::vector<std::vector<DistKey>> sets;
  std::string_view example;
};

/// One shape a kind, in the order of DistKind.
const std::vector<DistShape>& dist_shapes();
const DistShape& dist_shape(DistKind kind);

/// The parameters that are quantiles, ascending.
std::vector<DistKey> quantile_keys();

/// The parameter of that name; `p50` is the median.
std::optional<DistKey> dist_key(std::string_view name);

/// Names of quantiles as a mapping may have them, `p50` included.
bool is_quantile_name(std::string_view name);

/// Parameters without a unit, whatever is distributed.
constexpr bool is_plain(DistKey key) {
  return key == DistKey::kSigma || key == DistKey::kShape || key == DistKey::kCv;
}

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_DIST_SHAPE_H_
