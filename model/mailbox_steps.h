// The steps of a mailbox shard, and what they share. Internal to model/mailbox_*.cc.
#pragma once

#include "model/mailbox_shard.h"
#include "model/ticks.h"

namespace greytick::model::mailbox_steps {

using State = MailboxShard::State;

/// Collects what a step learns about messages and turns it into tick registers and channel entries:
/// one register a conversation, one update a register, all in the step's own transaction.
class TickBook {
 public:
  TickBook(State& state, DeviceId recipient) : state_(state), recipient_(recipient) {}

  /// Reads what a change for `message` will need. Call for each message before any effect.
  void load(const Message& message, View& view) {
    load(message.stream.conversation,
         {message.sender, message.stream.device, message.stream.incarnation}, view);
  }
  void load(ConversationId conversation, const Recipient& sender, View& view);

  void delivered(const Message& m) {
    touch(m, [&](TickRegister& r) { return raise_delivered(r, m.position); });
  }
  void cause(const Message& m, Cause c) {
    touch(m, [&](TickRegister& r) { return set_cause(r, m.position, c); });
  }
  void read(ConversationId conversation, LogPos upto);

  /// Writes registers and channel entries; then the step persists, and calls send().
  void write(Outputs& out);
  void send(Outputs& out, Instant now);
  [[nodiscard]] boost::container::small_vector<ChannelWriter, 2>& channels() { return channels_; }

 private:
  struct Row {
    ConversationId conversation;
    DeviceRegister record;
    bool changed = false;
  };
  template <class F>
  void touch(const Message& m, F&& change) {
    for (Row& row : rows_) {
      if (row.conversation == m.stream.conversation) row.changed |= change(row.record.value);
    }
  }
  State& state_;
  DeviceId recipient_;
  boost::container::small_vector<Row, 4> rows_;
  boost::container::small_vector<ChannelWriter, 2> channels_;
};

/// Time fit for time to live.
[[nodiscard]] inline Instant ttl_clock(const State& state, const Stimulus& t) {
  return state.clock.read(t.wall, t.now);
}
/// Entries (acked, doubt_end] were offered: the device may have applied them.
[[nodiscard]] inline MailboxSeq doubt_end(const State& state, const Mailbox& m) {
  const MailboxSeq offered = m.session_open ? m.acked.plus(state.config.window) : m.offered_upto;
  return std::max(m.acked, std::min(offered, m.tail));
}
[[nodiscard]] inline Range entries(DeviceId d, MailboxSeq after, MailboxSeq last,
                                   std::uint32_t limit) {
  return {Table::kEntry, d.value(), after.value() + 1, last.value(), limit};
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
/// Dead letter, register and fact of one entry that is given up; the caller writes the entry
/// itself.
void settle(TickBook& book, DeviceId d, Incarnation i, MailboxSeq mseq, const Message& m,
            Cause cause, Outputs& out, boost::container::small_vector_base<Fact>& facts);
/// Something waits and nobody is connected: ask for a wake-up, and again later.
void want_push(State& state, DeviceId d, UserId user, Instant now, Outputs& out);
void arm_redeliver(State& state, DeviceId d, Instant now, Outputs& out);

// mailbox_session.cc
Step on_hello(State&, const Stimulus&, const Hello&, Address from, View&, Outputs&);
Step on_ack(State&, const Stimulus&, const Ack&, const Read*, Address from, View&, Outputs&);
Step on_session_closed(State&, const Stimulus&, const SessionClosed&, View&, Outputs&);
Step on_register(State&, const Stimulus&, const Register&, Address from, View&, Outputs&);
Step on_retire(State&, const Stimulus&, DeviceId, View&, Outputs&);
// mailbox_deliver.cc
Step on_fan_out(State&, const Stimulus&, const ChannelEntry&, const FanOut&, View&, Outputs&);
Step on_register_update(State&, const Stimulus&, const ChannelEntry&, const RegisterUpdate&, View&,
                        Outputs&);
Step on_tick_ack(State&, const TickAck&, View&, Outputs&);
Step on_offer(State&, const Stimulus&, DeviceId, View&, Outputs&);
Step on_offer_ticks(State&, const Stimulus&, DeviceId, View&, Outputs&);
Step on_redeliver(State&, const Stimulus&, DeviceId, View&, Outputs&);
Step on_push_again(State&, const Stimulus&, DeviceId, View&, Outputs&);
// mailbox_expiry.cc
Step on_sweep(State&, const Stimulus&, View&, Outputs&);
Step on_expire(State&, const Stimulus&, DeviceId, View&, Outputs&);

}  // namespace greytick::model::mailbox_steps
