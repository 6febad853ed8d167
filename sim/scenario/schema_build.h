#ifndef GREYTICK_SIM_SCENARIO_SCHEMA_BUILD_H_
#define GREYTICK_SIM_SCENARIO_SCHEMA_BUILD_H_

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/scenario/schema_leaf.h"

// Pieces of a JSON Schema.
namespace greytick::scenario {

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

inline Json defined(std::string_view name) { return {{"$ref", fmt::format("#/$defs/{}", name)}}; }

inline Json any_of(std::vector<Json> choices) { return {{"anyOf", std::move(choices)}}; }

inline Json list_of(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }

inline Json mapping(Json properties) {
  return {
      {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

/// Holds when the key is there and its value fits.
inline Json when(std::string_view key, Json value) {
  return {{"properties", {{key, std::move(value)}}}, {"required", {key}}};
}

inline Json require(std::string_view key) { return {{"required", {key}}}; }

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

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_SCHEMA_BUILD_H_
