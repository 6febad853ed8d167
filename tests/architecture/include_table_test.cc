#include "tests/architecture/include_table.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace greytick::architecture {
namespace {

std::vector<std::string> forbidden(const std::string& path, const std::string& text) {
  return forbidden_includes(read_source(path, text));
}

TEST(IncludeTable, ARowNamesOnlyFoldersOfEarlierRows) {
  std::set<std::string, std::less<>> earlier;
  for (const Row& row : include_table()) {
    for (const std::string_view entry : row.ours) {
      const bool all_of_sim = entry == "sim/" && row.folder == "sim/cli/";
      const std::string folder(entry.substr(0, entry.rfind('/') + 1));
      EXPECT_TRUE(all_of_sim || earlier.contains(folder)) << row.folder << " names " << entry;
    }
    earlier.emplace(row.folder);
  }
}

TEST(IncludeTable, HoldsInTheTree) {
  size_t files = 0;
  for (const char* folder : {"model", "sim", "server", "bindings"}) {
    for (const Source& source : sources_below(GREYTICK_SOURCE_DIR, folder)) {
      ++files;
      EXPECT_THAT(forbidden_includes(source), testing::IsEmpty());
    }
  }
  EXPECT_GT(files, 0u);
}

TEST(IncludeTable, OurHeadersAreIncludedByTheirPathFromTheRoot) {
  for (const char* folder : {"model", "sim", "tests"}) {
    for (const Source& source : sources_below(GREYTICK_SOURCE_DIR, folder)) {
      for (const Include& include : source.includes) {
        if (!include.quoted || include.path == "sim/cli/build_info.h") continue;  // Generated.
        std::string path = include.path;
        if (path.ends_with(".pb.h"))
          path.replace(path.size() - 4, 4, "proto");  // What it is made of.
        EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(GREYTICK_SOURCE_DIR) / path))
            << source.path << ":" << include.line << ": " << include.path;
      }
    }
  }
}

TEST(IncludeTable, NamesFileLineAndHeaderOfAnIncludeThatTurnsAnArrowRound) {
  EXPECT_THAT(forbidden("model/mailbox.cc", "#include <vector>\n#include \"sim/engine/event.h\"\n"),
              testing::ElementsAre("model/mailbox.cc:2: may not include sim/engine/event.h"));
}

TEST(IncludeTable, TheEngineKnowsNothingOfMessages) {
  EXPECT_THAT(forbidden("sim/engine/event.h", "#include \"model/time.h\""), testing::IsEmpty());
  EXPECT_THAT(forbidden("sim/engine/event.h", "#include \"model/frame.h\""), testing::SizeIs(1));
}

TEST(IncludeTable, TheOracleNeedsNeitherWorldNorEngine) {
  EXPECT_THAT(forbidden("sim/oracle/judge.h", "#include \"model/frame.h\""), testing::IsEmpty());
  EXPECT_THAT(forbidden("sim/oracle/judge.h", "#include \"sim/world/world.h\""),
              testing::SizeIs(1));
  EXPECT_THAT(forbidden("sim/oracle/judge.h", "#include \"sim/engine/random.h\""),
              testing::SizeIs(1));
}

TEST(IncludeTable, TheCoreUsesOnlyTheContainersOfBoost) {
  EXPECT_THAT(forbidden("model/mailbox.h", "#include <boost/container/small_vector.hpp>"),
              testing::IsEmpty());
  EXPECT_THAT(forbidden("model/mailbox.h", "#include <boost/asio.hpp>"), testing::SizeIs(1));
  EXPECT_THAT(forbidden("model/mailbox.h", "#include <fmt/format.h>"), testing::SizeIs(1));
}

TEST(IncludeTable, OnlyTheWireKnowsProtobufAndTheCoreDoesNotKnowTheWire) {
  constexpr const char* kStream = "#include <google/protobuf/io/coded_stream.h>";
  EXPECT_THAT(forbidden("model/wire/reader.h", kStream), testing::IsEmpty());
  EXPECT_THAT(forbidden("model/frame.h", kStream), testing::SizeIs(1));
  EXPECT_THAT(forbidden("model/wire/codec.h", "#include \"model/frame.h\""), testing::IsEmpty());
  EXPECT_THAT(forbidden("model/gateway.cc", "#include \"model/wire/codec.h\""), testing::SizeIs(1));
}

TEST(IncludeTable, AFolderWithoutARowMayIncludeNothing) {
  EXPECT_THAT(forbidden("sim/new/thing.h", "#include <vector>"), testing::SizeIs(1));
}

}  // namespace
}  // namespace greytick::architecture
