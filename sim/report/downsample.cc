#include "sim/report/downsample.h"

#include <algorithm>

#include "model/check.h"

namespace greytick::report {
namespace {

// Indices of the least and the greatest value of a run; nothing when it has no value.
std::optional<std::pair<std::size_t, std::size_t>> extremes(const Curve& curve, std::size_t first,
                                                            std::size_t last) {
  std::optional<std::pair<std::size_t, std::size_t>> out;
  for (std::size_t i = first; i < last; ++i) {
    if (!curve[i]) continue;
    if (!out) out.emplace(i, i);
    if (*curve[i] < *curve[out->first]) out->first = i;
    if (*curve[i] > *curve[out->second]) out->second = i;
  }
  return out;
}

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> runs_of(std::size_t n, std::size_t most) {
  CHECK(most > 0);
  const std::size_t count = std::min(n, most);
  std::vector<std::pair<std::size_t, std::size_t>> out;
  for (std::size_t i = 0; i < count; ++i) out.emplace_back(i * n / count, (i + 1) * n / count);
  return out;
}

Curves downsampled(Curves in, std::size_t max_points) {
  CHECK(max_points >= 2);
  for (const Curve& curve : in.curves) CHECK(curve.size() == in.at.size());
  if (in.at.size() <= max_points) return in;
  Curves out;
  out.curves.resize(in.curves.size());
  for (const auto& [first, last] : runs_of(in.at.size(), max_points / 2)) {
    out.at.push_back(in.at[first]);
    out.at.push_back(in.at[last - 1]);
    for (std::size_t c = 0; c < in.curves.size(); ++c) {
      const Curve& curve = in.curves[c];
      const auto found = extremes(curve, first, last);
      const auto earlier = found ? curve[std::min(found->first, found->second)] : std::nullopt;
      const auto later = found ? curve[std::max(found->first, found->second)] : std::nullopt;
      out.curves[c].push_back(earlier);
      out.curves[c].push_back(later);
    }
  }
  return out;
}

std::optional<std::pair<double, double>> range_of(const Curve& curve, std::size_t first,
                                                  std::size_t last) {
  const auto found = extremes(curve, first, last);
  if (!found) return std::nullopt;
  return std::pair(*curve[found->first], *curve[found->second]);
}

}  // namespace greytick::report
