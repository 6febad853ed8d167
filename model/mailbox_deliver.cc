// Into the mailbox and out of it: channel entries, offers, redelivery, ticks for devices, wake-ups.
#include <algorithm>

#include "model/draw.h"
#include "model/mailbox_steps.h"

namespace greytick::model::mailbox_steps {
namespace {

// A settled entry is a tombstone, but for one in doubt: the device may have it, and its HELLO will
// tell.
Data data_of(DeviceId d, const Mailbox& m, MailboxSeq mseq, const Entry& e,
             const Ciphertext& content) {
  Data data{d, m.epoch, mseq, e.cause, e.message};
  data.message.content = e.cause == Cause::kNone ? content : Ciphertext{};
  if (m.user != e.message.sender) {  // only its author's devices show ticks of it
    data.message.audience = 0;
    data.message.last_number = {};
  }
  return data;
}

}  // namespace

bool next_of(State& state, const ChannelEntry& entry, const ChannelIn* in, Instant now,
             Outputs& out) {
  switch (judge(in, entry)) {
    case ChannelVerdict::kApply:
      return true;
    case ChannelVerdict::kReplayed:
      out.took(Branch::kChannelReplayed);
      owe_ack(entry.source, state.acks, now, out);
      return false;
    case ChannelVerdict::kGap:
      out.took(Branch::kChannelGap);
      ack_now(state.self, state.config.version, entry, in, true, out);
      return false;
  }
  return false;
}

TickBook::Row& TickBook::row_of(DeviceId recipient, ConversationId conversation, View& view) {
  for (Row& row : rows_) {
    if (row.recipient == recipient && row.conversation == conversation) return row;
  }
  const auto* stored = view.get<DeviceRegister>(register_key(recipient, conversation));
  Row& row = rows_.emplace_back();
  row.recipient = recipient;
  row.conversation = conversation;
  if (stored != nullptr) row.record = *stored;
  return row;
}

void TickBook::tell(Row& row, const Recipient& sender, View& view) {
  add_newest(row.senders, sender);  // of several installations only the newest still shows ticks
  const Address target = state_.placement.mailbox_shard(sender.user);
  if (std::ranges::none_of(channels_, [&](auto& w) { return w.target() == target; })) {
    channels_.emplace_back(state_.self, target, view.get<ChannelOut>(channel_out_key(target)));
  }
}

TickBook::Row& TickBook::find(DeviceId recipient, ConversationId conversation) {
  const auto row = std::ranges::find_if(rows_, [&](const Row& r) {
    return r.recipient == recipient && r.conversation == conversation;
  });
  CHECK_MSG(row != rows_.end(), "load() comes before any change");
  return *row;
}

void TickBook::cause(DeviceId recipient, const Message& m, Cause c) {
  if (m.kind != EntryKind::kContent) return;
  Row& row = find(recipient, m.stream.conversation);
  const auto here = std::ranges::lower_bound(row.positions, m.position);
  const LogPos after = here == row.positions.begin() ? LogPos{} : *std::prev(here);
  row.changed |= set_cause(row.record.value, m.position, c, after);
}

void TickBook::write(Outputs& out) {
  for (const Row& row : rows_) {
    if (!row.changed) continue;
    out.put(register_key(row.recipient, row.conversation), row.record);
    for (const Recipient& sender : row.senders) {
      const Address target = state_.placement.mailbox_shard(sender.user);
      for (ChannelWriter& channel : channels_) {
        if (channel.target() == target) report(row, sender, channel, out);
      }
    }
  }
}

void TickBook::report(const Row& row, const Recipient& sender, ChannelWriter& channel,
                      Outputs& out) {
  RegisterUpdate update{row.conversation,  sender,   row.recipient,
                        row.record.number, UserId{}, row.record.value};
  if (row.record.in_group) {
    update.user = row.user;
    for (const Earlier& e : row.earlier) {
      RegisterUpdate before = update;
      before.number = e.number;
      before.value.delivered_upto = std::min(update.value.delivered_upto, e.upto);
      before.value.read_upto = std::min(update.value.read_upto, e.upto);
      channel.append(out, std::move(before));
    }
  }
  channel.append(out, std::move(update));
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
  book.cause(d, m, cause);
  facts.push_back(Settled{d, i, mseq, m, cause});
}

void want_push(State& state, DeviceId d, UserId user, Instant now, Outputs& out) {
  auto [it, fresh] = state.pushed.try_emplace(d, MailboxShard::Asked{0, now});
  if (!fresh && now - it->second.last < state.config.push_again_after) return;  // asked just now
  it->second.last = now;
  out.send({Role::kPush, 0, ConnectionId{}}, WakeUp{d, user});
  out.took(Branch::kPushed);
  if (fresh) out.wake(Timer::kPushAgain, d.value(), now + state.config.push_again_after);
}

void tell(State& state, DeviceId d, const Mailbox& closed, SessionEpoch epoch, Instant now,
          Outputs& out) {
  out.send(gateway_of(closed), Evict{d, epoch});
  want_push(state, d, closed.user, now, out);
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
  TickBook book(state);
  for (const Recipient& r : item.recipients) {
    const auto* box = view.get<Mailbox>(mailbox_key(r.device));
    boxes.push_back(box != nullptr ? std::optional(*box) : std::nullopt);
    const bool settles = box != nullptr && (box->incarnation != r.incarnation || box->retiring ||
                                            box->tail - box->acked >= state.config.mailbox_max);
    if (settles) book.load(r.user, r.device, r.number, item.message, view);
  }
  const bool ours = item.message.kind != EntryKind::kContent &&
                    state.placement.mailbox_shard(item.message.sender) == state.self;
  if (ours) load_membership(item.message, view);
  if (!view.complete()) return Step::kNeedMore;
  if (!next_of(state, entry, in, t.now, out)) return Step::kDone;
  if (state.config.version < Version::k2 && item.recipients.size() > 1) {
    // Nothing of it may be acknowledged, since part of it could not be read.
    out.took(Branch::kNotUnderstood);
    ack_now(state.self, state.config.version, entry, in, true, out);
    return Step::kDone;
  }
  // A shard that has been moved may have had the first parts of an entry that now comes whole.
  const std::size_t had = in != nullptr && entry.part == 0 ? in->parts : 0;
  const bool begins = in == nullptr || in->parts == 0;

  out.put(channel_in_key(entry.source), applied_with(entry));
  if (ours && begins) note_membership(item.message, view, out);
  boost::container::small_vector<Fact, 2> facts;
  boost::container::small_vector<Send, 2> sends;
  struct After {
    const Recipient* who;
    bool redeliver;  // else a push
  };
  boost::container::small_vector<After, 1> after;
  // What several devices here are to get is kept once.
  const bool shares = item.recipients.size() > had + 1 && item.message.content.bytes > 0;
  Body body{item.message.content, 0};
  for (std::size_t i = had; i < item.recipients.size(); ++i) {
    const Recipient& r = item.recipients[i];
    Mailbox m = boxes[i].value_or(Mailbox{});
    if (!boxes[i]) {
      m.user = r.user;
      m.incarnation = r.incarnation;
    }
    if (m.incarnation != r.incarnation || m.retiring) {  // that installation is gone, or going
      settle(book, r.device, r.incarnation, MailboxSeq{}, item.message, Cause::kRetired, out,
             facts);
      facts.push_back(Took{Branch::kRetired});
      continue;
    }
    if (orphaned(state, m, r.device)) {
      sends.push_back({gateway_of(m), Evict{r.device, m.epoch}});
      close_session(state, m);
    }
    const bool full = boxes[i] && m.tail - m.acked >= state.config.mailbox_max;
    m.tail = m.tail.next();
    m.last_deadline = std::max(m.last_deadline, item.message.accepted_at + state.config.retention);
    Entry e{item.message, m.last_deadline, Cause::kNone, false, r.number};
    if (full) e = tombstone(e, Cause::kOverCapacity);
    const Ciphertext content = e.message.content;
    if (shares && !full) {
      e.message.content = {};
      e.shared = true;
      ++body.entries;
    }
    out.put(entry_key(r.device, m.tail), e);
    if (full) {
      settle(book, r.device, r.incarnation, m.tail, item.message, Cause::kOverCapacity, out, facts);
      facts.push_back(Took{Branch::kOverCapacity});
    }
    if (m.due_bucket == 0) {
      m.due_bucket = due_bucket(m.last_deadline);
      out.put(due_key(m.due_bucket, r.device), Due{r.device});
    }
    out.put(mailbox_key(r.device), m);
    if (m.session_open) {
      MailboxShard::Session& session = state.sessions.at(r.device);
      if (session.sent_upto.next() == m.tail && m.tail - m.acked <= window_of(state, m) &&
          fits(state, session, data_bytes(content))) {
        session.sent_upto = m.tail;
        session.unacked_bytes += data_bytes(content);
        sends.push_back({gateway_of(m), data_of(r.device, m, m.tail, e, content)});
      }
    }
    after.push_back({&r, m.session_open});
  }
  if (body.entries > 0) {
    const StreamId& stream = item.message.stream;
    out.put(body_key(stream.conversation, item.message.position), body);
  }
  book.write(out);
  out.persist();
  for (Fact& fact : facts) out.note(std::move(fact));
  book.send(out, t.now);
  for (Send& s : sends) out.send(s.to, std::move(s.frame));
  for (const After& a : after) {
    if (a.redeliver) {
      arm_redeliver(state, a.who->device, t.now, out);
    } else {
      want_push(state, a.who->device, a.who->user, t.now, out);
    }
  }
  owe_ack(entry.source, state.acks, t.now, out);
  return Step::kDone;
}

namespace {

// A device of the sender's, and the slot for one member's ticks that it has.
struct Holder {
  DeviceId device;
  const Mailbox* mailbox;
  const TickSlot* slot;
};

// All devices of an author show the same ticks. Of a replaced installation nobody shows any more.
bool wants(const Holder& h, const RegisterUpdate& item) {
  if (h.mailbox == nullptr || h.mailbox->retiring) return false;
  if (h.device == item.sender.device && h.mailbox->incarnation != item.sender.incarnation) {
    return false;
  }
  return h.slot == nullptr || h.slot->value.version < item.value.version;
}

}  // namespace

Step on_register_update(State& state, const Stimulus& t, const ChannelEntry& entry,
                        const RegisterUpdate& item, View& view, Outputs& out) {
  const auto* in = view.get<ChannelIn>(channel_in_key(entry.source));
  boost::container::small_vector<Holder, 2> holders;
  const auto hold = [&](DeviceId d) {
    const Key key = tick_slot_key(d, item.conversation, item.number);
    holders.push_back({d, view.get<Mailbox>(mailbox_key(d)), view.get<TickSlot>(key)});
  };
  hold(item.sender.device);
  const Rows<UserDevice> devices = view.scan<UserDevice>(devices_of(item.sender.user));
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const DeviceId d(static_cast<std::uint32_t>(devices[i].sub));
    if (d != item.sender.device) hold(d);
  }
  if (!view.complete()) return Step::kNeedMore;
  if (!next_of(state, entry, in, t.now, out)) return Step::kDone;
  out.put(channel_in_key(entry.source), applied_with(entry));
  struct Told {
    DeviceId device;
    Mailbox mailbox;
    std::optional<SessionEpoch> orphaned;
  };
  boost::container::small_vector<Told, 1> told;
  for (const Holder& h : holders) {
    if (!wants(h, item)) continue;
    Told& one = told.emplace_back(Told{h.device, *h.mailbox, std::nullopt});
    out.put(tick_slot_key(h.device, item.conversation, item.number),
            TickSlot{item.recipient, item.user, item.value});
    if (orphaned(state, one.mailbox, h.device)) {
      one.orphaned = one.mailbox.epoch;
      close_session(state, one.mailbox);
    }
    if (one.mailbox.due_bucket == 0) {
      one.mailbox.due_bucket = due_bucket(ttl_clock(state, t) + state.config.retention);
      out.put(due_key(one.mailbox.due_bucket, h.device), Due{h.device});
    }
    if (one.mailbox != *h.mailbox) out.put(mailbox_key(h.device), one.mailbox);
  }
  out.persist();
  for (const Told& one : told) {
    if (one.orphaned) {
      tell(state, one.device, one.mailbox, *one.orphaned, t.now, out);
    } else if (one.mailbox.session_open) {
      out.send(gateway_of(one.mailbox), Tick{one.device, item.conversation, item.recipient,
                                             item.number, item.user, item.value});
      arm_redeliver(state, one.device, t.now, out);
    }
  }
  owe_ack(entry.source, state.acks, t.now, out);
  return Step::kDone;
}

Step on_tick_ack(State& state, const TickAck& ack, Address from, View& view, Outputs& out) {
  if (!fits_key(ack.conversation, ack.number)) return Step::kDone;  // of no tick of ours
  const Key key = tick_slot_key(ack.device, ack.conversation, ack.number);
  const auto* slot = view.get<TickSlot>(key);
  const auto* m = view.get<Mailbox>(mailbox_key(ack.device));
  if (!view.complete()) return Step::kNeedMore;
  if (slot != nullptr && slot->value.version == ack.version) {  // else a newer value is on its way
    out.erase(key);
    out.persist();
  }
  // It talks in a session that we do not have: it must say HELLO again.
  if (m != nullptr && !live(state, *m, ack.device)) out.send(from, Evict{ack.device, m->epoch});
  return Step::kDone;
}

Step on_offer(State& state, const Stimulus& t, DeviceId d, View& view, Outputs& out) {
  const auto* m = view.get<Mailbox>(mailbox_key(d));
  if (!view.complete()) return Step::kNeedMore;
  if (m == nullptr || !live(state, *m, d)) return Step::kDone;
  const MailboxSeq after = std::max(state.sessions.at(d).sent_upto, m->acked);
  const MailboxSeq last = doubt_end(state, *m);
  if (after >= last) return Step::kDone;
  const Rows<Entry> rows = view.scan<Entry>(entries(d, after, last, span_of(after, last)));
  Bodies bodies;
  for (std::size_t i = 0; i < rows.size(); ++i) bodies.load(rows[i].record, view);
  if (!view.complete()) return Step::kNeedMore;
  CHECK(rows.size() == last - after);
  MailboxShard::Session& session = state.sessions.at(d);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Entry& e = rows[i].record;
    const Ciphertext& content = bodies.content(e);
    if (!fits(state, session, data_bytes(content))) break;  // an ack makes room
    session.unacked_bytes += data_bytes(content);
    session.sent_upto = MailboxSeq(rows[i].sub);
    out.send(gateway_of(*m), data_of(d, *m, session.sent_upto, e, content));
  }
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
    const std::uint64_t sub = rows[i].sub;
    const TickSlot& slot = rows[i].record;
    out.send(gateway_of(*m), Tick{d, member_conversation(sub), slot.recipient, member_number(sub),
                                  slot.user, slot.value});
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
    if (!slots.empty()) out.post(Chore::kOfferTicks, d.value());
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
    session.unacked_bytes = 0;
    out.took(Branch::kRedelivered);
    out.post(Chore::kOffer, d.value());
    out.post(Chore::kOfferTicks, d.value());
  }
  arm_redeliver(state, d, t.now, out);
  return Step::kDone;
}

// The Evict that ended the last session may have been lost, and then its phone believes itself
// connected for as long as its gateway answers. An Evict of a session that is over is ignored.
void remind(DeviceId d, const Mailbox& closed, Outputs& out) {
  if (closed.epoch == SessionEpoch{}) return;
  out.send(gateway_of(closed), Evict{d, SessionEpoch(closed.epoch.value() - 1)});
}

Step on_push_again(State& state, const Stimulus& t, DeviceId d, View& view, Outputs& out) {
  const auto* m = view.get<Mailbox>(mailbox_key(d));
  const Rows<TickSlot> slot = view.scan<TickSlot>(some_slot(d));
  if (!view.complete()) return Step::kNeedMore;
  const auto it = state.pushed.find(d);
  if (it == state.pushed.end()) return Step::kDone;
  if (m == nullptr || live(state, *m, d) || (m->acked == m->tail && slot.empty())) {
    state.pushed.erase(it);
    return Step::kDone;
  }
  const std::uint32_t attempt = ++it->second.attempts;
  it->second.last = t.now;
  remind(d, *m, out);
  out.send({Role::kPush, 0, ConnectionId{}}, WakeUp{d, m->user});
  out.took(Branch::kPushed);
  const Duration pause = std::min<Duration>(
      state.config.push_again_after * (1LL << std::min(attempt, 12U)), state.config.push_again_max);
  out.wake(Timer::kPushAgain, d.value(), t.now + pause);
  return Step::kDone;
}

// After a restart nobody knows who waits: walks the due index in bounded steps. A device whose
// session was open may be connected and silent for hours, so it is told; one that is offline is
// asked for again some time, spread out so that a restart is no storm of pushes.
Step on_recover(State& state, const Stimulus& t, std::uint64_t first, View& view, Outputs& out) {
  constexpr std::uint32_t kBatch = 128;
  constexpr std::uint32_t kAttempts = 8;  // goes on with long pauses
  const Rows<Due> due = view.scan<Due>({Table::kDue, 0, first, ~0ULL, kBatch});
  struct Waiting {
    DeviceId device;
    const Mailbox* stored;
    bool tick;
  };
  boost::container::small_vector<Waiting, 8> found;
  for (std::size_t i = 0; i < due.size(); ++i) {
    const DeviceId d = due[i].record.device;
    found.push_back(
        {d, view.get<Mailbox>(mailbox_key(d)), !view.scan<TickSlot>(some_slot(d)).empty()});
  }
  if (!view.complete()) return Step::kNeedMore;
  boost::container::small_vector<std::pair<DeviceId, Mailbox>, 8> closed, reminded;
  for (const Waiting& w : found) {
    CHECK(w.stored != nullptr);
    const bool entry = w.stored->tail > w.stored->acked;
    if (w.stored->retiring) {
      out.post(Chore::kRetire, w.device.value());
    } else if (orphaned(state, *w.stored, w.device) && (entry || w.tick)) {
      closed.push_back({w.device, *w.stored});
      close_session(state, closed.back().second);
      out.put(mailbox_key(w.device), closed.back().second);
    } else if (!w.stored->session_open && (entry || w.tick)) {
      reminded.push_back({w.device, *w.stored});
      const MailboxShard::Asked asked{kAttempts, t.now - state.config.push_again_after};
      if (entry && state.pushed.try_emplace(w.device, asked).second) {
        out.wake(
            Timer::kPushAgain, w.device.value(),
            t.now + state.config.push_again_after +
                uniform_upto(derive(t.entropy, w.device.value()), state.config.push_again_max));
      }
    }
  }
  out.persist();
  for (const auto& [d, m] : closed)
    tell(state, d, m, SessionEpoch(m.epoch.value() - 1), t.now, out);
  for (const auto& [d, m] : reminded) remind(d, m, out);
  if (due.size() == kBatch) out.post(Chore::kPump, due[due.size() - 1].sub + 1);
  return Step::kDone;
}

}  // namespace greytick::model::mailbox_steps
