#include "sim/engine/fingerprint.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace greytick::engine {
namespace {

TEST(Mix64, IsTheFinaliserOfSplitMix64) {
  // The first three outputs of SplitMix64 from state 0 (the reference generator by Vigna).
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;
  EXPECT_EQ(mix64(1 * kGolden), 0xE220A8397B1DCDAFU);
  EXPECT_EQ(mix64(2 * kGolden), 0x6E789E6AA1B965F4U);
  EXPECT_EQ(mix64(3 * kGolden), 0x06C45D188009454FU);
}

TEST(Chain, EachInputBitFlipsAboutHalfOfTheDigest) {
  constexpr int kWords = 512;
  for (int bit = 0; bit < 64; ++bit) {
    int flipped = 0;
    for (std::uint64_t word = 0; word < kWords; ++word) {
      Chain a(1);
      Chain b(1);
      a.absorb(word, 5U);
      b.absorb(word ^ (std::uint64_t{1} << bit), 5U);
      flipped += std::popcount(a.digest() ^ b.digest());
    }
    // 512 x 64 fair coins: mean 16384, standard deviation 90; six of them.
    EXPECT_NEAR(flipped, kWords * 32, 540) << "bit " << bit;
  }
}

TEST(Chain, DependsOnOrderLengthAndProcess) {
  std::unordered_set<std::uint64_t> digests;
  const auto digest = [](std::uint64_t lp, const std::vector<std::uint64_t>& words) {
    Chain chain(lp);
    for (const std::uint64_t word : words) {
      chain.absorb(word);
    }
    return chain.digest();
  };
  digests.insert(digest(0, {}));
  digests.insert(digest(0, {0}));
  digests.insert(digest(0, {0, 0}));
  digests.insert(digest(0, {1, 2}));
  digests.insert(digest(0, {2, 1}));
  digests.insert(digest(1, {1, 2}));
  digests.insert(digest(1, {}));
  EXPECT_EQ(digests.size(), 7U);
}

TEST(Chain, AbsorbingGoesOnAfterADigest) {
  Chain once(3);
  once.absorb(1, 2, 3);
  Chain twice(3);
  twice.absorb(1);
  const std::uint64_t early = twice.digest();
  twice.absorb(2, 3);
  EXPECT_EQ(twice.digest(), once.digest());
  EXPECT_NE(early, once.digest());
  EXPECT_EQ(once.words(), 3U);
}

RC_GTEST_PROP(Fingerprint, IsTheSameForAnyOrderAndAnySplit,
              (std::vector<std::uint64_t> words, std::size_t cut)) {
  Fingerprint whole;
  std::vector<Chain> chains;
  for (std::size_t lp = 0; lp < words.size(); ++lp) {
    chains.emplace_back(lp).absorb(words[lp]);
    whole.add(chains.back());
  }
  std::reverse(chains.begin(), chains.end());
  Fingerprint left;
  Fingerprint right;
  for (std::size_t i = 0; i < chains.size(); ++i) {
    (i < cut % (chains.size() + 1) ? left : right).add(chains[i]);
  }
  left.add(right);
  RC_ASSERT(left == whole);
}

TEST(ToHex, PrintsSixteenDigitsMostSignificantFirst) {
  EXPECT_EQ(to_hex(0), "0000000000000000");
  EXPECT_EQ(to_hex(0x0123456789abcdefU), "0123456789abcdef");
}

}  // namespace
}  // namespace greytick::engine
