#include "tests/architecture/source_text.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include <gtest/gtest.h>

namespace greytick::architecture {
namespace {

bool starts_identifier(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool continues_identifier(char c) { return starts_identifier(c) || is_digit(c); }

// The quotation marks of 1'000'000.
bool separates_digits(std::string_view text, size_t at) {
  return at > 0 && continues_identifier(text[at - 1]);
}

size_t skip_spaces(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  return at;
}

// Comments and the insides of literals become spaces; lines stay where they are. The path of an
// #include is no literal and stays.
std::string code_only(std::string_view text) {
  std::string code(text);
  const auto blank = [&code](size_t first, size_t end) {
    for (size_t i = first; i < std::min(end, code.size()); ++i) {
      if (code[i] != '\n') code[i] = ' ';
    }
    return end;
  };
  bool in_directive = false;
  for (size_t i = 0; i < code.size();) {
    const char c = code[i];
    if (c == '\n') {
      in_directive = false;
      ++i;
    } else if (c == '#') {
      i = skip_spaces(code, i + 1);
      in_directive = code.compare(i, 7, "include") == 0;
    } else if (code.compare(i, 2, "//") == 0) {
      i = blank(i, code.find('\n', i));
    } else if (code.compare(i, 2, "/*") == 0) {
      const size_t end = code.find("*/", i);
      i = blank(i, end == std::string::npos ? end : end + 2);
    } else if (!in_directive && (c == '"' || (c == '\'' && !separates_digits(code, i)))) {
      size_t end = i + 1;
      while (end < code.size() && code[end] != c && code[end] != '\n') {
        end += code[end] == '\\' ? 2 : 1;
      }
      blank(i + 1, end);
      i = end + 1;
    } else {
      ++i;
    }
  }
  return code;
}

bool read_include(std::string_view line, size_t number, std::vector<Include>& includes) {
  size_t at = skip_spaces(line, 0);
  if (at == line.size() || line[at] != '#') return false;
  at = skip_spaces(line, at + 1);
  if (!line.substr(at).starts_with("include")) return false;
  at = skip_spaces(line, at + 7);
  if (at == line.size() || (line[at] != '"' && line[at] != '<')) return false;
  const bool quoted = line[at] == '"';
  const size_t end = line.find(quoted ? '"' : '>', at + 1);
  if (end == std::string_view::npos) return false;
  includes.push_back(
      {.path = std::string(line.substr(at + 1, end - at - 1)), .quoted = quoted, .line = number});
  return true;
}

void read_words(std::string_view line, size_t number, std::vector<Word>& words) {
  for (size_t i = 0; i < line.size();) {
    if (is_digit(line[i])) {  // 80ms and 0x1p-3 are numbers, not words.
      while (i < line.size() && (continues_identifier(line[i]) || line[i] == '\'')) ++i;
      continue;
    }
    if (!starts_identifier(line[i])) {
      ++i;
      continue;
    }
    const size_t first = i;
    while (i < line.size() && continues_identifier(line[i])) ++i;
    const size_t next = skip_spaces(line, i);
    Word word{.text = std::string(line.substr(first, i - first)),
              .scope = "",
              .called = next < line.size() && line[next] == '(',
              .line = number};
    const bool scoped = first >= 2 && line.substr(first - 2, 2) == "::";
    if (scoped && first >= 3 && continues_identifier(line[first - 3])) {
      word.scope = words.back().text;
    }
    words.push_back(std::move(word));
  }
}

}  // namespace

Source read_source(std::string path, std::string_view text) {
  Source source{.path = std::move(path), .includes = {}, .words = {}};
  std::istringstream code(code_only(text));
  std::string line;
  for (size_t number = 1; std::getline(code, line); ++number) {
    if (!read_include(line, number, source.includes)) read_words(line, number, source.words);
  }
  return source;
}

std::vector<Source> sources_below(const std::string& root, const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<fs::path> paths;
  if (fs::exists(fs::path(root) / folder)) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(root) / folder)) {
      const fs::path extension = entry.path().extension();
      if (extension == ".h" || extension == ".cc") paths.push_back(entry.path());
    }
  }
  std::ranges::sort(paths);
  std::vector<Source> sources;
  for (const fs::path& path : paths) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    EXPECT_TRUE(file.good()) << path;
    sources.push_back(
        read_source(path.lexically_relative(root).generic_string(), std::move(text).str()));
  }
  return sources;
}

}  // namespace greytick::architecture
