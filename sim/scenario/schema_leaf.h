#ifndef GREYTICK_SIM_SCENARIO_SCHEMA_LEAF_H_
#define GREYTICK_SIM_SCENARIO_SCHEMA_LEAF_H_

#include <cmath>
#include <string>
#include <type_traits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/scenario/gates.h"
#include "sim/scenario/leaf.h"

// JSON Schemas of single values. Patterns are ECMA-262, follow units_text.cc, and are unanchored,
// so that a longer one can hold them.
namespace greytick::scenario {

using Json = nlohmann::ordered_json;

/// What `split` of units_text.cc takes for a number; the first may be negative, the second may not,
/// the third has no exponent either.
inline constexpr std::string_view kAnyNumber = R"([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)";
inline constexpr std::string_view kNumber = R"((?:\+?\d+(?:\.\d+)?|-0+(?:\.0+)?)(?:e[+-]?\d+)?)";
inline constexpr std::string_view kDecimal = R"((?:\+?\d+(?:\.\d+)?|-0+(?:\.0+)?))";

template <class T>
std::string text_pattern(bool any_sign = false) {
  if constexpr (std::is_same_v<T, Duration>) {
    // At least one part; units from large to small.
    std::string out = any_sign ? "-?(?=\\d)" : "(?=\\d|-0)-?";
    for (const std::string_view unit : {"d", "h", "(?:min|m)", "s", "ms", "us", "ns"}) {
      out += fmt::format(R"((?: ?\d+(?:\.\d+)? ?{}(?![a-z]))?)", unit);
    }
    return out;
  } else if constexpr (std::is_same_v<T, Share>) {
    return fmt::format("{} ?%", kNumber);
  } else if constexpr (std::is_same_v<T, Rate>) {
    return fmt::format("{} ?[kMG]?/(?:s|min|m|h|d)", kNumber);
  } else if constexpr (std::is_same_v<T, Bytes>) {
    return fmt::format("{} ?(?:[kMGT]|[KMGT]i)?B", kDecimal);
  } else if constexpr (std::is_same_v<T, BitRate>) {
    return fmt::format("{} ?[kMG]?bit", kDecimal);
  } else if constexpr (std::is_same_v<T, Ppm>) {
    return fmt::format("{} ?ppm", any_sign ? kAnyNumber : kNumber);
  } else if constexpr (std::is_same_v<T, double>) {
    return fmt::format("{}(?: ?[kMG])?", any_sign ? kAnyNumber : kNumber);
  } else {
    static_assert(std::is_integral_v<T>);
    return fmt::format("{}(?: ?(?:[kMG]|[KMG]i))?", kDecimal);
  }
}

inline Json pattern(std::string_view unanchored) {
  return {{"type", "string"}, {"pattern", fmt::format("^(?:{})$", unanchored)}};
}

/// Words as YAML gives them: one that looks like a number, or like a truth, arrives as such.
template <class Names>
Json words(const Names& names) {
  Json list = Json::array();
  for (const auto& name : names) {
    list.push_back(name);
    const Json plain = Json::parse(std::string(name), nullptr, false);
    if (plain.is_number()) list.push_back(plain);
  }
  return {{"enum", std::move(list)}};
}

template <class T>
Json leaf_schema(const Limits& limits = {}) {
  if constexpr (std::is_enum_v<T>) {
    return words(all_names<T>());
  } else if constexpr (std::is_same_v<T, bool>) {
    return {{"enum", {true, false, "true", "false"}}};
  } else if constexpr (std::is_same_v<T, std::string>) {
    return {{"type", {"string", "number", "boolean"}}};
  } else if constexpr (std::is_arithmetic_v<T>) {
    Json plain = {{"type", std::is_integral_v<T> ? "integer" : "number"}};
    const auto bound = [](double value) {
      return value == std::floor(value) && std::abs(value) < 1e15
                 ? Json(static_cast<std::int64_t>(value))
                 : Json(value);
    };
    if (std::isfinite(limits.min)) plain["minimum"] = bound(limits.min);
    if (std::isfinite(limits.max)) plain["maximum"] = bound(limits.max);
    return {{"anyOf", {std::move(plain), pattern(text_pattern<T>(limits.min < 0.0))}}};
  } else {
    return pattern(text_pattern<T>(limits.min < 0.0));
  }
}

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_SCHEMA_LEAF_H_
