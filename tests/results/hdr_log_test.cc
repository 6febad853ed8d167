#include "sim/results/hdr_log.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace greytick::results {
namespace {

std::uint32_t word_at(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  return (std::uint32_t{bytes[at]} << 24) | (std::uint32_t{bytes[at + 1]} << 16) |
         (std::uint32_t{bytes[at + 2]} << 8) | bytes[at + 3];
}

TEST(Base64, KnowsTheVectorsOfRfc4648) {
  EXPECT_EQ(base64({}), "");
  EXPECT_EQ(base64({'f'}), "Zg==");
  EXPECT_EQ(base64({'f', 'o'}), "Zm8=");
  EXPECT_EQ(base64({'f', 'o', 'o', 'b', 'a', 'r'}), "Zm9vYmFy");
}

TEST(HdrLog, AnEncodedHistogramHasItsCookiesAndCounts) {
  Histogram h;
  h.record(2);
  h.record(4, 300);
  const std::vector<std::uint8_t> bytes = encode_v2(h);
  EXPECT_EQ(word_at(bytes, 0), 0x1c849314U);
  EXPECT_EQ(word_at(bytes, 4), bytes.size() - 8);
  // The envelope, zlib's two bytes and a stored block's five.
  EXPECT_EQ(bytes[8], 0x78);
  EXPECT_EQ(word_at(bytes, 15), 0x1c849313U);
  EXPECT_EQ(word_at(bytes, 19), 5U);
  // Two zeros, one, one zero, three hundred: -2, 1, -1, 300 in zigzag.
  const std::vector<std::uint8_t> counts(bytes.begin() + 55, bytes.begin() + 60);
  EXPECT_EQ(counts, (std::vector<std::uint8_t>{3, 2, 1, 0xd8, 0x04}));
}

TEST(HdrLog, OneLineAHistogramWithItsTag) {
  Histogram h;
  h.record(3'000'000);
  const std::string log = hdr_log({{.tag = "e2e", .histogram = &h}}, 600.0);
  EXPECT_NE(log.find("\nTag=e2e,0.000,600.000,3.000,HISTF"), std::string::npos);
}

}  // namespace
}  // namespace greytick::results
