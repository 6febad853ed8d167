#ifndef GREYTICK_SIM_SCENARIO_LEAF_H_
#define GREYTICK_SIM_SCENARIO_LEAF_H_

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "sim/scenario/names.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/units_text.h"

// What decoder, writer and reference need to know about each type of single value: parse, print,
// what it is called, what it looks like, and its size as a number for range checks.
namespace greytick::scenario {

/// Bounds of a value in its base unit (nanoseconds, fraction, 1/s, bytes, bits per second).
struct Limits {
  double min = 0.0;
  double max = std::numeric_limits<double>::infinity();
};

constexpr Limits at_least(double min) { return {.min = min}; }
constexpr Limits between(double min, double max) { return {.min = min, .max = max}; }
/// At least one: one nanosecond, one byte, one.
constexpr Limits positive() { return {.min = 1.0}; }
constexpr Limits any_sign() { return {.min = -std::numeric_limits<double>::infinity()}; }

template <class T>
struct Leaf;

template <class T>
concept HasLeaf = requires(const T& value) {
  { Leaf<T>::print(value) } -> std::convertible_to<std::string>;
};

template <>
struct Leaf<Duration> {
  static std::string type() { return "a time"; }
  static std::string expected() { return "a duration such as 90s, 10m, 9d 20h"; }
  static Parsed<Duration> parse(std::string_view text) { return parse_duration(text); }
  static std::string print(Duration value) { return print_duration(value); }
  static double measure(Duration value) { return static_cast<double>(value.count()); }
  static Duration from_measure(double ns) { return Duration(static_cast<int64_t>(ns)); }
};

template <>
struct Leaf<Share> {
  static std::string type() { return "a percentage"; }
  static std::string expected() { return "a percentage such as 0.1% or 40%"; }
  static Parsed<Share> parse(std::string_view text) { return parse_share(text); }
  static std::string print(Share value) { return print_share(value); }
  static double measure(Share value) { return value.value; }
  static Share from_measure(double value) { return {value}; }
};

template <>
struct Leaf<Rate> {
  static std::string type() { return "a rate"; }
  static std::string expected() { return "a rate such as 58k/s, 20/m or 4/h"; }
  static Parsed<Rate> parse(std::string_view text) { return parse_rate(text); }
  static std::string print(Rate value) { return print_rate(value); }
  static double measure(Rate value) { return value.per_second; }
  static Rate from_measure(double value) { return {value}; }
};

template <>
struct Leaf<Bytes> {
  static std::string type() { return "a size"; }
  static std::string expected() { return "a size such as 160B, 4kB or 64MiB"; }
  static Parsed<Bytes> parse(std::string_view text) { return parse_bytes(text); }
  static std::string print(Bytes value) { return print_bytes(value); }
  static double measure(Bytes value) { return static_cast<double>(value.value); }
  static Bytes from_measure(double value) { return {static_cast<uint64_t>(value)}; }
};

template <>
struct Leaf<BitRate> {
  static std::string type() { return "a link rate"; }
  static std::string expected() { return "a link rate such as 500kbit or 12Mbit"; }
  static Parsed<BitRate> parse(std::string_view text) { return parse_bit_rate(text); }
  static std::string print(BitRate value) { return print_bit_rate(value); }
  static double measure(BitRate value) { return static_cast<double>(value.bits_per_second); }
  static BitRate from_measure(double value) { return {static_cast<uint64_t>(value)}; }
};

template <>
struct Leaf<Ppm> {
  static std::string type() { return "a drift"; }
  static std::string expected() { return "a drift such as 500ppm or -20ppm"; }
  static Parsed<Ppm> parse(std::string_view text) { return parse_ppm(text); }
  static std::string print(Ppm value) { return print_ppm(value); }
  static double measure(Ppm value) { return value.value; }
  static Ppm from_measure(double value) { return {value}; }
};

template <>
struct Leaf<uint64_t> {
  static std::string type() { return "a whole number"; }
  static std::string expected() { return "a whole number such as 12, 20k or 1.5M"; }
  static Parsed<uint64_t> parse(std::string_view text) { return parse_count(text); }
  static std::string print(uint64_t value) { return print_count(value); }
  static double measure(uint64_t value) { return static_cast<double>(value); }
  static uint64_t from_measure(double value) { return static_cast<uint64_t>(value); }
};

template <>
struct Leaf<uint32_t> {
  static std::string type() { return Leaf<uint64_t>::type(); }
  static std::string expected() { return Leaf<uint64_t>::expected(); }
  static Parsed<uint32_t> parse(std::string_view text) {
    const Parsed<uint64_t> wide = parse_count(text);
    if (!wide) return std::unexpected(wide.error());
    if (*wide > std::numeric_limits<uint32_t>::max()) {
      return std::unexpected(
          UnitError{.message = fmt::format("'{}' is too large", text), .nearest = {}});
    }
    return static_cast<uint32_t>(*wide);
  }
  static std::string print(uint32_t value) { return print_count(value); }
  static double measure(uint32_t value) { return value; }
  static uint32_t from_measure(double value) { return static_cast<uint32_t>(value); }
};

template <>
struct Leaf<double> {
  static std::string type() { return "a number"; }
  static std::string expected() { return "a plain number such as 2 or 0.6"; }
  static Parsed<double> parse(std::string_view text) { return parse_number(text); }
  static std::string print(double value) { return print_number(value); }
  static double measure(double value) { return value; }
  static double from_measure(double value) { return value; }
};

template <>
struct Leaf<bool> {
  static std::string type() { return "true or false"; }
  static std::string expected() { return "true or false"; }
  static Parsed<bool> parse(std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    const bool yes = text == "yes" || text == "on" || text == "True" || text == "1";
    const bool no = text == "no" || text == "off" || text == "False" || text == "0";
    return std::unexpected(UnitError{.message = fmt::format("'{}' is neither true nor false", text),
                                     .nearest = yes  ? "true"
                                                : no ? "false"
                                                     : ""});
  }
  static std::string print(bool value) { return value ? "true" : "false"; }
  static double measure(bool value) { return value ? 1.0 : 0.0; }
  static bool from_measure(double value) { return value != 0.0; }
};

template <>
struct Leaf<std::string> {
  static std::string type() { return "text"; }
  static std::string expected() { return "text"; }
  static Parsed<std::string> parse(std::string_view text) { return std::string(text); }
  static std::string print(std::string value) { return value; }
  static double measure(const std::string& /*value*/) { return 0.0; }
  static std::string from_measure(double /*value*/) { return {}; }
};

/// Every enumeration with names is a leaf.
template <class E>
  requires(!kNames<E>.empty())
struct Leaf<E> {
  static std::string type() { return "one of a few words"; }
  static std::string expected() {
    std::string out;
    for (const auto& n : kNames<E>) {
      if (!out.empty()) out += ", ";
      out += n.name;
    }
    return out;
  }
  static Parsed<E> parse(std::string_view text) {
    if (const std::optional<E> value = value_of<E>(text)) return *value;
    return std::unexpected(UnitError{.message = fmt::format("unknown value '{}'", text),
                                     .nearest = nearest_name(text, all_names<E>())});
  }
  static std::string print(E value) { return std::string(name_of(value)); }
  static double measure(E /*value*/) { return 0.0; }
  static E from_measure(double /*value*/) { return {}; }
};

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_LEAF_H_
