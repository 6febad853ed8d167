#include "sim/memory/paged_array.h"

#include <map>

#include <gtest/gtest.h>

namespace greytick::memory {
namespace {

TEST(PagedArray, HoldsWhatWasPutThereAndZeroElsewhere) {
  PagedArray<int> array;
  array[3] = 30;
  array[70'000] = 7;
  EXPECT_EQ(array[3], 30);
  EXPECT_EQ(array[70'000], 7);
  EXPECT_EQ(array[4], 0);
  EXPECT_EQ(array[69'999], 0);
}

TEST(PagedArray, ElementsDoNotMove) {
  PagedArray<int> array;
  const int* first = &array[0];
  for (std::size_t i = 0; i < 100'000; i += 100) array[i] = 1;
  EXPECT_EQ(&array[0], first);
}

TEST(PagedArray, FindsNothingWhereNothingWasTouchedNearby) {
  PagedArray<int> array;
  EXPECT_EQ(array.find(0), nullptr);
  array[5'000] = 1;
  ASSERT_NE(array.find(5'000), nullptr);
  EXPECT_EQ(*array.find(5'000), 1);
  EXPECT_EQ(array.find(0), nullptr);
  EXPECT_EQ(array.find(1'000'000), nullptr);
}

TEST(PagedArray, VisitsAscendingEachOnce) {
  PagedArray<int> array;
  array[9'000] = 9;
  array[1] = 1;
  std::map<std::size_t, int> seen;
  std::size_t before = 0;
  array.each([&](std::size_t index, int value) {
    EXPECT_TRUE(seen.empty() || index > before);
    before = index;
    EXPECT_TRUE(seen.emplace(index, value).second);
  });
  EXPECT_EQ(seen.at(1), 1);
  EXPECT_EQ(seen.at(9'000), 9);
  EXPECT_EQ(seen.at(2), 0);
}

}  // namespace
}  // namespace greytick::memory
