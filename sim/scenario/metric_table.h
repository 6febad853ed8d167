#ifndef GREYTICK_SIM_SCENARIO_METRIC_TABLE_H_
#define GREYTICK_SIM_SCENARIO_METRIC_TABLE_H_

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/gates.h"

namespace greytick::scenario {

// A metric that a threshold can name.
struct MetricRule {
  std::string_view name;
  bool quantiles;   // NAME.p50, .p99.9, .mean, .min, .max exist, in MetricUnit::kDuration or kBytes
  bool rate;        // NAME.rate exists: the peak over whole seconds of simulated time
  bool value;       // NAME alone exists, in `unit`
  MetricUnit unit;  // of NAME alone; of its quantiles when it has any
  bool by_device;   // belongs to a device, so that `where: {network, region}` can be asked
  std::string_view about;
  // Known at the end of the drain and of all of the run: no `during`, no `where`, no stopping at
  // it.
  bool whole_run = false;
};

std::span<const MetricRule> metric_rules();

/// "e2e.p99" taken apart: metric, aspect, quantile and unit of the threshold are set, the rest is
/// untouched. On error, why, and what was probably meant.
struct MetricError {
  std::string message;
  std::string nearest;
  std::string expected;  // the aspects of a metric that was recognised
};
std::expected<void, MetricError> parse_metric(std::string_view text, Threshold& out);

/// The other way: "e2e.p99.9".
std::string print_metric(const Threshold& threshold);

/// The limit as the form writes it: "3s", "30k/s", "5", "40%".
std::string print_limit(MetricUnit unit, double limit);

const MetricRule* find_metric(std::string_view name);

/// "network cellular-4g, region eu, from 2m until 5m"; empty when it is all.
std::string print_where(const Where& where);

/// The whole threshold as one line, "e2e.p99 < 3s during bad-deploy plus 10m".
std::string print_threshold(const Threshold& threshold);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_METRIC_TABLE_H_
