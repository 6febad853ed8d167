#include "sim/stats/interval.h"

#include <cmath>
#include <vector>

#include <boost/math/distributions/students_t.hpp>

#include "model/check.h"

namespace greytick::stats {

std::optional<Interval> student_interval(std::span<const double> samples, double level) {
  CHECK(level > 0.0);
  CHECK(level < 1.0);
  if (samples.size() < 2) return std::nullopt;
  const auto n = static_cast<double>(samples.size());
  double sum = 0.0;
  for (const double x : samples) sum += x;
  const double mean = sum / n;
  double squares = 0.0;
  for (const double x : samples) squares += (x - mean) * (x - mean);
  const double error = std::sqrt(squares / (n - 1.0) / n);
  const boost::math::students_t_distribution<double> t(n - 1.0);
  return Interval{.mean = mean,
                  .half_width = boost::math::quantile(t, 0.5 + level / 2.0) * error,
                  .samples = samples.size()};
}

std::optional<Interval> paired_difference(std::span<const double> a, std::span<const double> b,
                                          double level) {
  CHECK(a.size() == b.size());
  std::vector<double> differences;
  differences.reserve(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) differences.push_back(b[i] - a[i]);
  return student_interval(differences, level);
}

}  // namespace greytick::stats
