// Sessions: HELLO, ACK and READ, the end of a session, and the end of an installation.
#include <algorithm>

#include "model/mailbox_steps.h"

namespace greytick::model::mailbox_steps {
namespace {

Address gateway_of(const Mailbox& m) { return {Role::kGateway, m.gateway, ConnectionId{}}; }

using Facts = boost::container::small_vector<Fact, 4>;

// The device's cursor covers this entry: it was applied, unless it had become a tombstone.
void acknowledged(TickBook& book, DeviceId d, const Mailbox& m, MailboxSeq mseq, const Entry& e,
                  Outputs& out, Facts& facts) {
  if (e.cause == Cause::kUnconfirmed) {
    book.cause(d, e.message, Cause::kNone);
    out.erase(dead_letter_key(d, m.incarnation, mseq.value()));
    facts.push_back(Corrected{d, m.incarnation, mseq, e.message});
    facts.push_back(Took{Branch::kCorrected});
  }
  if (e.cause == Cause::kNone || e.cause == Cause::kUnconfirmed) book.delivered(d, e.message);
  out.erase(entry_key(d, mseq));
}

}  // namespace

Step on_hello(State& state, const Stimulus& t, const Hello& hello, Address from, View& view,
              Outputs& out) {
  const DeviceId d = hello.device;
  const auto* stored = view.get<Mailbox>(mailbox_key(d));
  if (!view.complete()) return Step::kNeedMore;
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
      out.send(from, Welcome{d, m.hello_seq, m.hello_nonce, m.epoch});
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
  Rows<Entry> rows({});
  if (doubt > m.acked) {
    rows = view.scan<Entry>(entries(d, m.acked, doubt, span_of(m.acked, doubt)));
    for (std::size_t i = 0; i < rows.size(); ++i)
      book.load(m.user, d, rows[i].record.number, rows[i].record.message, view);
  }
  if (!view.complete()) return Step::kNeedMore;

  CHECK(rows.size() == doubt - m.acked);
  const Instant clock = ttl_clock(state, t);
  Facts facts;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const MailboxSeq mseq(rows[i].sub);
    const Entry& e = rows[i].record;
    if (mseq <= hello.cursor) {
      acknowledged(book, d, m, mseq, e, out, facts);
    } else if ((e.cause == Cause::kNone || e.cause == Cause::kUnconfirmed) && e.deadline <= clock) {
      // Offered once, certainly not applied, and too old: the one moment when this is known.
      out.put(entry_key(d, mseq), tombstone(e, Cause::kExpired));
      settle(book, d, m.incarnation, mseq, e.message, Cause::kExpired, out, facts);
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
  out.send(from, Welcome{d, m.hello_seq, m.hello_nonce, m.epoch});
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
  Rows<Entry> rows({});
  if (upto > m.acked) {
    rows = view.scan<Entry>(entries(d, m.acked, upto, span_of(m.acked, upto)));
    for (std::size_t i = 0; i < rows.size(); ++i)
      book.load(m.user, d, rows[i].record.number, rows[i].record.message, view);
  }
  if (read != nullptr) book.load_read(d, *read, view);
  if (!view.complete()) return Step::kNeedMore;

  Facts facts;
  if (upto > m.acked) {
    CHECK(rows.size() == upto - m.acked);
    const auto session = state.sessions.find(d);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (session != state.sessions.end() && MailboxSeq(rows[i].sub) <= session->second.sent_upto) {
        CHECK(session->second.unacked_bytes >= entry_bytes(rows[i].record));
        session->second.unacked_bytes -= entry_bytes(rows[i].record);
      }
      acknowledged(book, d, m, MailboxSeq(rows[i].sub), rows[i].record, out, facts);
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

// A new installation. The older one is retired first, in bounded steps; the device asks until it is
// answered.
Step on_register(State& state, const Stimulus&, const Register& request, Address from, View& view,
                 Outputs& out) {
  const DeviceId d = request.device;
  const auto* stored = view.get<Mailbox>(mailbox_key(d));
  const bool is_new = view.complete() && stored == nullptr;
  const Rows<UserDevice> devices =
      is_new ? view.scan<UserDevice>(devices_of(request.user)) : Rows<UserDevice>({});
  if (!view.complete()) return Step::kNeedMore;
  if (devices.size() >= kDevicesMax) return Step::kDone;  // one too many is not heard
  Mailbox m = stored != nullptr ? *stored : Mailbox{};
  if (m.install_id == request.install_id && m.incarnation != Incarnation{}) {
    if (!m.retiring) {
      out.send(from, Registered{d, m.install_id, m.incarnation});
      return Step::kDone;
    }
    // A crash may have lost the chore, and the device may have come back by another gateway.
    m.gateway = from.index;
    out.put(mailbox_key(d), m);
    out.persist();
    out.post(Chore::kRetire, d.value());
    return Step::kDone;
  }
  if (m.session_open) close_session(state, m);
  m.user = request.user;
  m.install_id = request.install_id;
  m.retiring = true;
  m.gateway = from.index;
  out.put(mailbox_key(d), m);
  if (stored == nullptr) out.put(user_device_key(m.user, d), UserDevice{});
  out.persist();
  state.sessions.erase(d);
  state.pushed.erase(d);
  out.cancel(Timer::kRedeliver, d.value());
  out.cancel(Timer::kPushAgain, d.value());
  out.post(Chore::kRetire, d.value());
  return Step::kDone;
}

Step on_retire(State& state, const Stimulus& t, DeviceId d, View& view, Outputs& out) {
  constexpr std::uint32_t kBatch = 256;
  const auto* stored = view.get<Mailbox>(mailbox_key(d));
  if (!view.complete()) return Step::kNeedMore;
  if (stored == nullptr || !stored->retiring) return Step::kDone;
  Mailbox m = *stored;
  if (m.acked < m.tail) {
    const Rows<Entry> rows = view.scan<Entry>(entries(d, m.acked, m.tail, kBatch));
    TickBook book(state);
    for (std::size_t i = 0; i < rows.size(); ++i)
      book.load(m.user, d, rows[i].record.number, rows[i].record.message, view);
    if (!view.complete()) return Step::kNeedMore;
    const Instant clock = ttl_clock(state, t);
    const MailboxSeq doubt = doubt_end(state, m);
    Facts facts;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const MailboxSeq mseq(rows[i].sub);
      const Entry& e = rows[i].record;
      if (e.cause == Cause::kNone) {
        const Cause cause = mseq <= doubt         ? Cause::kUnconfirmed
                            : e.deadline <= clock ? Cause::kExpired
                                                  : Cause::kRetired;
        settle(book, d, m.incarnation, mseq, e.message, cause, out, facts);
      }
      out.erase(entry_key(d, mseq));
      m.acked = mseq;
    }
    m.offered_upto = std::max(doubt, m.acked);
    out.put(mailbox_key(d), m);
    book.write(out);
    out.persist();
    for (Fact& fact : facts) out.note(std::move(fact));
    book.send(out, t.now);
    out.post(Chore::kRetire, d.value());
    return Step::kDone;
  }
  const Rows<UserConversation> conversations =
      view.scan<UserConversation>({Table::kUserConversation, m.user.value(), 0, ~0ULL, 100'000});
  // Ticks of the old installation's messages: nobody shows them any more.
  const Rows<TickSlot> slots =
      view.scan<TickSlot>({Table::kTickSlot, d.value(), 0, ~0ULL, 100'000});
  boost::container::small_vector<ChannelWriter, 4> channels;
  for (std::size_t i = 0; i < conversations.size(); ++i) {
    const Address target = state.placement.conversation_shard(ConversationId(conversations[i].sub));
    if (std::ranges::none_of(channels, [&](auto& w) { return w.target() == target; })) {
      channels.emplace_back(state.self, target, view.get<ChannelOut>(channel_out_key(target)));
    }
  }
  if (!view.complete()) return Step::kNeedMore;
  const Incarnation old = m.incarnation;
  Mailbox fresh;  // a new lineage: streams and positions restart, epochs and the due row do not
  fresh.user = m.user;
  fresh.install_id = m.install_id;
  fresh.incarnation = old.next();
  fresh.epoch = m.epoch.next();
  fresh.gateway = m.gateway;
  fresh.last_deadline = m.last_deadline;
  fresh.due_bucket = m.due_bucket;
  out.put(mailbox_key(d), fresh);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    out.erase(key_of<TickSlot>(d.value(), slots[i].sub));
  }
  for (std::size_t i = 0; i < conversations.size(); ++i) {
    const ConversationId c(conversations[i].sub);
    for (ChannelWriter& channel : channels) {
      if (channel.target() != state.placement.conversation_shard(c)) continue;
      // A device that was there before goes on as another installation; a new one joins its user.
      const MemberChange change = old == Incarnation{} ? MemberChange::kJoin : MemberChange::kRenew;
      MemberUpdate update{c, change, {}};
      update.devices.push_back({fresh.user, d, fresh.incarnation});
      channel.append(out, std::move(update));
    }
  }
  out.persist();
  if (old != Incarnation{}) {
    out.note(Retired{d, old});
    out.took(Branch::kReinstalled);
  }
  for (ChannelWriter& channel : channels) channel.send(out, state.paces, t.now);
  out.send(gateway_of(fresh), Registered{d, fresh.install_id, fresh.incarnation});
  return Step::kDone;
}

}  // namespace greytick::model::mailbox_steps
