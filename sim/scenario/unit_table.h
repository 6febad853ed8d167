#ifndef GREYTICK_SIM_SCENARIO_UNIT_TABLE_H_
#define GREYTICK_SIM_SCENARIO_UNIT_TABLE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

// The units that a scenario may name, with what one of each is in the base unit.
namespace greytick::scenario {

struct Unit {
  std::string_view name;
  uint64_t scale;
};

inline constexpr uint64_t kSecond = 1'000'000'000;

inline constexpr std::array<Unit, 7> kTimes{{{"d", 86'400 * kSecond},
                                             {"h", 3'600 * kSecond},
                                             {"m", 60 * kSecond},
                                             {"s", kSecond},
                                             {"ms", 1'000'000},
                                             {"us", 1'000},
                                             {"ns", 1}}};

inline constexpr std::array<Unit, 9> kSizes{{{"B", 1},
                                             {"kB", 1'000},
                                             {"MB", 1'000'000},
                                             {"GB", 1'000'000'000},
                                             {"TB", 1'000'000'000'000},
                                             {"KiB", uint64_t{1} << 10},
                                             {"MiB", uint64_t{1} << 20},
                                             {"GiB", uint64_t{1} << 30},
                                             {"TiB", uint64_t{1} << 40}}};

inline constexpr std::array<Unit, 4> kBits{
    {{"bit", 1}, {"kbit", 1'000}, {"Mbit", 1'000'000}, {"Gbit", 1'000'000'000}}};

inline constexpr std::array<Unit, 7> kCounts{{{"", 1},
                                              {"k", 1'000},
                                              {"M", 1'000'000},
                                              {"G", 1'000'000'000},
                                              {"Ki", uint64_t{1} << 10},
                                              {"Mi", uint64_t{1} << 20},
                                              {"Gi", uint64_t{1} << 30}}};

inline std::optional<uint64_t> scale_of(std::span<const Unit> units, std::string_view name) {
  for (const Unit& u : units) {
    if (u.name == name) return u.scale;
  }
  return std::nullopt;
}

struct Largest {
  std::string_view unit;
  uint64_t count;
};

/// The largest unit of which the value is a whole number.
inline Largest largest_whole(std::span<const Unit> units, uint64_t value) {
  Largest best{.unit = units.front().name, .count = value};
  uint64_t scale = 0;
  for (const Unit& u : units) {
    if (value % u.scale == 0 && u.scale > scale) {
      scale = u.scale;
      best = {.unit = u.name, .count = value / u.scale};
    }
  }
  return best;
}

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_UNIT_TABLE_H_
