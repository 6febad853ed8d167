#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "sim/scenario/decimal.h"
#include "sim/scenario/unit_table.h"
#include "sim/scenario/units_text.h"

namespace greytick::scenario {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// What people write for a unit, against what we call it; empty when it is no unit we know.
std::string_view usual_time_unit(std::string_view unit) {
  struct Alias {
    std::string_view written;
    std::string_view unit;
  };
  constexpr std::array<Alias, 20> kAliases{
      {{"sec", "s"},   {"secs", "s"},    {"second", "s"},        {"seconds", "s"},
       {"S", "s"},     {"mins", "m"},    {"minute", "m"},        {"minutes", "m"},
       {"hr", "h"},    {"hrs", "h"},     {"hour", "h"},          {"hours", "h"},
       {"H", "h"},     {"day", "d"},     {"days", "d"},          {"D", "d"},
       {"msec", "ms"}, {"millis", "ms"}, {"milliseconds", "ms"}, {"usec", "us"}}};
  for (const Alias& a : kAliases) {
    if (a.written == unit) return a.unit;
  }
  return {};
}

UnitError not_a(std::string_view text, std::string_view what, std::string nearest = {}) {
  constexpr size_t kQuoted = 60;
  const bool long_text = text.size() > kQuoted;
  // Cut between characters, never inside one.
  size_t cut = long_text ? kQuoted : text.size();
  while (cut < text.size() && cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) {
    --cut;
  }
  return {
      .message = fmt::format("'{}{}' is not {}", text.substr(0, cut), long_text ? "..." : "", what),
      .nearest = std::move(nearest)};
}

UnitError no_unit(std::string_view text, std::string_view what, std::string_view suggestion) {
  return {.message = fmt::format("'{}' has no unit, so it is not {}", text, what),
          .nearest = fmt::format("{}{}", text, suggestion)};
}

}  // namespace

Parsed<Duration> parse_duration(std::string_view text) {
  constexpr std::string_view kWhat = "a time";
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (negative) rest.remove_prefix(1);
  int64_t total = 0;
  uint64_t last_scale = std::numeric_limits<uint64_t>::max();
  bool any = false;
  while (!rest.empty()) {
    if (any && rest.front() == ' ') rest.remove_prefix(1);
    if (rest.empty() || !is_digit(rest.front())) return std::unexpected(not_a(text, kWhat));
    const std::optional<Split> part = split(rest);
    if (!part) return std::unexpected(not_a(text, kWhat));
    size_t letters = 0;
    while (letters < part->unit.size() && is_letter(part->unit[letters])) ++letters;
    std::string_view unit = part->unit.substr(0, letters);
    if (unit.empty() && letters == part->unit.size()) {
      return std::unexpected(any ? not_a(text, kWhat) : no_unit(text, kWhat, "s"));
    }
    if (unit == "min") unit = "m";
    const std::optional<uint64_t> scale = scale_of(kTimes, unit);
    if (!scale) {
      if (unit == "M") {
        UnitError e = not_a(text, kWhat, fmt::format("{}m", part->number));
        e.message += ": M is a million, m a minute";
        return std::unexpected(std::move(e));
      }
      const std::string_view usual = usual_time_unit(unit);
      return std::unexpected(
          not_a(text, kWhat,
                usual.empty() || any ? std::string() : fmt::format("{}{}", part->number, usual)));
    }
    if (*scale >= last_scale) {
      UnitError e = not_a(text, kWhat);
      e.message += ": its units do not go from large to small";
      return std::unexpected(std::move(e));
    }
    last_scale = *scale;
    const std::optional<int64_t> ns = to_integer(part->number, *scale);
    if (!ns || __builtin_add_overflow(total, *ns, &total) || total > kDurationMax.count()) {
      UnitError e = not_a(text, kWhat);
      e.message += " of whole nanoseconds, at most 36500d";
      return std::unexpected(std::move(e));
    }
    any = true;
    rest = part->unit.substr(letters);
  }
  if (!any) return std::unexpected(not_a(text, kWhat));
  return Duration(negative ? -total : total);
}

Parsed<Duration> parse_time_of_day(std::string_view text) {
  const auto no = [text] { return std::unexpected(not_a(text, "a time of day")); };
  if (text.size() != 5 || text[2] != ':') return no();
  for (const size_t i : {0U, 1U, 3U, 4U}) {
    if (!is_digit(text[i])) return no();
  }
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (hour > 23 || minute > 59) return no();
  return std::chrono::hours(hour) + std::chrono::minutes(minute);
}

Parsed<Share> parse_share(std::string_view text) {
  constexpr std::string_view kWhat = "a percentage";
  const std::optional<Split> s = split(text);
  if (!s) return std::unexpected(not_a(text, kWhat));
  if (s->unit.empty()) {
    const std::optional<double> value = to_double(s->number, 0);
    if (value && *value >= 0.0 && *value <= 1.0) {
      return std::unexpected(
          UnitError{.message = fmt::format("'{}' has no unit, so it is not a percentage", text),
                    .nearest = moved_point(*value, 2) + "%"});
    }
    return std::unexpected(no_unit(text, kWhat, "%"));
  }
  if (s->unit != "%") return std::unexpected(not_a(text, kWhat));
  const std::optional<double> value = to_double(s->number, -2);
  if (!value || *value < 0.0 || *value > 1.0) {
    UnitError e = not_a(text, kWhat);
    e.message += " between 0% and 100%";
    return std::unexpected(std::move(e));
  }
  return Share{*value};
}

Parsed<Rate> parse_rate(std::string_view text) {
  constexpr std::string_view kWhat = "a rate";
  const std::optional<Split> s = split(text);
  if (!s) return std::unexpected(not_a(text, kWhat));
  const size_t slash = s->unit.find('/');
  const std::string_view prefix = s->unit.substr(0, std::min(slash, s->unit.size()));
  int power = 0;
  if (prefix == "k") {
    power = 3;
  } else if (prefix == "M") {
    power = 6;
  } else if (prefix == "G") {
    power = 9;
  } else if (!prefix.empty()) {
    return std::unexpected(not_a(text, kWhat));
  }
  if (slash == std::string_view::npos) return std::unexpected(no_unit(text, kWhat, "/s"));
  const std::string_view per = s->unit.substr(slash + 1);
  std::optional<uint64_t> scale = scale_of(std::span(kTimes).first(4), per == "min" ? "m" : per);
  if (!scale) {
    const std::string_view usual = usual_time_unit(per);
    return std::unexpected(
        not_a(text, kWhat,
              usual.empty() ? std::string() : fmt::format("{}{}/{}", s->number, prefix, usual)));
  }
  const std::optional<double> value = to_double(s->number, power);
  if (!value || *value < 0.0) return std::unexpected(not_a(text, kWhat));
  const uint64_t seconds = *scale / kSecond;  // every unit of this list is whole seconds
  return Rate{*value / static_cast<double>(seconds)};
}

Parsed<Bytes> parse_bytes(std::string_view text) {
  constexpr std::string_view kWhat = "a size";
  const std::optional<Split> s = split(text);
  if (!s) return std::unexpected(not_a(text, kWhat));
  if (s->unit.empty()) return std::unexpected(no_unit(text, kWhat, "B"));
  const std::optional<uint64_t> scale = scale_of(kSizes, s->unit);
  if (!scale) {
    std::string nearest;
    for (const Unit& u : kSizes) {
      std::string_view bare = u.name;
      bare.remove_suffix(u.name.size() > 1 ? 1 : 0);
      if (s->unit == bare) nearest = fmt::format("{}{}", s->number, u.name);
    }
    if (s->unit == "b") nearest = fmt::format("{}B", s->number);
    if (s->unit == "KB" || s->unit == "kb" || s->unit == "K")
      nearest = fmt::format("{}kB", s->number);
    if (s->unit == "mb") nearest = fmt::format("{}MB", s->number);
    return std::unexpected(not_a(text, kWhat, std::move(nearest)));
  }
  const std::optional<int64_t> value = to_integer(s->number, *scale);
  if (!value || *value < 0) return std::unexpected(not_a(text, "a size in whole bytes"));
  return Bytes{static_cast<uint64_t>(*value)};
}

Parsed<BitRate> parse_bit_rate(std::string_view text) {
  constexpr std::string_view kWhat = "a link rate";
  const std::optional<Split> s = split(text);
  if (!s) return std::unexpected(not_a(text, kWhat));
  if (s->unit.empty()) return std::unexpected(no_unit(text, kWhat, "Mbit"));
  const std::optional<uint64_t> scale = scale_of(kBits, s->unit);
  if (!scale) {
    std::string nearest;
    if (s->unit == "Mbps" || s->unit == "Mbit/s" || s->unit == "mbit" || s->unit == "M") {
      nearest = fmt::format("{}Mbit", s->number);
    } else if (s->unit == "kbps" || s->unit == "Kbit" || s->unit == "kbit/s" || s->unit == "k") {
      nearest = fmt::format("{}kbit", s->number);
    } else if (s->unit == "Gbps" || s->unit == "Gbit/s" || s->unit == "G") {
      nearest = fmt::format("{}Gbit", s->number);
    }
    return std::unexpected(not_a(text, kWhat, std::move(nearest)));
  }
  const std::optional<int64_t> value = to_integer(s->number, *scale);
  if (!value || *value < 0) return std::unexpected(not_a(text, "a link rate in whole bits"));
  return BitRate{static_cast<uint64_t>(*value)};
}

Parsed<Ppm> parse_ppm(std::string_view text) {
  constexpr std::string_view kWhat = "a drift";
  const std::optional<Split> s = split(text);
  if (!s) return std::unexpected(not_a(text, kWhat));
  if (s->unit.empty()) return std::unexpected(no_unit(text, kWhat, "ppm"));
  const std::optional<double> value = s->unit == "ppm" ? to_double(s->number, 0) : std::nullopt;
  if (!value) return std::unexpected(not_a(text, kWhat));
  return Ppm{*value};
}

Parsed<uint64_t> parse_count(std::string_view text) {
  constexpr std::string_view kWhat = "a whole number";
  const std::optional<Split> s = split(text);
  if (!s) return std::unexpected(not_a(text, kWhat));
  const std::optional<uint64_t> scale = scale_of(kCounts, s->unit);
  if (!scale) {
    std::string nearest;
    if (s->unit == "K") nearest = fmt::format("{}k", s->number);
    if (s->unit == "m") nearest = fmt::format("{}M", s->number);
    return std::unexpected(not_a(text, kWhat, std::move(nearest)));
  }
  const std::optional<int64_t> value = to_integer(s->number, *scale);
  if (!value || *value < 0) return std::unexpected(not_a(text, kWhat));
  return static_cast<uint64_t>(*value);
}

Parsed<double> parse_number(std::string_view text) {
  const std::optional<Split> s = split(text);
  if (!s) return std::unexpected(not_a(text, "a number"));
  int power = 0;
  if (s->unit == "k") {
    power = 3;
  } else if (s->unit == "M") {
    power = 6;
  } else if (s->unit == "G") {
    power = 9;
  } else if (!s->unit.empty()) {
    return std::unexpected(not_a(text, "a plain number without a unit"));
  }
  const std::optional<double> value = to_double(s->number, power);
  if (!value) return std::unexpected(not_a(text, "a number"));
  return *value;
}

}  // namespace greytick::scenario
