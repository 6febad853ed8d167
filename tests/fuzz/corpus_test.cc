// What fuzzing starts from, and what it once found, as an ordinary test.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include <gtest/gtest.h>

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it by this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace greytick::wire {
namespace {

std::vector<std::filesystem::path> corpus() {
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator("tests/fuzz/corpus/wire")) {
    files.push_back(file.path());
  }
  std::ranges::sort(files);
  return files;
}

TEST(FuzzCorpus, EveryInputKeepsThePromisesWholeAndTruncated) {
  const auto files = corpus();
  EXPECT_GE(files.size(), 47u);  // one for each kind of frame and record
  for (const auto& path : files) {
    SCOPED_TRACE(path.string());
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
    ASSERT_FALSE(text.empty());
    for (std::size_t size = 0; size <= text.size(); ++size) {
      // Of its own size, so that a sanitizer sees a read past the end.
      const std::vector<std::uint8_t> bytes(text.begin(),
                                            text.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_EQ(LLVMFuzzerTestOneInput(bytes.data(), bytes.size()), 0);
    }
  }
}

}  // namespace
}  // namespace greytick::wire
