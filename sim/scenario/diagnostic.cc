#include "sim/scenario/diagnostic.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/scenario/sorted.h"

namespace greytick::scenario {
namespace {

// Longer lines are cut around the mark, so that one bad minified line does not flood a terminal.
constexpr size_t kLineShown = 160;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

size_t characters(std::string_view bytes) {
  return static_cast<size_t>(
      std::ranges::count_if(bytes, [](char c) { return !is_continuation(c); }));
}

struct Excerpt {
  std::string line;
  std::string carets;
};

// The line with its control characters made visible, and the caret run below it.
Excerpt excerpt(std::string_view line, const Mark& mark) {
  size_t begin = std::min<size_t>(mark.column - 1, line.size());
  size_t end = std::min<size_t>(begin + std::max<size_t>(mark.length, 1), line.size());
  size_t first = 0;
  if (line.size() > kLineShown && begin > kLineShown / 2) first = begin - kLineShown / 2;
  while (first > 0 && is_continuation(line[first])) --first;
  size_t last = std::min(line.size(), first + kLineShown);
  while (last < line.size() && is_continuation(line[last])) ++last;
  end = std::min(end, last);

  Excerpt out;
  if (first > 0) out.line = "...";
  out.carets.assign(out.line.size(), ' ');
  for (size_t i = first; i < last; ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    if (byte < 0x20 || byte == 0x7F) {
      out.line += ' ';
    } else {
      out.line += line[i];
    }
    if (is_continuation(line[i])) continue;
    if (i < begin) {
      out.carets += ' ';
    } else if (i == begin) {
      out.carets += '^';
    } else if (i < end) {
      out.carets += '~';
    }
  }
  if (begin >= last) out.carets += '^';
  if (last < line.size()) out.line += "...";
  return out;
}

uint32_t shown_column(const Source& source, const Mark& mark) {
  const std::string_view line = source.line(mark.line);
  return static_cast<uint32_t>(
      characters(line.substr(0, std::min<size_t>(mark.column - 1, line.size()))) + 1);
}

}  // namespace

Source::Source(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)), starts_{0} {
  for (size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') starts_.push_back(i + 1);
  }
}

std::string_view Source::line(uint32_t number) const {
  if (number == 0 || number > starts_.size()) return {};
  const size_t begin = starts_[number - 1];
  size_t end = number < starts_.size() ? starts_[number] - 1 : text_.size();
  if (end > begin && text_[end - 1] == '\r') --end;
  return std::string_view(text_).substr(begin, end - begin);
}

Mark Source::mark(uint32_t source, size_t offset, size_t length) const {
  offset = std::min(offset, text_.size());
  const auto after = std::ranges::upper_bound(starts_, offset);
  const auto number = static_cast<uint32_t>(after - starts_.begin());
  const size_t column = offset - starts_[number - 1];
  const size_t width = line(number).size();
  const size_t room = width > column ? width - column : 0;
  return {.source = source,
          .line = number,
          .column = static_cast<uint32_t>(column + 1),
          .length = static_cast<uint32_t>(std::min(length, room))};
}

uint32_t Report::add_source(std::string name, std::string text) {
  sources_.emplace_back(std::move(name), std::move(text));
  return static_cast<uint32_t>(sources_.size() - 1);
}

void Report::add(Diagnostic diagnostic) {
  if (errors_.size() < kMaxErrors) errors_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Report::sorted() const {
  return sorted_stably(errors_, [](const Diagnostic& d) {
    return std::tuple(d.mark.source, d.mark.line, d.mark.column);
  });
}

std::string Report::text() const {
  std::string out;
  auto to = std::back_inserter(out);
  for (const Diagnostic& d : sorted()) {
    const Source& from = sources_[d.mark.source];
    if (d.mark.line == 0) {
      fmt::format_to(to, "{}: error: {}\n", from.name(), d.message);
    } else {
      fmt::format_to(to, "{}:{}:{}: error: {}\n", from.name(), d.mark.line,
                     shown_column(from, d.mark), d.message);
      const Excerpt shown = excerpt(from.line(d.mark.line), d.mark);
      fmt::format_to(to, "  {}\n  {}\n", shown.line, shown.carets);
    }
    if (!d.expected.empty()) fmt::format_to(to, "  expected {}\n", d.expected);
    if (!d.nearest.empty()) fmt::format_to(to, "  did you mean '{}'?\n", d.nearest);
    if (!d.note.empty()) fmt::format_to(to, "  {}\n", d.note);
  }
  if (errors_.size() == 1) {
    out += "1 error, nothing was run.\n";
  } else if (errors_.size() >= kMaxErrors) {
    fmt::format_to(to, "{} errors or more, nothing was run.\n", errors_.size());
  } else if (!errors_.empty()) {
    fmt::format_to(to, "{} errors, nothing was run.\n", errors_.size());
  }
  return out;
}

std::string Report::json() const {
  nlohmann::ordered_json errors = nlohmann::ordered_json::array();
  for (const Diagnostic& d : sorted()) {
    const Source& from = sources_[d.mark.source];
    nlohmann::ordered_json e;
    e["file"] = from.name();
    e["line"] = d.mark.line;
    if (d.mark.line != 0) {
      e["column"] = shown_column(from, d.mark);
      const std::string_view line = from.line(d.mark.line);
      const size_t begin = std::min<size_t>(d.mark.column - 1, line.size());
      e["length"] = std::max<size_t>(characters(line.substr(begin, d.mark.length)), 1);
    }
    e["message"] = d.message;
    if (!d.expected.empty()) e["expected"] = d.expected;
    if (!d.nearest.empty()) e["nearest"] = d.nearest;
    if (!d.note.empty()) e["note"] = d.note;
    errors.push_back(std::move(e));
  }
  nlohmann::ordered_json root;
  root["errors"] = std::move(errors);
  // A message may quote bytes that are not UTF-8; replace them rather than throw.
  return root.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace greytick::scenario
