// One mailbox shard and one phone, joined by a lossy wire, in random order of everything that can
// happen to them.
#include <algorithm>
#include <deque>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "model/mailbox_shard.h"
#include "model/ticks.h"
#include "tests/model/step.h"

namespace greytick::model {
namespace {

using namespace model::literals;  // NOLINT(google-build-using-namespace): literals alone.

constexpr DeviceId kPhone{2};
constexpr UserId kUser{2};
constexpr Incarnation kFirst{1};
constexpr ConversationId kChat{7};
constexpr Address kSource{Role::kConversation, 0, ConnectionId{}};
constexpr Address kGateway{Role::kGateway, 3, ConnectionId{}};

enum class Act : std::uint8_t {
  kMessage,
  kHello,
  kRepeatHello,  // an old frame comes again
  kTake,         // the phone gets the next frame of the wire
  kAck,
  kLateAck,
  kCut,     // the wire dies, and the shard hears of it
  kVanish,  // the wire dies, and the shard does not
  kHour,
  kTenDays,
  kCrash,
  kReplay,
};

class World {
 public:
  World() : bench_(initial()) {
    Mailbox m;
    m.user = kUser;
    m.incarnation = kFirst;
    m.install_id = 9;
    bench_.store.put(mailbox_key(kPhone), m);
    bench_.step(Start{LeaseEpoch(1), Instant{}, 0});
  }

  // `pick` chooses where the act leaves a choice.
  void act(Act what, std::uint64_t pick) {
    switch (what) {
      case Act::kMessage:
        message();
        break;
      case Act::kHello:
        hello();
        break;
      case Act::kRepeatHello:
        if (!hellos_.empty()) bench_.arrive(kGateway, hellos_[pick % hellos_.size()]);
        break;
      case Act::kTake:
        for (std::uint64_t n = pick % 4 + 1; n > 0 && !wire_.empty(); --n) take();
        break;
      case Act::kAck:
        if (adopted_ != SessionEpoch{}) ack();
        break;
      case Act::kLateAck:
        if (!acks_.empty()) bench_.arrive(kGateway, acks_[pick % acks_.size()]);
        break;
      case Act::kCut:
        if (adopted_ != SessionEpoch{}) {
          bench_.arrive(kGateway, SessionClosed{kPhone, kUser, adopted_});
        }
        [[fallthrough]];
      case Act::kVanish:
        wire_.clear();
        adopted_ = SessionEpoch{};
        break;
      case Act::kHour:
        bench_.advance(1h);
        break;
      case Act::kTenDays:
        for (int i = 0; i < 40; ++i) {
          bench_.advance(6h);
          empty_channels();
        }
        break;
      case Act::kCrash:
        bench_.restart(initial(), Start{LeaseEpoch(2), bench_.wall, 0});
        break;
      case Act::kReplay:
        if (!entries_.empty()) bench_.arrive(kSource, entries_[pick % entries_.size()]);
        break;
    }
    empty_channels();
    collect();
    check();
  }

  // Everything heals: the phone comes and stays until nothing waits.
  void drain() {
    for (int tries = 0; tries < 1'000 && box().acked < box().tail; ++tries) {
      if (tries % 20 == 0) act(Act::kHello, 0);
      act(Act::kTake, 3);
      act(Act::kAck, 0);
    }
    RC_ASSERT(box().acked == box().tail);
    for (std::uint64_t k = 1; k <= entries_.size(); ++k) {
      const bool applied = applied_.contains(k);
      RC_ASSERT(applied != gaps_.contains(k));
      RC_ASSERT(level(k) == (applied ? Level::kDelivered : Level::kFailed));
    }
    RC_ASSERT(bench_.store.count(Table::kDeadLetter) == gaps_.size());
  }

 private:
  static MailboxShard::State initial() {
    MailboxShard::State s;
    s.placement = {1, 1, 1};
    s.self = {Role::kMailbox, 0, ConnectionId{}};
    s.config.window = 3;
    s.config.deliver_bytes = 250;  // two entries: what is in doubt may be more than was sent
    s.config.mailbox_max = 7;
    s.config.sweep_every = 6h;  // so that ten days are few steps
    return s;
  }
  const Mailbox& box() const { return *bench_.store.find<Mailbox>(mailbox_key(kPhone)); }
  TickRegister ticks() const {
    const auto* row = bench_.store.find<DeviceRegister>(register_key(kPhone, kChat));
    return row != nullptr ? row->value : TickRegister{};
  }
  Level level(std::uint64_t k) const {
    return level_of(ticks(), LogPos(k), LogPos(entries_.size()));
  }

  void message() {
    const std::uint64_t k = entries_.size() + 1;
    Message m;
    m.stream = {DeviceId(1), kFirst, kChat};
    m.sender = UserId(1);
    m.cseq = ClientSeq(k);
    m.position = LogPos(k);
    m.accepted_at = bench_.now;
    m.content.bytes = 10;
    entries_.push_back(
        {kSource, bench_.state.self, ChannelSeq(k), FanOut{m, {{kUser, kPhone, kFirst}}}});
    bench_.arrive(kSource, entries_.back());
  }
  // What the shard wrote into its channels arrives at once: their pace is not the subject here.
  void empty_channels() {
    for (const Role role : {Role::kMailbox, Role::kConversation}) {
      const Address target{role, 0, ConnectionId{}};
      if (const auto* row = bench_.store.find<ChannelOut>(channel_out_key(target))) {
        bench_.arrive(target, ChannelAck{bench_.state.self, target, row->last});
      }
    }
  }
  void hello() {
    wire_.clear();
    adopted_ = SessionEpoch{};
    hello_seq_ = hello_seq_.next();
    hellos_.push_back({kPhone, kUser, kFirst, hello_seq_, Nonce(hello_seq_.value() * 7), cursor_});
    bench_.arrive(kGateway, hellos_.back());
  }
  void ack() {
    acks_.push_back({kPhone, kUser, kFirst, adopted_, cursor_});
    bench_.arrive(kGateway, acks_.back());
  }
  void take() {
    const Frame frame = wire_.front();
    wire_.pop_front();
    if (const auto* welcome = std::get_if<Welcome>(&frame)) {
      if (welcome->hello_seq == hello_seq_) adopted_ = welcome->epoch;
    } else if (const auto* data = std::get_if<Data>(&frame)) {
      if (data->epoch != adopted_ || data->mseq != cursor_.next()) return;
      cursor_ = data->mseq;
      const std::uint64_t k = data->message.position.value();
      RC_ASSERT(!applied_.contains(k));
      RC_ASSERT(!final_.contains(k) || data->cause != Cause::kNone);
      (data->cause == Cause::kNone ? applied_ : gaps_).insert(k);
    } else if (const auto* evict = std::get_if<Evict>(&frame)) {
      if (evict->epoch >= adopted_) adopted_ = SessionEpoch{};
    } else if (const auto* stale = std::get_if<HelloStale>(&frame)) {
      RC_ASSERT(stale->hello_seq != hello_seq_);  // a healthy phone is never told that
    }
  }
  void collect() {
    for (const Send& send : bench_.sends) {
      if (send.to == kGateway) wire_.push_back(send.frame);
    }
    for (const Fact& fact : bench_.facts) {
      if (const auto* settled = std::get_if<Settled>(&fact)) {
        const std::uint64_t k = settled->message.position.value();
        RC_ASSERT(!final_.contains(k));
        if (settled->cause == Cause::kUnconfirmed) {
          RC_ASSERT(bench_.now >= settled->message.accepted_at + 31 * 24h);
          continue;
        }
        RC_ASSERT(!applied_.contains(k));  // I8
        if (settled->cause == Cause::kExpired) {
          RC_ASSERT(bench_.now >= settled->message.accepted_at + 30 * 24h);
        }
        final_.insert(k);
      } else if (const auto* corrected = std::get_if<Corrected>(&fact)) {
        RC_ASSERT(applied_.contains(corrected->message.position.value()));
      }
    }
    bench_.forget();
  }
  void check() {
    const Mailbox& m = box();
    RC_ASSERT(m.acked <= m.tail);
    RC_ASSERT(m.acked <= cursor_);
    RC_ASSERT(m.tail.value() == entries_.size());
    RC_ASSERT(bench_.store.count(Table::kEntry) == m.tail - m.acked);
    for (MailboxSeq n = m.acked.next(); n <= m.tail; n = n.next()) {
      RC_ASSERT(bench_.store.find<Entry>(entry_key(kPhone, n)) != nullptr);
    }
    RC_ASSERT(bench_.store.count(Table::kDue) == (m.due_bucket != 0 ? 1U : 0U));
    const TickRegister now = ticks();
    RC_ASSERT(now.version >= before_.version);
    RC_ASSERT(now.delivered_upto >= before_.delivered_upto);
    LogPos last;
    for (const FailedInterval& i : now.failed) {
      RC_ASSERT(i.from > last);
      RC_ASSERT(i.to >= i.from);
      last = i.to;
    }
    for (std::uint64_t k = 1; k <= entries_.size(); ++k) {
      const Level is = level(k);
      if (is == Level::kDelivered) RC_ASSERT(applied_.contains(k));  // I6
      if (final_.contains(k)) RC_ASSERT(is == Level::kFailed);
      if (is != Level::kFailed || final_.contains(k)) continue;
      // Failed and not final: in doubt for longer than TTL + D.
      const auto* e = bench_.store.find<Entry>(entry_key(kPhone, MailboxSeq(k)));
      RC_ASSERT(e != nullptr);
      RC_ASSERT(e->cause == Cause::kUnconfirmed);
    }
    before_ = now;
  }

  Bench<MailboxShard> bench_;
  std::vector<ChannelEntry> entries_;
  std::vector<Hello> hellos_;
  std::vector<Ack> acks_;
  std::deque<Frame> wire_;
  HelloSeq hello_seq_;
  SessionEpoch adopted_;
  MailboxSeq cursor_;
  std::set<std::uint64_t> applied_, gaps_, final_;  // by log position
  TickRegister before_;
};

RC_GTEST_PROP(MailboxProperty, NothingIsLostAppliedTwiceOrBothAppliedAndExpired, ()) {
  World world;
  const auto acts = *rc::gen::container<std::vector<std::pair<Act, std::uint8_t>>>(
      rc::gen::pair(rc::gen::weightedElement<Act>({{8, Act::kMessage},
                                                   {3, Act::kHello},
                                                   {1, Act::kRepeatHello},
                                                   {8, Act::kTake},
                                                   {4, Act::kAck},
                                                   {1, Act::kLateAck},
                                                   {2, Act::kCut},
                                                   {1, Act::kVanish},
                                                   {1, Act::kHour},
                                                   {2, Act::kTenDays},
                                                   {1, Act::kCrash},
                                                   {1, Act::kReplay}}),
                    rc::gen::arbitrary<std::uint8_t>()));
  for (const auto& [what, pick] : acts) world.act(what, pick);
  world.drain();
}

}  // namespace
}  // namespace greytick::model
