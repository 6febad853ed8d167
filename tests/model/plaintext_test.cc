// A plaintext can be told from everything else, and does not leave by itself.
#include "model/plaintext.h"

#include <cstring>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

namespace greytick::model {
namespace {

constexpr PayloadKey kKey{42};
constexpr StreamId kStream{DeviceId(7), Incarnation(1), ConversationId(9)};

static_assert(!std::is_copy_constructible_v<Plaintext>);
static_assert(!std::is_copy_assignable_v<Plaintext>);
static_assert(std::is_nothrow_move_constructible_v<Plaintext>);

std::vector<std::uint8_t> noise(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::uint8_t>(payload_internal::mix(i) >> 17);
  }
  return bytes;
}

void put(std::vector<std::uint8_t>& bytes, std::size_t at, std::uint64_t word) {
  for (std::size_t i = 0; i < 8; ++i) bytes[at + i] = static_cast<std::uint8_t>(word >> (8 * i));
}

TEST(Plaintext, ItsCanaryIsFoundAtAnyOffsetAndOnlyUnderItsKey) {
  const Plaintext text(kKey, kStream, ClientSeq(3), 100);
  for (std::size_t at = 0; at <= 48; ++at) {
    std::vector<std::uint8_t> bytes = noise(64);
    put(bytes, at, text.canary().first);
    put(bytes, at + 8, text.canary().second);
    EXPECT_EQ(find_canary(bytes, kKey), at);
    EXPECT_EQ(find_canary(bytes, PayloadKey{43}), std::nullopt);
  }
}

TEST(Plaintext, EachHasACanaryOfItsOwn) {
  const Plaintext one(kKey, kStream, ClientSeq(3), 100);
  const Plaintext next(kKey, kStream, ClientSeq(4), 100);
  EXPECT_NE(one.canary().first, next.canary().first);
}

TEST(Plaintext, SealedItHasNone) {
  const Ciphertext sealed =
      seal(kKey, kStream, ClientSeq(3), Plaintext(kKey, kStream, ClientSeq(3), 100));
  EXPECT_TRUE(proves(sealed, kKey, kStream, ClientSeq(3)));
  std::vector<std::uint8_t> bytes(16);
  std::memcpy(bytes.data(), sealed.tag, 16);
  EXPECT_EQ(find_canary(bytes, kKey), std::nullopt);
}

TEST(Plaintext, TheListThatItIsSealedForIsProvedWithIt) {
  const Ciphertext first = seal(kKey, kStream, ClientSeq(3), 100);
  EXPECT_EQ(sealed_for(first, kKey, kStream, ClientSeq(3)), LogPos{});
  Ciphertext again = seal(kKey, kStream, ClientSeq(3), 100, LogPos(12));
  EXPECT_EQ(sealed_for(again, kKey, kStream, ClientSeq(3)), LogPos(12));
  EXPECT_TRUE(proves(again, kKey, kStream, ClientSeq(3)));
  EXPECT_FALSE(proves(again, kKey, kStream, ClientSeq(4)));
  ++again.tag[1];  // a list that it was not sealed for
  EXPECT_FALSE(proves(again, kKey, kStream, ClientSeq(3)));
}

TEST(Plaintext, NoiseAndShortBytesHaveNone) {
  EXPECT_EQ(find_canary(noise(100'000), kKey), std::nullopt);
  EXPECT_EQ(find_canary({}, kKey), std::nullopt);
  EXPECT_EQ(find_canary(noise(15), kKey), std::nullopt);
}

}  // namespace
}  // namespace greytick::model
