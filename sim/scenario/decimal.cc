#include "sim/scenario/decimal.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <system_error>

#include <fmt/format.h>

namespace greytick::scenario {

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

std::string shortest(double value) {
  std::array<char, 400> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return error == std::errc() ? std::string(buffer.data(), end) : std::string("0");
}

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

}  // namespace greytick::scenario
