#include "sim/memory/index_table.h"

#include <map>

#include <gtest/gtest.h>

#include "sim/engine/fingerprint.h"
#include "sim/engine/random.h"

namespace greytick::memory {
namespace {

struct Mixed {
  std::uint64_t operator()(std::uint64_t key) const { return engine::mix64(key); }
};
// Few homes, so that runs of cells are long and wrap around the end.
struct Crowded {
  std::uint64_t operator()(std::uint64_t key) const { return 0xffff'fff0U + key % 3; }
};

template <class Hash>
void behaves_like_a_map(std::uint64_t keys, int steps) {
  engine::Stream draw(5, engine::Purpose::kTest, keys);
  IndexTable<std::uint64_t, std::uint64_t, Hash> table;
  std::map<std::uint64_t, std::uint64_t> expected;
  for (int step = 0; step < steps; ++step) {
    const std::uint64_t key = draw.uniform_below(keys);
    const auto it = expected.find(key);
    if (it == expected.end()) {
      const std::uint64_t value = draw.next_u64();
      table.insert(key, std::uint64_t{value});
      expected[key] = value;
    } else if (draw.bernoulli(0.5)) {
      table.erase(key);
      expected.erase(it);
    }
    ASSERT_EQ(table.size(), expected.size());
    if (step % 64 != 0) continue;
    for (std::uint64_t k = 0; k < keys; ++k) {
      const std::uint64_t* found = table.find(k);
      const auto e = expected.find(k);
      ASSERT_EQ(found != nullptr, e != expected.end()) << k;
      if (found != nullptr) {
        ASSERT_EQ(*found, e->second);
      }
    }
  }
}

TEST(IndexTable, BehavesLikeAMap) { behaves_like_a_map<Mixed>(500, 20'000); }

TEST(IndexTable, BehavesLikeAMapWhenAllKeysShareAFewHomes) {
  behaves_like_a_map<Crowded>(60, 5'000);
}

TEST(IndexTable, RowsStayWhereTheyAreWhileTheTableGrows) {
  IndexTable<std::uint64_t, std::uint64_t, Mixed> table;
  std::uint64_t* first = &table.insert(0, 7);
  for (std::uint64_t key = 1; key < 10'000; ++key) table.insert(key, std::uint64_t{key});
  EXPECT_EQ(table.find(0), first);
  EXPECT_EQ(*first, 7);
}

}  // namespace
}  // namespace greytick::memory
