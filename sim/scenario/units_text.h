#ifndef GREYTICK_SIM_SCENARIO_UNITS_TEXT_H_
#define GREYTICK_SIM_SCENARIO_UNITS_TEXT_H_

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "sim/scenario/units.h"

// The text of every dimensioned value, both ways. For each type: parse(print(x)) == x, exactly.
// Between number and unit there may be one space. m is a minute, M a million, Mi is 2^20.
namespace greytick::scenario {

/// Why a text is not the value it should be.
struct UnitError {
  std::string message;  // "'40%' is not a time"
  std::string nearest;  // what was probably meant, written right; may be empty
};

template <class T>
using Parsed = std::expected<T, UnitError>;

/// The longest time a scenario may name: a hundred years, so that the sum of two cannot overflow.
inline constexpr Duration kDurationMax = std::chrono::hours(24 * 36'500);

/// `90s`, `10m`, `9d 20h`, `1.5h`, `-31d`; units ns, us, ms, s, m (also min), h, d. Finer than one
/// nanosecond, or beyond kDurationMax, is an error.
Parsed<Duration> parse_duration(std::string_view text);
/// `0.1%`; at most 100%.
Parsed<Share> parse_share(std::string_view text);
/// `58k/s`, `4/h`; per s, m, h or d.
Parsed<Rate> parse_rate(std::string_view text);
/// `512B`, `4kB`, `64MiB`, `1TiB`; a whole number of bytes.
Parsed<Bytes> parse_bytes(std::string_view text);
/// `12Mbit`, `500kbit`; a second is understood.
Parsed<BitRate> parse_bit_rate(std::string_view text);
/// `500ppm`, may be negative.
Parsed<Ppm> parse_ppm(std::string_view text);
/// A whole number with k, M, G, Ki, Mi or Gi: `20k`, `1.5M`.
Parsed<uint64_t> parse_count(std::string_view text);
/// A finite number without a unit; k, M and G are understood.
Parsed<double> parse_number(std::string_view text);

/// `20:30`, the time after midnight.
Parsed<Duration> parse_time_of_day(std::string_view text);

std::string print_time_of_day(Duration value);  // a whole minute below a day
std::string print_duration(Duration value);
std::string print_share(Share value);
std::string print_rate(Rate value);
std::string print_bytes(Bytes value);
std::string print_bit_rate(BitRate value);
std::string print_ppm(Ppm value);
std::string print_count(uint64_t value);
std::string print_number(double value);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_UNITS_TEXT_H_
