// Into the mailbox and out of it: channel entries, offers, redelivery, ticks for devices, wake-ups.
#include <algorithm>

#include "model/mailbox_steps.h"

namespace greytick::model::mailbox_steps {
namespace {

Address gateway_of(const Mailbox& m) { return {Role::kGateway, m.gateway, ConnectionId{}}; }

Data data_of(DeviceId d, const Mailbox& m, MailboxSeq mseq, const Entry& e) {
  Data data{d, m.epoch, mseq, e.cause, e.message};
  // A settled entry is a tombstone, but for one in doubt: the device may have it, and its HELLO
  // will tell.
  if (e.cause != Cause::kNone) data.message.content = {};
  return data;
}

// Replays and gaps answered; true when the entry is the next one.
bool next_of(State& state, const ChannelEntry& entry, const ChannelIn* in, Instant now,
             Outputs& out) {
  switch (judge(in, entry.n)) {
    case ChannelVerdict::kApply:
      return true;
    case ChannelVerdict::kReplayed:
      out.took(Branch::kChannelReplayed);
      owe_ack(entry.source, state.acks, now, out);
      return false;
    case ChannelVerdict::kGap:
      out.took(Branch::kChannelGap);
      ack_now(state.self, entry, in, true, out);
      return false;
  }
  return false;
}

}  // namespace

void TickBook::load(ConversationId conversation, const Recipient& sender, View& view) {
  if (std::ranges::none_of(rows_, [&](const Row& r) { return r.conversation == conversation; })) {
    const auto* stored = view.get<DeviceRegister>(register_key(recipient_, conversation));
    rows_.push_back({conversation, stored != nullptr ? *stored : DeviceRegister{}, false});
    rows_.back().record.sender = sender;
  }
  const Address target = state_.placement.mailbox_shard(sender.user);
  if (std::ranges::none_of(channels_, [&](auto& w) { return w.target() == target; })) {
    channels_.emplace_back(state_.self, target, view.get<ChannelOut>(channel_out_key(target)));
  }
}

void TickBook::read(ConversationId conversation, LogPos upto) {
  for (Row& row : rows_) {
    if (row.conversation == conversation) row.changed |= raise_read(row.record.value, upto);
  }
}

void TickBook::write(Outputs& out) {
  for (const Row& row : rows_) {
    if (!row.changed) continue;
    out.put(register_key(recipient_, row.conversation), row.record);
    const Address target = state_.placement.mailbox_shard(row.record.sender.user);
    for (ChannelWriter& channel : channels_) {
      if (channel.target() != target) continue;
      channel.append(
          out, RegisterUpdate{row.conversation, row.record.sender, recipient_, row.record.value});
    }
  }
}

void TickBook::send(Outputs& out, Instant now) {
  for (ChannelWriter& channel : channels_) channel.send(out, state_.paces, now);
}

void settle(TickBook& book, DeviceId d, Incarnation i, MailboxSeq mseq, const Message& m,
            Cause cause, Outputs& out, boost::container::small_vector_base<Fact>& facts) {
  // An entry that never got an mseq is filed under its log position, above all mailbox positions.
  const std::uint64_t place =
      mseq != MailboxSeq{} ? mseq.value() : (1ULL << 39) | m.position.value();
  out.put(dead_letter_key(d, i, place), DeadLetter{m, i, cause});
  book.cause(m, cause);
  facts.push_back(Settled{d, i, mseq, m, cause});
}

void want_push(State& state, DeviceId d, UserId user, Instant now, Outputs& out) {
  auto [it, fresh] = state.pushed.try_emplace(d, 0U);
  if (!fresh) return;  // asked for already: kPushAgain repeats it
  out.send({Role::kPush, 0, ConnectionId{}}, WakeUp{d, user});
  out.took(Branch::kPushed);
  out.wake(Timer::kPushAgain, d.value(), now + state.config.push_again_after);
}

void arm_redeliver(State& state, DeviceId d, Instant now, Outputs& out) {
  MailboxShard::Session& session = state.sessions.at(d);
  if (session.armed) return;
  session.armed = true;
  out.wake(Timer::kRedeliver, d.value(), now + state.config.redeliver_after);
}

Step on_fan_out(State& state, const Stimulus& t, const ChannelEntry& entry, const FanOut& item,
                View& view, Outputs& out) {
  const auto* in = view.get<ChannelIn>(channel_in_key(entry.source));
  boost::container::small_vector<std::optional<Mailbox>, 1> boxes;
  boost::container::small_vector<TickBook, 1> books;
  for (const Recipient& r : item.recipients) {
    const auto* box = view.get<Mailbox>(mailbox_key(r.device));
    boxes.push_back(box != nullptr ? std::optional(*box) : std::nullopt);
    books.emplace_back(state, r.device);
    const bool settles = box != nullptr && (box->incarnation != r.incarnation || box->retiring ||
                                            box->tail - box->acked >= state.config.mailbox_max);
    if (settles) books.back().load(item.message, view);
  }
  if (!view.complete()) return Step::kNeedMore;
  if (!next_of(state, entry, in, t.now, out)) return Step::kDone;

  out.put(channel_in_key(entry.source), ChannelIn{entry.n});
  boost::container::small_vector<Fact, 2> facts;
  boost::container::small_vector<Send, 2> sends;
  boost::container::small_vector<std::pair<DeviceId, bool>, 1>
      after;  // armed redelivery, or a push
  for (std::size_t i = 0; i < item.recipients.size(); ++i) {
    const Recipient& r = item.recipients[i];
    Mailbox m = boxes[i].value_or(Mailbox{});
    if (!boxes[i]) {
      m.user = r.user;
      m.incarnation = r.incarnation;
    }
    if (m.incarnation != r.incarnation || m.retiring) {  // that installation is gone, or going
      settle(books[i], r.device, r.incarnation, MailboxSeq{}, item.message, Cause::kRetired, out,
             facts);
      facts.push_back(Took{Branch::kRetired});
      books[i].write(out);
      continue;
    }
    if (m.session_open && !state.sessions.contains(r.device)) {  // of before a restart
      sends.push_back({gateway_of(m), Evict{r.device, m.epoch}});
      close_session(state, m);
    }
    const bool full = m.tail - m.acked >= state.config.mailbox_max;
    m.tail = m.tail.next();
    m.last_deadline = std::max(m.last_deadline, item.message.accepted_at + state.config.retention);
    const Entry e{item.message, m.last_deadline, full ? Cause::kOverCapacity : Cause::kNone};
    out.put(entry_key(r.device, m.tail), e);
    if (full) {
      settle(books[i], r.device, r.incarnation, m.tail, item.message, Cause::kOverCapacity, out,
             facts);
      facts.push_back(Took{Branch::kOverCapacity});
      books[i].write(out);
    }
    if (m.due_bucket == 0) {
      m.due_bucket = due_bucket(m.last_deadline);
      out.put(due_key(m.due_bucket, r.device), Due{r.device});
    }
    out.put(mailbox_key(r.device), m);
    if (m.session_open) {
      MailboxShard::Session& session = state.sessions.at(r.device);
      if (session.sent_upto.next() == m.tail && m.tail - m.acked <= state.config.window) {
        session.sent_upto = m.tail;
        sends.push_back({gateway_of(m), data_of(r.device, m, m.tail, e)});
      }
      after.push_back({r.device, true});
    } else {
      after.push_back({r.device, false});
    }
  }
  out.persist();
  for (Fact& fact : facts) out.note(std::move(fact));
  for (TickBook& book : books) book.send(out, t.now);
  for (Send& s : sends) out.send(s.to, std::move(s.frame));
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (after[i].second) {
      arm_redeliver(state, after[i].first, t.now, out);
    } else {
      want_push(state, after[i].first, boxes[i] ? boxes[i]->user : item.recipients[i].user, t.now,
                out);
    }
  }
  owe_ack(entry.source, state.acks, t.now, out);
  return Step::kDone;
}

Step on_register_update(State& state, const Stimulus& t, const ChannelEntry& entry,
                        const RegisterUpdate& item, View& view, Outputs& out) {
  const DeviceId d = item.sender.device;
  const auto* in = view.get<ChannelIn>(channel_in_key(entry.source));
  const auto* m = view.get<Mailbox>(mailbox_key(d));
  const auto* slot = view.get<TickSlot>(tick_slot_key(d, item.conversation));
  if (!view.complete()) return Step::kNeedMore;
  if (!next_of(state, entry, in, t.now, out)) return Step::kDone;
  out.put(channel_in_key(entry.source), ChannelIn{entry.n});
  // Of a replaced installation nobody shows ticks any more.
  const bool wanted = m != nullptr && m->incarnation == item.sender.incarnation &&
                      (slot == nullptr || slot->value.version < item.value.version);
  if (wanted) out.put(tick_slot_key(d, item.conversation), TickSlot{item.recipient, item.value});
  out.persist();
  if (wanted && live(state, *m, d)) {
    out.send(gateway_of(*m), Tick{d, item.conversation, item.recipient, item.value});
    arm_redeliver(state, d, t.now, out);
  }
  owe_ack(entry.source, state.acks, t.now, out);
  return Step::kDone;
}

Step on_tick_ack(State&, const TickAck& ack, View& view, Outputs& out) {
  const Key key = tick_slot_key(ack.device, ack.conversation);
  const auto* slot = view.get<TickSlot>(key);
  if (!view.complete()) return Step::kNeedMore;
  if (slot == nullptr || slot->value.version != ack.version)
    return Step::kDone;  // a newer value is on its way
  out.erase(key);
  out.persist();
  return Step::kDone;
}

Step on_offer(State& state, const Stimulus& t, DeviceId d, View& view, Outputs& out) {
  const auto* m = view.get<Mailbox>(mailbox_key(d));
  if (!view.complete()) return Step::kNeedMore;
  if (m == nullptr || !live(state, *m, d)) return Step::kDone;
  const MailboxSeq after = std::max(state.sessions.at(d).sent_upto, m->acked);
  const MailboxSeq last = doubt_end(state, *m);
  if (after >= last) return Step::kDone;
  const Rows<Entry> rows = view.scan<Entry>(entries(d, after, last, state.config.window));
  if (!view.complete()) return Step::kNeedMore;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.send(gateway_of(*m), data_of(d, *m, MailboxSeq(rows[i].sub), rows[i].record));
  }
  state.sessions.at(d).sent_upto = last;
  arm_redeliver(state, d, t.now, out);
  return Step::kDone;
}

namespace {
Range slots_of(DeviceId d) { return {Table::kTickSlot, d.value(), 0, ~0ULL, 64}; }
}  // namespace

Step on_offer_ticks(State& state, const Stimulus& t, DeviceId d, View& view, Outputs& out) {
  const auto* m = view.get<Mailbox>(mailbox_key(d));
  const Rows<TickSlot> rows = view.scan<TickSlot>(slots_of(d));
  if (!view.complete()) return Step::kNeedMore;
  if (m == nullptr || !live(state, *m, d) || rows.empty()) return Step::kDone;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.send(gateway_of(*m),
             Tick{d, ConversationId(rows[i].sub), rows[i].record.recipient, rows[i].record.value});
  }
  arm_redeliver(state, d, t.now, out);  // the rest follows when these are acknowledged
  return Step::kDone;
}

Step on_redeliver(State& state, const Stimulus& t, DeviceId d, View& view, Outputs& out) {
  const auto* m = view.get<Mailbox>(mailbox_key(d));
  const Rows<TickSlot> slots = view.scan<TickSlot>(slots_of(d));
  if (!view.complete()) return Step::kNeedMore;
  if (m == nullptr || !live(state, *m, d)) return Step::kDone;
  MailboxShard::Session& session = state.sessions.at(d);
  session.armed = false;
  if (m->acked == m->tail && slots.empty()) {
    session.strikes = 0;
    return Step::kDone;
  }
  if (m->acked > session.acked) {  // progress: look again later
    session.acked = m->acked;
    session.strikes = 0;
  } else if (++session.strikes >= state.config.strikes_max && m->acked < m->tail) {
    Mailbox closed = *m;
    close_session(state, closed);
    out.put(mailbox_key(d), closed);
    out.persist();
    out.took(Branch::kSlowConsumerCut);
    out.send(gateway_of(*m), Evict{d, m->epoch});
    state.sessions.erase(d);
    want_push(state, d, m->user, t.now, out);
    return Step::kDone;
  } else {
    session.sent_upto = m->acked;
    out.took(Branch::kRedelivered);
    out.post(Chore::kOffer, d.value());
    out.post(Chore::kOfferTicks, d.value());
  }
  arm_redeliver(state, d, t.now, out);
  return Step::kDone;
}

Step on_push_again(State& state, const Stimulus& t, DeviceId d, View& view, Outputs& out) {
  const auto* m = view.get<Mailbox>(mailbox_key(d));
  if (!view.complete()) return Step::kNeedMore;
  const auto it = state.pushed.find(d);
  if (it == state.pushed.end()) return Step::kDone;
  if (m == nullptr || live(state, *m, d) || m->acked == m->tail) {
    state.pushed.erase(it);
    return Step::kDone;
  }
  const std::uint32_t attempt = std::min(++it->second, 20U);
  out.send({Role::kPush, 0, ConnectionId{}}, WakeUp{d, m->user});
  out.took(Branch::kPushed);
  const Duration pause = std::min<Duration>(
      state.config.push_again_after * (1LL << std::min(attempt, 12U)), state.config.push_again_max);
  out.wake(Timer::kPushAgain, d.value(), t.now + pause);
  return Step::kDone;
}

}  // namespace greytick::model::mailbox_steps
