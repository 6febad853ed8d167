// Installations of a device: one begins with REGISTER, and ends when another replaces it or the
// user takes the device off. What is left for it is settled first, in bounded steps.
#include "model/mailbox_steps.h"

namespace greytick::model::mailbox_steps {
namespace {

void begin_to_retire(State& state, DeviceId d, Mailbox& m, Address from, Outputs& out) {
  if (m.session_open) close_session(state, m);
  m.retiring = true;
  m.gateway = from.index;
  out.put(mailbox_key(d), m);
}

void retire_soon(State& state, DeviceId d, Outputs& out) {
  state.sessions.erase(d);
  state.pushed.erase(d);
  out.cancel(Timer::kRedeliver, d.value());
  out.cancel(Timer::kPushAgain, d.value());
  out.post(Chore::kRetire, d.value());
}

}  // namespace

// The older installation is retired first; the device asks until it is answered.
Step on_register(State& state, const Stimulus&, const Register& request, Address from, View& view,
                 Outputs& out) {
  const DeviceId d = request.device;
  const auto* stored = view.get<Mailbox>(mailbox_key(d));
  // Never seen, or taken off since: it is none of the user's devices yet, and takes a place.
  const bool comes =
      view.complete() && (stored == nullptr || (stored->logged_out && stored->install_id == 0));
  const Rows<UserDevice> devices =
      comes ? view.scan<UserDevice>(devices_of(request.user)) : Rows<UserDevice>({});
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
  if (m.retiring && m.logged_out) return Step::kDone;  // one after the other
  m.user = request.user;
  m.install_id = request.install_id;
  begin_to_retire(state, d, m, from, out);
  if (comes) out.put(user_device_key(m.user, d), UserDevice{});
  out.persist();
  retire_soon(state, d, out);
  return Step::kDone;
}

// The device asks until it is answered: here when it is over already, else when its mailbox is
// retired.
Step on_log_out(State& state, const Stimulus&, const LogOut& request, Address from, View& view,
                Outputs& out) {
  const DeviceId d = request.device;
  const auto* stored = view.get<Mailbox>(mailbox_key(d));
  if (!view.complete()) return Step::kNeedMore;
  if (stored == nullptr || stored->user != request.user) return Step::kDone;
  if (request.incarnation < stored->incarnation) {
    out.send(from, LoggedOut{d, request.incarnation});
    return Step::kDone;
  }
  if (request.incarnation != stored->incarnation) return Step::kDone;
  Mailbox m = *stored;
  m.logged_out = true;
  m.install_id = 0;
  begin_to_retire(state, d, m, from, out);
  out.erase(user_device_key(m.user, d));
  out.persist();
  retire_soon(state, d, out);
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
    Bodies bodies;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      book.load(m.user, d, rows[i].record.number, rows[i].record.message, view);
      bodies.load(rows[i].record, view);
    }
    if (!view.complete()) return Step::kNeedMore;
    const Instant clock = ttl_clock(state, t);
    const MailboxSeq doubt = doubt_end(state, m);
    boost::container::small_vector<Fact, 4> facts;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const MailboxSeq mseq(rows[i].sub);
      const Entry& e = rows[i].record;
      if (e.cause == Cause::kNone) {
        const Cause cause = mseq <= doubt         ? Cause::kUnconfirmed
                            : e.deadline <= clock ? Cause::kExpired
                                                  : Cause::kRetired;
        settle(book, d, m.incarnation, mseq, bodies.message(e), cause, out, facts);
      }
      bodies.release(e, out);
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
  // Taken off just now, it is nobody's next installation yet; registered after that, it comes anew.
  const bool leaves = m.logged_out && m.install_id == 0;
  const bool comes = old == Incarnation{} || (m.logged_out && !leaves);
  fresh.user = m.user;
  fresh.install_id = m.install_id;
  fresh.logged_out = leaves;
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
      const MemberChange change = leaves  ? MemberChange::kLeave
                                  : comes ? MemberChange::kJoin
                                          : MemberChange::kRenew;
      MemberUpdate update{c, change, {}};
      update.devices.push_back({fresh.user, d, fresh.incarnation});
      channel.append(out, std::move(update));
    }
  }
  out.persist();
  if (old != Incarnation{}) {
    out.note(Retired{d, old});
    out.took(leaves ? Branch::kUnlinked : comes ? Branch::kLinked : Branch::kReinstalled);
  } else if (conversations.size() > 0) {
    out.took(Branch::kLinked);
  }
  for (ChannelWriter& channel : channels) channel.send(out, state.paces, t.now);
  if (leaves) {
    out.send(gateway_of(fresh), LoggedOut{d, old});
  } else {
    out.send(gateway_of(fresh), Registered{d, fresh.install_id, fresh.incarnation});
  }
  return Step::kDone;
}

}  // namespace greytick::model::mailbox_steps
