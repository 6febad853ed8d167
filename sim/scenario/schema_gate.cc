#include "sim/scenario/schema_gate.h"

#include <array>
#include <map>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "sim/scenario/metric_table.h"
#include "sim/scenario/names.h"
#include "sim/scenario/schema_build.h"

namespace greytick::scenario {
namespace {

// {NAME: {option: ...}}, with any one of those names.
Json named_with(const std::vector<std::string>& names, const Json& options) {
  Json properties = Json::object();
  for (const std::string& name : names) properties[name] = options;
  Json out = mapping(std::move(properties));
  out["minProperties"] = 1;
  out["maxProperties"] = 1;
  return out;
}

struct Unit {
  MetricUnit unit;
  std::string limit;  // pattern
  Json schema;
  std::vector<std::string> metrics = {};  // patterns
};

// Metrics sorted by the unit of what they are compared with.
std::vector<Unit> units() {
  std::vector<Unit> out = {{MetricUnit::kDuration, text_pattern<Duration>(), defined("time")},
                           {MetricUnit::kRate, text_pattern<Rate>(), defined("rate")},
                           {MetricUnit::kCount, text_pattern<uint64_t>(), defined("count")},
                           {MetricUnit::kShare, text_pattern<Share>(), defined("percentage")},
                           {MetricUnit::kBytes, text_pattern<Bytes>(), defined("size")},
                           {MetricUnit::kRatio, text_pattern<double>(), leaf_schema<double>()}};
  std::map<MetricUnit, std::vector<std::string_view>> values, quantiles;
  std::vector<std::string_view> rates;
  for (const MetricRule& m : metric_rules()) {
    if (m.value) values[m.quantiles ? MetricUnit::kCount : m.unit].push_back(m.name);
    if (m.quantiles) quantiles[m.unit].push_back(m.name);
    if (m.rate) rates.push_back(m.name);
  }
  for (Unit& u : out) {
    if (!values[u.unit].empty()) u.metrics.push_back(alternatives(values[u.unit]));
    if (!quantiles[u.unit].empty()) {
      u.metrics.push_back(fmt::format(R"({}\.(?:mean|min|max|p0*\d{{1,2}}(?:\.\d+)?))",
                                      alternatives(quantiles[u.unit])));
    }
    if (u.unit == MetricUnit::kRate)
      u.metrics.push_back(fmt::format(R"({}\.rate)", alternatives(rates)));
  }
  return out;
}

Json threshold() {
  std::string lines;
  Json by_unit = Json::array();
  std::string every;
  constexpr std::array<std::string_view, 5> kBounds{"below", "at_most", "above", "at_least",
                                                    "equals"};
  for (const Unit& u : units()) {
    std::string metric;
    for (const std::string& m : u.metrics) metric += (metric.empty() ? "" : "|") + m;
    if (metric.empty()) continue;
    every += (every.empty() ? "" : "|") + metric;
    lines += fmt::format("{}(?:{}) *(?:<=?|>=?|==) *{}", lines.empty() ? "" : "|", metric, u.limit);
    Json bounds = Json::object();
    for (const std::string_view b : kBounds) bounds[b] = u.schema;
    by_unit.push_back(
        {{"if", when("metric", pattern(metric))}, {"then", {{"properties", bounds}}}});
  }
  Json properties = {{"metric", pattern(every)}};
  Json one_bound = Json::array();
  for (const std::string_view b : kBounds) {
    properties[b] = true;
    one_bound.push_back(require(b));
  }
  properties["during"] = leaf_schema<std::string>();
  properties["plus"] = defined("time");
  properties["min_samples"] = defined("count");
  properties["where"] = mapping({{"network", leaf_schema<std::string>()},
                                 {"region", leaf_schema<std::string>()},
                                 {"from", defined("time")},
                                 {"until", defined("time")}});
  properties["abort_on_fail"] = leaf_schema<bool>();
  Json full = mapping(std::move(properties));
  full["required"] = {"metric"};
  full["oneOf"] = std::move(one_bound);
  full["dependentRequired"] = {{"plus", {"during"}}};
  full["if"] = when("abort_on_fail", {{"enum", {true, "true"}}});
  full["then"] = any_of({require("below"), require("at_most")});
  full["allOf"] = std::move(by_unit);
  const std::string line = fmt::format(" *(?:{})(?: +during +.*?(?: +plus +{})?)? *", lines,
                                       text_pattern<Duration>(true));
  return any_of({pattern(line), std::move(full)});
}

}  // namespace

void add_gate_definitions(Json& defs) {
  std::vector<std::string> invariants = all_names<Invariant>();
  for (int i = 1; i <= kInvariants; ++i) invariants.push_back(fmt::format("I{}", i));
  const Json within = mapping({{"within", defined("time")}});
  defs["invariant"] = words(invariants);
  defs["eventual_invariant"] = any_of({defined("invariant"), named_with(invariants, within)});
  defs["rare_event"] = any_of(
      {leaf_schema<Rare>(), named_with(all_names<Rare>(), mapping({{"over", defined("count")}}))});
  defs["threshold"] = threshold();
  const Json converged = named_with({"converged", "I18"}, within);
  defs["gate"] = any_of({defined("invariant"), defined("threshold"), converged});
}

std::string metric_pattern() {
  std::string out;
  for (const Unit& u : units()) {
    for (const std::string& m : u.metrics) out += (out.empty() ? "" : "|") + m;
  }
  return out;
}

}  // namespace greytick::scenario
