#include "tests/architecture/pure_words.h"

#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace greytick::architecture {
namespace {

std::vector<std::string> impure(const std::string& path, const std::string& text) {
  return impure_words(read_source(path, text));
}

TEST(PureWords, TheCoreAndTheFoldersThatOrderEventsHoldNoOther) {
  size_t files = 0;
  for (const char* folder : {"model", "sim"}) {
    for (const Source& source : sources_below(GREYTICK_SOURCE_DIR, folder)) {
      ++files;
      EXPECT_THAT(impure_words(source), testing::IsEmpty());
    }
  }
  EXPECT_GT(files, 0u);
}

TEST(PureWords, NoServerCanNamePlaintext) {
  const std::set<std::string> may = {"model/plaintext.h", "model/plaintext.cc", "model/outbox.cc"};
  size_t named = 0;
  for (const char* folder : {"model", "sim"}) {
    for (const Source& source : sources_below(GREYTICK_SOURCE_DIR, folder)) {
      for (const Word& word : source.words) {
        if (word.text != "Plaintext") continue;
        ++named;
        EXPECT_TRUE(may.contains(source.path)) << source.path << ":" << word.line;
      }
    }
  }
  EXPECT_GT(named, 0u);
}

TEST(PureWords, TheCoreAsksNobodyForTheTime) {
  EXPECT_THAT(impure("model/lease.cc", "auto t = std::chrono::steady_clock::now();"),
              testing::ElementsAre("model/lease.cc:1: steady_clock", "model/lease.cc:1: now"));
  EXPECT_THAT(impure("model/lease.cc", "auto t = stimulus.now;"), testing::IsEmpty());
}

TEST(PureWords, TheCoreHasNoEffectsAndNoExceptions) {
  for (const char* text :
       {"std::cerr << 1;", "std::printf(\"x\");", "throw 1;", "#include <mutex>",
        "#include <random>", "int fd = socket(1, 2, 3);", "::getenv(\"HOME\");"}) {
    SCOPED_TRACE(text);
    EXPECT_THAT(impure("model/mailbox.cc", text), testing::SizeIs(1));
  }
}

TEST(PureWords, OnlyCheckMayPrint) {
  EXPECT_THAT(impure("model/check.h", "#include <cstdio>\nstd::fprintf(stderr, 1);"),
              testing::IsEmpty());
  EXPECT_THAT(impure("model/check.h", "std::rand();"), testing::SizeIs(1));
}

TEST(PureWords, EventsAreNotOrderedByLibm) {
  EXPECT_THAT(impure("sim/net/link.cc", "delay = std::exp(x);"),
              testing::ElementsAre("sim/net/link.cc:1: exp"));
  EXPECT_THAT(impure("sim/net/link.cc", "delay = engine::exp(x) + std::sqrt(y);"),
              testing::IsEmpty());
  EXPECT_THAT(impure("sim/stats/interval.cc", "width = std::exp(x);"), testing::IsEmpty());
}

TEST(PureWords, AMemberOfOursMayBeCalledAsLibcsFunctionIs) {
  EXPECT_THAT(impure("sim/world/node.cc", "Clock::time(x);"), testing::IsEmpty());
  EXPECT_THAT(impure("sim/world/node.cc", "std::time(nullptr);"), testing::SizeIs(1));
}

}  // namespace
}  // namespace greytick::architecture
