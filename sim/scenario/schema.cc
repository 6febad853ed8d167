#include "sim/scenario/schema.h"

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/scenario/access_profiles.h"
#include "sim/scenario/encode.h"
#include "sim/scenario/json.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/schema_build.h"
#include "sim/scenario/schema_dist.h"
#include "sim/scenario/schema_fault.h"
#include "sim/scenario/schema_gate.h"
#include "sim/scenario/schema_whole.h"

namespace greytick::scenario {
namespace {

// Builds the definitions, each once, and the properties of each mapping.
class Builder {
 public:
  Json build() {
    Scenario s;
    Json properties = properties_of(s);
    properties["scenario"]["pattern"] = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$";
    properties["users"] = leaf_schema<uint32_t>(between(1, 4e9));
    properties["users"]["description"] = "How many users: population.users.";
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
    Json complete = whole_schema();
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
      return defined(dist_definition(value.unit));
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
    } else if constexpr (std::is_same_v<T, std::vector<DeviceShare>>) {
      Json counts = shares();
      counts["propertyNames"] = {{"pattern", "^[1-8]$"}};
      counts["minProperties"] = 1;
      return counts;
    } else if constexpr (std::is_same_v<T, std::vector<SweepAxis>>) {
      Json range = mapping({{"from", text()}, {"to", text()}, {"step", text()}});
      range["required"] = {"from", "to", "step"};
      return {{"type", "object"},
              {"additionalProperties",
               any_of({{{"type", "array"}, {"minItems", 1}}, std::move(range)})}};
    } else if constexpr (std::is_same_v<T, std::vector<std::vector<std::string>>>) {
      Json keys = {{"type", "array"}, {"items", text()}, {"minItems", 2}};
      return any_of({keys, list_of(keys)});
    } else if constexpr (std::is_same_v<T, SweepRepeat>) {
      return any_of({leaf_schema<uint32_t>(between(1, 10'000)), mapping(properties_of(value))});
    } else if constexpr (std::is_same_v<T, SweepUntil>) {
      Json out = mapping(properties_of(value));
      out["properties"]["metric"].update(pattern(metric_pattern()));
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
  static std::string_view item_name(const std::vector<Group>&) { return "group"; }
  static std::string_view item_name(const std::vector<BackboneLink>&) { return "line"; }
  static std::string_view item_name(const std::vector<RegionClock>&) { return "clock"; }
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
      defs_[std::string(dist_definition(unit))] = distribution_schema(unit);
    }
    Loss loss;
    BurstsRef bursts{loss};
    const Json four = mapping(properties_of(bursts));
    defs_["loss"] = any_of({defined("percentage"), mapping({{"gilbert_elliott", four}}), four});
    Access access;
    defs_["access_network"] = mapping(properties_of(access));
    RegionClock clock;
    defs_["clock"] = mapping(properties_of(clock));
    defs_["clock"]["required"] = {"region", "ahead"};
    BackboneLink line;
    defs_["line"] = mapping(properties_of(line));
    defs_["line"]["required"] = {"from", "to"};
    defs_["action"] = action();
    defs_["group"] = group();
    FaultWith with;
    const Json parameters = properties_of(with);
    defs_["fault"] = fault_schema(parameters, defs_);
    add_gate_definitions(defs_);
  }

  Json group() {
    Group g;
    Json out = mapping(properties_of(g));
    out["required"] = {"name"};
    return out;
  }

  Json action() {
    ScriptAction a;
    Json out = mapping(properties_of(a));
    out["required"] = {"device", "do"};
    out["if"] = when("do", {{"enum", {"send", "read"}}});
    out["then"] = any_of({require("to"), require("group")});
    out["else"] = {{"if", when("do", {{"enum", {"join", "leave"}}})}, {"then", require("group")}};
    return out;
  }

  Json properties_ = Json::object();  // of the mapping being described
  Json defs_ = Json::object();
};

}  // namespace

std::string schema() { return Builder().build().dump(1) + "\n"; }

}  // namespace greytick::scenario
