#include "sim/engine/distributions.h"

#include <algorithm>
#include <limits>

#include "model/check.h"
#include "sim/engine/detmath.h"

namespace greytick::engine {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

void check_two_quantiles(QuantilePoint low, QuantilePoint high) {
  CHECK(low.q > 0.0);
  CHECK(low.q < high.q);
  CHECK(high.q < 1.0);
  CHECK(low.value > 0.0);
  CHECK(low.value < high.value);
  CHECK(high.value < kInfinity);
}

// -log(1 - q), the quantile of the exponential law of mean 1.
double exponential_quantile(double q) { return -detmath::log(1.0 - q); }

double empirical_quantile(std::span<const QuantilePoint> points, double q) {
  // The first point above q, so that left->q <= q < right->q; for q = 1 the last two.
  auto right = std::upper_bound(points.begin() + 1, points.end() - 1, q,
                                [](double value, const QuantilePoint& p) { return value < p.q; });
  const auto left = right - 1;
  return left->value + (right->value - left->value) * ((q - left->q) / (right->q - left->q));
}

// Source: Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26(3),
// 2000.
double sample_gamma(Stream& stream, double shape) {
  if (shape < 1.0) {
    const double boost = detmath::pow(stream.uniform_open(), 1.0 / shape);
    return boost * sample_gamma(stream, shape + 1.0);
  }
  const double d = shape - 1.0 / 3.0;
  const double c = 1.0 / detmath::sqrt(9.0 * d);
  while (true) {
    const double x = detmath::normal_quantile(stream.uniform_open());
    const double root = 1.0 + c * x;
    if (root <= 0.0) {
      continue;
    }
    const double v = root * root * root;
    const double accept = detmath::log(stream.uniform_open());
    if (accept < 0.5 * x * x + d * (1.0 - v + detmath::log(v))) {
      return d * v;
    }
  }
}

double gamma_quantile(double shape, double q) {
  if (q == 0.0) {
    return 0.0;
  }
  if (q == 1.0) {
    return kInfinity;
  }
  double low = 0.0;
  double high = shape + 1.0;
  while (detmath::gamma_p(shape, high) < q) {
    low = high;
    high *= 2.0;
  }
  while (true) {
    const double middle = low + (high - low) / 2.0;
    if (middle <= low || middle >= high) {
      return high;
    }
    (detmath::gamma_p(shape, middle) < q ? low : high) = middle;
  }
}

}  // namespace

Distribution Distribution::constant(double value) {
  CHECK(value == value);
  return {Kind::kConstant, value, 0.0};
}

Distribution Distribution::uniform(double low, double high) {
  CHECK(low <= high);
  CHECK(high - low < kInfinity);
  return {Kind::kUniform, low, high};
}

Distribution Distribution::exponential(double mean) {
  CHECK(mean > 0.0);
  CHECK(mean < kInfinity);
  return {Kind::kExponential, mean, 0.0};
}

Distribution Distribution::normal(double mean, double deviation) {
  CHECK(mean == mean);
  CHECK(deviation >= 0.0);
  CHECK(deviation < kInfinity);
  return {Kind::kNormal, mean, deviation};
}

Distribution Distribution::lognormal(double mu, double sigma) {
  CHECK(mu == mu);
  CHECK(sigma >= 0.0);
  CHECK(sigma < kInfinity);
  return {Kind::kLognormal, mu, sigma};
}

Distribution Distribution::weibull(double shape, double scale) {
  CHECK(shape > 0.0);
  CHECK(scale > 0.0);
  CHECK(scale < kInfinity);
  return {Kind::kWeibull, shape, scale};
}

Distribution Distribution::pareto(double least, double alpha) {
  CHECK(least > 0.0);
  CHECK(least < kInfinity);
  CHECK(alpha > 0.0);
  return {Kind::kPareto, least, alpha};
}

Distribution Distribution::gamma(double shape, double scale) {
  CHECK(shape > 0.0);
  CHECK(shape < kInfinity);
  CHECK(scale > 0.0);
  CHECK(scale < kInfinity);
  return {Kind::kGamma, shape, scale};
}

Distribution Distribution::empirical(std::span<const QuantilePoint> points) {
  CHECK(points.size() >= 2);
  CHECK(points.front().q == 0.0);
  CHECK(points.back().q == 1.0);
  for (std::size_t i = 1; i < points.size(); ++i) {
    CHECK(points[i - 1].q < points[i].q);
    CHECK(points[i - 1].value <= points[i].value);
  }
  Distribution result(Kind::kEmpirical, 0.0, 0.0);
  result.points_ = points;
  return result;
}

Distribution Distribution::lognormal_from_quantiles(QuantilePoint low, QuantilePoint high) {
  check_two_quantiles(low, high);
  const double low_z = detmath::normal_quantile(low.q);
  const double high_z = detmath::normal_quantile(high.q);
  const double log_low = detmath::log(low.value);
  const double sigma = (detmath::log(high.value) - log_low) / (high_z - low_z);
  return lognormal(log_low - sigma * low_z, sigma);
}

Distribution Distribution::weibull_from_quantiles(QuantilePoint low, QuantilePoint high) {
  check_two_quantiles(low, high);
  const double low_log = detmath::log(exponential_quantile(low.q));
  const double high_log = detmath::log(exponential_quantile(high.q));
  const double shape = (high_log - low_log) / (detmath::log(high.value) - detmath::log(low.value));
  return weibull(shape, low.value / detmath::exp(low_log / shape));
}

Distribution Distribution::pareto_from_quantiles(QuantilePoint low, QuantilePoint high) {
  check_two_quantiles(low, high);
  const double alpha = (exponential_quantile(high.q) - exponential_quantile(low.q)) /
                       (detmath::log(high.value) - detmath::log(low.value));
  return pareto(low.value * detmath::pow(1.0 - low.q, 1.0 / alpha), alpha);
}

Distribution Distribution::weibull_from_median(double shape, double median) {
  CHECK(shape > 0.0);
  return weibull(shape, median / detmath::pow(exponential_quantile(0.5), 1.0 / shape));
}

Distribution Distribution::gamma_from_mean_cv(double mean, double cv) {
  CHECK(cv > 0.0);
  const double shape = 1.0 / (cv * cv);
  return gamma(shape, mean / shape);
}

double Distribution::sample(Stream& stream) const {
  if (kind_ == Kind::kConstant) {
    return first_;
  }
  if (kind_ == Kind::kGamma) {
    return second_ * sample_gamma(stream, first_);
  }
  return quantile(stream.uniform_open());
}

model::Duration Distribution::sample_duration(Stream& stream) const {
  return to_duration(sample(stream));
}

double Distribution::mean() const {
  switch (kind_) {
    case Kind::kConstant:
    case Kind::kExponential:
    case Kind::kNormal:
      return first_;
    case Kind::kUniform:
      return first_ + (second_ - first_) / 2.0;
    case Kind::kLognormal:
      return detmath::exp(first_ + second_ * second_ / 2.0);
    case Kind::kWeibull:
      return second_ * detmath::exp(detmath::log_gamma(1.0 + 1.0 / first_));
    case Kind::kPareto:
      return second_ <= 1.0 ? kInfinity : first_ * second_ / (second_ - 1.0);
    case Kind::kGamma:
      return first_ * second_;
    case Kind::kEmpirical: {
      double sum = 0.0;
      for (std::size_t i = 1; i < points_.size(); ++i) {
        sum += (points_[i].q - points_[i - 1].q) * (points_[i].value + points_[i - 1].value) / 2.0;
      }
      return sum;
    }
  }
  CHECK_MSG(false, "unknown kind");
  return 0.0;
}

double Distribution::quantile(double q) const {
  CHECK(q >= 0.0);
  CHECK(q <= 1.0);
  switch (kind_) {
    case Kind::kConstant:
      return first_;
    case Kind::kUniform:
      return first_ + (second_ - first_) * q;
    case Kind::kExponential:
      return first_ * exponential_quantile(q);
    case Kind::kNormal:
      return second_ == 0.0 ? first_ : first_ + second_ * detmath::normal_quantile(q);
    case Kind::kLognormal:
      return second_ == 0.0 ? detmath::exp(first_)
                            : detmath::exp(first_ + second_ * detmath::normal_quantile(q));
    case Kind::kWeibull:
      return second_ * detmath::pow(exponential_quantile(q), 1.0 / first_);
    case Kind::kPareto:
      return first_ * detmath::pow(1.0 - q, -1.0 / second_);
    case Kind::kGamma:
      return second_ * gamma_quantile(first_, q);
    case Kind::kEmpirical:
      return empirical_quantile(points_, q);
  }
  CHECK_MSG(false, "unknown kind");
  return 0.0;
}

model::Duration to_duration(double ns) {
  CHECK(ns == ns);
  if (ns <= 0.0) {
    return model::Duration::zero();
  }
  // 2^63 is the least double that does not fit.
  if (ns >= 0x1p63) {
    return model::Duration::max();
  }
  const auto whole = static_cast<model::Duration::rep>(ns);
  const double rest = ns - static_cast<double>(whole);
  return model::Duration{whole + (rest >= 0.5 ? 1 : 0)};
}

model::Duration poisson_gap(Stream& stream, double rate_per_s) {
  CHECK(rate_per_s > 0.0);
  return to_duration(exponential_quantile(stream.uniform_open()) * (1e9 / rate_per_s));
}

}  // namespace greytick::engine
