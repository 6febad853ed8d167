#ifndef GREYTICK_SIM_SCENARIO_DECIMAL_H_
#define GREYTICK_SIM_SCENARIO_DECIMAL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Decimal numbers as text, both ways, rounded once at most.
namespace greytick::scenario {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A decimal number as written, split from what follows it. Kept as text, so that a unit that is a
/// power of ten only moves the point and the conversion to binary rounds once.
struct Split {
  std::string_view number;  // "-1.5"
  std::string_view unit;    // "k/s"; without the space before it
};

/// Nothing when the text does not begin with a number.
std::optional<Split> split(std::string_view text);

/// The number times ten to the power `shift`, correctly rounded; nothing when it is not finite.
std::optional<double> to_double(std::string_view number, int shift);

/// The number times `scale` as an integer; nothing when it is not whole or does not fit.
std::optional<int64_t> to_integer(std::string_view number, uint64_t scale);

/// Shortest text that reads back as the same double.
std::string shortest(double value);

/// Moves the decimal point of a number in shortest form by `places` to the right; no exponent.
std::string moved_point(double value, int places);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_DECIMAL_H_
