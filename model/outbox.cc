#include <algorithm>
#include <bit>
#include <utility>

#include "model/device_steps.h"
#include "model/plaintext.h"

namespace greytick::model::device {
namespace {

constexpr std::uint32_t kRowsAPump = 128;
constexpr std::uint64_t kMaxCseq = (1ULL << 24) - 1;  // Of one stream: what outbox_key() can hold.

Device::InFlight* find(Device::State& s, ConversationId c, ClientSeq n) {
  const auto it = std::ranges::find_if(
      s.in_flight, [&](const Device::InFlight& f) { return f.conversation == c && f.cseq == n; });
  return it == s.in_flight.end() ? nullptr : &*it;
}

StreamId stream_of(const Run& run, ConversationId c) { return {run.self(), run.s.incarnation, c}; }

// The window is counted from `acked`, because the server's ring keeps the responses above it.
bool has_room(const Device::State& s, ClientSeq acked, ClientSeq n) {
  const std::uint64_t window = std::min<std::uint64_t>(s.config.send_window, kResponseRing);
  return n - acked <= window && s.in_flight.size() < s.config.max_in_flight;
}

// The content is sealed for the devices of the conversation as they are known now; the row keeps it
// as it was sealed first.
void transmit(Run& run, ConversationId c, ClientSeq n, const Thread& thread, const Outbox& row) {
  const StreamId stream = stream_of(run, c);
  const Ciphertext content = thread.devices == LogPos{} ? row.content
                                                        : seal(run.s.config.key, stream, n,
                                                               row.content.bytes, thread.devices);
  run.send_up(SendMessage{stream, run.s.config.user, n, thread.acked, row.id, row.dep,
                          thread.devices, content});
}

MessageId new_message_id(const Run& run) {
  // UUID version 7 (RFC 9562): 48 bits of milliseconds, then random bits around version and
  // variant.
  const auto ms =
      static_cast<std::uint64_t>(std::max<std::int64_t>(to_ns(run.t.wall), 0)) / 1000000;
  return {(ms << 16) | 0x7000U | (run.bits(kIdHighDraw) & 0x0fffU),
          0x8000000000000000ULL | (run.bits(kIdLowDraw) >> 2)};
}

std::uint64_t hash_of(const SendReply& r) {
  using payload_internal::mix;
  std::uint64_t h = 0;
  for (const std::uint64_t field :
       {std::uint64_t{r.stream.device.value()}, r.stream.incarnation.value(),
        r.stream.conversation.value(), r.cseq.value(), r.id.high, r.id.low,
        static_cast<std::uint64_t>(r.code), static_cast<std::uint64_t>(r.reason),
        r.position.value(), static_cast<std::uint64_t>(to_ns(r.accepted_at)), r.expected.value(),
        static_cast<std::uint64_t>(r.retry_after.count())}) {
    h = mix(h + field + 0x9e3779b97f4a7c15ULL);
  }
  if (r.audience > 0) {
    h = mix(h + (std::uint64_t{r.audience} << 32 | r.last_number.value()) + 0x9e3779b97f4a7c15ULL);
  }
  return h;
}

// A definite response: the row goes, and the contiguous mark grows as far as it can.
Step settle(Run& run, const SendReply& in, const Thread& before, const Rows<MemberTicks>& waiting,
            const GroupSent& group) {
  const std::uint64_t ahead = in.cseq - before.acked - 1;
  if (ahead >= kResponseRing) return Step::kDone;  // Never sent, so not answered by our server.
  Thread after = before;
  after.settled = static_cast<std::uint16_t>(after.settled | (1U << ahead));
  while ((after.settled & 1U) != 0) {
    after.acked = after.acked.next();
    after.settled = static_cast<std::uint16_t>(after.settled >> 1U);
  }
  if (in.code == ReplyCode::kSent) after.sent_upto = std::max(after.sent_upto, in.position);
  const ConversationId c = in.stream.conversation;
  const AggregatesShown aggregates = group.begin(run, after);
  run.out.erase(outbox_key(run.self(), c, in.cseq));
  run.out.put(thread_key(run.self(), c), after);
  run.out.persist();
  run.out.note(Answered{in.stream, in.cseq, in.code, in.position, hash_of(in)});
  if (after.sent_upto > before.sent_upto) {
    run.out.note(SentShown{run.self(), run.s.incarnation, c, after.sent_upto});
    note_waiting_ticks(run, c, waiting, before.sent_upto, after.sent_upto);
  }
  note_aggregates(run, aggregates);
  if (const Device::InFlight* f = find(run.s, c, in.cseq)) {
    run.s.in_flight.erase(run.s.in_flight.begin() + (f - run.s.in_flight.data()));
  }
  if (run.s.backlog && run.s.conn.in_session()) run.out.post(Chore::kPump, 0);
  return Step::kDone;
}

void turned_away(Run& run, const SendReply& in) {
  run.out.note(TurnedAway{in.stream, in.cseq});
  Device::InFlight* f = find(run.s, in.stream.conversation, in.cseq);
  if (f == nullptr) return;
  const Duration wait = std::max(in.retry_after, run.s.config.ack_timeout / 8);
  f->held = true;
  f->due = saturating_add(run.t.now, wait + uniform_upto(run.bits(kRetryDraw), wait));
  arm_retry(run);
}

// Somebody joined whom this content was not sealed for. Nothing is stored there, so it goes again,
// sealed anew, and so does what was sent after it.
void seal_again(Run& run, const SendReply& in, const Thread& before) {
  if (in.devices > before.devices) {
    Thread next = before;
    next.devices = in.devices;
    run.out.put(thread_key(run.self(), in.stream.conversation), next);
    run.out.persist();
  }
  if (find(run.s, in.stream.conversation, in.cseq) == nullptr) return;
  for (Device::InFlight& f : run.s.in_flight) {
    if (f.conversation != in.stream.conversation || f.cseq < in.cseq) continue;
    f.due = run.t.now;
    f.held = false;
  }
  run.out.post(Chore::kPump, 0);
}

// The server has not seen `expected`: from there on everything goes again, in order. A resend that
// has just left is given time to arrive; one held back is waited for.
void fill_gap(Run& run, const SendReply& in) {
  Device::InFlight* refused = find(run.s, in.stream.conversation, in.cseq);
  Device::InFlight* missing = find(run.s, in.stream.conversation, in.expected);
  if (refused == nullptr || in.expected >= in.cseq) return;
  if (missing == nullptr)
    missing = refused;  // Answered meanwhile: only this one is left to resend.
  if (!missing->held) {
    const Duration pause = run.s.config.ack_timeout / 8;
    missing->due = std::max(run.t.now, saturating_add(missing->sent_at, pause));
    missing->held = true;
  }
  refused->held = true;
  refused->due = missing->due;
  if (missing->due <= run.t.now) {
    run.out.post(Chore::kPump, 0);
  } else {
    arm_retry(run);
  }
}

}  // namespace

void arm_retry(Run& run) {
  Instant due = std::min(run.s.reads_due, run.s.changes_due);
  for (const Device::InFlight& f : run.s.in_flight) due = std::min(due, f.due);
  if (due >= run.s.retry_at) return;  // A timer that fires early finds nothing due and arms again.
  run.s.retry_at = due;
  run.out.wake(Timer::kRetry, 0, due);
}

Step compose(Run& run, const Compose& ask) {
  // Between a reinstall and its registration there is no stream to write into; the app shows that
  // it is being set up.
  if (run.s.incarnation == Incarnation{} || run.s.leaving) return Step::kDone;
  const ConversationId c = ask.conversation;
  const Thread* stored = run.v.get<Thread>(thread_key(run.self(), c));
  if (!run.v.complete()) return Step::kNeedMore;
  Thread thread = stored == nullptr ? Thread{} : *stored;
  if (thread.next.value() >= kMaxCseq) return Step::kDone;  // The stream is full.
  thread.next = thread.next.next();
  const ClientSeq n = thread.next;
  const StreamId stream = stream_of(run, c);
  Plaintext text(run.s.config.key, stream, n, ask.bytes);
  const Outbox row{new_message_id(run), thread.applied_upto,
                   seal(run.s.config.key, stream, n, std::move(text), thread.devices), run.t.now};
  run.out.put(thread_key(run.self(), c), thread);
  run.out.put(outbox_key(run.self(), c, n), row);
  run.out.persist();
  run.out.note(
      Created{stream, run.s.config.user, n, row.id, row.dep, row.content, row.composed_at});
  if (!run.s.conn.in_session()) return Step::kDone;
  // Without a backlog all earlier rows are in flight, so this one may follow them.
  if (run.s.backlog || !has_room(run.s, thread.acked, n)) {
    run.s.backlog = true;
    return Step::kDone;
  }
  const bool held = std::ranges::any_of(
      run.s.in_flight, [&](const Device::InFlight& f) { return f.conversation == c && f.held; });
  if (held) {
    run.s.backlog = true;
    return Step::kDone;
  }
  transmit(run, c, n, thread, row);
  run.s.in_flight.push_back(
      {c, n, run.t.now, saturating_add(run.t.now, run.s.config.ack_timeout), false});
  arm_retry(run);
  return Step::kDone;
}

Step pump(Run& run, std::uint64_t first_sub) {
  Device::State& s = run.s;
  if (!s.conn.in_session()) return Step::kDone;
  const auto rows = run.v.scan<Outbox>(
      {Table::kOutbox, run.self().value(), first_sub, ~std::uint64_t{0}, kRowsAPump});
  const auto key_at = [&](std::size_t i) {
    return key_of<Outbox>(run.self().value(), rows[i].sub);
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ConversationId c = outbox_conversation(key_at(i));
    if (i == 0 || c != outbox_conversation(key_at(i - 1))) {
      run.v.get<Thread>(thread_key(run.self(), c));
    }
  }
  if (!run.v.complete()) return Step::kNeedMore;

  bool left = false;     // Something stays unsent.
  bool blocked = false;  // In this conversation an earlier one does, or is held, until then:
  Instant blocked_until{};
  ConversationId current{};
  const Thread* thread = nullptr;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Key key = key_at(i);
    const ConversationId c = outbox_conversation(key);
    const ClientSeq n = outbox_cseq(key);
    if (i == 0 || c != current) {
      thread = run.v.get<Thread>(thread_key(run.self(), c));
      CHECK_MSG(thread != nullptr, "an outbox row is written together with its thread");
      current = c;
      blocked = false;
    }
    Device::InFlight* f = find(s, c, n);
    const Instant due = saturating_add(run.t.now, s.config.ack_timeout);
    if (f != nullptr) {
      if (f->due <= run.t.now && !blocked) {
        transmit(run, c, n, *thread, rows[i].record);
        *f = {c, n, run.t.now, due, false};
      } else if (f->due <= run.t.now) {
        // Due again when the one before it is: at once would fire the timer for ever.
        f->due = blocked_until;
      }
      if (f->held) {
        blocked = true;
        blocked_until = f->due;
      }
    } else if (!blocked && has_room(s, thread->acked, n)) {
      transmit(run, c, n, *thread, rows[i].record);
      s.in_flight.push_back({c, n, run.t.now, due, false});
    } else {
      blocked = true;
      blocked_until = due;
      left = true;
    }
  }
  s.backlog = left || (first_sub != 0 && s.backlog);
  if (rows.size() == kRowsAPump) {
    const std::uint64_t last = rows[rows.size() - 1].sub;
    if (blocked) {
      // The rest of this conversation is passed over, and must not be due before what it waits for.
      for (Device::InFlight& f : s.in_flight) {
        if (f.conversation == current && f.due <= run.t.now) f.due = blocked_until;
      }
    }
    run.out.post(Chore::kPump, blocked ? (current.value() + 1) << 24 : last + 1);
    s.backlog = s.backlog || blocked;
    return Step::kDone;  // The last page arms the timer.
  }
  arm_retry(run);
  if (s.conn.link == Link::kFlushing && !s.backlog) s.conn.move(Link::kOpen);
  return Step::kDone;
}

Step on_reply(Run& run, const SendReply& in) {
  if (in.stream.device != run.self() || in.stream.incarnation != run.s.incarnation ||
      in.cseq.value() > kMaxCseq || in.stream.conversation.value() >= (1ULL << 40)) {
    run.out.took(Branch::kStaleReplyIgnored);
    return Step::kDone;
  }
  const ConversationId c = in.stream.conversation;
  const Outbox* row = run.v.get<Outbox>(outbox_key(run.self(), c, in.cseq));
  const Thread* thread = run.v.get<Thread>(thread_key(run.self(), c));
  Rows<MemberTicks> waiting({});
  if (thread != nullptr && thread->ticks_ahead > thread->sent_upto) {
    waiting = run.v.scan<MemberTicks>(ticks_of(run, c));
  }
  GroupSent group(c);
  if (in.code == ReplyCode::kSent) {
    group.load(run, thread, in.position, {in.audience, in.last_number});
  }
  if (!run.v.complete()) return Step::kNeedMore;
  if (row == nullptr || thread == nullptr) return Step::kDone;  // Answered before.
  if (row->id != in.id) {
    run.out.took(Branch::kStaleReplyIgnored);
    return Step::kDone;
  }
  switch (in.code) {
    case ReplyCode::kSent:
    case ReplyCode::kRejected:
      return settle(run, in, *thread, waiting, group);
    case ReplyCode::kRetryable:
      turned_away(run, in);
      return Step::kDone;
    case ReplyCode::kStaleDevices:
      seal_again(run, in, *thread);
      return Step::kDone;
    case ReplyCode::kGap:
      fill_gap(run, in);
      return Step::kDone;
    case ReplyCode::kStaleIncarnation:
    case ReplyCode::kConflict:
    case ReplyCode::kForgotten:
      begin_again(run);
      return Step::kDone;
  }
  return Step::kDone;
}

}  // namespace greytick::model::device
