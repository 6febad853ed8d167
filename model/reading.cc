#include <algorithm>
#include <utility>

#include "model/device_steps.h"

namespace greytick::model::device {
namespace {

struct Shown {
  LogPos delivered, read;
  friend bool operator==(const Shown&, const Shown&) = default;
};

// A tick may run ahead of the SENT that it follows; it shows when SENT does.
Shown shown(const TickRegister& ticks, LogPos sent) {
  return {std::min(ticks.delivered_upto, sent), std::min(ticks.read_upto, sent)};
}

Shown furthest(const Shown& a, const Shown& b) {
  return {std::max(a.delivered, b.delivered), std::max(a.read, b.read)};
}

void note_ticks(Run& run, ConversationId conversation, DeviceId member, const Shown& before,
                const Shown& after) {
  if (after == before) return;
  run.out.note(
      TicksShown{run.self(), run.s.incarnation, conversation, member, after.delivered, after.read});
}

bool holds(const TickRegister& ticks, const FailedInterval& interval) {
  return std::ranges::find(ticks.failed, interval) != ticks.failed.end();
}

void note_failures(Run& run, ConversationId conversation, DeviceId member,
                   const TickRegister& before, const TickRegister& after) {
  const auto note = [&](const FailedInterval& f, Cause cause) {
    run.out.note(
        FailureShown{run.self(), run.s.incarnation, conversation, member, f.from, f.to, cause});
  };
  // Taken back is only what no interval covers any more: one that grew or changed its cause has not
  // been SENT in between.
  for (const FailedInterval& f : before.failed) {
    LogPos from = f.from;
    for (const FailedInterval& still : after.failed) {
      if (still.to < from || from > f.to) continue;
      if (still.from > f.to) break;
      if (still.from > from) note({from, LogPos(still.from.value() - 1), f.cause}, Cause::kNone);
      from = still.to.next();
    }
    if (from <= f.to) note({from, f.to, f.cause}, Cause::kNone);
  }
  for (const FailedInterval& f : after.failed) {
    if (!holds(before, f)) note(f, f.cause);
  }
}

void send_ack(Run& run, MailboxSeq cursor) {
  run.send_up(Ack{run.self(), run.s.config.user, run.s.incarnation, run.s.epoch, cursor});
}

void send_read(Run& run, MailboxSeq cursor, ConversationId conversation, const PendingRead& row) {
  run.send_up(Read{run.self(), run.s.config.user, run.s.incarnation, run.s.epoch, cursor,
                   conversation, row.upto, row.senders});
  run.s.reads_due = std::min(run.s.reads_due, saturating_add(run.t.now, run.s.config.ack_timeout));
}

}  // namespace

Range ticks_of(const Run& run, ConversationId conversation) {
  return {Table::kMemberTicks, run.self().value(), member_sub(conversation, {}),
          member_sub(conversation, MemberNumber(0xff'ffff)), kMembersMax};
}

void note_waiting_ticks(Run& run, ConversationId conversation, const Rows<MemberTicks>& ticks,
                        LogPos sent_before, LogPos sent) {
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const TickRegister& value = ticks[i].record.value;
    note_ticks(run, conversation, ticks[i].record.member, shown(value, sent_before),
               shown(value, sent));
  }
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
  if (run.s.leaving) return Step::kDone;  // the server may have settled it as not delivered
  const Message& m = in.message;
  const ConversationId c = m.stream.conversation;
  const Identity* identity = run.v.get<Identity>(run.identity());
  const Thread* stored = run.v.get<Thread>(thread_key(run.self(), c));
  const PendingChange* wish = nullptr;
  Rows<MemberTicks> waiting({});
  GroupSent group(c);
  // Written on another device of our user: the copy tells that it was SENT.
  const bool ours = m.kind == EntryKind::kContent && m.sender == run.s.config.user;
  if (m.kind != EntryKind::kContent) {
    wish = run.v.get<PendingChange>(pending_change_key(run.self(), c));
  } else if (ours && stored != nullptr && stored->ticks_ahead > stored->sent_upto) {
    waiting = run.v.scan<MemberTicks>(ticks_of(run, c));
  }
  if (ours && in.cause == Cause::kNone) {
    group.load(run, stored, m.position, {m.audience, m.last_number});
  }
  if (!run.v.complete()) return Step::kNeedMore;
  if (identity == nullptr) return Step::kDone;
  if (in.mseq <= identity->cursor) {
    run.out.took(Branch::kDuplicateIgnored);
    send_ack(run, identity->cursor);
    return Step::kDone;
  }
  // A later one; this one comes again. An app of version 1 does not look: it is never handed one.
  if (in.mseq != identity->cursor.next() && run.s.config.version >= Version::k2) {
    return Step::kDone;
  }

  Identity moved = *identity;
  moved.cursor = in.mseq;
  run.out.put(run.identity(), moved);
  Thread thread = stored == nullptr ? Thread{} : *stored;
  const LogPos sent_before = thread.sent_upto;
  AggregatesShown aggregates;
  if (in.cause == Cause::kNone) {
    thread.applied_upto = std::max(thread.applied_upto, m.position);
    if (is_join(m.kind)) thread.devices = std::max(thread.devices, m.position);
    if (ours) {
      aggregates = group.begin(run, thread);
      thread.sent_upto = std::max(thread.sent_upto, m.position);
    } else if (m.kind == EntryKind::kContent) {
      add_newest(thread.unread, {m.sender, m.stream.device, m.stream.incarnation, {}});
    } else if (settles(wish, run, m)) {
      run.out.erase(pending_change_key(run.self(), c));
    }
    run.out.put(thread_key(run.self(), c), thread);
  }
  run.out.persist();
  if (in.cause == Cause::kNone) {
    run.out.note(Applied{run.self(), run.s.incarnation, in.epoch, in.mseq, m});
    run.out.note(Displayed{run.self(), run.s.incarnation, c, m.position});
    if (thread.sent_upto > sent_before) {
      run.out.note(SentShown{run.self(), run.s.incarnation, c, thread.sent_upto});
      note_waiting_ticks(run, c, waiting, sent_before, thread.sent_upto);
    }
    note_aggregates(run, aggregates);
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
  const PendingRead* unacked = run.v.get<PendingRead>(pending_read_key(run.self(), c));
  if (!run.v.complete()) return Step::kNeedMore;
  if (identity == nullptr || stored == nullptr || stored->applied_upto <= stored->read_upto) {
    return Step::kDone;
  }
  Thread thread = *stored;
  thread.read_upto = thread.applied_upto;
  PendingRead row{thread.read_upto, {}};
  row.senders = std::exchange(thread.unread, {});
  // One that the server has not acknowledged yet goes on in this one.
  if (unacked != nullptr) {
    for (const Recipient& sender : unacked->senders) add_newest(row.senders, sender);
  }
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
  if (run.s.incarnation == Incarnation{} || !fits_key(in.conversation, in.number)) {
    return Step::kDone;
  }
  const Key key = member_ticks_key(run.self(), in.conversation, in.number);
  const Thread* stored = run.v.get<Thread>(thread_key(run.self(), in.conversation));
  const MemberTicks* known = run.v.get<MemberTicks>(key);
  if (!run.v.complete()) return Step::kNeedMore;
  const TickRegister before = known == nullptr ? TickRegister{} : known->value;
  const Thread thread = stored == nullptr ? Thread{} : *stored;
  const bool is_newer = in.value.version > before.version;
  GroupTick group;
  if (is_newer && thread.in_group && !group.load(run, in, before)) return Step::kNeedMore;
  if (is_newer) {
    run.out.put(key, MemberTicks{in.recipient, in.user, in.value});
    const AggregatesShown aggregates =
        thread.in_group ? group.count(run, in, before) : AggregatesShown{};
    if (in.value.delivered_upto > thread.sent_upto &&
        in.value.delivered_upto > thread.ticks_ahead) {
      Thread next = thread;
      next.ticks_ahead = in.value.delivered_upto;
      run.out.put(thread_key(run.self(), in.conversation), next);
    }
    run.out.persist();
    // Failures first: a failed position may lie below the delivered mark that comes with it.
    note_failures(run, in.conversation, in.recipient, before, in.value);
    Shown was = shown(before, thread.sent_upto), is = shown(in.value, thread.sent_upto);
    // A device that left and came back has a register as each member; what is shown is the
    // furthest.
    for (const GroupTick::Other& other : group.others) {
      if (other.ticks->member != in.recipient) continue;
      const Shown as_other = shown(other.ticks->value, thread.sent_upto);
      was = furthest(was, as_other);
      is = furthest(is, as_other);
    }
    note_ticks(run, in.conversation, in.recipient, was, is);
    note_aggregates(run, aggregates);
  }
  run.send_up(TickAck{run.self(), run.s.config.user, in.conversation, in.number,
                      std::max(before.version, in.value.version)});
  return Step::kDone;
}

Step retry_due(Run& run) {
  Device::State& s = run.s;
  if (!s.conn.in_session()) return Step::kDone;
  const Instant now = run.t.now;
  const bool reads = s.reads_due <= now;
  const bool changes = s.changes_due <= now;
  const Identity* identity = nullptr;
  Rows<PendingRead> read_rows({});
  Rows<PendingChange> change_rows({});
  if (reads) {
    identity = run.v.get<Identity>(run.identity());
    read_rows = run.v.scan<PendingRead>(pending_reads(run));
  }
  if (changes) change_rows = run.v.scan<PendingChange>(pending_changes(run));
  if (!run.v.complete()) return Step::kNeedMore;
  s.retry_at = kNever;
  if (reads && identity != nullptr) send_reads(run, *identity, read_rows);
  if (changes) send_changes(run, change_rows);
  if (changes && s.leaving) send_log_out(run);
  s.retry_at = kNever;
  if (std::ranges::any_of(s.in_flight, [&](const Device::InFlight& f) { return f.due <= now; })) {
    run.out.post(Chore::kPump, 0);  // It arms the timer again.
  } else {
    arm_retry(run);
  }
  return Step::kDone;
}

}  // namespace greytick::model::device
