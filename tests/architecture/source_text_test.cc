#include "tests/architecture/source_text.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace greytick::architecture {
namespace {

std::vector<std::string> texts(const Source& source) {
  std::vector<std::string> texts;
  texts.reserve(source.words.size());
  for (const Word& word : source.words) texts.push_back(word.text);
  return texts;
}

TEST(SourceText, IncludesKeepTheirPathKindAndLine) {
  const Source source = read_source("x.cc", "#include <vector>\n\n# include \"model/ids.h\"\n");
  EXPECT_THAT(source.includes,
              testing::ElementsAre(Include{"vector", false, 1}, Include{"model/ids.h", true, 3}));
  EXPECT_THAT(source.words, testing::IsEmpty());
}

TEST(SourceText, IncludesInCommentsDoNotCount) {
  const Source source =
      read_source("x.cc", "// #include <vector>\n/*\n#include <map>\n*/\n#include <set>\n");
  EXPECT_THAT(source.includes, testing::ElementsAre(Include{"set", false, 5}));
}

TEST(SourceText, CommentsAndLiteralsHoldNoWords) {
  const Source source = read_source(
      "x.cc", "a = \"no // \\\" here\"; // no\nb /* no\nno */ = 'n'; c = 1'000'000; d = 80ms;\n");
  EXPECT_THAT(texts(source), testing::ElementsAre("a", "b", "c", "d"));
}

TEST(SourceText, WordsKnowTheirScopeAndWhetherTheyAreCalled) {
  const Source source = read_source("x.cc", "y = std::exp (x);\nt.now;\n::exp(x);\n");
  EXPECT_THAT(source.words,
              testing::ElementsAre(Word{"y", "", false, 1}, Word{"std", "", false, 1},
                                   Word{"exp", "std", true, 1}, Word{"x", "", false, 1},
                                   Word{"t", "", false, 2}, Word{"now", "", false, 2},
                                   Word{"exp", "", true, 3}, Word{"x", "", false, 3}));
}

}  // namespace
}  // namespace greytick::architecture
