// What one step of a role costs, store and driver apart: the views are loaded beforehand where a
// step leaves nothing behind, and by the least driver there is where it does.

#include <cstdint>

#include <benchmark/benchmark.h>

#include "model/conversation_shard.h"
#include "model/gateway.h"
#include "tests/model/step.h"

namespace greytick::model {
namespace {

constexpr ConversationId kTalk(7);
constexpr Recipient kAlice{UserId(0), DeviceId(10), Incarnation(1)};
constexpr Recipient kBob{UserId(1), DeviceId(11), Incarnation(1)};
constexpr Address kGateway{Role::kGateway, 0, ConnectionId{}};
constexpr Placement kPlacement{};

SendMessage message(std::uint64_t cseq) {
  SendMessage send{};
  send.stream = {kAlice.device, Incarnation(1), kTalk};
  send.user = kAlice.user;
  send.cseq = ClientSeq(cseq);
  send.acked = ClientSeq(cseq - 1);
  send.id = {1, cseq};
  send.content.bytes = 200;
  return send;
}

Bench<ConversationShard> conversation_shard() {
  ConversationShard::State state;
  state.placement = kPlacement;
  state.self = kPlacement.conversation_shard(kTalk);
  Bench<ConversationShard> bench(state);
  bench.store.put(conversation_key(kTalk), Conversation{LogPos{}, 1});
  bench.store.put(member_key(kTalk, kAlice.device), Member{kAlice});
  bench.store.put(member_key(kTalk, kBob.device), Member{kBob});
  bench.step(Start{});
  return bench;
}

// Commit and fan-out; the step alone, on a store that stays before its first message.
void conversation_send(benchmark::State& state) {
  Bench<ConversationShard> bench = conversation_shard();
  const Input input = Arrive{kGateway, message(1)};
  ReadSet reads = ConversationShard::keys_of(bench.state, input);
  reads.keys.push_back(channel_out_key(kPlacement.mailbox_shard(kBob.user)));
  View view;
  Outputs out;
  const ConversationShard::State before = bench.state;
  for ([[maybe_unused]] auto _ : state) {
    bench.state = before;
    view.reset();
    out.clear();
    bench.store.load(reads, view);
    const Step step = ConversationShard::handle(bench.state, {}, input, view, out);
    CHECK(step == Step::kDone);
    benchmark::DoNotOptimize(out.list.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(conversation_send);

// The same with its writes, and the ack that trims the channel: what one message costs the shard.
void conversation_message(benchmark::State& state) {
  Bench<ConversationShard> bench = conversation_shard();
  const Address target = kPlacement.mailbox_shard(kBob.user);
  std::uint64_t n = 0;
  for ([[maybe_unused]] auto _ : state) {
    ++n;
    bench.forget();
    bench.arrive(kGateway, message(n));
    bench.arrive(target, ChannelAck{bench.state.self, target, ChannelSeq(n), false});
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(conversation_message);

void conversation_retry(benchmark::State& state) {
  Bench<ConversationShard> bench = conversation_shard();
  bench.arrive(kGateway, message(1));
  for ([[maybe_unused]] auto _ : state) {
    bench.forget();
    bench.arrive(kGateway, message(1));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(conversation_retry);

// One SEND forwarded, over a thousand sockets.
void gateway_forward(benchmark::State& state) {
  Gateway::State initial;
  initial.config.placement = kPlacement;
  Bench<Gateway> bench(initial);
  bench.step(Start{});
  for (std::uint32_t i = 0; i < 1000; ++i) {
    bench.arrive({Role::kDevice, i, ConnectionId(i + 1)}, Connected{DeviceId(i), GatewayId(0)});
  }
  const Address from{Role::kDevice, kAlice.device.value(), ConnectionId(kAlice.device.value() + 1)};
  bench.forget();
  bench.arrive(from, message(1));
  CHECK(bench.sent<SendMessage>().size() == 1);
  const Input input = Arrive{from, message(1)};
  View view;
  Outputs out;
  for ([[maybe_unused]] auto _ : state) {
    out.clear();
    const Step step = Gateway::handle(bench.state, {}, input, view, out);
    CHECK(step == Step::kDone);
    benchmark::DoNotOptimize(out.list.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(gateway_forward);

}  // namespace
}  // namespace greytick::model
