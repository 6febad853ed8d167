#include <algorithm>

#include "model/device_steps.h"

namespace greytick::model::device {
namespace {

struct Shown {
  LogPos sent, delivered, read;
  friend bool operator==(const Shown&, const Shown&) = default;
};

// A tick may run ahead of the SENT that it follows; it shows when SENT does.
Shown shown(const Thread& thread) {
  return {thread.sent_upto, std::min(thread.ticks.delivered_upto, thread.sent_upto),
          std::min(thread.ticks.read_upto, thread.sent_upto)};
}

bool holds(const TickRegister& ticks, const FailedInterval& interval) {
  return std::ranges::find(ticks.failed, interval) != ticks.failed.end();
}

void note_failures(Run& run, ConversationId conversation, const Thread& before,
                   const Thread& after) {
  const auto note = [&](const FailedInterval& f, Cause cause) {
    run.out.note(FailureShown{run.self(), run.s.incarnation, conversation, after.recipient, f.from,
                              f.to, cause});
  };
  // Taken back is only what no interval covers any more: one that grew or changed its cause has not
  // been SENT in between.
  for (const FailedInterval& f : before.ticks.failed) {
    LogPos from = f.from;
    for (const FailedInterval& still : after.ticks.failed) {
      if (still.to < from || from > f.to) continue;
      if (still.from > f.to) break;
      if (still.from > from) note({from, LogPos(still.from.value() - 1), f.cause}, Cause::kNone);
      from = still.to.next();
    }
    if (from <= f.to) note({from, f.to, f.cause}, Cause::kNone);
  }
  for (const FailedInterval& f : after.ticks.failed) {
    if (!holds(before.ticks, f)) note(f, f.cause);
  }
}

void send_ack(Run& run, MailboxSeq cursor) {
  run.send_up(Ack{run.self(), run.s.config.user, run.s.incarnation, run.s.epoch, cursor});
}

void send_read(Run& run, MailboxSeq cursor, ConversationId conversation, const PendingRead& row) {
  run.send_up(Read{run.self(), run.s.config.user, run.s.incarnation, run.s.epoch, cursor,
                   conversation, row.upto, row.sender});
  run.s.reads_due = std::min(run.s.reads_due, saturating_add(run.t.now, run.s.config.ack_timeout));
}

}  // namespace

void note_ticks(Run& run, ConversationId conversation, const Thread& before, const Thread& after) {
  const Shown now_shown = shown(after);
  if (now_shown == shown(before)) return;
  run.out.note(TicksShown{run.self(), run.s.incarnation, conversation, after.recipient,
                          now_shown.sent, now_shown.delivered, now_shown.read});
}

Range pending_reads(const Run& run) {
  return {Table::kPendingRead, run.self().value(), 0, ~std::uint64_t{0}, kReadsAStep};
}

void send_reads(Run& run, const Identity& identity, const Rows<PendingRead>& rows) {
  run.s.reads_due = kNever;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    send_read(run, identity.cursor, ConversationId(rows[i].sub), rows[i].record);
  }
  arm_retry(run);
}

Step on_data(Run& run, const Data& in) {
  if (!run.s.conn.in_session() || in.epoch != run.s.epoch) {
    run.out.took(Branch::kOldSessionIgnored);
    return Step::kDone;
  }
  const Message& m = in.message;
  const ConversationId c = m.stream.conversation;
  const Identity* identity = run.v.get<Identity>(run.identity());
  const Thread* stored = run.v.get<Thread>(thread_key(run.self(), c));
  if (!run.v.complete()) return Step::kNeedMore;
  if (identity == nullptr) return Step::kDone;
  if (in.mseq <= identity->cursor) {
    run.out.took(Branch::kDuplicateIgnored);
    send_ack(run, identity->cursor);
    return Step::kDone;
  }
  if (in.mseq != identity->cursor.next()) return Step::kDone;  // A later one; this one comes again.

  Identity moved = *identity;
  moved.cursor = in.mseq;
  run.out.put(run.identity(), moved);
  if (in.cause == Cause::kNone) {
    Thread thread = stored == nullptr ? Thread{} : *stored;
    thread.applied_upto = std::max(thread.applied_upto, m.position);
    thread.peer = {m.sender, m.stream.device, m.stream.incarnation};
    run.out.put(thread_key(run.self(), c), thread);
  }
  run.out.persist();
  if (in.cause == Cause::kNone) {
    run.out.note(Applied{run.self(), run.s.incarnation, in.epoch, in.mseq, m});
    run.out.note(Displayed{run.self(), run.s.incarnation, c, m.position});
  } else {
    run.out.note(GapShown{run.self(), run.s.incarnation, in.mseq, c, m.position, in.cause});
  }
  send_ack(run, in.mseq);
  return Step::kDone;
}

Step open_conversation(Run& run, const OpenConversation& ask) {
  if (run.s.incarnation == Incarnation{}) return Step::kDone;
  const ConversationId c = ask.conversation;
  const Identity* identity = run.v.get<Identity>(run.identity());
  const Thread* stored = run.v.get<Thread>(thread_key(run.self(), c));
  if (!run.v.complete()) return Step::kNeedMore;
  if (identity == nullptr || stored == nullptr || stored->applied_upto <= stored->read_upto) {
    return Step::kDone;
  }
  Thread thread = *stored;
  thread.read_upto = thread.applied_upto;
  const PendingRead row{thread.read_upto, thread.peer};
  run.out.put(thread_key(run.self(), c), thread);
  run.out.put(pending_read_key(run.self(), c), row);
  run.out.persist();
  run.out.note(Opened{run.self(), run.s.incarnation, c, thread.read_upto});
  if (run.s.conn.in_session()) {
    send_read(run, identity->cursor, c, row);
    arm_retry(run);
  }
  return Step::kDone;
}

Step on_read_ack(Run& run, const ReadAck& in) {
  const Key key = pending_read_key(run.self(), in.conversation);
  const PendingRead* row = run.v.get<PendingRead>(key);
  if (!run.v.complete()) return Step::kNeedMore;
  // An ack of an earlier READ says nothing of what was read since.
  if (row == nullptr || row->upto != in.upto) return Step::kDone;
  run.out.erase(key);
  run.out.persist();
  return Step::kDone;
}

Step on_tick(Run& run, const Tick& in) {
  if (run.s.incarnation == Incarnation{}) return Step::kDone;
  const Thread* stored = run.v.get<Thread>(thread_key(run.self(), in.conversation));
  if (!run.v.complete()) return Step::kNeedMore;
  const Thread before = stored == nullptr ? Thread{} : *stored;
  TickVersion held = before.ticks.version;
  if (in.value.version > held) {
    Thread after = before;
    after.ticks = in.value;
    after.recipient = in.recipient;
    held = in.value.version;
    run.out.put(thread_key(run.self(), in.conversation), after);
    run.out.persist();
    // Failures first: a failed position may lie below the delivered mark that comes with it.
    note_failures(run, in.conversation, before, after);
    note_ticks(run, in.conversation, before, after);
  }
  run.send_up(TickAck{run.self(), run.s.config.user, in.conversation, in.recipient, held});
  return Step::kDone;
}

Step retry_due(Run& run) {
  Device::State& s = run.s;
  if (!s.conn.in_session()) return Step::kDone;
  const Instant now = run.t.now;
  if (s.reads_due <= now) {
    const Identity* identity = run.v.get<Identity>(run.identity());
    const Rows<PendingRead> rows = run.v.scan<PendingRead>(pending_reads(run));
    if (!run.v.complete()) return Step::kNeedMore;
    s.retry_at = kNever;
    if (identity != nullptr) send_reads(run, *identity, rows);
  }
  s.retry_at = kNever;
  if (std::ranges::any_of(s.in_flight, [&](const Device::InFlight& f) { return f.due <= now; })) {
    run.out.post(Chore::kPump, 0);  // It arms the timer again.
  } else {
    arm_retry(run);
  }
  return Step::kDone;
}

}  // namespace greytick::model::device
