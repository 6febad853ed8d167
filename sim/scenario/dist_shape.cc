#include "sim/scenario/dist_shape.h"

#include <algorithm>

#include "sim/scenario/names.h"

namespace greytick::scenario {
namespace {

using Sets = std::vector<std::vector<DistKey>>;

// Those sets, after every pair of quantiles.
Sets with_quantiles(const Sets& more) {
  Sets out;
  const std::vector<DistKey> all = quantile_keys();
  for (size_t i = 0; i < all.size(); ++i) {
    for (size_t k = i + 1; k < all.size(); ++k) out.push_back({all[i], all[k]});
  }
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

}  // namespace

std::vector<DistKey> quantile_keys() {
  using enum DistKey;
  return {kP1, kP5, kP10, kP25, kMedian, kP75, kP90, kP95, kP99, kP999};
}

const std::vector<DistShape>& dist_shapes() {
  using enum DistKey;
  static const std::vector<DistShape> kShapes{
      {DistKind::kConstant, {{kValue}}, "{dist: constant, value: 5s}"},
      {DistKind::kUniform, {{kLow, kHigh}}, "{dist: uniform, low: 1s, high: 5s}"},
      {DistKind::kExponential, {{kMean}, {kMedian}}, "{dist: exponential, mean: 10m}"},
      {DistKind::kLognormal, with_quantiles({{kMedian, kSigma}, {kMean, kSigma}}),
       "{dist: lognormal, median: 58ms, p99: 900ms}; any two quantiles, median and sigma, or mean "
       "and sigma"},
      {DistKind::kWeibull, with_quantiles({{kMedian, kShape}}),
       "{dist: weibull, median: 95s, shape: 0.6}; or any two quantiles"},
      {DistKind::kPareto, {{kScale, kShape}}, "{dist: pareto, scale: 10ms, shape: 1.5}"},
      {DistKind::kGamma, {{kMean, kCv}}, "{dist: gamma, mean: 180us, cv: 0.7}"},
      {DistKind::kEmpirical, {{}}, "{dist: empirical, file: data/x.csv, column: seconds}"},
  };
  return kShapes;
}

std::optional<DistKey> dist_key(std::string_view name) {
  return name == "p50" ? DistKey::kMedian : value_of<DistKey>(name);
}

bool is_quantile_name(std::string_view name) {
  const std::optional<DistKey> key = dist_key(name);
  return key && share_below(*key).has_value();
}

const DistShape& dist_shape(DistKind kind) {
  return *std::ranges::find(dist_shapes(), kind, &DistShape::kind);
}

}  // namespace greytick::scenario
