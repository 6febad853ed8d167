#include "model/channel.h"

#include <deque>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/model/step.h"

namespace greytick::model {
namespace {

using namespace literals;

constexpr Address kSource{Role::kConversation, 3, ConnectionId{}};
constexpr Address kTarget{Role::kMailbox, 5, ConnectionId{}};

// The least machine that has a channel: Compose appends an item numbered by its conversation, and
// each item applied is noted as Opened.
struct Endpoint {
  struct State {
    Address self, peer;
    ChannelPaces paces;
    AcksDue acks;
    friend bool operator==(const State&, const State&) = default;
  };
  static ReadSet keys_of(const State&, const Input&) { return {}; }  // a prefetch is no promise

  static Step handle(State& s, const Stimulus& t, const Input& in, View& view, Outputs& out) {
    if (std::holds_alternative<Start>(in)) {
      return recover_channels(s.self, std::span(&s.peer, 1), s.paces, t, view, out);
    }
    if (const auto* fired = std::get_if<Fired>(&in)) {
      return fired->timer == Timer::kResend
                 ? on_resend(s.self, fired->entity, s.paces, t, view, out)
                 : on_ack_due(s.self, Version::k2, fired->entity, s.acks, view, out);
    }
    if (const auto* app = std::get_if<App>(&in)) {
      const auto* row = view.get<ChannelOut>(channel_out_key(s.peer));
      if (!view.complete()) return Step::kNeedMore;
      ChannelWriter writer(s.self, s.peer, row);
      writer.append(out, MemberUpdate{std::get<Compose>(app->ask).conversation, {}, {}});
      out.persist();
      writer.send(out, s.paces, t.now);
      return Step::kDone;
    }
    const auto& frame = std::get<Arrive>(in).frame;
    if (const auto* ack = std::get_if<ChannelAck>(&frame)) {
      return on_channel_ack(s.self, *ack, s.paces, t, view, out);
    }
    const auto& entry = std::get<ChannelEntry>(frame);
    const auto* stored = view.get<ChannelIn>(channel_in_key(entry.source));
    if (!view.complete()) return Step::kNeedMore;
    switch (judge(stored, entry)) {
      case ChannelVerdict::kReplayed:
        out.took(Branch::kChannelReplayed);
        owe_ack(entry.source, s.acks, t.now, out);
        break;
      case ChannelVerdict::kGap:
        out.took(Branch::kChannelGap);
        ack_now(s.self, Version::k2, entry, stored, true, out);
        break;
      case ChannelVerdict::kApply:
        out.put(channel_in_key(entry.source), applied_with(entry));
        out.persist();
        out.note(Opened{{}, {}, std::get<MemberUpdate>(entry.item).conversation, {}});
        owe_ack(entry.source, s.acks, t.now, out);
        break;
    }
    return Step::kDone;
  }
};
static_assert(Machine<Endpoint>);

// Source and target with a bus between, whose frames the test delivers, drops or repeats.
class Pair {
 public:
  Bench<Endpoint> source{Endpoint::State{kSource, kTarget, {}, {}}};
  Bench<Endpoint> target{Endpoint::State{kTarget, kSource, {}, {}}};
  std::deque<Send> bus;

  void append() {
    source.step(App{Compose{ConversationId(++appended_), 0}});
    collect();
  }
  void append(int n) {
    for (int i = 0; i < n; ++i) append();
  }
  void deliver(std::size_t i) {
    const Send send = bus[i];
    bus.erase(bus.begin() + static_cast<std::ptrdiff_t>(i));
    if (send.to == kSource) {
      source.arrive(kTarget, send.frame);
    } else {
      target.arrive(kSource, send.frame);
    }
    collect();
  }
  void deliver_all() {
    while (!bus.empty()) deliver(0);
  }
  void advance(Duration by) {
    source.advance(by);
    target.advance(by);
    collect();
  }
  void crash_source() {
    source.restart(Endpoint::State{kSource, kTarget, {}, {}}, Start{});
    collect();
  }
  void crash_target() {
    target.restart(Endpoint::State{kTarget, kSource, {}, {}}, Start{});
    collect();
  }
  // A bus without faults, for long enough: every wait of the channel is below 9 s.
  void heal() {
    for (int i = 0; i < 3000; ++i) {
      deliver_all();
      advance(10ms);
    }
  }
  [[nodiscard]] std::vector<std::uint64_t> applied() const {
    std::vector<std::uint64_t> all;
    for (const Opened& o : target.noted<Opened>()) all.push_back(o.conversation.value());
    return all;
  }
  [[nodiscard]] std::vector<std::uint64_t> all_in_order() const {
    std::vector<std::uint64_t> all;
    for (std::uint64_t n = 1; n <= appended_; ++n) all.push_back(n);
    return all;
  }
  // Nothing stored but two heads, nothing remembered, nothing armed.
  [[nodiscard]] bool quiet() const {
    return source.store.count(Table::kOutgoing) == 0 && source.state.paces.of.empty() &&
           source.timers.empty() && target.state.acks.empty() && target.timers.empty();
  }

 private:
  void collect() {
    for (Bench<Endpoint>* end : {&source, &target}) {
      bus.insert(bus.end(), end->sends.begin(), end->sends.end());
      end->sends.clear();
    }
  }
  std::uint64_t appended_ = 0;
};

TEST(Channel, OneEntryIsAppliedAcknowledgedAndForgotten) {
  Pair p;
  p.append();
  EXPECT_EQ(p.source.timer(Timer::kResend, entity_of(kTarget)), Instant{} + 500ms);
  p.deliver_all();
  EXPECT_EQ(p.target.timer(Timer::kAckDue, entity_of(kSource)), Instant{} + 20ms);
  p.advance(20ms);
  p.deliver_all();
  EXPECT_EQ(p.applied(), p.all_in_order());
  EXPECT_TRUE(p.quiet());
}

TEST(Channel, EntriesOfTwentyMillisecondsShareOneAck) {
  Pair p;
  p.append(10);
  p.deliver_all();
  p.advance(20ms);
  ASSERT_EQ(p.bus.size(), 1U);
  EXPECT_EQ(std::get<ChannelAck>(p.bus[0].frame).applied, ChannelSeq(10));
}

TEST(Channel, ALostEntryIsMissedAtOnceAndSentAgainWithAllBehindIt) {
  Pair p;
  p.append(3);
  p.bus.pop_front();
  p.deliver_all();
  EXPECT_EQ(p.applied(), p.all_in_order());
  EXPECT_EQ(p.target.took(Branch::kChannelGap), 2U);
  EXPECT_EQ(p.source.took(Branch::kChannelResent), 1U) << "the second gap ack came too soon";
}

TEST(Channel, ASilentTargetIsAskedAgainWithGrowingPauses) {
  Pair p;
  p.append();
  std::vector<Duration> pauses;
  Instant last{};
  for (int i = 0; i < 8; ++i) {
    p.bus.clear();
    while (p.bus.empty()) p.advance(100ms);
    pauses.push_back(p.source.now - last);
    last = p.source.now;
  }
  EXPECT_EQ(pauses, (std::vector<Duration>{500ms, 1s, 2s, 4s, 8s, 8s, 8s, 8s}));
}

TEST(Channel, ABacklogDrainsAtThePaceOfAcksNotOfTheTimer) {
  Pair p;
  p.append(1000);
  p.bus.clear();
  p.crash_source();
  p.advance(50ms);
  EXPECT_EQ(p.bus.size(), kResendBatch);
  for (int i = 0; i < 16; ++i) {
    p.deliver_all();
    p.advance(20ms);
  }
  p.deliver_all();
  EXPECT_EQ(p.applied(), p.all_in_order());
  EXPECT_EQ(p.source.took(Branch::kChannelResent), 1U);
  EXPECT_TRUE(p.quiet());
}

TEST(Channel, AnAckOfWhatWasNeverSentIsNotBelieved) {
  Pair p;
  p.append(2);
  p.source.arrive(kTarget, ChannelAck{kSource, kTarget, ChannelSeq(3), false});
  EXPECT_EQ(p.source.store.count(Table::kOutgoing), 2U);
}

TEST(Channel, AnOldAckTakesNothingBack) {
  Pair p;
  p.append(2);
  p.source.arrive(kTarget, ChannelAck{kSource, kTarget, ChannelSeq(2), false});
  p.append();
  p.source.arrive(kTarget, ChannelAck{kSource, kTarget, ChannelSeq(1), true});
  const auto* head = p.source.store.find<ChannelOut>(channel_out_key(kTarget));
  ASSERT_NE(head, nullptr);
  EXPECT_EQ(*head, (ChannelOut{ChannelSeq(3), ChannelSeq(2)}));
}

RC_GTEST_PROP(Channel, AppliesEachEntryOnceInOrderWhateverTheBusAndCrashesDo, ()) {
  Pair p;
  // Each op is (what, which frame of the bus).
  const auto ops = *rc::gen::container<std::vector<std::pair<int, unsigned>>>(
      rc::gen::pair(rc::gen::inRange(0, 16), rc::gen::arbitrary<unsigned>()));
  for (const auto& [what, which] : ops) {
    const std::size_t i = p.bus.empty() ? 0 : which % p.bus.size();
    if (what < 4) {
      p.append();
    } else if (what < 8) {
      if (!p.bus.empty()) p.deliver(i);  // any frame: reordering
    } else if (what < 10) {
      if (!p.bus.empty()) p.deliver(0);
    } else if (what == 10) {
      if (!p.bus.empty()) p.bus.erase(p.bus.begin() + static_cast<std::ptrdiff_t>(i));
    } else if (what == 11) {
      if (!p.bus.empty()) p.bus.push_back(p.bus[i]);
    } else if (what == 12) {
      p.crash_source();
    } else if (what == 13) {
      p.crash_target();
    } else {
      p.advance(Duration{which % 1'000'000'000U});
    }
    const auto applied = p.applied();
    const auto all = p.all_in_order();
    RC_ASSERT(applied.size() <= all.size());
    RC_ASSERT(std::equal(applied.begin(), applied.end(), all.begin()));
  }
  p.heal();
  RC_ASSERT(p.applied() == p.all_in_order());
  RC_ASSERT(p.quiet());
}

}  // namespace
}  // namespace greytick::model
