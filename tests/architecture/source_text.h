#ifndef GREYTICK_TESTS_ARCHITECTURE_SOURCE_TEXT_H_
#define GREYTICK_TESTS_ARCHITECTURE_SOURCE_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// C++ sources as these tests read them: includes and identifiers, no comments, no literals. Not a
// parser; code that hides a word behind a macro or a raw string hides it from here.
namespace greytick::architecture {

struct Include {
  std::string path;  // without its brackets or quotes
  bool quoted;       // "path", not <path>
  size_t line;       // from 1
  bool operator==(const Include&) const = default;
};

/// One identifier of the code, keywords among them.
struct Word {
  std::string text;
  std::string scope;  // the identifier left of a "::" before it, or empty
  bool called;        // a "(" follows
  size_t line;        // from 1
  bool operator==(const Word&) const = default;
};

struct Source {
  std::string path;  // from the root, with slashes: "model/mailbox.h"
  std::vector<Include> includes;
  std::vector<Word> words;
};

/// Reads one source text; path is only carried along.
Source read_source(std::string path, std::string_view text);

/// Every .h and .cc below root/folder, in the order of their paths; none when there is no folder.
/// Fails the running test when a file cannot be read.
std::vector<Source> sources_below(const std::string& root, const std::string& folder);

}  // namespace greytick::architecture

#endif  // GREYTICK_TESTS_ARCHITECTURE_SOURCE_TEXT_H_
