#include "sim/memory/sorted_blocks.h"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/engine/random.h"

namespace greytick::memory {
namespace {

using Rows = std::vector<std::pair<std::uint64_t, int>>;

Rows from(const SortedBlocks<std::uint64_t, int>& blocks, std::uint64_t first,
          std::size_t limit = ~0UL) {
  Rows rows;
  if (limit == 0) return rows;
  blocks.each_from(first, [&](std::uint64_t key, int value) {
    rows.emplace_back(key, value);
    return rows.size() < limit;
  });
  return rows;
}

TEST(SortedBlocks, ANewOneIsEmpty) {
  SortedBlocks<std::uint64_t, int> blocks;
  EXPECT_EQ(blocks.size(), 0U);
  EXPECT_EQ(blocks.find(7), nullptr);
  EXPECT_TRUE(from(blocks, 0).empty());
}

TEST(SortedBlocks, WalksInOrderFromAnyKeyAndStopsWhenTold) {
  SortedBlocks<std::uint64_t, int> blocks;
  for (const std::uint64_t key : {30, 10, 20}) blocks.insert(key, static_cast<int>(key) + 1);
  EXPECT_EQ(from(blocks, 0), (Rows{{10, 11}, {20, 21}, {30, 31}}));
  EXPECT_EQ(from(blocks, 11), (Rows{{20, 21}, {30, 31}}));
  EXPECT_EQ(from(blocks, 0, 2), (Rows{{10, 11}, {20, 21}}));
  EXPECT_TRUE(from(blocks, 31).empty());
}

TEST(SortedBlocks, RefusesWhatWouldBreakIt) {
  SortedBlocks<std::uint64_t, int> blocks;
  EXPECT_DEATH(blocks.erase(1), "");
  blocks.insert(1, 1);
  EXPECT_DEATH(blocks.insert(1, 2), "");
  EXPECT_DEATH(blocks.erase(2), "");
}

// Held against std::map, over sizes that split and join blocks many times.
TEST(SortedBlocks, IsAMap) {
  engine::Stream draws(1, engine::Purpose::kTest, 0);
  SortedBlocks<std::uint64_t, int> blocks;
  std::map<std::uint64_t, int> map;
  for (int step = 0; step < 40'000; ++step) {
    const std::uint64_t key = draws.uniform_below(3'000);
    // It grows in the first half, and shrinks in the second.
    const bool grow = draws.uniform_below(100) < (step < 20'000 ? 70U : 20U);
    if (grow && !map.contains(key)) {
      blocks.insert(key, int{step});
      map.emplace(key, step);
    } else if (!grow && map.contains(key)) {
      blocks.erase(key);
      map.erase(key);
    }
    const std::uint64_t asked = draws.uniform_below(3'000);
    const auto it = map.find(asked);
    const int* found = blocks.find(asked);
    ASSERT_EQ(found == nullptr, it == map.end());
    if (found != nullptr) {
      ASSERT_EQ(*found, it->second);
    }
    ASSERT_EQ(blocks.size(), map.size());
    if (step % 500 == 0) {
      ASSERT_EQ(from(blocks, asked), Rows(map.lower_bound(asked), map.end()));
    }
  }
  EXPECT_LT(map.size(), 1'000U);
}

}  // namespace
}  // namespace greytick::memory
