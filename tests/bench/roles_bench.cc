// What one step of a role costs, store and driver apart: the views are loaded beforehand where a
// step leaves nothing behind, and by the least driver there is where it does.

#include <cstdint>

#include <benchmark/benchmark.h>

#include "model/conversation_shard.h"
#include "model/device.h"
#include "model/gateway.h"
#include "model/push.h"
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
  bench.store.put(conversation_key(kTalk), Conversation{LogPos{}, LogPos{}, 2});
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

// A phone with an open session of epoch 1.
Bench<Device> bob_online() {
  constexpr std::uint64_t kInstall = 42;
  Device::State initial;
  initial.config.device = kBob.device;
  initial.config.user = kBob.user;
  initial.config.placement = kPlacement;
  Bench<Device> bench(initial);
  Identity identity;
  identity.user = kBob.user;
  identity.install_id = kInstall;
  identity.incarnation = kBob.incarnation;
  bench.store.put(identity_key(kBob.device), identity);
  Start start;
  start.install_id = kInstall;
  bench.step(start);
  bench.step(App{GoOnline{}});
  bench.advance(std::chrono::seconds(1));
  bench.arrive({Role::kGateway, 0, ConnectionId(1)}, Connected{kBob.device, GatewayId(0)});
  const auto hellos = bench.sent<Hello>();
  CHECK(hellos.size() == 1);
  bench.arrive({Role::kGateway, 0, ConnectionId(1)},
               Welcome{kBob.device, hellos[0].hello_seq, hellos[0].nonce, SessionEpoch(1)});
  bench.forget();
  return bench;
}

// One message applied: cursor and thread in one transaction, then the ack.
void device_apply(benchmark::State& state) {
  Bench<Device> bench = bob_online();
  Data data{};
  data.device = kBob.device;
  data.epoch = SessionEpoch(1);
  data.message.stream = message(1).stream;
  std::uint64_t n = 0;
  for ([[maybe_unused]] auto _ : state) {
    ++n;
    data.mseq = MailboxSeq(n);
    data.message.cseq = ClientSeq(n);
    data.message.position = LogPos(n);
    bench.forget();
    bench.arrive({Role::kGateway, 0, ConnectionId(1)}, data);
  }
  CHECK(bench.sent<Ack>().size() == 1);
  CHECK(bench.sent<Ack>()[0].cursor == MailboxSeq(n));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(device_apply);

// One message written, sent and answered.
void device_send(benchmark::State& state) {
  Bench<Device> bench = bob_online();
  std::uint64_t n = 0;
  for ([[maybe_unused]] auto _ : state) {
    ++n;
    bench.forget();
    bench.step(App{Compose{kTalk, 200}});
    SendReply reply{};
    for (const Send& send : bench.sends) {
      if (const auto* m = std::get_if<SendMessage>(&send.frame)) {
        reply.stream = m->stream;
        reply.cseq = m->cseq;
        reply.id = m->id;
      }
    }
    reply.code = ReplyCode::kSent;
    reply.position = LogPos(n);
    bench.arrive({Role::kGateway, 0, ConnectionId(1)}, reply);
    CHECK(bench.noted<Answered>().size() == 1);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(device_send);

// One wake-up asked for and accepted by the provider.
void push_wake_up(benchmark::State& state) {
  Bench<Push> bench(Push::State{});
  bench.step(Start{});
  const Address shard{Role::kMailbox, 0, ConnectionId{}};
  const Address provider{Role::kProvider, 0, ConnectionId{}};
  for ([[maybe_unused]] auto _ : state) {
    bench.forget();
    bench.arrive(shard, WakeUp{kBob.device, kBob.user});
    CHECK(!bench.sends.empty());
    bench.arrive(provider, Notified{kBob.device, NotifyOutcome::kAccepted, Duration{}});
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(push_wake_up);

}  // namespace
}  // namespace greytick::model
