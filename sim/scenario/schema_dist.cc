#include "sim/scenario/schema_dist.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "sim/scenario/dist_shape.h"
#include "sim/scenario/names.h"
#include "sim/scenario/schema_build.h"

namespace greytick::scenario {

std::string_view dist_definition(DistUnit unit) {
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

Json distribution_schema(DistUnit unit) {
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
  properties["p50"] = measured;
  properties["file"] = leaf_schema<std::string>();
  properties["column"] = leaf_schema<std::string>();
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
      const auto median = std::ranges::find(names, "median");
      if (median == names.end()) continue;
      *median = "p50";
      keys.emplace_back("p50");
      sets.push_back({{"required", names}});
    }
    full["allOf"].push_back(
        {{"if", when("dist", {{"const", name_of(shape.kind)}})},
         {"then", {{"propertyNames", {{"enum", keys}}}, {"oneOf", std::move(sets)}}}});
  }
  others.emplace_back("p50");
  const std::string argument =
      fmt::format("(?: *{} *= *{}| *(?:{} *= *)?(?:{})) *", alternatives(plain), kNumber,
                  alternatives(others), value);
  const std::string call =
      fmt::format(" *{0} *\\({1}(?:,{1})*,?\\)", alternatives(all_names<DistKind>()), argument);
  return any_of({measured, pattern(call), std::move(full)});
}

}  // namespace greytick::scenario
