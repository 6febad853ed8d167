#include "sim/scenario/dist_shape.h"

#include <algorithm>

namespace greytick::scenario {

const std::vector<DistShape>& dist_shapes() {
  using enum DistKey;
  static const std::vector<DistShape> kShapes{
      {DistKind::kConstant, {{kValue}}, "{dist: constant, value: 5s}"},
      {DistKind::kUniform, {{kLow, kHigh}}, "{dist: uniform, low: 1s, high: 5s}"},
      {DistKind::kExponential, {{kMean}, {kMedian}}, "{dist: exponential, mean: 10m}"},
      {DistKind::kLognormal,
       {{kMedian, kP99}, {kMedian, kP90}, {kMedian, kSigma}, {kMean, kSigma}},
       "{dist: lognormal, median: 58ms, p99: 900ms}; or median and p90, median and sigma, mean and "
       "sigma"},
      {DistKind::kWeibull,
       {{kMedian, kP99}, {kMedian, kP90}, {kMedian, kShape}},
       "{dist: weibull, median: 95s, shape: 0.6}; or median and p90, median and p99"},
      {DistKind::kPareto, {{kScale, kShape}}, "{dist: pareto, scale: 10ms, shape: 1.5}"},
      {DistKind::kGamma, {{kMean, kCv}}, "{dist: gamma, mean: 180us, cv: 0.7}"},
      {DistKind::kEmpirical, {{}}, "{dist: empirical, file: data/x.csv, column: seconds}"},
  };
  return kShapes;
}

const DistShape& dist_shape(DistKind kind) {
  return *std::ranges::find(dist_shapes(), kind, &DistShape::kind);
}

}  // namespace greytick::scenario
