#ifndef GREYTICK_SIM_SCENARIO_DIST_SPEC_H_
#define GREYTICK_SIM_SCENARIO_DIST_SPEC_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/data_file.h"
#include "sim/scenario/units.h"

namespace greytick::scenario {

enum class DistKind : uint8_t {
  kConstant,
  kUniform,
  kExponential,
  kLognormal,
  kWeibull,
  kPareto,
  kGamma,
  kEmpirical,
};

/// What one draw measures; fixed by the key that holds the distribution, never by the file.
enum class DistUnit : uint8_t { kDuration, kBytes, kNumber };

/// Parameter names. The first group carries the unit of the draw, the second is a plain number.
enum class DistKey : uint8_t {
  kValue,   // constant
  kLow,     // uniform
  kHigh,    // uniform
  kMean,    // exponential, gamma, lognormal (with sigma)
  kP1,      // lognormal and weibull: any two quantiles, the median among them
  kP5,      //
  kP10,     //
  kP25,     //
  kMedian,  // also exponential; `p50` is the same
  kP75,     //
  kP90,     //
  kP95,     //
  kP99,     //
  kP999,    // p99.9
  kScale,   // pareto: the least value
  kMin,     // draws are clamped to [min, max]
  kMax,
  kSigma,  // lognormal: standard deviation of the logarithm
  kShape,  // weibull, pareto
  kCv,     // gamma: standard deviation over mean
};

/// The share of the draws at or below that parameter; nothing for one that is no quantile.
constexpr std::optional<double> share_below(DistKey key) {
  switch (key) {
    case DistKey::kP1:
      return 0.01;
    case DistKey::kP5:
      return 0.05;
    case DistKey::kP10:
      return 0.1;
    case DistKey::kP25:
      return 0.25;
    case DistKey::kMedian:
      return 0.5;
    case DistKey::kP75:
      return 0.75;
    case DistKey::kP90:
      return 0.9;
    case DistKey::kP95:
      return 0.95;
    case DistKey::kP99:
      return 0.99;
    case DistKey::kP999:
      return 0.999;
    default:
      return std::nullopt;
  }
}

struct DistParam {
  DistKey key;
  double value;  // nanoseconds, bytes or a plain number, by DistSpec::unit and the key
  bool operator==(const DistParam&) const = default;
};

// A distribution as the scenario states it; the world turns it into an engine::Distribution.
// Invariants (the loader holds them):
//   params are ascending by key, no key twice
//   the keys other than min and max are exactly one of these sets:
//     constant     {value}
//     uniform      {low, high}                                                low <= high
//     exponential  {mean} | {median}
//     lognormal    {two quantiles} | {median, sigma} | {mean, sigma}
//     weibull      {two quantiles} | {shape, median}
//     pareto       {scale, shape}
//     gamma        {mean, cv}
//     empirical    {} with file and column: draws are inverse quantiles of that column
//   all values are finite and >= 0; quantiles ascend; min <= max
struct DistSpec {
  DistKind kind = DistKind::kConstant;
  DistUnit unit = DistUnit::kDuration;
  std::vector<DistParam> params = {};
  DataFile file = {};       // empirical only
  std::string column = {};  // empirical only

  bool operator==(const DistSpec&) const = default;

  std::optional<double> find(DistKey key) const {
    for (const DistParam& p : params) {
      if (p.key == key) return p.value;
    }
    return std::nullopt;
  }
  /// The parameter, or `otherwise` when the scenario does not name it.
  double get(DistKey key, double otherwise = 0.0) const { return find(key).value_or(otherwise); }
  /// True before anything was said: a distribution without a default that the file must give.
  bool is_missing() const { return params.empty() && kind == DistKind::kConstant; }
  bool is_constant() const { return kind == DistKind::kConstant; }

  static DistSpec constant(Duration value) {
    return {.params = {{DistKey::kValue, static_cast<double>(value.count())}}};
  }
  static DistSpec constant_number(double value) {
    return {.unit = DistUnit::kNumber, .params = {{DistKey::kValue, value}}};
  }
  static DistSpec lognormal(Duration median, Duration p99) {
    return {.kind = DistKind::kLognormal,
            .params = {{DistKey::kMedian, static_cast<double>(median.count())},
                       {DistKey::kP99, static_cast<double>(p99.count())}}};
  }
};

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_DIST_SPEC_H_
