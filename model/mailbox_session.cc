// Sessions: HELLO, ACK and READ, and the end of a session.
#include <algorithm>

#include "model/mailbox_steps.h"

namespace greytick::model::mailbox_steps {
namespace {

using Facts = boost::container::small_vector<Fact, 4>;

// The device's cursor covers this entry: it was applied, unless it had become a tombstone.
void acknowledged(TickBook& book, Bodies& bodies, DeviceId d, const Mailbox& m, MailboxSeq mseq,
                  const Entry& e, Outputs& out, Facts& facts) {
  if (e.cause == Cause::kUnconfirmed) {
    book.cause(d, e.message, Cause::kNone);
    out.erase(dead_letter_key(d, m.incarnation, mseq.value()));
    facts.push_back(Corrected{d, m.incarnation, mseq, e.message});
    facts.push_back(Took{Branch::kCorrected});
  }
  if (e.cause == Cause::kNone || e.cause == Cause::kUnconfirmed) book.delivered(d, e.message);
  bodies.release(e, out);
  out.erase(entry_key(d, mseq));
}

}  // namespace

Step on_hello(State& state, const Stimulus& t, const Hello& hello, Address from, View& view,
              Outputs& out) {
  const DeviceId d = hello.device;
  const auto* stored = view.get<Mailbox>(mailbox_key(d));
  if (!view.complete()) return Step::kNeedMore;
  if (stored != nullptr && stored->logged_out && !stored->retiring) {
    out.send(from, LoggedOut{d, hello.incarnation});
    return Step::kDone;
  }
  // Unknown, or being retired: the device asks again. Newer than known cannot be: incarnations are
  // issued here.
  if (stored == nullptr || stored->retiring || hello.incarnation > stored->incarnation)
    return Step::kDone;
  Mailbox m = *stored;
  const auto stale = [&] {
    out.send(from, HelloStale{d, hello.hello_seq, hello.nonce, m.hello_seq});
    out.took(Branch::kStaleHello);
    return Step::kDone;
  };
  if (hello.incarnation < m.incarnation) return stale();
  if (hello.hello_seq == m.hello_seq && hello.nonce == m.hello_nonce) {
    out.took(Branch::kHelloRepeated);
    if (live(state, m, d)) {
      out.send(from, Welcome{d, m.hello_seq, m.hello_nonce, m.epoch, m.version});
    } else {
      out.send(from, Evict{d, m.epoch});  // that session is over; a fresh HELLO opens another
    }
    return Step::kDone;
  }
  if (hello.hello_seq <= m.hello_seq) return stale();
  // Behind what it acknowledged, or ahead of what it was ever given: its disk is not the one we
  // knew.
  if (hello.cursor < m.acked || hello.cursor > m.tail) return stale();

  const MailboxSeq doubt = std::max(doubt_end(state, m), hello.cursor);
  TickBook book(state);
  Bodies bodies;
  Rows<Entry> rows({});
  if (doubt > m.acked) {
    rows = view.scan<Entry>(entries(d, m.acked, doubt, span_of(m.acked, doubt)));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      book.load(m.user, d, rows[i].record.number, rows[i].record.message, view);
      bodies.load(rows[i].record, view);
    }
  }
  if (!view.complete()) return Step::kNeedMore;

  CHECK(rows.size() == doubt - m.acked);
  const Instant clock = ttl_clock(state, t);
  Facts facts;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const MailboxSeq mseq(rows[i].sub);
    const Entry& e = rows[i].record;
    if (mseq <= hello.cursor) {
      acknowledged(book, bodies, d, m, mseq, e, out, facts);
    } else if ((e.cause == Cause::kNone || e.cause == Cause::kUnconfirmed) && e.deadline <= clock) {
      // Offered once, certainly not applied, and too old: the one moment when this is known.
      out.put(entry_key(d, mseq), tombstone(e, Cause::kExpired));
      settle(book, d, m.incarnation, mseq, bodies.message(e), Cause::kExpired, out, facts);
      bodies.release(e, out);
      facts.push_back(Took{Branch::kExpiredInHello});
    }
  }
  const bool replaced = m.session_open;
  const SessionEpoch old_epoch = m.epoch;
  const std::uint32_t old_gateway = m.gateway;
  if (replaced) m.epoch = m.epoch.next();
  m.acked = hello.cursor;
  m.offered_upto = hello.cursor;
  m.epoch = m.epoch.next();
  m.session_open = true;
  m.version = std::min(hello.version, state.config.version);
  m.gateway = from.index;
  m.hello_seq = hello.hello_seq;
  m.hello_nonce = hello.nonce;
  out.put(mailbox_key(d), m);
  book.write(out);
  out.persist();
  for (Fact& fact : facts) out.note(std::move(fact));
  book.send(out, t.now);
  if (replaced) out.took(Branch::kSessionReplaced);
  if (replaced && old_gateway != m.gateway) {
    out.send({Role::kGateway, old_gateway, ConnectionId{}}, Evict{d, old_epoch});
  }
  if (m.tail > m.acked) out.took(Branch::kSessionResumed);
  if (hello.version != state.config.version) out.took(Branch::kVersionsDiffer);
  out.send(from, Welcome{d, m.hello_seq, m.hello_nonce, m.epoch, m.version});
  state.sessions[d] = MailboxShard::Session{.sent_upto = m.acked, .acked = m.acked};
  state.pushed.erase(d);
  out.cancel(Timer::kPushAgain, d.value());
  out.cancel(Timer::kRedeliver, d.value());
  out.post(Chore::kOffer, d.value());
  out.post(Chore::kOfferTicks, d.value());
  return Step::kDone;
}

// A READ is an ACK with one thing more. A late ack of an older session of the same installation is
// still true.
Step on_ack(State& state, const Stimulus& t, const Ack& ack, const Read* read, Address from,
            View& view, Outputs& out) {
  const DeviceId d = ack.device;
  const auto* stored = view.get<Mailbox>(mailbox_key(d));
  if (!view.complete()) return Step::kNeedMore;
  if (stored == nullptr || stored->retiring || stored->incarnation != ack.incarnation)
    return Step::kDone;
  Mailbox m = *stored;
  const MailboxSeq upto = std::min(ack.cursor, doubt_end(state, m));
  TickBook book(state);
  Bodies bodies;
  Rows<Entry> rows({});
  if (upto > m.acked) {
    rows = view.scan<Entry>(entries(d, m.acked, upto, span_of(m.acked, upto)));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      book.load(m.user, d, rows[i].record.number, rows[i].record.message, view);
      bodies.load(rows[i].record, view);
    }
  }
  if (read != nullptr) book.load_read(d, *read, view);
  if (!view.complete()) return Step::kNeedMore;

  Facts facts;
  if (upto > m.acked) {
    CHECK(rows.size() == upto - m.acked);
    const auto session = state.sessions.find(d);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (session != state.sessions.end() && MailboxSeq(rows[i].sub) <= session->second.sent_upto) {
        const std::uint64_t bytes = data_bytes(bodies.content(rows[i].record));
        CHECK(session->second.unacked_bytes >= bytes);
        session->second.unacked_bytes -= bytes;
      }
      acknowledged(book, bodies, d, m, MailboxSeq(rows[i].sub), rows[i].record, out, facts);
    }
    if (session != state.sessions.end()) {
      session->second.sent_upto = std::max(session->second.sent_upto, upto);
    }
    m.acked = upto;
    out.put(mailbox_key(d), m);
  }
  if (read != nullptr) book.read(d, read->conversation, read->upto);
  book.write(out);
  out.persist();
  for (Fact& fact : facts) out.note(std::move(fact));
  book.send(out, t.now);
  if (read != nullptr) out.send(from, ReadAck{d, read->conversation, read->upto});
  if (!live(state, m, d) || ack.epoch != m.epoch) {
    // It talks in a session that we do not have: it must say HELLO again.
    if (ack.epoch < m.epoch || !live(state, m, d)) out.send(from, Evict{d, ack.epoch});
    return Step::kDone;
  }
  if (m.tail > state.sessions.at(d).sent_upto) out.post(Chore::kOffer, d.value());
  return Step::kDone;
}

Step on_session_closed(State& state, const Stimulus& t, const SessionClosed& closed, View& view,
                       Outputs& out) {
  const auto* stored = view.get<Mailbox>(mailbox_key(closed.device));
  if (!view.complete()) return Step::kNeedMore;
  if (stored == nullptr || !stored->session_open || stored->epoch != closed.epoch)
    return Step::kDone;
  Mailbox m = *stored;
  close_session(state, m);
  out.put(mailbox_key(closed.device), m);
  out.persist();
  state.sessions.erase(closed.device);
  out.cancel(Timer::kRedeliver, closed.device.value());
  if (m.tail > m.acked) want_push(state, closed.device, m.user, t.now, out);
  return Step::kDone;
}

}  // namespace greytick::model::mailbox_steps
