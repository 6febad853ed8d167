#include "sim/scenario/schema_whole.h"

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sim/scenario/access_profiles.h"
#include "sim/scenario/dist_shape.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/schema_build.h"

namespace greytick::scenario {
namespace {

class WholeVisitor {
 public:
  template <class T>
  void key(std::string_view name, T& value, std::string_view /*about*/, const Limits& = {}) {
    if constexpr (IsOptional<T>::value) {
      typename IsOptional<T>::Value inner{};
      key(name, inner, {});
    } else if constexpr (std::is_same_v<T, DistSpec>) {
      if (value.is_missing()) required_.push_back(name);
      properties_[name] = {{"if", {{"type", "object"}}},
                           {"then", any_of({require("dist"), two_quantiles()})}};
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
  // A lognormal without its name.
  static Json two_quantiles() {
    std::vector<std::string_view> keys = {"p50", "min", "max"};
    for (const DistKey key : quantile_keys()) keys.push_back(name_of(key));
    return {{"propertyNames", {{"enum", keys}}}, {"minProperties", 2}};
  }

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

}  // namespace

Json whole_schema() {
  Scenario scenario;
  WholeVisitor whole;
  describe(whole, scenario);
  return whole.take();
}

}  // namespace greytick::scenario
