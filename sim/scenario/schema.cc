#include "sim/scenario/schema.h"

#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "sim/scenario/access_profiles.h"
#include "sim/scenario/dist_shape.h"
#include "sim/scenario/encode.h"
#include "sim/scenario/fault_table.h"
#include "sim/scenario/json.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/metric_table.h"
#include "sim/scenario/schema_leaf.h"

namespace greytick::scenario {
namespace {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {
  using Value = T;
};
template <class T>
struct IsList : std::false_type {};
template <class T>
struct IsList<std::vector<T>> : std::true_type {
  using Value = T;
};

Json defined(std::string_view name) { return {{"$ref", fmt::format("#/$defs/{}", name)}}; }

Json any_of(std::vector<Json> choices) { return {{"anyOf", std::move(choices)}}; }

Json list_of(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }

Json mapping(Json properties) {
  return {
      {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

/// Holds when the key is there and its value fits.
Json when(std::string_view key, Json value) {
  return {{"properties", {{key, std::move(value)}}}, {"required", {key}}};
}

Json require(std::string_view key) { return {{"required", {key}}}; }

template <class List>
std::string alternatives(const List& names) {
  std::string out;
  for (const auto& name : names) {
    if (!out.empty()) out += '|';
    for (const char c : std::string_view(name)) {
      if (c == '.') out += '\\';
      out += c;
    }
  }
  return fmt::format("(?:{})", out);
}

std::string_view dist_name(DistUnit unit) {
  switch (unit) {
    case DistUnit::kDuration:
      return "time_distribution";
    case DistUnit::kBytes:
      return "size_distribution";
    case DistUnit::kNumber:
      return "number_distribution";
  }
  return {};
}

// What the decoder asks of the whole scenario, by path; a file that extends another may leave it to
// that one, so these stand apart.
class WholeVisitor {
 public:
  template <class T>
  void key(std::string_view name, T& value, std::string_view /*about*/, const Limits& = {}) {
    if constexpr (IsOptional<T>::value) {
      typename IsOptional<T>::Value inner{};
      key(name, inner, {});
    } else if constexpr (std::is_same_v<T, DistSpec>) {
      if (value.is_missing()) required_.push_back(name);
      properties_[name] = {{"if", {{"type", "object"}}}, {"then", require("dist")}};
    } else if constexpr (std::is_same_v<T, DailyProfile>) {
      properties_[name] = {{"required", {"file", "column"}}};
    } else if constexpr (std::is_same_v<T, Trace>) {
      properties_[name] = {{"if", {{"type", "object"}}}, {"then", require("file")}};
    } else if constexpr (std::is_same_v<T, Expect>) {
      properties_[name] = require("violates");
    } else if constexpr (std::is_same_v<T, Network>) {
      properties_[name] = network();
    } else if constexpr (HasLeaf<T> || IsList<T>::value || std::is_same_v<T, DataFile> ||
                         std::is_same_v<T, Loss> || std::is_same_v<T, SeedRef> ||
                         std::is_same_v<T, FaultWith>) {
      return;
    } else {
      WholeVisitor inner;
      describe(inner, value);
      Json below = inner.take();
      if (!below.empty()) properties_[name] = std::move(below);
    }
  }

  Json take() {
    Json out = Json::object();
    if (!required_.empty()) out["required"] = required_;
    if (!properties_.empty()) out["properties"] = std::move(properties_);
    return out;
  }

 private:
  static Json network() {
    Network n;
    Json properties = Json::object();
    const auto part = [&properties](std::string_view name, auto& value) {
      WholeVisitor v;
      describe(v, value);
      properties[name] = v.take();
    };
    part("backbone", n.backbone);
    part("tcp", n.tcp);
    properties["assign"] = true;
    Access built_in = access_profiles().front();
    std::vector<std::string> names;
    for (Access& a : access_profiles()) {
      part(a.name, a);
      names.push_back(a.name);
    }
    Access fresh;
    WholeVisitor v;
    describe(v, fresh);
    return {{"if", {{"type", "object"}}},
            {"then", {{"properties", std::move(properties)}, {"additionalProperties", v.take()}}},
            {"else", words(names)}};
  }

  std::vector<std::string_view> required_;
  Json properties_ = Json::object();
};

// Builds the definitions, each once, and the properties of each mapping.
class Builder {
 public:
  Json build() {
    Scenario s;
    Json properties = properties_of(s);
    properties["scenario"]["pattern"] = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$";
    properties["users"] = leaf_schema<uint32_t>(between(1, 4e9));
    properties["users"]["description"] = "Users, one device each: population.users.";
    properties["gates"] = list_of(defined("gate"));
    properties["gates"]["description"] =
        "Invariants by name and thresholds, `e2e.p99 < 3s`: invariants and thresholds in short.";
    properties["extends"] = any_of({text(), list_of(text())});
    properties["extends"]["description"] =
        "The scenario, or scenarios, on which this file stands; this file wins.";

    Sweep sweep;
    properties["sweep"] = schema_of(sweep, {});
    properties["sweep"]["description"] = "What `greytick sweep` varies; `run` ignores it.";

    Json out = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                {"title", "greytick scenario"}};
    out.update(mapping(std::move(properties)));
    WholeVisitor whole;
    describe(whole, s);
    Json complete = whole.take();
    complete["required"] = {"scenario"};
    out["if"] = {{"not", require("extends")}};
    out["then"] = std::move(complete);
    definitions();
    out["$defs"] = std::move(defs_);
    return out;
  }

  // --- the visitor ---
  template <class T>
  void key(std::string_view name, T& value, std::string_view about, const Limits& limits = {}) {
    Json schema = schema_of(value, limits);
    // Beside a $ref nothing else is read by older editors.
    if (schema.contains("$ref")) schema = {{"allOf", {std::move(schema)}}};
    if (!about.empty()) schema["description"] = about;
    if constexpr (HasLeaf<T>) {
      Json otherwise = to_json(encode_value(value));
      if (otherwise != "") schema["default"] = std::move(otherwise);
    }
    if constexpr (std::is_same_v<T, DistSpec>) {
      if (!value.is_missing()) schema["default"] = to_json(encode_value(value));
    }
    properties_[name] = std::move(schema);
  }

 private:
  static Json text() { return leaf_schema<std::string>(); }

  template <class T>
  Json properties_of(T& value) {
    Json outer = std::exchange(properties_, Json::object());
    describe(*this, value);
    return std::exchange(properties_, std::move(outer));
  }

  template <class T>
  Json schema_of(T& value, const Limits& limits) {
    if constexpr (IsOptional<T>::value) {
      typename IsOptional<T>::Value inner{};
      return schema_of(inner, limits);
    } else if constexpr (HasLeaf<T>) {
      if constexpr (std::is_same_v<T, Duration>) {
        return defined(limits.min < 0.0 ? "any_time" : "time");
      } else if constexpr (std::is_same_v<T, Share>) {
        return defined("percentage");
      } else if constexpr (std::is_same_v<T, Rate>) {
        return defined("rate");
      } else {
        return leaf_schema<T>(limits);
      }
    } else if constexpr (std::is_same_v<T, DistSpec>) {
      return defined(dist_name(value.unit));
    } else if constexpr (std::is_same_v<T, DataFile>) {
      return text();
    } else if constexpr (std::is_same_v<T, Loss>) {
      return defined("loss");
    } else if constexpr (std::is_same_v<T, SeedRef>) {
      return any_of({{{"const", "random"}}, leaf_schema<uint64_t>()});
    } else if constexpr (std::is_same_v<T, std::vector<Region>>) {
      return any_of({{{"type", "array"}, {"items", text()}, {"minItems", 1}},
                     {{"type", "object"}, {"additionalProperties", text()}}});
    } else if constexpr (std::is_same_v<T, std::vector<RegionShare>>) {
      return shares();
    } else if constexpr (std::is_same_v<T, std::vector<SweepAxis>>) {
      Json range = mapping({{"from", text()}, {"to", text()}, {"step", text()}});
      range["required"] = {"from", "to", "step"};
      return {{"type", "object"},
              {"additionalProperties",
               any_of({{{"type", "array"}, {"minItems", 1}}, std::move(range)})}};
    } else if constexpr (std::is_same_v<T, SweepRepeat>) {
      return any_of({leaf_schema<uint32_t>(between(1, 10'000)), mapping(properties_of(value))});
    } else if constexpr (std::is_same_v<T, SweepUntil>) {
      Json out = mapping(properties_of(value));
      std::string metrics;
      for (const Unit& u : units()) {
        for (const std::string& m : u.metrics) metrics += (metrics.empty() ? "" : "|") + m;
      }
      out["properties"]["metric"].update(pattern(metrics));
      return out;
    } else if constexpr (std::is_same_v<T, std::vector<InvariantGate>>) {
      return list_of(defined("invariant"));
    } else if constexpr (IsList<T>::value) {
      return list_of(defined(item_name(value)));
    } else if constexpr (std::is_same_v<T, Network>) {
      return network();
    } else if constexpr (std::is_same_v<T, Expect>) {
      const Json one = defined("invariant");
      return mapping(
          {{"violates", any_of({one, {{"type", "array"}, {"items", one}, {"minItems", 1}}})}});
    } else if constexpr (std::is_same_v<T, GatesRef>) {
      Json properties = properties_of(value);
      properties["eventually"]["items"] = defined("eventual_invariant");
      return mapping(std::move(properties));
    } else if constexpr (std::is_same_v<T, Pipeline>) {
      Json full = mapping(properties_of(value));
      full["if"] = when("kind", {{"const", "real"}});
      full["then"] = {{"propertyNames", {{"const", "kind"}}}};
      return any_of({leaf_schema<PipelineKind>(), std::move(full)});
    } else if constexpr (std::is_same_v<T, Presence>) {
      return any_of({leaf_schema<PresenceMode>(), mapping(properties_of(value))});
    } else if constexpr (std::is_same_v<T, Lease>) {
      return any_of({defined("time"), mapping(properties_of(value))});
    } else if constexpr (std::is_same_v<T, Trace>) {
      return any_of({text(), mapping(properties_of(value))});
    } else {
      return mapping(properties_of(value));
    }
  }

  static std::string_view item_name(const std::vector<ScriptAction>&) { return "action"; }
  static std::string_view item_name(const std::vector<Fault>&) { return "fault"; }
  static std::string_view item_name(const std::vector<RareGate>&) { return "rare_event"; }
  static std::string_view item_name(const std::vector<Threshold>&) { return "threshold"; }

  static Json shares() {
    return {{"type", "object"}, {"additionalProperties", defined("percentage")}};
  }

  Json network() {
    Network n;
    Json properties = Json::object();
    properties["assign"] = shares();
    properties["assign"]["description"] =
        "Share of the devices by access network; the sum is 100%.";
    properties["backbone"] = mapping(properties_of(n.backbone));
    properties["tcp"] = mapping(properties_of(n.tcp));
    for (const Access& a : access_profiles()) properties[a.name] = defined("access_network");
    Json out = mapping(std::move(properties));
    out["additionalProperties"] = defined("access_network");
    return any_of({text(), std::move(out)});
  }

  void definitions() {
    defs_["time"] = leaf_schema<Duration>();
    defs_["any_time"] = leaf_schema<Duration>(any_sign());
    defs_["percentage"] = leaf_schema<Share>();
    defs_["rate"] = leaf_schema<Rate>();
    defs_["size"] = leaf_schema<Bytes>();
    defs_["count"] = leaf_schema<uint64_t>();
    for (const DistUnit unit : {DistUnit::kDuration, DistUnit::kBytes, DistUnit::kNumber}) {
      defs_[std::string(dist_name(unit))] = distribution(unit);
    }
    Loss loss;
    BurstsRef bursts{loss};
    const Json four = mapping(properties_of(bursts));
    defs_["loss"] = any_of({defined("percentage"), mapping({{"gilbert_elliott", four}}), four});
    Access access;
    defs_["access_network"] = mapping(properties_of(access));
    defs_["action"] = action();
    defs_["fault"] = fault();
    gates();
  }

  static Json distribution(DistUnit unit) {
    std::string value;
    Json measured;
    switch (unit) {
      case DistUnit::kDuration:
        value = text_pattern<Duration>();
        measured = defined("time");
        break;
      case DistUnit::kBytes:
        value = text_pattern<Bytes>();
        measured = defined("size");
        break;
      case DistUnit::kNumber:
        value = text_pattern<double>();
        measured = leaf_schema<double>();
        break;
    }
    std::vector<std::string_view> plain, others;
    Json properties = {{"dist", leaf_schema<DistKind>()}};
    for (const auto& n : kNames<DistKey>) {
      (is_plain(n.value) ? plain : others).push_back(n.name);
      properties[n.name] = is_plain(n.value) ? leaf_schema<double>(between(1e-6, 1e6)) : measured;
    }
    properties["file"] = text();
    properties["column"] = text();
    Json full = mapping(std::move(properties));
    full["allOf"] = Json::array();
    for (const DistShape& shape : dist_shapes()) {
      Json sets = Json::array();
      std::vector<std::string_view> keys = {"dist", "min", "max"};
      for (const auto& set : shape.sets) {
        std::vector<std::string_view> names;
        names.reserve(set.size());
        for (const DistKey key : set) names.push_back(name_of(key));
        if (shape.kind == DistKind::kEmpirical) names = {"file", "column"};
        keys.insert(keys.end(), names.begin(), names.end());
        sets.push_back({{"required", names}});
      }
      full["allOf"].push_back(
          {{"if", when("dist", {{"const", name_of(shape.kind)}})},
           {"then", {{"propertyNames", {{"enum", keys}}}, {"oneOf", std::move(sets)}}}});
    }
    const std::string argument =
        fmt::format("(?: *{} *= *{}| *(?:{} *= *)?(?:{})) *", alternatives(plain), kNumber,
                    alternatives(others), value);
    const std::string call =
        fmt::format(" *{0} *\\({1}(?:,{1})*,?\\)", alternatives(all_names<DistKind>()), argument);
    return any_of({measured, pattern(call), std::move(full)});
  }

  Json action() {
    ScriptAction a;
    Json out = mapping(properties_of(a));
    out["required"] = {"device", "do"};
    out["if"] = when("do", {{"enum", {"send", "read"}}});
    out["then"] = require("to");
    return out;
  }

  // The definition of targets of those kinds, made at its first use.
  std::string target(TargetSet kinds) {
    std::string name = "target";
    std::vector<std::string> words_of_kinds;
    for (const auto& n : kNames<TargetKind>) {
      if ((kinds & target_bit(n.value)) == 0) continue;
      name += fmt::format("_{}", n.name);
      words_of_kinds.emplace_back(n.name);
      words_of_kinds.emplace_back(fmt::format("{}s", n.name));
      if (n.value == TargetKind::kProcess) words_of_kinds.emplace_back("processes");
    }
    if (defs_.contains(name)) return name;
    const std::string short_form =
        fmt::format(R"({}(?:\[(?:\*|one|{}|{}|[^\]\d][^\]]*)\])*)", alternatives(words_of_kinds),
                    text_pattern<Share>(), text_pattern<uint64_t>());
    Json full = mapping({{"kind", words(words_of_kinds)},
                         {"region", text()},
                         {"access", text()},
                         {"mode", leaf_schema<TargetMode>()},
                         {"index", defined("count")},
                         {"value", any_of({defined("count"), defined("percentage")})}});
    const bool region = (kinds & target_bit(TargetKind::kRegion)) != 0;
    full["anyOf"] =
        region ? Json::array({require("kind"), require("region")}) : Json::array({require("kind")});
    full["not"] = {{"required", {"index", "mode"}}};
    full["if"] = when("mode", {{"enum", {"fixed", "percent"}}});
    full["then"] = require("value");
    full["else"] = {{"properties", {{"value", false}}}};
    defs_[name] = any_of({pattern(short_form), std::move(full)});
    return name;
  }

  Json fault() {
    FaultWith with;
    const Json parameters = properties_of(with);
    Json day = mapping({{"day", pattern(R"((?:[01]\d|2[0-3]):[0-5]\d)")}});
    day["required"] = {"day"};
    Json out = mapping({{"name", text()},
                        {"fault", leaf_schema<FaultKind>()},
                        {"at", defined("time")},
                        {"every", any_of({defined("time"), day})},
                        {"times", defined("count")},
                        {"for", defined("time")},
                        {"target", true},
                        {"between", {{"type", "array"}, {"minItems", 2}, {"maxItems", 2}}},
                        {"direction", leaf_schema<Direction>()},
                        {"with", {{"type", "object"}}}});
    out["required"] = {"fault"};
    out["dependentRequired"] = {{"times", {"every"}}};
    out["anyOf"] = {require("at"), require("every")};
    out["allOf"] = Json::array();
    out["allOf"].push_back(
        {{"if", when("every", {{"type", "object"}})}, {"then", {{"properties", {{"at", false}}}}}});
    for (const FaultRule& rule : fault_rules()) {
      out["allOf"].push_back({{"if", when("fault", {{"const", name_of(rule.kind)}})},
                              {"then", fault_of(rule, parameters)}});
    }
    return out;
  }

  Json fault_of(const FaultRule& rule, const Json& parameters) {
    Json properties = Json::object();
    Json required = Json::array();
    Json all = Json::array();
    properties["fault"] = {{"description", rule.about}};
    properties["target"] = defined(target(rule.targets));
    if (rule.link) {
      properties["between"] = {{"items", defined(target(rule.targets))}};
      all.push_back({{"not", {{"required", {"between", "target"}}}}});
      if (!rule.otherwise) all.push_back(any_of({require("target"), require("between")}));
    } else {
      properties["between"] = false;
      properties["direction"] = false;
      if (!rule.otherwise) required.push_back("target");
    }
    if (rule.lasts == Lasts::kRequired) {
      required.push_back("for");
    } else {
      properties["for"] = false;
    }
    Json known = Json::object();
    for (const std::string_view p : rule.parameters) known[p] = parameters.at(std::string(p));
    Json with = mapping(std::move(known));
    if (!rule.required.empty()) {
      required.push_back("with");
      with["allOf"] = Json::array();
      for (const std::string_view one : rule.required) {
        std::vector<Json> choices;
        for (size_t begin = 0; begin <= one.size();) {
          const size_t end = std::min(one.find('|', begin), one.size());
          choices.push_back(require(one.substr(begin, end - begin)));
          begin = end + 1;
        }
        with["allOf"].push_back(any_of(std::move(choices)));
      }
      with["not"] = {{"required", {"probability", "gilbert_elliott"}}};
    }
    properties["with"] = std::move(with);
    Json out = {{"properties", std::move(properties)}};
    if (!required.empty()) out["required"] = std::move(required);
    if (!all.empty()) out["allOf"] = std::move(all);
    return out;
  }

  // {NAME: {option: ...}}, with any one of those names.
  static Json named_with(const std::vector<std::string>& names, const Json& options) {
    Json properties = Json::object();
    for (const std::string& name : names) properties[name] = options;
    Json out = mapping(std::move(properties));
    out["minProperties"] = 1;
    out["maxProperties"] = 1;
    return out;
  }

  void gates() {
    std::vector<std::string> invariants = all_names<Invariant>();
    for (int i = 1; i <= kInvariants; ++i) invariants.push_back(fmt::format("I{}", i));
    const Json within = mapping({{"within", defined("time")}});
    defs_["invariant"] = words(invariants);
    defs_["eventual_invariant"] = any_of({defined("invariant"), named_with(invariants, within)});
    defs_["rare_event"] =
        any_of({leaf_schema<Rare>(),
                named_with(all_names<Rare>(), mapping({{"over", defined("count")}}))});
    defs_["threshold"] = threshold();
    const Json converged = named_with({"converged", "I18"}, within);
    defs_["gate"] = any_of({defined("invariant"), defined("threshold"), converged});
  }

  struct Unit {
    MetricUnit unit;
    std::string limit;  // pattern
    Json schema;
    std::vector<std::string> metrics = {};  // patterns
  };

  // Metrics sorted by the unit of what they are compared with.
  static std::vector<Unit> units() {
    std::vector<Unit> out = {{MetricUnit::kDuration, text_pattern<Duration>(), defined("time")},
                             {MetricUnit::kRate, text_pattern<Rate>(), defined("rate")},
                             {MetricUnit::kCount, text_pattern<uint64_t>(), defined("count")},
                             {MetricUnit::kShare, text_pattern<Share>(), defined("percentage")},
                             {MetricUnit::kBytes, text_pattern<Bytes>(), defined("size")}};
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

  static Json threshold() {
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
      lines +=
          fmt::format("{}(?:{}) *(?:<=?|>=?|==) *{}", lines.empty() ? "" : "|", metric, u.limit);
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
    properties["during"] = text();
    properties["plus"] = defined("time");
    properties["min_samples"] = defined("count");
    Json full = mapping(std::move(properties));
    full["required"] = {"metric"};
    full["oneOf"] = std::move(one_bound);
    full["dependentRequired"] = {{"plus", {"during"}}};
    full["allOf"] = std::move(by_unit);
    const std::string line = fmt::format(" *(?:{})(?: +during +.*?(?: +plus +{})?)? *", lines,
                                         text_pattern<Duration>(true));
    return any_of({pattern(line), std::move(full)});
  }

  Json properties_ = Json::object();  // of the mapping being described
  Json defs_ = Json::object();
};

}  // namespace

std::string schema() { return Builder().build().dump(1) + "\n"; }

}  // namespace greytick::scenario
