#include "sim/report/escape.h"

#include <algorithm>

namespace greytick::report {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD
constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

unsigned char byte(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

// Bytes of the character at i; 0 when it is no UTF-8, or longer than it need be, or a surrogate.
// Source: RFC 3629, section 4.
std::size_t length_at(std::string_view text, std::size_t i) {
  const unsigned char lead = byte(text, i);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xc2 && lead < 0xe0   ? 2
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                                                           : 0;
  if (length == 0 || i + length > text.size()) return 0;
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte(text, i + k) & 0xc0) != 0x80) return 0;
  }
  const unsigned char second = byte(text, i + 1);
  const bool wrong = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0) ||
                     (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second >= 0x90);
  return wrong ? 0 : length;
}

void append_ascii(std::string& out, char c) {
  switch (c) {
    case '&':
      out += "&amp;";
      return;
    case '<':
      out += "&lt;";
      return;
    case '>':
      out += "&gt;";
      return;
    case '"':
      out += "&quot;";
      return;
    case '\'':
      out += "&#39;";
      return;
    default: {
      const auto code = static_cast<unsigned char>(c);
      const bool control = (code < 0x20 && c != '\t' && c != '\n') || code == 0x7f;
      if (control) {
        out += kReplacement;
      } else {
        out += c;
      }
    }
  }
}

}  // namespace

std::string escaped(std::string_view text, std::size_t max) {
  std::string out;
  out.reserve(std::min(text.size(), max) + 16);
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = length_at(text, i);
    const std::size_t taken = std::max<std::size_t>(length, 1);
    if (i + taken > max) {
      out += kEllipsis;
      break;
    }
    if (length == 0) {
      out += kReplacement;
    } else if (length == 1) {
      append_ascii(out, text[i]);
    } else {
      out += text.substr(i, length);
    }
    i += taken;
  }
  return out;
}

std::string json_for_script(const nlohmann::ordered_json& json) {
  const std::string plain =
      json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::string out;
  out.reserve(plain.size());
  for (const char c : plain) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace greytick::report
