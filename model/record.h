// What is stored. One struct a table; the key's two halves stand beside each. A record is a value
// without pointers out. No record grows with history, but for the two that say so.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>
#include <variant>

#include "model/check.h"
#include "model/frame.h"
#include "model/ids.h"
#include "model/version.h"

namespace greytick::model {

enum class Table : std::uint8_t {
  // conversation shard
  kConversation,
  kMember,
  kStream,
  kResponse,
  // both kinds of shard
  kChannelOut,
  kOutgoing,
  kChannelIn,
  kShardClock,
  // mailbox shard
  kMailbox,
  kEntry,
  kDue,
  kDeadLetter,
  kRegister,
  kTickSlot,
  kUserConversation,
  // device
  kIdentity,
  kThread,
  kOutbox,
  kPendingRead,
  kMemberTicks,
  kPendingChange,
  kUserDevice,
  // mailbox shard
  kBody,
  // device
  kGroupMessage,
  kRoster,
};

/// Name of a record. A table orders its rows by (entity, sub).
struct Key {
  Table table{};
  std::uint64_t entity = 0, sub = 0;
  friend constexpr auto operator<=>(const Key&, const Key&) = default;
};

// ---------------------------------------------------------------- conversation shard

struct Conversation {  // (conversation, 0)
  static constexpr Table kTable = Table::kConversation;
  LogPos head;
  LogPos devices;              // where the newest of them joined: the version of their list
  std::uint32_t users = 0;     // members, each once however many devices
  MemberNumber last_number{};  // the newest given out
  friend bool operator==(const Conversation&, const Conversation&) = default;
};

struct Member {  // (conversation, device)
  static constexpr Table kTable = Table::kMember;
  Recipient who;
  friend bool operator==(const Member&, const Member&) = default;
};

/// The whole dedup state of one sender in one conversation: permanent, a few bytes, however long
/// the history.
struct Stream {  // (conversation, device)
  static constexpr Table kTable = Table::kStream;
  Incarnation incarnation;
  ClientSeq high_water;  // every cseq up to here has its definite response
  ClientSeq acked;       // the device has seen the responses up to here, so they may be forgotten
  friend bool operator==(const Stream&, const Stream&) = default;
};

/// A definite response, kept until the device acknowledges it: what a retry is answered with, byte
/// for byte.
struct Response {  // (conversation, device and ring slot)
  static constexpr Table kTable = Table::kResponse;
  Incarnation incarnation;
  ClientSeq cseq;
  MessageId id;
  ReplyCode code = ReplyCode::kSent;
  RejectReason reason = RejectReason::kNone;
  std::uint16_t audience = 0;  // as of Message
  MemberNumber last_number{};
  LogPos position;
  Instant accepted_at{};
  friend bool operator==(const Response&, const Response&) = default;
};

// ---------------------------------------------------------------- channels, out and in

struct ChannelOut {  // (target address, 0)
  static constexpr Table kTable = Table::kChannelOut;
  ChannelSeq last;   // the newest entry written
  ChannelSeq acked;  // the target has applied up to here; entries acked+1 .. last are kept
  friend bool operator==(const ChannelOut&, const ChannelOut&) = default;
};

struct Outgoing {  // (target address, n)
  static constexpr Table kTable = Table::kOutgoing;
  ChannelItem item;
  friend bool operator==(const Outgoing&, const Outgoing&) = default;
};

struct ChannelIn {  // (source address, 0)
  static constexpr Table kTable = Table::kChannelIn;
  ChannelSeq applied;
  std::uint32_t parts = 0;  // of entry applied + 1: applied already
  friend bool operator==(const ChannelIn&, const ChannelIn&) = default;
};

/// The expiry watermark: time that has certainly passed, as this shard has seen it (clock_guard.h).
struct ShardClock {  // (0, 0)
  static constexpr Table kTable = Table::kShardClock;
  Instant watermark{};
  friend bool operator==(const ShardClock&, const ShardClock&) = default;
};

// ---------------------------------------------------------------- mailbox shard

/// The head of one device's mailbox. Entries acked+1 .. tail are kept, without holes: an mseq is
/// never reused.
struct Mailbox {  // (device, 0)
  static constexpr Table kTable = Table::kMailbox;
  UserId user;
  Incarnation incarnation;
  std::uint64_t install_id = 0;
  MailboxSeq tail;
  MailboxSeq acked;
  MailboxSeq offered_upto;  // of closed sessions: entries in (acked, offered_upto] are in doubt
  MailboxSeq swept_upto;    // entries in (offered_upto, swept_upto] are all tombstones
  SessionEpoch epoch;
  bool session_open = false;
  bool retiring = false;  // entries of the old incarnation are being settled; no session until done
  bool logged_out = false;  // the device is taken off, or being taken off: of no user until it
                            // registers again
  Version version = Version::k2;  // of the newest session
  std::uint32_t gateway = 0;      // of the open session; a hint
  HelloSeq hello_seq;
  Nonce hello_nonce;
  Instant last_deadline{};       // deadlines are monotone within a mailbox
  std::uint64_t due_bucket = 0;  // of this mailbox's row in the due index; zero: none
  friend bool operator==(const Mailbox&, const Mailbox&) = default;
};

struct Entry {  // (device, mseq)
  static constexpr Table kTable = Table::kEntry;
  Message message;
  Instant deadline{};
  Cause cause =
      Cause::kNone;       // kNone: waiting; kUnconfirmed: settled but in doubt; else a tombstone
  bool shared = false;    // its content is in the Body of its position
  MemberNumber number{};  // of this device in the conversation, at the message's position
  friend bool operator==(const Entry&, const Entry&) = default;
};

/// A content that several devices of this shard wait for: kept once, for as long as one of their
/// entries refers to it.
struct Body {  // (conversation, log position)
  static constexpr Table kTable = Table::kBody;
  Ciphertext content;
  std::uint32_t entries = 0;  // that refer to it
  friend bool operator==(const Body&, const Body&) = default;
};

/// The due index: one row per mailbox that has something to expire, re-armed lazily.
struct Due {  // (0, bucket and device)
  static constexpr Table kTable = Table::kDue;
  DeviceId device;
  friend bool operator==(const Due&, const Due&) = default;
};

/// A message that was given up. Grows with history: operators export and prune it.
struct DeadLetter {  // (device, mseq)
  static constexpr Table kTable = Table::kDeadLetter;
  Message message;
  Incarnation incarnation;
  Cause cause = Cause::kNone;
  friend bool operator==(const DeadLetter&, const DeadLetter&) = default;
};

/// What this shard's device has done in a conversation: one value for all who wrote there.
struct DeviceRegister {  // (device, conversation)
  static constexpr Table kTable = Table::kRegister;
  MemberNumber number;    // the device's, as of the last message
  bool in_group = false;  // a message to a group was among them: who is told is told whose it is
  TickRegister value;
  friend bool operator==(const DeviceRegister&, const DeviceRegister&) = default;
};

/// A tick that its device has not acknowledged yet. The row exists only as long as it is dirty.
struct TickSlot {  // (sender device, conversation and number of the recipient)
  static constexpr Table kTable = Table::kTickSlot;
  DeviceId recipient;
  UserId user{};  // of the recipient, in a group; else not said
  TickRegister value;
  friend bool operator==(const TickSlot&, const TickSlot&) = default;
};

struct UserConversation {  // (user, conversation)
  static constexpr Table kTable = Table::kUserConversation;
  bool joined = false;  // the log has said so; else the conversation has still to decide
  friend bool operator==(const UserConversation&, const UserConversation&) = default;
};

struct UserDevice {  // (user, device): the devices of a user meet here
  static constexpr Table kTable = Table::kUserDevice;
  friend bool operator==(const UserDevice&, const UserDevice&) = default;
};

// ---------------------------------------------------------------- device

struct Identity {  // (device, 0)
  static constexpr Table kTable = Table::kIdentity;
  UserId user;
  bool leaving = false;  // to be logged out; the server has not said so yet
  std::uint64_t install_id = 0;
  Incarnation incarnation;  // zero: registration pending
  HelloSeq hello_seq;
  MailboxSeq cursor;  // every mailbox entry up to here is applied
  friend bool operator==(const Identity&, const Identity&) = default;
};

/// One conversation as its device sees it.
struct Thread {  // (device, conversation)
  static constexpr Table kTable = Table::kThread;
  Recipients unread;          // who wrote what is applied and not read: where READ goes
  ClientSeq next;             // last cseq given out
  ClientSeq acked;            // every cseq up to here has its definite response
  std::uint16_t settled = 0;  // bit i: cseq acked+1+i has its definite response too
  bool in_group = false;      // a message of our user went to a group: GroupMessage, Roster
  LogPos sent_upto;     // of our user's messages, from whichever device, the highest known SENT
  LogPos applied_upto;  // the newest position applied here: `dep` of what is written next
  LogPos read_upto;
  LogPos devices;      // the newest join heard of: the list that contents are sealed for
  LogPos ticks_ahead;  // the furthest that a tick has run ahead of sent_upto, and waits for it
  friend bool operator==(const Thread&, const Thread&) = default;
};

struct Outbox {  // (device, conversation and cseq)
  static constexpr Table kTable = Table::kOutbox;
  MessageId id;
  LogPos dep;
  Ciphertext content;
  Instant composed_at{};
  friend bool operator==(const Outbox&, const Outbox&) = default;
};

/// A READ that the server has not acknowledged yet.
struct PendingRead {  // (device, conversation)
  static constexpr Table kTable = Table::kPendingRead;
  LogPos upto;
  Recipients senders;
  friend bool operator==(const PendingRead&, const PendingRead&) = default;
};

/// A wish to join or to leave that is not settled yet.
struct PendingChange {  // (device, conversation)
  static constexpr Table kTable = Table::kPendingChange;
  bool join = false;
  friend bool operator==(const PendingChange&, const PendingChange&) = default;
};

/// What one member's device has done with the messages written here, as last heard.
struct MemberTicks {  // (device, conversation and number of the member)
  static constexpr Table kTable = Table::kMemberTicks;
  DeviceId member;
  UserId user{};  // whose device, in a group; else not said
  TickRegister value;
  friend bool operator==(const MemberTicks&, const MemberTicks&) = default;
};

/// A message of our user to a group, from SENT until all have read it. What failed for somebody, or
/// is never read, stays.
struct GroupMessage {  // (device, conversation and position)
  static constexpr Table kTable = Table::kGroupMessage;
  std::uint16_t audience = 0;  // the users whom it is due to
  MemberNumber last_number;    // the newest at its position: who is above it joined later
  std::uint16_t delivered = 0, read = 0;  // by so many of them, on some device
  friend bool operator==(const GroupMessage&, const GroupMessage&) = default;
};

/// Whose devices the ticks of a group are of: those heard of, by their numbers.
struct Roster {  // (device, conversation)
  static constexpr Table kTable = Table::kRoster;
  Recipients members;
  friend bool operator==(const Roster&, const Roster&) = default;
};

using Record = std::variant<Conversation, Member, Stream, Response, ChannelOut, Outgoing, ChannelIn,
                            ShardClock, Mailbox, Entry, Due, DeadLetter, DeviceRegister, TickSlot,
                            UserConversation, Identity, Thread, Outbox, PendingRead, MemberTicks,
                            PendingChange, UserDevice, Body, GroupMessage, Roster>;

// ---------------------------------------------------------------- keys

/// Devices of a conversation: 1,024 users with up to 8 devices each.
inline constexpr std::uint32_t kMembersMax = 8192;
inline constexpr std::uint32_t kDevicesMax = 8;  // of one user
inline constexpr std::uint64_t kResponseRing =
    16;  // Ws: unacknowledged messages of one stream, and ring slots

template <class R>
constexpr Key key_of(std::uint64_t entity, std::uint64_t sub = 0) {
  return {R::kTable, entity, sub};
}
constexpr Key conversation_key(ConversationId c) { return key_of<Conversation>(c.value()); }
constexpr Key member_key(ConversationId c, DeviceId d) {
  return key_of<Member>(c.value(), d.value());
}
constexpr Key stream_key(ConversationId c, DeviceId d) {
  return key_of<Stream>(c.value(), d.value());
}
constexpr Key response_key(ConversationId c, DeviceId d, ClientSeq n) {
  return key_of<Response>(c.value(), (std::uint64_t{d.value()} << 4) | (n.value() % kResponseRing));
}
constexpr std::uint64_t entity_of(Address shard) {
  return (std::uint64_t{static_cast<std::uint8_t>(shard.role)} << 32) | shard.index;
}
constexpr Address shard_of_entity(std::uint64_t entity) {
  return {static_cast<Role>(entity >> 32), static_cast<std::uint32_t>(entity), ConnectionId{}};
}
constexpr Key channel_out_key(Address target) { return key_of<ChannelOut>(entity_of(target)); }
constexpr Key outgoing_key(Address target, ChannelSeq n) {
  return key_of<Outgoing>(entity_of(target), n.value());
}
constexpr Key channel_in_key(Address source) { return key_of<ChannelIn>(entity_of(source)); }
constexpr Key mailbox_key(DeviceId d) { return key_of<Mailbox>(d.value()); }
constexpr Key entry_key(DeviceId d, MailboxSeq n) { return key_of<Entry>(d.value(), n.value()); }
constexpr Key body_key(ConversationId c, LogPos k) { return key_of<Body>(c.value(), k.value()); }
constexpr Key register_key(DeviceId d, ConversationId c) {
  return key_of<DeviceRegister>(d.value(), c.value());
}
/// Conversation and member number in one: conversations stay below 2^40, numbers below 2^24:
/// CHECKed.
[[nodiscard]] constexpr bool fits_key(ConversationId c, MemberNumber n) {
  return c.value() < (1ULL << 40) && n.value() < (1U << 24);
}
constexpr std::uint64_t member_sub(ConversationId c, MemberNumber n) {
  CHECK(fits_key(c, n));
  return (c.value() << 24) | n.value();
}
constexpr ConversationId member_conversation(std::uint64_t sub) {
  return ConversationId(sub >> 24);
}
constexpr MemberNumber member_number(std::uint64_t sub) {
  return MemberNumber(static_cast<std::uint32_t>(sub & ((1ULL << 24) - 1)));
}
constexpr Key tick_slot_key(DeviceId d, ConversationId c, MemberNumber n) {
  return key_of<TickSlot>(d.value(), member_sub(c, n));
}
constexpr Key member_ticks_key(DeviceId d, ConversationId c, MemberNumber n) {
  return key_of<MemberTicks>(d.value(), member_sub(c, n));
}
/// A position beyond 2^24 has no row: its message is shown by its members alone.
[[nodiscard]] constexpr bool fits_group_key(ConversationId c, LogPos k) {
  return c.value() < (1ULL << 40) && k.value() < (1ULL << 24);
}
constexpr std::uint64_t group_sub(ConversationId c, LogPos k) {
  CHECK(fits_group_key(c, k));
  return (c.value() << 24) | k.value();
}
constexpr Key group_message_key(DeviceId d, ConversationId c, LogPos k) {
  return key_of<GroupMessage>(d.value(), group_sub(c, k));
}
constexpr Key roster_key(DeviceId d, ConversationId c) {
  return key_of<Roster>(d.value(), c.value());
}
constexpr Key identity_key(DeviceId d) { return key_of<Identity>(d.value()); }
constexpr Key thread_key(DeviceId d, ConversationId c) {
  return key_of<Thread>(d.value(), c.value());
}
/// Outbox rows order by conversation, then cseq. Conversations stay below 2^40, a stream below 2^24
/// messages: CHECKed.
constexpr Key outbox_key(DeviceId d, ConversationId c, ClientSeq n) {
  CHECK(c.value() < (1ULL << 40));
  CHECK(n.value() < (1ULL << 24));
  return key_of<Outbox>(d.value(), (c.value() << 24) | n.value());
}
constexpr ConversationId outbox_conversation(const Key& key) {
  return ConversationId(key.sub >> 24);
}
constexpr ClientSeq outbox_cseq(const Key& key) { return ClientSeq(key.sub & ((1ULL << 24) - 1)); }
constexpr Key user_device_key(UserId u, DeviceId d) {
  return key_of<UserDevice>(u.value(), d.value());
}
constexpr Key user_conversation_key(UserId u, ConversationId c) {
  return key_of<UserConversation>(u.value(), c.value());
}
constexpr Key pending_change_key(DeviceId d, ConversationId c) {
  return key_of<PendingChange>(d.value(), c.value());
}
constexpr Key pending_read_key(DeviceId d, ConversationId c) {
  return key_of<PendingRead>(d.value(), c.value());
}

std::string_view table_name(Table table);

}  // namespace greytick::model
