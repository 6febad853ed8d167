// What a frame costs as bytes: counting them, which every frame sent pays, and making and reading
// them, which `wire: encoded` and a real server pay.

#include <cstdint>

#include <benchmark/benchmark.h>

#include "model/check.h"
#include "model/wire/codec.h"

namespace greytick::wire {
namespace {

// Numbers of an ordinary size: varints of one byte would flatter.
constexpr model::DeviceId kDevice(600'000);
constexpr model::Incarnation kFirst(1);
constexpr model::ConversationId kTalk(900'000);

model::Message message() {
  model::Message m;
  m.stream = {kDevice, kFirst, kTalk};
  m.sender = model::UserId(600'000);
  m.cseq = model::ClientSeq(40);
  m.position = model::LogPos(80);
  m.id = {1'700'000'000ULL << 16, 0x8123'4567'89ab'cdefULL};
  m.dep = model::LogPos(79);
  m.accepted_at = model::from_ns(40'000'000'000);
  m.content = {.bytes = 280, .tag = {0x1122'3344'5566'7788ULL, 0x99aa'bbcc'ddee'ff00ULL}};
  return m;
}

model::Frame frame(std::int64_t kind) {
  switch (kind) {
    case 0:
      return model::Ack{kDevice, model::UserId(600'000), kFirst, model::SessionEpoch(3),
                        model::MailboxSeq(60)};
    case 1:
      return model::Data{kDevice, model::SessionEpoch(3), model::MailboxSeq(60),
                         model::Cause::kNone, message()};
    default: {
      model::FanOut item;
      item.message = message();
      item.recipients.push_back({model::UserId(700'000), model::DeviceId(700'000), kFirst});
      return model::ChannelEntry{{model::Role::kConversation, 7, {}},
                                 {model::Role::kMailbox, 9, {}},
                                 model::ChannelSeq(5000),
                                 item};
    }
  }
}

void count(benchmark::State& state) {
  const model::Frame f = frame(state.range(0));
  for ([[maybe_unused]] auto _ : state) {
    // As if it changed: the count is not of a constant.
    benchmark::DoNotOptimize(&f);
    benchmark::DoNotOptimize(encoded_size(f));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(count)->ArgName("ack_data_fan_out")->DenseRange(0, 2);

void there_and_back(benchmark::State& state) {
  const model::Frame f = frame(state.range(0));
  Bytes bytes;
  for ([[maybe_unused]] auto _ : state) {
    CHECK(encode(f, bytes).has_value());
    benchmark::DoNotOptimize(decode_frame(bytes));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(there_and_back)->ArgName("ack_data_fan_out")->DenseRange(0, 2);

}  // namespace
}  // namespace greytick::wire
