// What travels. A frame is a plain value; who sends which to whom stands beside each, by role:
// D device, G gateway, C conversation shard, M mailbox shard, P push gateway, T transport, V
// provider of push.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "model/ids.h"
#include "model/payload.h"
#include "model/time.h"
#include "model/version.h"

namespace greytick::model {

/// A device of a member, as a log position sees it.
struct Recipient {
  UserId user;
  DeviceId device;
  Incarnation incarnation;
  MemberNumber number{};  // zero where nothing depends on it
  friend constexpr bool operator==(const Recipient&, const Recipient&) = default;
};
using Recipients = boost::container::small_vector<Recipient, 1>;
/// Adds `who` to a list of devices; of several installations of one device only the newest stays.
void add_newest(Recipients& list, const Recipient& who);

/// What an entry of a conversation's log says.
enum class EntryKind : std::uint8_t {
  kContent,  // somebody wrote
  // A device became a member, and sees this entry and what follows; or it is none any more, and
  // this entry is the last that it sees.
  kJoined,    // the first of its user
  kLeft,      // the last of its user
  kLinked,    // a further one
  kUnlinked,  // one of several
};
/// "content", "joined", ...
std::string_view entry_kind_name(EntryKind kind);
[[nodiscard]] constexpr bool is_join(EntryKind kind) {
  return kind == EntryKind::kJoined || kind == EntryKind::kLinked;
}

/// A committed message: one entry of a conversation's log. Of a change of membership, `stream`,
/// `sender` and `number` name the device that it is about; it has no cseq and no content.
struct Message {
  StreamId stream;  // the sender's
  UserId sender;
  MemberNumber number{};
  EntryKind kind = EntryKind::kContent;
  // Of a message to a group: the users whom it is due to, the sender's own apart, and the newest
  // member number at its position. Zero where it is due to one user, whose ticks are all there are.
  std::uint16_t audience = 0;
  MemberNumber last_number{};
  ClientSeq cseq;
  LogPos position;
  MessageId id;
  LogPos dep;  // the sender's cursor in the conversation when it wrote; for judges, the core does
               // not act on it
  Instant accepted_at;  // by the conversation shard's guarded clock
  Ciphertext content;
  friend constexpr bool operator==(const Message&, const Message&) = default;
};

/// Why a mailbox entry was settled without being delivered.
enum class Cause : std::uint8_t {
  kNone,         // not settled
  kExpired,      // its time to live passed, certainly not applied
  kUnconfirmed,  // in doubt at TTL + D: nobody can know; a later HELLO may correct it
  kRetired,      // its device incarnation is gone
  kOverCapacity  // the mailbox was full
};

/// Positions from..to of a conversation (those the recipient was due) failed for one recipient
/// device.
struct FailedInterval {
  LogPos from, to;
  Cause cause = Cause::kNone;
  friend constexpr bool operator==(const FailedInterval&, const FailedInterval&) = default;
};

/// What one recipient device has done in one conversation. Written by one mailbox shard, shipped
/// whole; the newest version wins, so loss, duplication and reordering of ticks are harmless.
/// Invariants: delivered_upto and read_upto never shrink; read_upto <= delivered_upto; `failed`
/// ascends and is disjoint. A failed position counts as failed even when it lies below
/// delivered_upto.
struct TickRegister {
  TickVersion version;
  LogPos delivered_upto, read_upto;
  std::vector<FailedInterval> failed;  // nearly always empty: then nothing to copy or to move
  friend bool operator==(const TickRegister&, const TickRegister&) = default;
};

// --- sessions ---
struct Hello {  // D > G > M
  DeviceId device;
  UserId user;
  Incarnation incarnation;
  HelloSeq hello_seq;
  Nonce nonce;
  MailboxSeq cursor;
  Version version = Version::k2;  // of the client; a gateway on the way may lower it
};
struct Welcome {  // M > G > D
  DeviceId device;
  HelloSeq hello_seq;
  Nonce nonce;
  SessionEpoch epoch;
  Version version = Version::k2;  // of the session
};
struct HelloStale {  // M > G > D: the device that hears it of its latest HELLO needs a new
                     // incarnation
  DeviceId device;
  HelloSeq hello_seq;
  Nonce nonce;
  HelloSeq stored_seq;
};
struct Register {  // D > G > M: a fresh installation asks for an incarnation
  DeviceId device;
  UserId user;
  std::uint64_t install_id = 0;
};
struct Registered {  // M > G > D
  DeviceId device;
  std::uint64_t install_id = 0;
  Incarnation incarnation;
};
struct SessionClosed {  // G > M: the socket of this session is gone (a hint)
  DeviceId device;
  UserId user;
  SessionEpoch epoch;
};
struct Evict {  // M > G: end this session's socket; the device will say HELLO again
  DeviceId device;
  SessionEpoch epoch;
};

// --- sending ---
enum class ReplyCode : std::uint8_t {
  kSent,              // definite: durable at `position`
  kRejected,          // definite: consumed, will never be stored
  kForgotten,         // definite answer was already acknowledged; a healthy device never asks
  kConflict,          // another message holds this cseq
  kGap,               // `expected` has not been seen yet
  kStaleIncarnation,  // this installation was replaced
  kRetryable,         // overload: nothing stored, come again after `retry_after`
  kStaleDevices,      // sealed for an older list than `devices`: nothing stored, seal it again
};
[[nodiscard]] constexpr bool is_definite(ReplyCode code) {
  return code == ReplyCode::kSent || code == ReplyCode::kRejected;
}
enum class RejectReason : std::uint8_t { kNone, kNotMember, kTooLarge };

struct SendMessage {  // D > G > C
  StreamId stream;
  UserId user;
  ClientSeq cseq;
  ClientSeq acked;  // every cseq up to here has its definite response
  MessageId id;
  LogPos dep;
  LogPos devices;  // the list that the content is sealed for: as of the newest join known. Zero: as
                   // the conversation began
  Ciphertext content;
};
struct SendReply {  // C > G > D
  StreamId stream;
  ClientSeq cseq;
  MessageId id;
  ReplyCode code = ReplyCode::kRetryable;
  RejectReason reason = RejectReason::kNone;
  LogPos position;
  Instant accepted_at{};
  ClientSeq expected;
  Duration retry_after{};
  std::uint16_t audience = 0;  // as of Message
  MemberNumber last_number{};
  LogPos devices;  // kStaleDevices: the list as it is
};

// --- delivering ---
struct Data {  // M > G > D. cause != kNone: a tombstone; content is gone, the mseq is not
  DeviceId device;
  SessionEpoch epoch;
  MailboxSeq mseq;
  Cause cause = Cause::kNone;
  Message message;
};
struct Ack {  // D > G > M, cumulative
  DeviceId device;
  UserId user;
  Incarnation incarnation;
  SessionEpoch epoch;
  MailboxSeq cursor;
};
struct Read {  // D > G > M: the user has opened the conversation up to here. Carries the cursor,
               // processed as an ACK first
  DeviceId device;
  UserId user;
  Incarnation incarnation;
  SessionEpoch epoch;
  MailboxSeq cursor;
  ConversationId conversation;
  LogPos upto;
  Recipients senders;  // whose messages it covers: their entries are trimmed by then
};
struct ReadAck {  // M > G > D
  DeviceId device;
  ConversationId conversation;
  LogPos upto;
};

// --- membership ---
struct ChangeMembership {  // D > G > M: the user wants to join or to leave. Repeated until settled
  DeviceId device;
  UserId user;
  Incarnation incarnation;
  ConversationId conversation;
  bool join = false;
};
enum class MembershipOutcome : std::uint8_t {
  kMember,  // has been a member for some time
  kLeft,    // is none, or will not be one: durable
  kFull,    // the conversation has as many members as it may
};
struct MembershipReply {  // M > G > D. Who joins hears of it from the log; this is for the rest
  DeviceId device;
  ConversationId conversation;
  MembershipOutcome outcome = MembershipOutcome::kMember;
};

// --- the end of an installation ---
struct LogOut {  // D > G > M: the user takes this device off. Repeated until answered
  DeviceId device;
  UserId user;
  Incarnation incarnation;
};
struct LoggedOut {  // M > G > D: that installation is over, for good
  DeviceId device;
  Incarnation incarnation;
};

// --- ticks, in a lane of their own ---
struct Tick {       // M > G > D
  DeviceId device;  // the sender of the messages
  ConversationId conversation;
  DeviceId recipient;
  MemberNumber number;  // of the recipient
  UserId user{};        // of the recipient, in a group; else not said
  TickRegister value;
};
struct TickAck {  // D > G > M: names the very version held
  DeviceId device;
  UserId user;
  ConversationId conversation;
  MemberNumber number;  // of the recipient
  TickVersion version;
};

// --- between shards ---
struct FanOut {  // C > M: a message for members who live on that mailbox shard
  Message message;
  Recipients recipients;
  friend bool operator==(const FanOut&, const FanOut&) = default;
};
struct RegisterUpdate {  // M > M: what `recipient` has done with the messages of `sender`
  ConversationId conversation;
  Recipient sender;
  DeviceId recipient;
  MemberNumber number;  // of the recipient
  UserId user{};        // of the recipient, in a group; else not said
  TickRegister value;
  friend bool operator==(const RegisterUpdate&, const RegisterUpdate&) = default;
};
enum class MemberChange : std::uint8_t {
  kRenew,  // a device of a member got a new incarnation
  kJoin,
  kLeave,
};
struct MemberUpdate {  // M > C: what becomes of a user's devices in a conversation
  ConversationId conversation;
  MemberChange change = MemberChange::kRenew;
  Recipients devices;  // of one user
  friend bool operator==(const MemberUpdate&, const MemberUpdate&) = default;
};
struct JoinRefused {  // C > M: no room for this user
  ConversationId conversation;
  UserId user;
  friend bool operator==(const JoinRefused&, const JoinRefused&) = default;
};
using ChannelItem = std::variant<FanOut, RegisterUpdate, MemberUpdate, JoinRefused>;

struct ChannelEntry {
  Address source, target;
  ChannelSeq n;
  ChannelItem item;
  // A FanOut to several recipients, for a target or from a source that knows one only: the frame is
  // the part-th recipient's, from 1. The entry is applied when its last part is. Zero: all of it.
  std::uint32_t part = 0;
  bool more = false;  // further parts follow
};
struct ChannelAck {  // back to the source: all up to `applied` is durable at the target
  Address source, target;
  ChannelSeq applied;
  bool gap = false;  // the target saw a later entry, or what it cannot read, and waits for
                     // applied + 1
  Version version = Version::k2;  // that the target reads
};

// --- liveness ---
struct Ping {  // D > G
  DeviceId device;
};
struct Pong {  // G > D
  DeviceId device;
};

// --- push ---
struct WakeUp {  // M > P: something waits for this device (a hint)
  DeviceId device;
  UserId user;
};
struct Notify {  // P > V
  DeviceId device;
};
enum class NotifyOutcome : std::uint8_t { kAccepted, kThrottled, kUnavailable, kTokenExpired };
struct Notified {  // V > P
  DeviceId device;
  NotifyOutcome outcome = NotifyOutcome::kAccepted;
  Duration retry_after{};
};
struct Nudge {  // V > D: the phone wakes the app
  DeviceId device;
};

// --- transport ---
struct Dial {  // D > T
  DeviceId device;
};
struct HangUp {            // D or G > T: close the connection named by the address
  Duration retry_after{};  // a hint for the other end
};
struct Connected {  // T > D, T > G: the connection of the address is open
  DeviceId device;
  GatewayId gateway;
};
struct Refused {  // T > D: the dial failed
  Duration retry_after{};
};
struct Disconnected {  // T > D, T > G: the connection of the address is gone
  Duration retry_after{};
};

using Frame =
    std::variant<Hello, Welcome, HelloStale, Register, Registered, SessionClosed, Evict,
                 SendMessage, SendReply, Data, Ack, Read, ReadAck, Tick, TickAck, ChannelEntry,
                 ChannelAck, Ping, Pong, WakeUp, Notify, Notified, Nudge, Dial, HangUp, Connected,
                 Refused, Disconnected, ChangeMembership, MembershipReply, LogOut, LoggedOut>;

/// Name of the alternative held, for traces: "send_message", "data", ...
std::string_view frame_name(const Frame& frame);

/// What a DATA of that message counts for where deliveries are bounded in bytes: its content and,
/// for the fields around it, a round number that ordinary ones stay below. Neither the session nor
/// the mseq that it goes by changes it, so an ack takes back what the offer added.
[[nodiscard]] constexpr std::uint64_t data_bytes(const Ciphertext& content) {
  constexpr std::uint64_t kFields = 104;
  return kFields + content.bytes;
}
[[nodiscard]] constexpr std::uint64_t data_bytes(const Message& message) {
  return data_bytes(message.content);
}

}  // namespace greytick::model
