#include "sim/net/law.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "model/check.h"
#include "sim/engine/detmath.h"

namespace greytick::net {
namespace {

using engine::Distribution;
using scenario::DistKey;
using scenario::DistKind;
using scenario::DistSpec;
using scenario::DistUnit;

// What one unit of a column is in units of the draw: durations are in seconds, unless the column
// is called ..._ms.
double column_scale(const DistSpec& spec) {
  if (spec.unit != DistUnit::kDuration) return 1.0;
  return spec.column.ends_with("ms") ? 1e6 : 1e9;
}

std::size_t column_of(std::string_view header, std::string_view name) {
  for (std::size_t column = 0;; ++column) {
    const std::size_t comma = header.find(',');
    std::string_view cell = header.substr(0, comma);
    if (cell.ends_with('\r')) cell.remove_suffix(1);
    if (cell == name) return column;
    CHECK_MSG(comma != std::string_view::npos, "the file has no such column");
    header.remove_prefix(comma + 1);
  }
}

std::string cell_of(std::string_view line, std::size_t column) {
  for (; column > 0; --column) {
    const std::size_t comma = line.find(',');
    CHECK_MSG(comma != std::string_view::npos, "a line has too few columns");
    line.remove_prefix(comma + 1);
  }
  return std::string(line.substr(0, line.find(',')));
}

// The column as points: with the q of their line where the file is a table of quantiles, else its
// sorted values as points of equal mass.
std::vector<engine::QuantilePoint> read_table(const DistSpec& spec) {
  std::ifstream in(spec.file.path);
  CHECK_MSG(in.is_open(), "the file of an empirical distribution cannot be read");
  std::string line;
  CHECK(static_cast<bool>(std::getline(in, line)));
  const std::size_t column = column_of(line, spec.column);
  const bool quantiles = cell_of(line, 0) == "q" && column != 0;
  const double scale = column_scale(spec);
  std::vector<engine::QuantilePoint> points;
  while (std::getline(in, line)) {
    if (line.empty() || line == "\r") continue;
    const double q = quantiles ? std::strtod(cell_of(line, 0).c_str(), nullptr) : 0.0;
    points.push_back(
        {.q = q, .value = std::strtod(cell_of(line, column).c_str(), nullptr) * scale});
  }
  CHECK_MSG(!points.empty(), "the column of an empirical distribution is empty");
  if (quantiles) return points;
  if (points.size() == 1) points.push_back(points[0]);
  std::ranges::sort(points, {}, &engine::QuantilePoint::value);
  const auto steps = static_cast<double>(points.size() - 1);
  for (std::size_t i = 0; i < points.size(); ++i) points[i].q = static_cast<double>(i) / steps;
  return points;
}

// The two quantiles that the spec names, if it does.
struct Quantiles {
  engine::QuantilePoint lower, upper;
};
std::optional<Quantiles> quantiles_of(const DistSpec& spec) {
  std::optional<engine::QuantilePoint> lower;
  for (const scenario::DistParam& p : spec.params) {
    const std::optional<double> share = scenario::share_below(p.key);
    if (!share) continue;
    const engine::QuantilePoint point{.q = *share, .value = p.value};
    if (lower) return Quantiles{.lower = *lower, .upper = point};
    lower = point;
  }
  return std::nullopt;
}

// A lower quantile of 0, or one that equals the upper, leaves no spread to draw.
bool is_point(const Quantiles& q) { return q.lower.value <= 0 || q.lower.value >= q.upper.value; }

Distribution lognormal(const DistSpec& spec) {
  if (const auto q = quantiles_of(spec)) {
    return is_point(*q) ? Distribution::constant(q->lower.value)
                        : Distribution::lognormal_from_quantiles(q->lower, q->upper);
  }
  const double sigma = spec.get(DistKey::kSigma);
  const auto median = spec.find(DistKey::kMedian);
  const double center = median ? *median : spec.get(DistKey::kMean);
  if (center <= 0) return Distribution::constant(0);
  const double mu = engine::detmath::log(center) - (median ? 0.0 : sigma * sigma / 2);
  return Distribution::lognormal(mu, sigma);
}

Distribution weibull(const DistSpec& spec) {
  if (const auto q = quantiles_of(spec)) {
    return is_point(*q) ? Distribution::constant(q->lower.value)
                        : Distribution::weibull_from_quantiles(q->lower, q->upper);
  }
  const double median = spec.get(DistKey::kMedian);
  if (median <= 0) return Distribution::constant(0);
  return Distribution::weibull_from_median(spec.get(DistKey::kShape), median);
}

Distribution exponential(const DistSpec& spec) {
  const double mean =
      spec.find(DistKey::kMean).value_or(spec.get(DistKey::kMedian) / engine::detmath::log(2.0));
  return mean <= 0 ? Distribution::constant(0) : Distribution::exponential(mean);
}

Distribution law_of(const DistSpec& spec) {
  switch (spec.kind) {
    case DistKind::kConstant:
      return Distribution::constant(spec.get(DistKey::kValue));
    case DistKind::kUniform:
      return Distribution::uniform(spec.get(DistKey::kLow), spec.get(DistKey::kHigh));
    case DistKind::kExponential:
      return exponential(spec);
    case DistKind::kLognormal:
      return lognormal(spec);
    case DistKind::kWeibull:
      return weibull(spec);
    case DistKind::kPareto:
      return spec.get(DistKey::kScale) <= 0
                 ? Distribution::constant(0)
                 : Distribution::pareto(spec.get(DistKey::kScale), spec.get(DistKey::kShape));
    case DistKind::kGamma:
      return spec.get(DistKey::kMean) <= 0 || spec.get(DistKey::kCv) <= 0
                 ? Distribution::constant(spec.get(DistKey::kMean))
                 : Distribution::gamma_from_mean_cv(spec.get(DistKey::kMean),
                                                    spec.get(DistKey::kCv));
    case DistKind::kEmpirical:
      break;
  }
  return Distribution();
}

}  // namespace

Law::Law(const DistSpec& spec)
    : min_(spec.get(DistKey::kMin, 0.0)), max_(spec.get(DistKey::kMax, 1e300)) {
  if (spec.kind == DistKind::kEmpirical) {
    table_ = std::make_shared<const std::vector<engine::QuantilePoint>>(read_table(spec));
    law_ = Distribution::empirical(*table_);
  } else {
    law_ = law_of(spec);
  }
  switch (law_.kind()) {
    case Distribution::Kind::kExponential:
    case Distribution::Kind::kLognormal:
    case Distribution::Kind::kWeibull:
    case Distribution::Kind::kPareto: {
      std::vector<double> steps(kSteps + 1);
      for (std::size_t i = 1; i < kSteps; ++i) {
        steps[i] = law_.quantile(static_cast<double>(i) / static_cast<double>(kSteps));
      }
      steps_ = std::make_shared<const std::vector<double>>(std::move(steps));
      break;
    }
    default:
      break;
  }
}

}  // namespace greytick::net
