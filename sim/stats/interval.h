// What several seeds say about one number.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace greytick::stats {

struct Interval {
  double mean = 0.0;
  double half_width = 0.0;
  std::size_t samples = 0;
};

/// Mean of independent samples with its confidence interval: mean +- half_width holds the true
/// mean with probability `level` if the samples are near normal, as means and quantiles of whole
/// runs are.
///
/// samples: any unit; at least two, or the answer is nothing. level in (0, 1).
/// Source: Student, "The probable error of a mean", Biometrika 6(1), 1908.
std::optional<Interval> student_interval(std::span<const double> samples, double level = 0.95);

/// By how much b exceeds a on average, when sample i of both shares its circumstances, such as the
/// seed: what they share cancels out, and the interval is that of the differences alone.
///
/// a, b: one unit, equally long (a CHECK); at least two, or the answer is nothing.
std::optional<Interval> paired_difference(std::span<const double> a, std::span<const double> b,
                                          double level = 0.95);

}  // namespace greytick::stats
