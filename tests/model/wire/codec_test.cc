// What writing promises, and that reading brings it back.
#include "model/wire/codec.h"

#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "model/wire/message.h"
#include "tests/model/wire/values.h"

namespace greytick::wire {
namespace {

template <class T>
class Codec : public testing::Test {};
using Variants = testing::Types<model::Frame, model::Record>;
TYPED_TEST_SUITE(Codec, Variants);

// As many members as fields, in every message below V.
template <class T>
constexpr bool covered() {
  if constexpr (IsVariant<T>) {
    return std::apply([]<class... A>(const A&...) { return (covered<typename A::Held>() && ...); },
                      Schema<T>::kAlternatives);
  } else if constexpr (HasSchema<T>) {
    return boost::pfr::tuple_size_v<T> ==
               std::tuple_size_v<std::remove_const_t<decltype(Schema<T>::kFields)>> &&
           std::apply(
               []<class... F>(const F&...) { return (covered<typename F::Member>() && ...); },
               Schema<T>::kFields);
  } else {
    return true;
  }
}
static_assert(covered<model::Frame>());
static_assert(covered<model::Record>());
static_assert(covered<model::Recipient>());
static_assert(covered<model::FailedInterval>());

TYPED_TEST(Codec, BringsEveryKindBackAndTakesTheBytesItCounted) {
  for (std::size_t kind = 0; kind < std::variant_size_v<TypeParam>; ++kind) {
    EXPECT_TRUE(rc::check("kind " + std::to_string(kind), [kind] {
      const std::uint64_t seed = *rc::gen::noShrink(rc::gen::arbitrary<std::uint64_t>());
      const auto value = filled<TypeParam>(EdgyNumbers(seed), kind);
      Bytes bytes;
      RC_ASSERT(encode(value, bytes).has_value());
      RC_ASSERT(bytes.size() == encoded_size(value));
      const auto back = decode<TypeParam>(bytes);
      RC_ASSERT(back.has_value());
      RC_ASSERT(same(value, *back));
      RC_ASSERT(encoded(*back) == bytes);
    }));
  }
}

TYPED_TEST(Codec, LeavesOutWhatIsZero) {
  for (std::size_t kind = 0; kind < std::variant_size_v<TypeParam>; ++kind) {
    struct Zeros {
      std::uint64_t number(std::uint64_t) { return 0; }
      std::size_t elements() { return 0; }
      std::uint32_t content_bytes() { return 0; }
    };
    SCOPED_TRACE(kind);
    const auto value = filled<TypeParam>(Zeros(), kind);
    const Bytes bytes = encoded(value);
    EXPECT_LE(bytes.size(), 18u);  // A channel entry: two addresses and an item are always there.
    const auto back = decode<TypeParam>(bytes);
    ASSERT_TRUE(back.has_value()) << describe(back.error());
    EXPECT_TRUE(same(value, *back));
  }
}

model::Frame with_content(std::uint32_t bytes) {
  model::SendMessage send;
  send.content = {.bytes = bytes, .tag = {0x1122334455667788, 0x99}};
  return send;
}

model::Frame with_failures(std::size_t count) {
  model::RegisterUpdate update;
  update.value.failed.resize(count);
  model::ChannelEntry entry;
  entry.item = update;
  return entry;
}

TEST(CodecOf, ReadsAbsentNumbersAsZeroAndNotAsTheDefaultOfTheStruct) {
  model::SendReply sent;
  sent.code = model::ReplyCode::kSent;
  const auto back = decode_frame(encoded(model::Frame(sent)));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(std::get<model::SendReply>(*back).code, model::ReplyCode::kSent);
}

TEST(CodecOf, ContentTakesItsStatedLengthAndCarriesItsProof) {
  for (const std::uint32_t bytes : {0u, 1u, 15u, 16u, 17u, 127u, 128u, 65536u}) {
    SCOPED_TRACE(bytes);
    const auto back = decode_frame(encoded(with_content(bytes)));
    ASSERT_TRUE(back.has_value()) << describe(back.error());
    EXPECT_TRUE(same(*back, with_content(bytes)));
  }
  EXPECT_EQ(encoded_size(with_content(1016)) - encoded_size(with_content(1000)), 16u);
}

TEST(CodecOf, WritesNothingBeyondItsLimits) {
  Bytes bytes = {1, 2, 3};
  EXPECT_EQ(encode(with_content(kMaxContentBytes + 1), bytes).error(),
            (Error{Fault::kLimit, 0, "content"}));
  EXPECT_EQ(encode(with_failures(kMaxFailedIntervals + 1), bytes).error(),
            (Error{Fault::kLimit, 0, "failed"}));
  EXPECT_EQ(bytes, (Bytes{1, 2, 3}));
  const model::Frame full = with_failures(kMaxFailedIntervals);
  const auto back = decode_frame(encoded(full));
  ASSERT_TRUE(back.has_value()) << describe(back.error());
  EXPECT_TRUE(same(full, *back));
}

// The windows in bytes count a DATA by a round number: more than it takes, and not by much.
TEST(CodecOf, ADataOfALongRunTakesALittleLessThanItsWindowCounts) {
  const model::StreamId stream{model::DeviceId(1'000'000), model::Incarnation(1000),
                               model::ConversationId(100'000'000)};
  for (const std::uint32_t bytes : {0u, 160u, 280u, 65536u}) {
    SCOPED_TRACE(bytes);
    model::Message m{stream,
                     model::UserId(1'000'000),
                     {},
                     {},
                     1'000,
                     model::MemberNumber(10'000),
                     model::ClientSeq(100'000),
                     model::LogPos(200'000),
                     {1, 1},
                     model::LogPos(199'999),
                     model::from_ns(std::int64_t{7} * 86'400 * 1'000'000'000),
                     {.bytes = bytes, .tag = {1, 1}}};
    const model::Frame data = model::Data{stream.device, model::SessionEpoch(10'000),
                                          model::MailboxSeq(1'000'000), model::Cause::kNone, m};
    EXPECT_LE(encoded_size(data), model::data_bytes(m));
    EXPECT_GE(encoded_size(data) + 30, model::data_bytes(m));
  }
}

// ---------------------------------------------------------------- known answers

std::string hex(const Bytes& bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    constexpr const char* kDigits = "0123456789abcdef";
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// "Frame hello" to the bytes of its block; tests/model/wire/golden_test.sh holds text against
// bytes.
std::map<std::string, std::string> golden_blocks() {
  std::ifstream file("tests/model/wire/testdata/golden.txt");
  std::map<std::string, std::string> blocks;
  std::string name;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string first;
    std::string second;
    words >> first >> second;
    if (first == "is") name = second + " ";
    if (first == "kind") name += second;
    if (first == "bytes") blocks[name] = second;
  }
  return blocks;
}

template <class V>
void expect_golden(const std::string& message) {
  const auto blocks = golden_blocks();
  std::size_t kind = 0;
  const auto expect_block = [&](const char* name) {
    const std::string bytes = hex(encoded(filled<V>(CountedNumbers(), kind++)));
    const auto block = blocks.find(message + " " + name);
    ASSERT_NE(block, blocks.end()) << message << " " << name << " " << bytes;
    EXPECT_EQ(block->second, bytes) << name;
  };
  std::apply([&](const auto&... a) { (expect_block(a.name), ...); }, Schema<V>::kAlternatives);
}

TEST(Golden, EveryFrameHasTheBytesThatProtocGivesIt) { expect_golden<model::Frame>("Frame"); }
TEST(Golden, EveryRecordHasTheBytesThatProtocGivesIt) { expect_golden<model::Record>("Record"); }
TEST(Golden, FramesAreNamedAsInTraces) {
  const auto expect_name = []<class T>(const Alternative<T>& a) {
    EXPECT_EQ(a.name, model::frame_name(model::Frame(T{})));
  };
  std::apply([&](const auto&... a) { (expect_name(a), ...); }, Schema<model::Frame>::kAlternatives);
}

}  // namespace
}  // namespace greytick::wire
