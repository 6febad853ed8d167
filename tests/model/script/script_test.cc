// Runs tests/model/testdata/*.txt. GREYTICK_REWRITE=1 writes what happened into the scripts: read
// the diff, commit only what you can explain.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/model/script/bench.h"

namespace greytick::model::script {
namespace {

namespace fs = std::filesystem;

fs::path folder() { return fs::path(GREYTICK_SOURCE_DIR) / "tests/model/testdata"; }

std::string read(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The script again, with what happened where it says what should happen. A block is commands,
/// "----", and the lines they bring, up to an empty line.
std::string replayed(const std::string& script) {
  World world;
  std::istringstream in(script);
  std::string result, line;
  bool expecting = false;
  while (std::getline(in, line)) {
    if (expecting) {
      if (!line.empty()) continue;
      expecting = false;
    }
    result += line + "\n";
    if (line.empty() || line.starts_with("#")) continue;
    if (line == "----") {
      for (const std::string& said : world.take_lines()) result += said + "\n";
      expecting = true;
    } else if (const std::string error = world.command(line); !error.empty()) {
      result += "error: " + error + "\n";
    }
  }
  return result;
}

class Script : public testing::TestWithParam<std::string> {};

TEST_P(Script, HappensAsWritten) {
  const fs::path path = folder() / (GetParam() + ".txt");
  const std::string expected = read(path);
  const std::string happened = replayed(expected);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread runs.
  if (const char* rewrite = std::getenv("GREYTICK_REWRITE");
      rewrite != nullptr && std::string_view(rewrite) == "1") {
    std::ofstream(path) << happened;
    return;
  }
  EXPECT_EQ(happened, expected);
}

std::vector<std::string> scripts() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder())) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Protocol, Script, testing::ValuesIn(scripts()),
                         [](const auto& test) { return test.param; });

TEST(Scripts, CoverEveryRule) { EXPECT_GE(scripts().size(), 25U); }

TEST(Scripts, AWrongLineIsNoticed) {
  EXPECT_NE(replayed("link alice\n----\nalice is open\n"), "link alice\n----\nalice is open\n");
  EXPECT_NE(replayed("fly alice\n"), "fly alice\n");
}

}  // namespace
}  // namespace greytick::model::script
