#include "sim/engine/random.h"

#include <array>
#include <cstdint>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "sim/engine/philox.h"

namespace greytick::engine {
namespace {

TEST(Philox, GivesThePublishedKnownAnswers) {
  // Lines "philox4x32 10" of kat_vectors in Random123 1.14.0.
  using Block = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox4x32_10({0, 0, 0, 0}, {0, 0}),
            (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(
      philox4x32_10({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
      (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(
      philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
      (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Stream, DrawIsTheFirstHalfOfItsBlock) {
  // Seed, purpose, entity and position all zero are the zero key and counter of the vectors above.
  EXPECT_EQ(Stream(0, Purpose::kLinkDelay, 0).next_u64(), 0xe169c58d'6627e8d5U);
}

TEST(Stream, SeedPurposeEntityAndPositionAllMatter) {
  std::set<std::uint64_t> draws;
  for (const std::uint64_t word : {std::uint64_t{1}, std::uint64_t{1} << 32}) {
    draws.insert(Streams(word).stream(Purpose::kLinkDelay, 0).next_u64());
    draws.insert(Streams(0).stream(Purpose::kLinkDelay, word).next_u64());
    draws.insert(Streams(0).stream(Purpose::kLinkDelay, 0, word).next_u64());
  }
  draws.insert(Streams(0).stream(Purpose::kLoss, 0).next_u64());
  // A word cut to its low half would repeat this one.
  draws.insert(Streams(0).stream(Purpose::kLinkDelay, 0).next_u64());
  EXPECT_EQ(draws.size(), 8U);
}

TEST(Stream, CanBeTakenUpAgainAtItsPosition) {
  const Streams streams(2024);
  Stream whole = streams.stream(Purpose::kRead, 77);
  std::vector<std::uint64_t> draws;
  draws.reserve(10);
  for (int i = 0; i < 10; ++i) {
    draws.push_back(whole.next_u64());
  }
  for (std::uint64_t position = 0; position < draws.size(); ++position) {
    Stream resumed = streams.stream(Purpose::kRead, 77, position);
    EXPECT_EQ(resumed.next_u64(), draws[position]);
    EXPECT_EQ(resumed.position(), position + 1);
  }
}

TEST(Stream, OneMoreDrawForOneEntityMovesNobodyElse) {
  const Streams streams(1);
  Stream alice = streams.stream(Purpose::kBackoff, 1);
  Stream bob = streams.stream(Purpose::kBackoff, 2);
  const std::uint64_t expected = streams.stream(Purpose::kBackoff, 2).next_u64();
  alice.next_u64();
  EXPECT_EQ(bob.next_u64(), expected);
}

TEST(Stream, UniformBelowFillsItsCellsEvenly) {
  Stream stream(7, Purpose::kTest, 1);
  constexpr int kCells = 10;
  constexpr int kDraws = 100'000;
  constexpr double kExpected = 1.0 * kDraws / kCells;
  std::array<int, kCells> counts{};
  for (int i = 0; i < kDraws; ++i) {
    ++counts.at(stream.uniform_below(kCells));
  }
  double chi_squared = 0;
  for (const int count : counts) {
    const double off = count - kExpected;
    chi_squared += off * off / kExpected;
  }
  EXPECT_LT(chi_squared, 27.9) << "0.999 quantile with 9 degrees of freedom";
}

TEST(Stream, UniformBelowRejectsWhatWouldBias) {
  // 3 * 2^62 of the 2^64 draws can be used: a plain multiply would map them to floor(3 x / 4),
  // which gives half of the mass to multiples of three.
  Stream stream(7, Purpose::kTest, 2);
  constexpr std::uint64_t kBound = 3 * (std::uint64_t{1} << 62);
  constexpr int kDraws = 30'000;
  std::array<int, 3> residues{};
  for (int i = 0; i < kDraws; ++i) {
    ++residues.at(stream.uniform_below(kBound) % 3);
  }
  EXPECT_GT(stream.position(), static_cast<std::uint64_t>(kDraws) * 13 / 10)
      << "a quarter is rejected";
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(residues.at(static_cast<std::size_t>(i)), kDraws / 3.0, 410) << "five deviations";
  }
}

TEST(Stream, UniformBetweenReachesBothEndsAndTheWholeRange) {
  Stream stream(7, Purpose::kTest, 3);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 200; ++i) {
    seen.insert(stream.uniform_between(-2, 2));
  }
  EXPECT_EQ(seen, (std::set<std::int64_t>{-2, -1, 0, 1, 2}));
  bool negative = false;
  bool positive = false;
  for (int i = 0; i < 64; ++i) {
    const std::int64_t any = stream.uniform_between(INT64_MIN, INT64_MAX);
    negative = negative || any < 0;
    positive = positive || any > 0;
  }
  EXPECT_TRUE(negative && positive);
}

TEST(Stream, UniformRealsStayInTheirIntervals) {
  Stream stream(7, Purpose::kTest, 4);
  double sum = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double closed = stream.uniform01();
    const double open = stream.uniform_open();
    ASSERT_TRUE(closed >= 0.0 && closed < 1.0);
    ASSERT_TRUE(open > 0.0 && open < 1.0);
    sum += closed + open;
  }
  // Standard deviation of the mean of 2e5 uniforms: 0.00065.
  EXPECT_NEAR(sum / (2 * kDraws), 0.5, 0.003);
}

TEST(Stream, BernoulliIsExactAtTheEndsAndFairBetween) {
  Stream stream(7, Purpose::kTest, 5);
  int hits = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    ASSERT_FALSE(stream.bernoulli(0.0));
    ASSERT_TRUE(stream.bernoulli(1.0));
    hits += stream.bernoulli(0.01) ? 1 : 0;
  }
  EXPECT_NEAR(hits, 1000, 160) << "five standard deviations";
}

TEST(StreamDeathTest, RefusesNonsense) {
  Stream stream(7, Purpose::kTest, 6);
  EXPECT_DEATH(stream.uniform_below(0), "bound > 0");
  EXPECT_DEATH(stream.uniform_between(1, 0), "first <= last");
  EXPECT_DEATH(stream.bernoulli(1.5), "probability <= 1.0");
  EXPECT_DEATH(stream.bernoulli(-0.1), "probability >= 0.0");
}

}  // namespace
}  // namespace greytick::engine
