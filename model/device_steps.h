// What the parts of the device share: one step in progress, and the doors between the parts. Inside
// the device only.
#pragma once

#include "model/device.h"
#include "model/draw.h"

namespace greytick::model::device {

/// One step: what `handle` was given, under short names.
struct Run {
  Device::State& s;
  const Stimulus& t;
  View& v;
  Outputs& out;

  [[nodiscard]] DeviceId self() const { return s.config.device; }
  [[nodiscard]] Key identity() const { return identity_key(s.config.device); }
  /// Bits for the `salt`-th draw of this step.
  [[nodiscard]] std::uint64_t bits(std::uint64_t salt) const { return derive(t.entropy, salt); }
  template <class F>
  void send_up(F&& frame) {
    out.send(s.conn.gateway, std::forward<F>(frame));
  }
};

// Salts of the draws, one a use, so that two uses in a step are independent.
inline constexpr std::uint64_t kNonceDraw = 1, kInstallDraw = 2, kDialDraw = 3, kHintDraw = 4,
                               kRetryDraw = 5, kIdHighDraw = 6, kIdLowDraw = 7;

// --- device_link.cc: the connection ring ---
void go_online(Run& run, const GoOnline& ask);
void go_offline(Run& run);
Step on_connected(Run& run, const Address& from);
/// The connection or the dial is lost. retry_after: the other end's hint, zero without one.
void drop(Run& run, bool hang_up, Duration retry_after);
void dial_due(Run& run);
void heartbeat_due(Run& run);
void pong_missed(Run& run);
void on_pong(Run& run);

// --- device_session.cc: incarnations and sessions ---
Step start(Run& run, const Start& in);
/// HELLO, or REGISTER while there is no incarnation. The connection is in kResuming.
Step introduce(Run& run);
Step say_hello_again(Run& run);
Step on_welcome(Run& run, const Welcome& in);
Step on_hello_stale(Run& run, const HelloStale& in);
Step on_registered(Run& run, const Registered& in);
/// This installation cannot go on: a fresh install id, no incarnation, and rows to wipe.
void begin_again(Run& run);
Step wipe(Run& run);
/// Forgets everything volatile of the session.
void forget_session(Run& run);

// --- outbox.cc: sending ---
Step compose(Run& run, const Compose& ask);
Step pump(Run& run, std::uint64_t first_sub);
Step on_reply(Run& run, const SendReply& in);
/// Arms kRetry for the earliest thing that is due.
void arm_retry(Run& run);

// --- membership.cc ---
inline constexpr std::uint32_t kChangesAStep = 64;
[[nodiscard]] Range pending_changes(const Run& run);
/// Tells the server every wish, and makes them due again.
void send_changes(Run& run, const Rows<PendingChange>& rows);
Step change_membership(Run& run, ConversationId conversation, bool join);
Step log_out(Run& run);
void send_log_out(Run& run);
Step on_logged_out(Run& run, const LoggedOut& in);
/// An entry of the log answers this wish.
[[nodiscard]] bool settles(const PendingChange* row, const Run& run, const Message& message);
Step on_membership_reply(Run& run, const MembershipReply& in);

// --- reading.cc: applying, reading, ticks ---
Step on_data(Run& run, const Data& in);
Step open_conversation(Run& run, const OpenConversation& ask);
Step on_read_ack(Run& run, const ReadAck& in);
Step on_tick(Run& run, const Tick& in);
Step retry_due(Run& run);
inline constexpr std::uint32_t kReadsAStep = 64;
[[nodiscard]] Range pending_reads(const Run& run);
/// Sends READ for every row, and makes them due again.
void send_reads(Run& run, const Identity& identity, const Rows<PendingRead>& rows);
/// All ticks of a conversation.
[[nodiscard]] Range ticks_of(const Run& run, ConversationId conversation);
/// SENT has caught up with ticks that had run ahead of it: notes what they show now.
void note_waiting_ticks(Run& run, ConversationId conversation, const Rows<MemberTicks>& ticks,
                        LogPos sent_before, LogPos sent);

// --- aggregate.cc: delivered to all of a group, read by all ---
using AggregatesShown = boost::container::small_vector<AggregateShown, 2>;
/// When that is durable.
void note_aggregates(Run& run, const AggregatesShown& shown);

/// A message of our user, just known to be SENT. Of one that is not to a group nothing is loaded,
/// stored or shown.
struct GroupSent {
  struct Counted {
    std::uint16_t audience;
    MemberNumber last_number;
  };
  explicit GroupSent(ConversationId c) : conversation(c) {}
  /// False: the view lacks something.
  bool load(Run& run, const Thread* stored, LogPos at, const Counted& message);
  /// Counts who has it already. The caller stores the thread.
  [[nodiscard]] AggregatesShown begin(Run& run, Thread& thread) const;

  ConversationId conversation;
  LogPos position;  // zero: nothing to do
  Counted counted{};
  bool may_be_covered = false;
  Rows<MemberTicks> ticks = Rows<MemberTicks>({});
  const Roster* roster = nullptr;
};

/// A newer register of one member of a group.
struct GroupTick {
  /// False: the view lacks something.
  bool load(Run& run, const Tick& in, const TickRegister& before);
  [[nodiscard]] AggregatesShown count(Run& run, const Tick& in, const TickRegister& before) const;

  struct Other {  // another device of the same user
    MemberNumber number;
    const MemberTicks* ticks;
  };
  const Roster* roster = nullptr;
  Rows<GroupMessage> messages = Rows<GroupMessage>({});
  boost::container::small_vector<Other, 2> others;
};

}  // namespace greytick::model::device
