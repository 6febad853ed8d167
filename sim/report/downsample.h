// A long time series in few points that keep its highest and lowest values.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace greytick::report {

/// What one curve is at each time; nothing where there was nothing to measure.
using Curve = std::vector<std::optional<double>>;

/// Splits n rows into at most `most` runs of neighbours, as equal as can be: [first, last) each.
std::vector<std::pair<std::size_t, std::size_t>> runs_of(std::size_t n, std::size_t most);

/// Curves over common times.
struct Curves {
  std::vector<double> at;
  std::vector<Curve> curves;  // each as long as `at`
};

/// At most max_points points (>= 2), and `in` itself when it has no more. Otherwise each run of
/// rows gives two points, at its first and its last time, which hold the least and the greatest
/// value of every curve there, in the order in which they came: no peak is lost, and none moves by
/// more than a run. Every curve must be as long as in.at.
Curves downsampled(Curves in, std::size_t max_points);

/// The least and the greatest value within [first, last); nothing when there is none.
std::optional<std::pair<double, double>> range_of(const Curve& curve, std::size_t first,
                                                  std::size_t last);

}  // namespace greytick::report
