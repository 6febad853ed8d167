// The steps of a mailbox shard, and what they share. Internal to model/mailbox_*.cc.
#pragma once

#include <algorithm>
#include <utility>

#include "model/mailbox_shard.h"
#include "model/ticks.h"

namespace greytick::model::mailbox_steps {

using State = MailboxShard::State;

/// Collects what a step learns about messages and turns it into tick registers and channel entries:
/// one register a conversation, one update a register, all in the step's own transaction.
class TickBook {
 public:
  explicit TickBook(State& state) : state_(state) {}

  /// Reads what a change for `message` will need. Call for each message before any effect, and for
  /// the entries of a mailbox in their order, leaving none out. user, number: the recipient's.
  void load(UserId user, DeviceId recipient, MemberNumber number, const Message& message,
            View& view) {
    Row& row = row_of(recipient, message.stream.conversation, view);
    row.user = user;
    row.step_to(number);
    if (message.kind != EntryKind::kContent) return;  // of no sender, so nobody waits for its ticks
    row.positions.push_back(message.position);
    row.record.in_group |= message.audience > 0;
    if (message.sender == user) return;  // nobody is shown ticks of their own devices
    tell(row, {message.sender, message.stream.device, message.stream.incarnation, {}}, view);
  }
  void load_read(DeviceId recipient, const Read& read, View& view) {
    Row& row = row_of(recipient, read.conversation, view);
    row.user = read.user;
    for (const Recipient& sender : read.senders) tell(row, sender, view);
  }

  void delivered(DeviceId recipient, const Message& m) {
    Row& row = find(recipient, m.stream.conversation);
    row.changed |= raise_delivered(row.record.value, m.position);
  }
  void cause(DeviceId recipient, const Message& m, Cause c);
  void read(DeviceId recipient, ConversationId conversation, LogPos upto) {
    Row& row = find(recipient, conversation);
    row.changed |= raise_read(row.record.value, upto);
  }

  /// Writes registers and channel entries; then the step persists, and calls send().
  void write(Outputs& out);
  void send(Outputs& out, Instant now);

 private:
  // Of a device that has left and come back, what it did as an earlier member is told under that
  // one's number, and no further than that one saw.
  struct Earlier {
    MemberNumber number;
    LogPos upto;
  };
  struct Row {
    DeviceId recipient;
    ConversationId conversation;
    UserId user;  // of the recipient
    DeviceRegister record;
    Recipients senders;                                   // who will be told
    boost::container::small_vector<LogPos, 4> positions;  // loaded here, ascending
    boost::container::small_vector<Earlier, 1> earlier;
    bool changed = false;

    void step_to(MemberNumber number) {
      if (number != record.number && !positions.empty()) {
        earlier.push_back({record.number, positions.back()});
      }
      record.number = number;
    }
  };
  Row& row_of(DeviceId recipient, ConversationId conversation, View& view);
  void tell(Row& row, const Recipient& sender, View& view);
  void report(const Row& row, const Recipient& sender, ChannelWriter& channel, Outputs& out);
  Row& find(DeviceId recipient, ConversationId conversation);

  State& state_;
  boost::container::small_vector<Row, 4> rows_;
  boost::container::small_vector<ChannelWriter, 2> channels_;
};

/// The contents that entries share. Load every entry before its content is asked for or released;
/// no two of a step may be of one message.
class Bodies {
 public:
  void load(const Entry& e, View& view) {
    if (!e.shared) return;
    const Key key = key_of_body(e);
    const auto* body = view.get<Body>(key);
    if (body != nullptr) rows_.push_back({key, *body});
  }
  [[nodiscard]] const Ciphertext& content(const Entry& e) const {
    return e.shared ? find(e).body.content : e.message.content;
  }
  /// The message of an entry, its content with it.
  [[nodiscard]] Message message(const Entry& e) const {
    Message whole = e.message;
    whole.content = content(e);
    return whole;
  }
  /// The entry does not need its content any more. The last one to say so erases it.
  void release(const Entry& e, Outputs& out) {
    if (!e.shared) return;
    Row& row = find(e);
    CHECK(row.body.entries > 0);
    if (--row.body.entries == 0) {
      out.erase(row.key);
    } else {
      out.put(row.key, row.body);
    }
  }

 private:
  struct Row {
    Key key;
    Body body;
  };
  static Key key_of_body(const Entry& e) {
    return body_key(e.message.stream.conversation, e.message.position);
  }
  [[nodiscard]] const Row& find(const Entry& e) const {
    const auto row = std::ranges::find(rows_, key_of_body(e), &Row::key);
    CHECK_MSG(row != rows_.end(), "an entry that shares a content is written together with it");
    return *row;
  }
  Row& find(const Entry& e) { return const_cast<Row&>(std::as_const(*this).find(e)); }

  boost::container::small_vector<Row, 2> rows_;
};

/// Time fit for time to live.
[[nodiscard]] inline Instant ttl_clock(const State& state, const Stimulus& t) {
  return state.clock.read(t.wall, t.now);
}
/// How many entries a session may be handed unacknowledged; fixed for a session.
[[nodiscard]] inline std::uint32_t window_of(const State& state, const Mailbox& m) {
  return m.version < Version::k2 ? 1 : state.config.window;
}
/// Entries (acked, doubt_end] were offered: the device may have applied them.
[[nodiscard]] inline MailboxSeq doubt_end(const State& state, const Mailbox& m) {
  const MailboxSeq offered = m.session_open ? m.acked.plus(window_of(state, m)) : m.offered_upto;
  return std::max(m.acked, std::min(offered, m.tail));
}
[[nodiscard]] inline Range entries(DeviceId d, MailboxSeq after, MailboxSeq last,
                                   std::uint32_t limit) {
  return {Table::kEntry, d.value(), after.value() + 1, last.value(), limit};
}
/// Whether a session may be handed an entry of that size. Alone, an entry of any size goes.
[[nodiscard]] inline bool fits(const State& state, const MailboxShard::Session& session,
                               std::uint64_t bytes) {
  return session.unacked_bytes == 0 || session.unacked_bytes + bytes <= state.config.deliver_bytes;
}
/// Closes the session in `m`: what it had been offered is in doubt from now on.
inline void close_session(const State& state, Mailbox& m) {
  m.offered_upto = doubt_end(state, m);
  m.session_open = false;
  m.epoch = m.epoch.next();
}
[[nodiscard]] inline bool live(const State& state, const Mailbox& m, DeviceId d) {
  return m.session_open && state.sessions.contains(d);
}
/// Where the open session is, or where its device was last heard.
[[nodiscard]] inline Address gateway_of(const Mailbox& m) {
  return {Role::kGateway, m.gateway, ConnectionId{}};
}
/// The due index holds one row for each mailbox that has something to expire or a tick to hand
/// over: the sweep reads it up to now, and a restart reads all of it.
[[nodiscard]] inline Key due_key(std::uint64_t bucket, DeviceId d) {
  return key_of<Due>(0, (bucket << 32) | d.value());
}
/// Minutes, rounded up: a bucket is due when every deadline in it has passed.
[[nodiscard]] inline std::uint64_t due_bucket(Instant deadline) {
  const std::int64_t minute = 60'000'000'000;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(to_ns(deadline), 1) / minute + 1);
}
[[nodiscard]] inline Key dead_letter_key(DeviceId d, Incarnation i, std::uint64_t place) {
  return key_of<DeadLetter>(d.value(), (i.value() << 40) | place);
}
/// What a settled entry leaves in the mailbox: its place, and no content that nobody will be given.
[[nodiscard]] inline Entry tombstone(const Entry& e, Cause cause) {
  Entry stub = e;
  stub.cause = cause;
  stub.message.content = {};
  stub.shared = false;
  return stub;
}
/// Dead letter, register and fact of one entry that is given up; the caller writes the entry
/// itself.
void settle(TickBook& book, DeviceId d, Incarnation i, MailboxSeq mseq, const Message& m,
            Cause cause, Outputs& out, boost::container::small_vector_base<Fact>& facts);
/// Rows of entries after+1..last: a mailbox has no holes.
[[nodiscard]] inline std::uint32_t span_of(MailboxSeq after, MailboxSeq last) {
  return static_cast<std::uint32_t>(last - after);
}
/// The devices of a user.
[[nodiscard]] inline Range devices_of(UserId user) {
  return {Table::kUserDevice, user.value(), 0, ~0ULL, kDevicesMax};
}
[[nodiscard]] inline Range some_slot(DeviceId d) {
  return {Table::kTickSlot, d.value(), 0, ~0ULL, 1};
}
/// A session that the store calls open and this process does not know: the device believes in it
/// and waits. It is closed in `m`; after the step's persist, tell() makes the device say HELLO.
[[nodiscard]] inline bool orphaned(const State& state, const Mailbox& m, DeviceId d) {
  return m.session_open && !state.sessions.contains(d);
}
/// Ends the session that closed with `epoch`, and asks for a wake-up in case this gets lost.
void tell(State& state, DeviceId d, const Mailbox& closed, SessionEpoch epoch, Instant now,
          Outputs& out);
/// Something waits and nobody is connected: ask for a wake-up, and again later.
void want_push(State& state, DeviceId d, UserId user, Instant now, Outputs& out);
void arm_redeliver(State& state, DeviceId d, Instant now, Outputs& out);

/// Replays and gaps of a channel answered; true when the entry is the next one.
bool next_of(State& state, const ChannelEntry& entry, const ChannelIn* in, Instant now,
             Outputs& out);

// mailbox_membership.cc
Step on_change_membership(State&, const Stimulus&, const ChangeMembership&, Address from, View&,
                          Outputs&);
Step on_join_refused(State&, const Stimulus&, const ChannelEntry&, const JoinRefused&, View&,
                     Outputs&);
/// What note_membership() will read.
void load_membership(const Message& message, View& view);
/// An entry of the log says that a user of this shard joined or left.
void note_membership(const Message& message, View& view, Outputs& out);
// mailbox_session.cc
Step on_hello(State&, const Stimulus&, const Hello&, Address from, View&, Outputs&);
Step on_ack(State&, const Stimulus&, const Ack&, const Read*, Address from, View&, Outputs&);
Step on_session_closed(State&, const Stimulus&, const SessionClosed&, View&, Outputs&);
// mailbox_installation.cc
Step on_register(State&, const Stimulus&, const Register&, Address from, View&, Outputs&);
Step on_log_out(State&, const Stimulus&, const LogOut&, Address from, View&, Outputs&);
Step on_retire(State&, const Stimulus&, DeviceId, View&, Outputs&);
// mailbox_deliver.cc
Step on_fan_out(State&, const Stimulus&, const ChannelEntry&, const FanOut&, View&, Outputs&);
Step on_register_update(State&, const Stimulus&, const ChannelEntry&, const RegisterUpdate&, View&,
                        Outputs&);
Step on_tick_ack(State&, const TickAck&, Address from, View&, Outputs&);
Step on_offer(State&, const Stimulus&, DeviceId, View&, Outputs&);
Step on_offer_ticks(State&, const Stimulus&, DeviceId, View&, Outputs&);
Step on_redeliver(State&, const Stimulus&, DeviceId, View&, Outputs&);
Step on_push_again(State&, const Stimulus&, DeviceId, View&, Outputs&);
/// kPump: goes on through the due index from row `first`.
Step on_recover(State&, const Stimulus&, std::uint64_t first, View&, Outputs&);
// mailbox_expiry.cc
Step on_sweep(State&, const Stimulus&, View&, Outputs&);
Step on_expire(State&, const Stimulus&, DeviceId, View&, Outputs&);

}  // namespace greytick::model::mailbox_steps
