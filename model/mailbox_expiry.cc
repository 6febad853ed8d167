// Thirty days: which entries may be given up, and when to look again. An entry that was offered may
// have been applied, so it is settled only when a HELLO says otherwise, or as `unconfirmed` at TTL
// + D.
#include <algorithm>

#include "model/mailbox_steps.h"

namespace greytick::model::mailbox_steps {
namespace {
constexpr std::uint32_t kSweepBatch = 256;
constexpr std::uint32_t kExpireBatch = 256;
}  // namespace

Step on_sweep(State& state, const Stimulus& t, View& view, Outputs& out) {
  const Instant clock = ttl_clock(state, t);
  const std::uint64_t passed =
      static_cast<std::uint64_t>(std::max<std::int64_t>(to_ns(clock), 0)) / 60'000'000'000ULL;
  const Rows<Due> due =
      view.scan<Due>({Table::kDue, 0, 0, (passed << 32) | 0xffff'ffffULL, kSweepBatch});
  const auto* shard_clock = view.get<ShardClock>(key_of<ShardClock>(0));
  if (!view.complete()) return Step::kNeedMore;
  if (shard_clock == nullptr || shard_clock->watermark < clock) {
    out.put(key_of<ShardClock>(0), ShardClock{clock});
    out.persist();
  }
  for (std::size_t i = 0; i < due.size(); ++i)
    out.post(Chore::kExpire, due[i].record.device.value());
  const bool more = due.size() == kSweepBatch;
  out.wake(Timer::kSweep, 0,
           t.now + (more ? Duration(std::chrono::milliseconds(10)) : state.config.sweep_every));
  return Step::kDone;
}

Step on_expire(State& state, const Stimulus& t, DeviceId d, View& view, Outputs& out) {
  const auto* stored = view.get<Mailbox>(mailbox_key(d));
  if (!view.complete()) return Step::kNeedMore;
  if (stored == nullptr || stored->due_bucket == 0) return Step::kDone;
  Mailbox m = *stored;
  const MailboxSeq doubt = doubt_end(state, m);
  const MailboxSeq swept = std::max(doubt, m.swept_upto);
  Rows<Entry> offered({}), waiting({});
  TickBook book(state);
  Bodies bodies;
  if (doubt > m.acked) {
    offered = view.scan<Entry>(entries(d, m.acked, doubt, span_of(m.acked, doubt)));
  }
  const Rows<TickSlot> slot = view.scan<TickSlot>(some_slot(d));
  if (m.tail > swept) waiting = view.scan<Entry>(entries(d, swept, m.tail, kExpireBatch));
  for (std::size_t i = 0; i < offered.size(); ++i) {
    book.load(m.user, d, offered[i].record.number, offered[i].record.message, view);
    bodies.load(offered[i].record, view);
  }
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    book.load(m.user, d, waiting[i].record.number, waiting[i].record.message, view);
    bodies.load(waiting[i].record, view);
  }
  if (!view.complete()) return Step::kNeedMore;

  const Instant clock = ttl_clock(state, t);
  Instant next = kNever;
  boost::container::small_vector<Fact, 8> facts;
  bool doubted = false;
  const auto give_up = [&](std::uint64_t sub, const Entry& e, Cause cause) {
    // In doubt, the message may yet turn out delivered, and then it is told whole.
    Entry settled = tombstone(e, cause);
    if (cause == Cause::kUnconfirmed) {
      settled.message.content = e.message.content;
      settled.shared = e.shared;
    }
    out.put(entry_key(d, MailboxSeq(sub)), settled);
    settle(book, d, m.incarnation, MailboxSeq(sub), bodies.message(e), cause, out, facts);
    if (cause != Cause::kUnconfirmed) bodies.release(e, out);
    facts.push_back(Took{cause == Cause::kExpired ? Branch::kTombstoned : Branch::kUnconfirmed});
  };
  for (std::size_t i = 0; i < offered.size(); ++i) {
    const Entry& e = offered[i].record;
    if (e.cause != Cause::kNone) continue;
    if (e.deadline + state.config.settle <= clock) {
      give_up(offered[i].sub, e, Cause::kUnconfirmed);
      doubted = true;
    } else {
      next = std::min(next, e.deadline + state.config.settle);
    }
  }
  bool contiguous = true;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const Entry& e = waiting[i].record;
    if (e.cause == Cause::kNone && e.deadline <= clock) {
      give_up(waiting[i].sub, e, Cause::kExpired);
    } else if (e.cause == Cause::kNone) {
      next = std::min(next, e.deadline);
      contiguous = false;
    }
    if (contiguous) m.swept_upto = MailboxSeq(waiting[i].sub);
  }
  const bool more = contiguous && waiting.size() == kExpireBatch;
  if (more) next = std::min(next, clock);
  // A tick that waits keeps the row, by which a restart finds it.
  if (next == kNever && !slot.empty()) next = clock + state.config.retention;
  // A device that has kept a session open and silent for so long must say HELLO: that is what
  // settles the doubt.
  const SessionEpoch old_epoch = m.epoch;
  const bool evict = doubted && m.session_open;
  if (evict) close_session(state, m);
  out.erase(due_key(m.due_bucket, d));
  m.due_bucket = next == kNever ? 0 : due_bucket(next);
  if (m.due_bucket != 0) out.put(due_key(m.due_bucket, d), Due{d});
  out.put(mailbox_key(d), m);
  book.write(out);
  out.persist();
  for (Fact& fact : facts) out.note(std::move(fact));
  book.send(out, t.now);
  if (evict) {
    out.send({Role::kGateway, m.gateway, ConnectionId{}}, Evict{d, old_epoch});
    state.sessions.erase(d);
    out.cancel(Timer::kRedeliver, d.value());
  }
  if (more) out.post(Chore::kExpire, d.value());
  return Step::kDone;
}

}  // namespace greytick::model::mailbox_steps
