#include "sim/scenario/schema_fault.h"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "sim/scenario/fault_table.h"
#include "sim/scenario/names.h"
#include "sim/scenario/schema_build.h"

namespace greytick::scenario {
namespace {

class FaultSchema {
 public:
  explicit FaultSchema(Json& defs) : defs_(defs) {}

  Json fault(const Json& parameters) {
    Json day = mapping(
        {{"day", pattern(R"((?:[01]\d|2[0-3]):[0-5]\d)")}, {"region_local", leaf_schema<bool>()}});
    day["required"] = {"day"};
    Json out = mapping({{"name", leaf_schema<std::string>()},
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

 private:
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
                         {"region", leaf_schema<std::string>()},
                         {"access", leaf_schema<std::string>()},
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

  Json& defs_;
};

}  // namespace

Json fault_schema(const Json& parameters, Json& defs) {
  return FaultSchema(defs).fault(parameters);
}

}  // namespace greytick::scenario
