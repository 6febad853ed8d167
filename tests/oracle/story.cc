#include "tests/oracle/story.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "sim/oracle/tally.h"

namespace greytick::oracle {

using model::Cause;
using model::ConversationId;
using model::DeviceId;
using model::Incarnation;
using model::LogPos;
using namespace model::literals;

namespace {

constexpr std::uint32_t kPhones = 4;
constexpr model::Duration kTtl = 24h;

struct Letter {  // a committed message on its way to its one recipient
  model::Message message;
  std::uint32_t to = 0;
  std::uint64_t incarnation = 1;
  model::Instant committed_at{};
  Cause cause = Cause::kNone;
  bool applied = false, acked = false, passed = false;
  Cause shown = Cause::kNone;  // FAILED at its sender
};

struct Stream {
  std::uint64_t created = 0, taken = 0, answered = 0;
  std::vector<LogPos> deps;
  std::vector<std::optional<LogPos>> outcomes;  // nothing: rejected
  LogPos sent, delivered, read;
};

struct Phone {
  std::uint64_t incarnation = 1, epoch = 0, mseq = 0;
  bool in_session = false;
  std::vector<std::size_t> mailbox;                 // letters
  std::map<std::uint64_t, LogPos> applied, opened;  // by conversation
};

class Story {
 public:
  explicit Story(std::uint64_t seed) : dice_(seed) {
    for (std::uint32_t d = 0; d < kPhones; ++d) {
      tell(model::IncarnationAdopted{DeviceId(d), Incarnation(1)});
    }
  }

  void step() {
    const auto d = static_cast<std::uint32_t>(dice_.below(kPhones));
    const auto peer = static_cast<std::uint32_t>((d + 1 + dice_.below(kPhones - 1)) % kPhones);
    now_ += model::Duration(1 + static_cast<std::int64_t>(dice_.below(1'000'000'000)));
    const std::uint64_t what = dice_.below(100);
    if (what < 22) {
      compose(d, peer);
    } else if (what < 40) {
      take(d, peer);
    } else if (what < 52) {
      answer(d, peer);
    } else if (what < 56) {
      connect(d);
    } else if (what < 76) {
      deliver(d);
    } else if (what < 80) {
      acknowledge(d);
    } else if (what < 83) {
      open(d, peer);
    } else if (what < 90) {
      show(d, peer);
    } else if (what < 92) {
      phones_[d].in_session = false;
      tell(model::DeviceCrashed{DeviceId(d)});
    } else if (what < 94) {
      phones_[d].in_session = false;
    } else if (what < 95) {
      expire(d);
    } else if (what < 96) {
      doubt(d);
    } else if (what < 97) {
      if (dice_.below(4) == 0) reinstall(d);
    } else {
      aside(d, peer);
    }
  }

  History end() {
    for (int round = 0; round < 3; ++round) {
      for (std::uint32_t d = 0; d < kPhones; ++d) {
        now_ += 1s;
        connect(d);
        for (std::uint32_t peer = 0; peer < kPhones; ++peer) {
          if (peer == d) continue;
          Stream& s = stream(d, peer);
          while (s.taken < s.created) take(d, peer);
          while (s.answered < s.taken) answer(d, peer);
        }
      }
      for (std::uint32_t d = 0; d < kPhones; ++d) {
        for (std::size_t n = phones_[d].mailbox.size(); n > 0; --n) deliver(d);
        now_ += 1s;
        connect(d);
        acknowledge(d);
      }
      for (std::uint32_t d = 0; d < kPhones; ++d) {
        for (std::uint32_t peer = 0; peer < kPhones; ++peer) {
          now_ += 1s;
          if (peer != d) show(d, peer);
        }
      }
    }
    return std::move(history_);
  }

 private:
  static ConversationId between(std::uint32_t a, std::uint32_t b) {
    return ConversationId(10 * std::min(a, b) + std::max(a, b));
  }
  [[nodiscard]] model::StreamId id_of(std::uint32_t d, std::uint32_t peer) const {
    return {DeviceId(d), Incarnation(phones_[d].incarnation), between(d, peer)};
  }
  static model::MessageId id_for(const model::StreamId& s, model::ClientSeq n) {
    return {n.value() << 32 | s.conversation.value(),
            s.incarnation.value() << 32 | s.device.value()};
  }
  Stream& stream(std::uint32_t d, std::uint32_t peer) { return streams_[id_of(d, peer)]; }
  void tell(const model::Fact& fact) { history_.push_back({now_, fact}); }

  void compose(std::uint32_t d, std::uint32_t peer) {
    const model::StreamId id = id_of(d, peer);
    Stream& s = streams_[id];
    const model::ClientSeq n(++s.created);
    s.deps.push_back(phones_[d].applied[id.conversation.value()]);
    tell(model::Created{id, model::UserId(d), n, id_for(id, n), s.deps.back(),
                        model::seal(story_config().key, id, n, 100), now_});
  }

  void take(std::uint32_t d, std::uint32_t peer) {
    const model::StreamId id = id_of(d, peer);
    Stream& s = streams_[id];
    if (s.taken == s.created) return;
    const model::ClientSeq n(++s.taken);
    if (dice_.below(20) == 0) {
      s.outcomes.emplace_back();
      tell(model::RejectedForGood{id, n});
      return;
    }
    LogPos& head = heads_[id.conversation.value()];
    head = head.next();
    s.outcomes.emplace_back(head);
    Letter letter;
    letter.message = {id,
                      model::UserId(d),
                      {},
                      {},
                      0,
                      {},
                      n,
                      head,
                      id_for(id, n),
                      s.deps[n.value() - 1],
                      now_,
                      model::seal(story_config().key, id, n, 100)};
    letter.to = peer;
    letter.incarnation = phones_[peer].incarnation;
    letter.committed_at = now_;
    tell(model::Committed{
        letter.message,
        {model::Recipient{model::UserId(peer), DeviceId(peer), Incarnation(letter.incarnation)}}});
    phones_[peer].mailbox.push_back(letters_.size());
    letters_.push_back(letter);
  }

  void answer(std::uint32_t d, std::uint32_t peer) {
    const model::StreamId id = id_of(d, peer);
    Stream& s = streams_[id];
    if (s.answered == s.taken) return;
    const auto outcome = s.outcomes[s.answered++];
    const std::uint64_t hash = 1000 * id.conversation.value() + s.answered;
    tell(model::Answered{id, model::ClientSeq(s.answered),
                         outcome ? model::ReplyCode::kSent : model::ReplyCode::kRejected,
                         outcome.value_or(LogPos{}), hash});
    if (outcome) {
      s.sent = *outcome;
      tell(model::SentShown{DeviceId(d), id.incarnation, id.conversation, s.sent});
    }
  }

  [[nodiscard]] model::Fact settled(const Letter& l, Cause cause) const {
    return model::Settled{DeviceId(l.to), Incarnation(l.incarnation),
                          model::MailboxSeq(l.message.position.value()), l.message, cause};
  }

  // A HELLO tells the server the cursor: what was in doubt is resolved.
  void connect(std::uint32_t d) {
    Phone& p = phones_[d];
    for (const std::size_t i : p.mailbox) {
      Letter& l = letters_[i];
      if (l.applied) l.acked = true;
      if (l.cause != Cause::kUnconfirmed) continue;
      if (l.applied) {
        l.cause = Cause::kNone;
        tell(model::Corrected{DeviceId(d), Incarnation(p.incarnation), {}, l.message});
      } else {
        l.cause = Cause::kExpired;
        tell(settled(l, l.cause));
      }
    }
    p.in_session = true;
    tell(model::SessionAdopted{DeviceId(d), Incarnation(p.incarnation),
                               model::SessionEpoch(++p.epoch)});
  }

  void deliver(std::uint32_t d) {
    Phone& p = phones_[d];
    if (!p.in_session || p.mseq == p.mailbox.size()) return;
    Letter& l = letters_[p.mailbox[p.mseq++]];
    const model::MailboxSeq mseq(p.mseq);
    const ConversationId c = l.message.stream.conversation;
    if (is_final(l.cause)) {
      l.passed = true;
      tell(model::GapShown{DeviceId(d), Incarnation(p.incarnation), mseq, c, l.message.position,
                           l.cause});
      return;
    }
    l.applied = true;
    p.applied[c.value()] = l.message.position;
    tell(model::Applied{DeviceId(d), Incarnation(p.incarnation), model::SessionEpoch(p.epoch), mseq,
                        l.message});
    tell(model::Displayed{DeviceId(d), Incarnation(p.incarnation), c, l.message.position});
  }

  void acknowledge(std::uint32_t d) {
    for (const std::size_t i : phones_[d].mailbox) {
      Letter& l = letters_[i];
      if (l.applied && l.cause == Cause::kNone) l.acked = true;
    }
  }

  void open(std::uint32_t d, std::uint32_t peer) {
    const ConversationId c = between(d, peer);
    LogPos& upto = phones_[d].opened[c.value()];
    if (phones_[d].applied[c.value()] == upto) return;
    upto = phones_[d].applied[c.value()];
    tell(model::Opened{DeviceId(d), Incarnation(phones_[d].incarnation), c, upto});
  }

  // The newest tick register of the peer reaches the sender d.
  void show(std::uint32_t d, std::uint32_t peer) {
    const model::StreamId id = id_of(d, peer);
    Stream& s = streams_[id];
    const LogPos opened = phones_[peer].opened[id.conversation.value()];
    LogPos delivered = s.delivered;
    for (const Letter& l : letters_) {
      const LogPos k = l.message.position;
      if (l.message.stream == id && l.acked && k <= s.sent) delivered = std::max(delivered, k);
    }
    const LogPos read = std::max(s.read, std::min(opened, delivered));
    if (delivered != s.delivered || read != s.read) {
      s.delivered = delivered;
      s.read = read;
      tell(model::TicksShown{DeviceId(d), id.incarnation, id.conversation, DeviceId(peer),
                             delivered, read});
    }
    for (Letter& l : letters_) {
      if (l.message.stream != id || l.cause == l.shown) continue;
      l.shown = l.cause;
      tell(model::FailureShown{DeviceId(d), id.incarnation, id.conversation, DeviceId(peer),
                               l.message.position, l.message.position, l.cause});
    }
  }

  void expire(std::uint32_t d) {
    if (phones_[d].in_session) return;
    now_ += kTtl;
    for (const std::size_t i : phones_[d].mailbox) {
      Letter& l = letters_[i];
      if (l.applied || l.cause != Cause::kNone || now_ - l.committed_at < kTtl) continue;
      l.cause = Cause::kExpired;
      tell(settled(l, l.cause));
    }
  }

  // What is offered and not acknowledged may or may not be there: nobody can know.
  void doubt(std::uint32_t d) {
    Phone& p = phones_[d];
    now_ += kTtl + 1h;
    for (std::size_t i = 0; i < p.mailbox.size() && i <= p.mseq; ++i) {
      Letter& l = letters_[p.mailbox[i]];
      if (l.acked || l.passed || l.cause != Cause::kNone || now_ - l.committed_at < kTtl + 1h) {
        continue;
      }
      l.cause = Cause::kUnconfirmed;
      tell(settled(l, l.cause));
    }
  }

  // From an old copy: it holds messages that have been answered since, and not the latest.
  void restore(std::uint32_t d) {
    tell(model::BackupRestored{DeviceId(d)});
    for (std::uint32_t peer = 0; peer < kPhones; ++peer) {
      if (peer == d) continue;
      const model::StreamId id = id_of(d, peer);
      const Stream& s = streams_[id];
      const std::uint64_t upto = s.created - dice_.below(2) * std::min<std::uint64_t>(s.created, 1);
      for (std::uint64_t n = s.answered; n <= upto; ++n) {
        if (n == 0) continue;
        const model::ClientSeq cseq(n);
        tell(model::OutcomeUnknown{id, cseq, id_for(id, cseq)});
      }
    }
  }

  void reinstall(std::uint32_t d) {
    Phone& p = phones_[d];
    if (dice_.below(2) == 0) restore(d);
    for (const std::size_t i : p.mailbox) {
      Letter& l = letters_[i];
      if (l.acked || l.cause != Cause::kNone) continue;
      l.cause = l.applied ? Cause::kUnconfirmed : Cause::kRetired;
      tell(settled(l, l.cause));
    }
    tell(model::Retired{DeviceId(d), Incarnation(p.incarnation)});
    const Phone old = std::exchange(p, Phone{});
    p.incarnation = old.incarnation + 1;
    p.epoch = old.epoch + 1;
    tell(model::IncarnationAdopted{DeviceId(d), Incarnation(p.incarnation)});
  }

  void aside(std::uint32_t d, std::uint32_t peer) {
    const model::Address shard{model::Role::kMailbox, d, {}};
    tell(model::LeaseCommitted{shard, model::LeaseEpoch(lease_)});
    if (dice_.below(3) == 0) ++lease_;
    tell(model::Footprint{DeviceId(d), 2000, phones_[d].mailbox.size(), kPhones});
    tell(model::Took{model::Branch::kRedelivered});
    if (dice_.below(3) == 0) tell(model::ShardCrashed{shard});
    const model::StreamId id = id_of(d, peer);
    const Stream& s = streams_[id];
    if (s.taken < s.created) tell(model::TurnedAway{id, model::ClientSeq(s.taken + 1)});
  }

  Dice dice_;
  model::Instant now_{};
  History history_;
  std::array<Phone, kPhones> phones_;
  std::map<model::StreamId, Stream> streams_;
  std::map<std::uint64_t, LogPos> heads_;
  std::vector<Letter> letters_;
  std::uint64_t lease_ = 1;
};

}  // namespace

JudgeConfig story_config() {
  JudgeConfig config;
  config.key = {42};
  config.ttl = kTtl;
  config.settle = 1h;
  return config;
}

History healthy_history(std::uint64_t seed, int steps) {
  Story story(seed);
  for (int i = 0; i < steps; ++i) story.step();
  return story.end();
}

}  // namespace greytick::oracle
