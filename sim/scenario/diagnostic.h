#ifndef GREYTICK_SIM_SCENARIO_DIAGNOSTIC_H_
#define GREYTICK_SIM_SCENARIO_DIAGNOSTIC_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace greytick::scenario {

/// A stretch of one line of a source. line and column count from 1; column and length are in bytes.
/// A mark with line 0 names the source as a whole.
struct Mark {
  uint32_t source = 0;
  uint32_t line = 0;
  uint32_t column = 0;
  uint32_t length = 0;
  auto operator<=>(const Mark&) const = default;
};

/// A text that errors can point into: a file, or the value of one --set.
class Source {
 public:
  Source(std::string name, std::string text);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  /// The line without its end; empty when there is no such line.
  std::string_view line(uint32_t number) const;
  /// The mark of `length` bytes from byte `offset`, cut at the end of the line; the offset may be
  /// anywhere, also past the end.
  Mark mark(uint32_t source, size_t offset, size_t length) const;

 private:
  std::string name_;
  std::string text_;
  std::vector<size_t> starts_;  // of each line, ascending, the first 0
};

struct Diagnostic {
  Mark mark = {};
  std::string message = {};   // "unknown fault 'partion'"
  std::string expected = {};  // "a duration such as 90s, 10m, 9d 20h"; may be empty
  std::string nearest = {};   // the name that was probably meant; may be empty
  std::string note = {};      // anything else worth a line; may be empty
};

// The errors of one load, with the texts they point into.
class Report {
 public:
  /// Adds a text; marks refer to it by the returned number.
  uint32_t add_source(std::string name, std::string text);
  const Source& source(uint32_t number) const { return sources_[number]; }

  /// At most kMaxErrors are kept; a file that is wrong everywhere needs no more to be said.
  void add(Diagnostic diagnostic);

  bool ok() const { return errors_.empty(); }
  size_t size() const { return errors_.size(); }
  /// Ascending by source, line and column; those at one place in the order they were found.
  std::vector<Diagnostic> sorted() const;

  /// For people: each error as file:line:column, the line, a caret run and what was expected; at
  /// the end "2 errors, nothing was run." Empty when there is no error.
  std::string text() const;
  /// For programs: {"errors": [{file, line, column, length, message, expected, nearest, note}]};
  /// column and length in characters as in text(). Ends with a newline.
  std::string json() const;

  static constexpr size_t kMaxErrors = 100;

 private:
  std::deque<Source> sources_;
  std::vector<Diagnostic> errors_;
};

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_DIAGNOSTIC_H_
