#include "sim/scenario/units_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <system_error>

#include <fmt/format.h>

namespace greytick::scenario {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// A decimal number as written, split from what follows it. Kept as text, so that a unit that is a
// power of ten only moves the point and the conversion to binary rounds once.
struct Split {
  std::string_view number;  // "-1.5"
  std::string_view unit;    // "k/s"; without the space before it
};

std::optional<Split> split(std::string_view text) {
  size_t i = 0;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  const size_t first = i;
  while (i < text.size() && is_digit(text[i])) ++i;
  if (i == first) return std::nullopt;
  if (i + 1 < text.size() && text[i] == '.' && is_digit(text[i + 1])) {
    ++i;
    while (i < text.size() && is_digit(text[i])) ++i;
  }
  // An exponent, "1e-05", only where digits follow; "1e" has the unit "e".
  if (i + 1 < text.size() && text[i] == 'e') {
    size_t k = i + 1;
    if (k + 1 < text.size() && (text[k] == '-' || text[k] == '+')) ++k;
    if (is_digit(text[k])) {
      i = k;
      while (i < text.size() && is_digit(text[i])) ++i;
    }
  }
  std::string_view unit = text.substr(i);
  if (unit.size() > 1 && unit.front() == ' ') unit.remove_prefix(1);
  return Split{.number = text.substr(0, i), .unit = unit};
}

// The number times ten to the power `shift`, correctly rounded; nothing when it is not finite.
std::optional<double> to_double(std::string_view number, int shift) {
  if (!number.empty() && number.front() == '+') number.remove_prefix(1);
  std::string_view mantissa = number;
  int exponent = shift;
  if (const size_t e = number.find('e'); e != std::string_view::npos) {
    mantissa = number.substr(0, e);
    std::string_view digits = number.substr(e + 1);
    if (!digits.empty() && digits.front() == '+') digits.remove_prefix(1);
    int written = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), written);
    if (error != std::errc() || written > 400 || written < -400) return std::nullopt;
    exponent += written;
  }
  const std::string whole = fmt::format("{}e{}", mantissa, exponent);
  double value = 0.0;
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), value);
  if (error != std::errc() || end != whole.data() + whole.size()) return std::nullopt;
  // Infinity cannot come out of digits, but a NaN-free value is a promise to every reader.
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

// The number times `scale` as an integer; nothing when it is not whole or does not fit.
std::optional<int64_t> to_integer(std::string_view number, uint64_t scale) {
  bool negative = false;
  if (!number.empty() && (number.front() == '-' || number.front() == '+')) {
    negative = number.front() == '-';
    number.remove_prefix(1);
  }
  if (number.find('e') != std::string_view::npos) return std::nullopt;
  // value = digits / 10^places, exactly; 128 bits hold 19 digits times any scale we have.
  unsigned __int128 digits = 0;
  unsigned __int128 divisor = 1;
  bool after_point = false;
  int kept = 0;
  std::string_view trimmed = number;
  if (trimmed.find('.') != std::string_view::npos) {
    while (trimmed.back() == '0') trimmed.remove_suffix(1);
  }
  for (const char c : trimmed) {
    if (c == '.') {
      after_point = true;
      continue;
    }
    if (digits == 0 && c == '0' && !after_point) continue;
    if (++kept > 19) return std::nullopt;
    digits = digits * 10 + static_cast<unsigned>(c - '0');
    if (after_point) divisor *= 10;
  }
  const unsigned __int128 scaled = digits * scale;
  if (scaled % divisor != 0) return std::nullopt;
  const unsigned __int128 value = scaled / divisor;
  if (value > static_cast<unsigned __int128>(std::numeric_limits<int64_t>::max())) {
    return std::nullopt;
  }
  const auto magnitude = static_cast<int64_t>(value);
  return negative ? -magnitude : magnitude;
}

struct Unit {
  std::string_view name;
  uint64_t scale;
};

constexpr uint64_t kSecond = 1'000'000'000;

constexpr std::array<Unit, 7> kTimes{{{"d", 86'400 * kSecond},
                                      {"h", 3'600 * kSecond},
                                      {"m", 60 * kSecond},
                                      {"s", kSecond},
                                      {"ms", 1'000'000},
                                      {"us", 1'000},
                                      {"ns", 1}}};

constexpr std::array<Unit, 9> kSizes{{{"B", 1},
                                      {"kB", 1'000},
                                      {"MB", 1'000'000},
                                      {"GB", 1'000'000'000},
                                      {"TB", 1'000'000'000'000},
                                      {"KiB", uint64_t{1} << 10},
                                      {"MiB", uint64_t{1} << 20},
                                      {"GiB", uint64_t{1} << 30},
                                      {"TiB", uint64_t{1} << 40}}};

constexpr std::array<Unit, 4> kBits{
    {{"bit", 1}, {"kbit", 1'000}, {"Mbit", 1'000'000}, {"Gbit", 1'000'000'000}}};

constexpr std::array<Unit, 7> kCounts{{{"", 1},
                                       {"k", 1'000},
                                       {"M", 1'000'000},
                                       {"G", 1'000'000'000},
                                       {"Ki", uint64_t{1} << 10},
                                       {"Mi", uint64_t{1} << 20},
                                       {"Gi", uint64_t{1} << 30}}};

std::optional<uint64_t> scale_of(std::span<const Unit> units, std::string_view name) {
  for (const Unit& u : units) {
    if (u.name == name) return u.scale;
  }
  return std::nullopt;
}

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

struct Largest {
  std::string_view unit;
  uint64_t count;
};

// The largest unit of which the value is a whole number.
Largest largest_whole(std::span<const Unit> units, uint64_t value) {
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

// Shortest text that reads back as the same double, never with an exponent that hides the unit.
std::string shortest(double value) {
  std::array<char, 400> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return error == std::errc() ? std::string(buffer.data(), end) : std::string("0");
}

bool is_whole(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  return value >= 0.0 && value < kExact &&
         value == static_cast<double>(static_cast<uint64_t>(value));
}

// Decimal suffixes only where the number stays whole: 58k, 1M.
std::string with_suffix(double value) {
  if (!is_whole(value)) return shortest(value);
  const auto whole = static_cast<uint64_t>(value);
  const Largest l = largest_whole(std::span(kCounts).first(4), whole);
  return whole == 0 ? "0" : fmt::format("{}{}", l.count, l.unit);
}

// Moves the decimal point of a number in shortest form by `places` to the right.
std::string moved_point(double value, int places) {
  std::string text = shortest(value);
  if (value == 0.0) return "0";
  int exponent = 0;
  if (const size_t e = text.find('e'); e != std::string::npos) {
    exponent = std::atoi(text.c_str() + e + 1);
    text.resize(e);
  }
  bool negative = false;
  if (text.front() == '-') {
    negative = true;
    text.erase(0, 1);
  }
  auto point = static_cast<int>(text.size());
  if (const size_t p = text.find('.'); p != std::string::npos) {
    point = static_cast<int>(p);
    text.erase(p, 1);
  }
  point += exponent + places;
  if (point <= 0) {
    text.insert(0, static_cast<size_t>(1 - point), '0');
    point = 1;
  }
  while (static_cast<int>(text.size()) < point) text += '0';
  if (static_cast<int>(text.size()) > point) {
    text.insert(static_cast<size_t>(point), 1, '.');
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  size_t zeros = 0;
  while (zeros + 1 < text.size() && text[zeros] == '0' && text[zeros + 1] != '.') ++zeros;
  text.erase(0, zeros);
  return negative ? "-" + text : text;
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

std::string print_duration(Duration value) {
  if (value.count() == 0) return "0s";
  std::string out;
  uint64_t rest = 0;
  if (value.count() < 0) {
    out.push_back('-');
    rest = 0 - static_cast<uint64_t>(value.count());
  } else {
    rest = static_cast<uint64_t>(value.count());
  }
  bool first = true;
  for (const Unit& u : kTimes) {
    const uint64_t n = rest / u.scale;
    if (n == 0) continue;
    rest %= u.scale;
    if (!first) out += ' ';
    first = false;
    out += fmt::format("{}{}", n, u.name);
  }
  return out;
}

std::string print_share(Share value) { return moved_point(value.value, 2) + "%"; }

std::string print_rate(Rate value) { return with_suffix(value.per_second) + "/s"; }

std::string print_bytes(Bytes value) {
  if (value.value == 0) return "0B";
  const Largest l = largest_whole(kSizes, value.value);
  return fmt::format("{}{}", l.count, l.unit);
}

std::string print_bit_rate(BitRate value) {
  if (value.bits_per_second == 0) return "0bit";
  const Largest l = largest_whole(kBits, value.bits_per_second);
  return fmt::format("{}{}", l.count, l.unit);
}

std::string print_ppm(Ppm value) { return shortest(value.value) + "ppm"; }

std::string print_count(uint64_t value) {
  if (value == 0) return "0";
  const Largest l = largest_whole(std::span(kCounts).first(4), value);
  return fmt::format("{}{}", l.count, l.unit);
}

std::string print_number(double value) { return shortest(value); }

}  // namespace greytick::scenario
