#ifndef GREYTICK_SIM_ENGINE_DISTRIBUTIONS_H_
#define GREYTICK_SIM_ENGINE_DISTRIBUTIONS_H_

#include <cstdint>
#include <span>

#include "model/time.h"
#include "sim/engine/random.h"

namespace greytick::engine {

/// One point of a quantile table: a share q of the mass lies at or below value.
struct QuantilePoint {
  double q;
  double value;

  friend bool operator==(const QuantilePoint&, const QuantilePoint&) = default;
};

/// A law to draw from: a small value, of which the world holds one for each kind of delay.
///
/// The unit of a value is the caller's; sample_duration takes it for nanoseconds. Draws use detmath
/// alone, so their bits are the same everywhere. All laws but constant (no draw) and gamma (a few)
/// take exactly one draw a sample, through their quantile function. Parameters are CHECKed: the
/// scenario loader has refused what a user may get wrong.
class Distribution {
 public:
  enum class Kind : std::uint8_t {
    kConstant,
    kUniform,
    kExponential,
    kNormal,
    kLognormal,
    kWeibull,
    kPareto,
    kGamma,
    kEmpirical,
  };

  /// Always 0.
  Distribution() = default;

  static Distribution constant(double value);
  /// Even in [low, high]; low <= high.
  static Distribution uniform(double low, double high);
  /// mean > 0.
  static Distribution exponential(double mean);
  /// deviation >= 0. A negative value becomes zero in sample_duration, not here.
  static Distribution normal(double mean, double deviation);
  /// exp of a normal with mean mu and deviation sigma >= 0; the median is exp(mu).
  static Distribution lognormal(double mu, double sigma);
  /// 1 - exp(-(x / scale)^shape); shape > 0, scale > 0.
  static Distribution weibull(double shape, double scale);
  /// 1 - (least / x)^alpha for x >= least > 0; alpha > 0. The mean is infinite for alpha <= 1.
  static Distribution pareto(double least, double alpha);
  /// Mean shape * scale, variance shape * scale^2; both > 0. An Erlang law is one of whole shape.
  static Distribution gamma(double shape, double scale);
  /// Linear between the points. q ascends strictly from 0 to 1, values do not descend, at least two
  /// points. The table is not copied: whoever loaded it keeps it alive.
  static Distribution empirical(std::span<const QuantilePoint> points);

  /// The same laws by what people know about them. Quantiles: 0 < low.q < high.q < 1 and
  /// 0 < low.value < high.value.
  static Distribution lognormal_from_quantiles(QuantilePoint low, QuantilePoint high);
  static Distribution weibull_from_quantiles(QuantilePoint low, QuantilePoint high);
  static Distribution pareto_from_quantiles(QuantilePoint low, QuantilePoint high);
  static Distribution weibull_from_median(double shape, double median);
  /// cv: deviation divided by mean; both > 0.
  static Distribution gamma_from_mean_cv(double mean, double cv);

  Kind kind() const { return kind_; }

  double sample(Stream& stream) const;

  /// The sample as nanoseconds: rounded to the nearest, at least 0, at most Duration::max().
  model::Duration sample_duration(Stream& stream) const;

  /// May be +inf (Pareto with alpha <= 1).
  double mean() const;

  /// The value below which a share q of the mass lies; q in [0, 1], CHECKed. The ends of an
  /// unbounded law are -inf and +inf. Gamma is solved by bisection: fit for loading, not for
  /// sampling.
  double quantile(double q) const;

 private:
  Distribution(Kind kind, double first, double second)
      : kind_(kind), first_(first), second_(second) {}

  // The two parameters in the order of the maker of each kind; the table of an empirical law.
  Kind kind_ = Kind::kConstant;
  double first_ = 0;
  double second_ = 0;
  std::span<const QuantilePoint> points_;
};

static_assert(sizeof(Distribution) <= 64);

/// ns rounded to the nearest whole nanosecond, between 0 and Duration::max(). CHECKs against NaN.
model::Duration to_duration(double ns);

/// The time to the next event of a Poisson process of that rate; rate_per_s > 0, CHECKed. One draw.
model::Duration poisson_gap(Stream& stream, double rate_per_s);

}  // namespace greytick::engine

#endif  // GREYTICK_SIM_ENGINE_DISTRIBUTIONS_H_
