// Bytes that no honest writer made, or that a later version did.
#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "model/wire/codec.h"
#include "tests/model/wire/peer.h"
#include "tests/model/wire/values.h"

namespace greytick::wire {
namespace {

template <class T>
class Hostile : public testing::Test {};
using Variants = testing::Types<model::Frame, model::Record>;
TYPED_TEST_SUITE(Hostile, Variants);

template <class V>
Bytes sample(std::size_t kind) {
  return encoded(filled<V>(CountedNumbers(), kind));
}

// A copy of its own size, so that a sanitizer sees a read past it.
template <class V>
void expect_kept(std::span<const std::uint8_t> bytes) {
  const Bytes exact(bytes.begin(), bytes.end());
  EXPECT_EQ(broken_promise<V>(exact), "");
}

TYPED_TEST(Hostile, TruncatedAtEveryByteIsRefused) {
  for (std::size_t kind = 0; kind < std::variant_size_v<TypeParam>; ++kind) {
    SCOPED_TRACE(kind);
    const Bytes whole = sample<TypeParam>(kind);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      const auto read = decode<TypeParam>(part);
      ASSERT_FALSE(read.has_value()) << size;
      EXPECT_LE(read.error().offset, size);
      EXPECT_EQ(read.error().fault, size == 0 ? Fault::kMissing : Fault::kTruncated) << size;
    }
  }
}

TYPED_TEST(Hostile, AnyByteMayBecomeAnyOther) {
  for (std::size_t kind = 0; kind < std::variant_size_v<TypeParam>; ++kind) {
    SCOPED_TRACE(kind);
    Bytes bytes = sample<TypeParam>(kind);
    for (std::uint8_t& byte : bytes) {
      const std::uint8_t kept = byte;
      for (int other = 0; other < 256; ++other) {
        byte = static_cast<std::uint8_t>(other);
        ASSERT_EQ(broken_promise<TypeParam>(bytes), "") << &byte - bytes.data() << " " << other;
      }
      byte = kept;
    }
  }
}

RC_GTEST_PROP(HostileBytes, SplicesAndNoiseKeepThePromises, ()) {
  const auto frame = *rc::gen::inRange<std::size_t>(0, std::variant_size_v<model::Frame>);
  const auto other = *rc::gen::inRange<std::size_t>(0, std::variant_size_v<model::Frame>);
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  Bytes bytes = encoded(filled<model::Frame>(EdgyNumbers(seed), frame));
  const Bytes more = encoded(filled<model::Frame>(EdgyNumbers(seed + 1), other));
  const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size() + 1);
  bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), more.begin(), more.end());
  for (const auto& [where, what] :
       *rc::gen::arbitrary<std::vector<std::pair<std::uint16_t, std::uint8_t>>>()) {
    bytes[where % bytes.size()] = what;
  }
  RC_ASSERT(broken_promise<model::Frame>(bytes).empty());
  RC_ASSERT(broken_promise<model::Record>(bytes).empty());
}

TYPED_TEST(Hostile, ProtobufWritesAndReadsTheSame) {
  for (std::size_t kind = 0; kind < std::variant_size_v<TypeParam>; ++kind) {
    EXPECT_TRUE(rc::check("kind " + std::to_string(kind), [kind] {
      const std::uint64_t seed = *rc::gen::noShrink(rc::gen::arbitrary<std::uint64_t>());
      const Bytes bytes = encoded(filled<TypeParam>(EdgyNumbers(seed), kind));
      RC_ASSERT(decode<TypeParam>(bytes).has_value());
      RC_ASSERT(broken_promise<TypeParam>(bytes).empty());
    }));
  }
}

TEST(HostileBytes, FieldsOfALaterVersionAreSkipped) {
  model::Ack sent;
  sent.cursor = model::MailboxSeq(9);
  const model::Frame ack = sent;
  // Inside the ack and behind it: 100 as a varint, 101 as eight bytes, 102 as text, 103 as four.
  const Bytes later = {0xa0, 0x06, 0x05,                             //
                       0xa9, 0x06, 1,    2,   3,   4,   5, 6, 7, 8,  //
                       0xb2, 0x06, 3,    'n', 'e', 'w',              //
                       0xbd, 0x06, 1,    2,   3,   4};
  Bytes bytes = encoded(ack);
  bytes[1] = static_cast<std::uint8_t>(bytes[1] + later.size());
  bytes.insert(bytes.end(), later.begin(), later.end());
  bytes.insert(bytes.end(), later.begin(), later.end());
  const auto read = decode_frame(bytes);
  ASSERT_TRUE(read.has_value()) << describe(read.error());
  EXPECT_TRUE(same(*read, ack));
  expect_kept<model::Frame>(bytes);
}

// Whoever speaks version 2 says nothing; others name a number, and one of later is no error.
TEST(HostileBytes, AVersionIsANumberBelow256AndAbsentIs2) {
  model::Hello hello;
  hello.device = model::DeviceId(1);
  const Bytes plain = encoded(model::Frame(hello));
  const auto with = [&](Bytes version) {
    Bytes bytes = plain;
    bytes.push_back(0x38);  // field 7
    bytes.insert(bytes.end(), version.begin(), version.end());
    bytes[1] = static_cast<std::uint8_t>(bytes.size() - 2);
    return decode_frame(bytes);
  };
  const auto version_of = [](const Result<model::Frame>& frame) {
    return static_cast<int>(std::get<model::Hello>(*frame).version);
  };
  EXPECT_EQ(version_of(decode_frame(plain)), 2);
  EXPECT_EQ(version_of(with({1})), 1);
  EXPECT_EQ(version_of(with({2})), 2);
  EXPECT_EQ(version_of(with({3})), 3);
  hello.version = model::Version::k1;
  EXPECT_EQ(encoded(model::Frame(hello)).size(), plain.size() + 2);
  EXPECT_EQ(with({0x80, 0x02}).error(), (Error{Fault::kRange, plain.size() + 1, "version"}));
}

TEST(HostileBytes, AFrameOfALaterKindIsRefusedByName) {
  EXPECT_EQ(decode_frame(Bytes{0xa2, 0x06, 0}).error(), (Error{Fault::kMissing, 3, "body"}));
}

TEST(HostileBytes, EachFaultNamesTheByteTheFieldAndWhatWasExpected) {
  struct Case {
    const char* name;
    Bytes bytes;
    Error error;
  };
  const std::vector<Case> cases = {
      {"ends inside", {0x0a, 0x05, 0x08}, {Fault::kTruncated, 1, "hello"}},
      {"a length of 2 GiB", {0x0a, 0xff, 0xff, 0xff, 0xff, 0x07}, {Fault::kTruncated, 1, "hello"}},
      {"ends in a varint", {0x0a, 0x02, 0x18, 0x80}, {Fault::kTruncated, 3, "incarnation"}},
      {"65 bits",
       {0x0a, 0x0b, 0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02},
       {Fault::kVarint, 3, "incarnation"}},
      {"field zero", {0x02, 0x00}, {Fault::kTag, 0, "tag"}},
      {"a padded tag", {0x8a, 0x80, 0x80, 0x80, 0x80, 0x00, 0x00}, {Fault::kTag, 0, "tag"}},
      {"a padded length", {0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, {Fault::kVarint, 1, "hello"}},
      {"of another type", {0x0a, 0x02, 0x0a, 0x00}, {Fault::kWireType, 2, "device"}},
      {"a group", {0x0a, 0x02, 0x53, 0x54}, {Fault::kWireType, 3, "unknown field"}},
      {"a device of 33 bits",
       {0x0a, 0x06, 0x08, 0x80, 0x80, 0x80, 0x80, 0x10},
       {Fault::kRange, 3, "device"}},
      {"a cause that nobody knows", {0x52, 0x02, 0x20, 0x05}, {Fault::kRange, 3, "cause"}},
      {"a bool of 2",
       {0x8a, 0x01, 0x0a, 0x0a, 0x02, 0x08, 0x04, 0x12, 0x02, 0x08, 0x05, 0x20, 0x02},
       {Fault::kRange, 12, "gap"}},
      {"a code unspecified", {0x4a, 0x02, 0x20, 0x00}, {Fault::kRange, 3, "code"}},
      {"no code", {0x4a, 0x00}, {Fault::kMissing, 2, "code"}},
      {"an id of 3 bytes", {0x42, 0x05, 0x2a, 0x03, 1, 2, 3}, {Fault::kRange, 3, "id"}},
      {"proof too short", {0x42, 0x05, 0x3a, 0x03, 0x0a, 1, 7}, {Fault::kContent, 5, "sealed"}},
      {"no item",
       {0x82, 0x01, 0x08, 0x0a, 0x02, 0x08, 0x04, 0x12, 0x02, 0x08, 0x05},
       {Fault::kMissing, 11, "item"}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto read = decode_frame(c.bytes);
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error(), c.error) << describe(read.error());
  }
  EXPECT_EQ(describe({Fault::kVarint, 17, "position"}),
            "byte 17: position: expected a varint of at most 64 bits");
}

// Of a value the last holds, of a message the pieces make one: protobuf's own rules.
TEST(HostileBytes, WhatComesInPiecesIsOneAsInProtobuf) {
  model::SendMessage send;
  send.user = model::UserId(5);
  send.content = {.bytes = 10, .tag = {1, 2}};
  Bytes bytes = encoded(model::Frame(send));
  // The same SEND goes on: an empty content, another user, and a device in its stream.
  const Bytes more = {0x42, 0x08, 0x3a, 0x00, 0x10, 0x06, 0x0a, 0x02, 0x08, 0x07};
  bytes.insert(bytes.end(), more.begin(), more.end());
  send.user = model::UserId(6);
  send.stream.device = model::DeviceId(7);
  const auto read = decode_frame(bytes);
  ASSERT_TRUE(read.has_value()) << describe(read.error());
  EXPECT_TRUE(same(*read, send));
  expect_kept<model::Frame>(bytes);
  // Another kind behind it takes its place.
  bytes.insert(bytes.end(), {0x92, 0x01, 0x02, 0x08, 0x03});
  const auto ping = decode_frame(bytes);
  ASSERT_TRUE(ping.has_value()) << describe(ping.error());
  EXPECT_TRUE(same(*ping, model::Ping{model::DeviceId(3)}));
  expect_kept<model::Frame>(bytes);
}

TEST(HostileBytes, ContentBehindItsProofIsZeros) {
  model::SendMessage send;
  send.content = {.bytes = 40, .tag = {1, 2}};
  Bytes bytes = encoded(model::Frame(send));
  ASSERT_TRUE(decode_frame(bytes).has_value());
  bytes[bytes.size() - 2] = 1;
  EXPECT_EQ(decode_frame(bytes).error(), (Error{Fault::kContent, bytes.size() - 2, "sealed"}));
}

TEST(HostileBytes, MoreThanAMessageMayHaveIsNotLookedAt) {
  const Bytes bytes(kMaxBytes + 1, 0);
  EXPECT_EQ(decode_frame(bytes).error(), (Error{Fault::kTooLong, kMaxBytes, "message"}));
}

void put_varint(Bytes& bytes, std::size_t value) {
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<std::uint8_t>(value | 0x80));
  bytes.push_back(static_cast<std::uint8_t>(value));
}

// A fan-out to `count` recipients that say nothing: two bytes each, the dearest a byte can be.
Bytes empty_recipients(std::size_t count) {
  const auto wrap = [](std::uint8_t tag, const Bytes& inner, const Bytes& before = {}) {
    Bytes outer = before;
    outer.push_back(tag);
    put_varint(outer, inner.size());
    outer.insert(outer.end(), inner.begin(), inner.end());
    return outer;
  };
  Bytes list;
  for (std::size_t i = 0; i < count; ++i) list.insert(list.end(), {0x12, 0x00});
  const Bytes item = wrap(0x22, wrap(0x0a, list), {0x0a, 0x02, 0x08, 0x04, 0x12, 0x02, 0x08, 0x05});
  Bytes frame = {0x82, 0x01};
  put_varint(frame, item.size());
  frame.insert(frame.end(), item.begin(), item.end());
  return frame;
}

TEST(HostileBytes, MemoryTakenFollowsTheBytesGivenAndEndsAtTheLimit) {
  const Bytes bytes = empty_recipients(kMaxRecipients);
  const auto read = decode_frame(bytes);
  ASSERT_TRUE(read.has_value()) << describe(read.error());
  const auto& list = std::get<model::FanOut>(std::get<model::ChannelEntry>(*read).item).recipients;
  EXPECT_EQ(list.size(), kMaxRecipients);
  // An empty element takes two bytes, and a list that grew may hold 60 % more than it needs.
  EXPECT_LE(10 * list.capacity() * sizeof(model::Recipient),
            8 * sizeof(model::Recipient) * bytes.size());
  const auto refused = decode_frame(empty_recipients(kMaxRecipients + 1));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().fault, Fault::kLimit);
  EXPECT_EQ(refused.error().field, "recipients");
}

}  // namespace
}  // namespace greytick::wire
