// What happened, for judges only: the one language between the core and its oracle. Machines note
// facts as outputs; a fact noted after a Persist is emitted when that write is durable. The driver
// adds the time and the few facts only it can know. Letters as in docs/protocol.md: d, r devices; c
// conversation; n cseq; k log position.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "model/frame.h"
#include "model/ids.h"
#include "model/time.h"

namespace greytick::model {

// --- by devices ---
struct Created {  // create(d,c,n), durable in d's outbox
  StreamId stream;
  UserId user;
  ClientSeq cseq;
  MessageId id;
  LogPos dep;  // d's cursor in c when the app wrote
  Ciphertext content;
  Instant composed_at;
};
struct Answered {  // a definite response reached d; `hash` covers every field of it
  StreamId stream;
  ClientSeq cseq;
  ReplyCode code;
  LogPos position;
  std::uint64_t hash;
};
struct TurnedAway {  // d was told RETRYABLE for this message
  StreamId stream;
  ClientSeq cseq;
};
struct Applied {  // apply(r,c,k): message and cursor are durable on r
  DeviceId device;
  Incarnation incarnation;
  SessionEpoch epoch;
  MailboxSeq mseq;
  Message message;
};
struct Displayed {  // the app of r has shown it (never before Applied, in a correct device)
  DeviceId device;
  Incarnation incarnation;
  ConversationId conversation;
  LogPos position;
};
struct GapShown {  // r's cursor passed a tombstone
  DeviceId device;
  Incarnation incarnation;
  MailboxSeq mseq;
  ConversationId conversation;
  LogPos position;
  Cause cause;
};
struct Opened {  // the user of r opened c and has read up to k
  DeviceId device;
  Incarnation incarnation;
  ConversationId conversation;
  LogPos upto;
};
struct SentShown {  // d shows SENT for the messages of its user in c up to k
  DeviceId device;
  Incarnation incarnation;
  ConversationId conversation;
  LogPos sent;
};
/// What d shows of one recipient device for the messages of d's user in c. Of those known SENT,
/// level of k is READ if k <= read, DELIVERED if k <= delivered, unless a FailureShown covers k. A
/// tick that runs ahead of SENT shows when SENT does, so neither mark is beyond it.
struct TicksShown {
  DeviceId device;
  Incarnation incarnation;
  ConversationId conversation;
  DeviceId recipient;
  LogPos delivered, read;
};
struct FailureShown {  // d shows FAILED for its user's messages among positions from..to; cause
                       // kNone takes an unconfirmed one back
  DeviceId device;
  Incarnation incarnation;
  ConversationId conversation;
  DeviceId recipient;
  LogPos from, to;
  Cause cause;
};
/// d shows that a message of its user to a group is delivered to all, or read by all: every user
/// whom it was due to has it, or has read it, on some device. One that failed for somebody never
/// is. Of a message to one user that user's ticks say all, and this is never noted.
struct AggregateShown {
  DeviceId device;
  Incarnation incarnation;
  ConversationId conversation;
  LogPos position;
  bool read;  // else delivered
};
struct SessionAdopted {  // d adopted the epoch of a WELCOME
  DeviceId device;
  Incarnation incarnation;
  SessionEpoch epoch;
};
struct IncarnationAdopted {  // d goes on as this installation
  DeviceId device;
  Incarnation incarnation;
};
struct OutcomeUnknown {  // d shows that nobody can say what became of this message, which an older
                         // installation left unanswered; it is never sent again by itself
  StreamId stream;
  ClientSeq cseq;
  MessageId id;
};

// --- by shards ---
struct Committed {  // commit(d,c,n,k), durable
  Message message;
  Recipients recipients;  // M(c,k) without the sending device
};
struct MemberChanged {  // a device joined or left at k, durable
  Message message;
  Recipients recipients;  // who sees it: a device that leaves still does
};
struct JoinTurnedAway {  // the conversation had no room for the user
  ConversationId conversation;
  UserId user;
};
struct RejectedForGood {  // a definite rejection, durable: the cseq is consumed, nothing was stored
  StreamId stream;
  ClientSeq cseq;
};
struct Settled {  // expire(r,c,k): dead letter and tombstone, durable. A second one may upgrade
                  // `unconfirmed` to `expired`
  DeviceId device;
  Incarnation incarnation;
  MailboxSeq mseq;
  Message message;
  Cause cause;
};
struct Corrected {  // r said HELLO with a cursor that covers an `unconfirmed` entry: it was
                    // delivered after all
  DeviceId device;
  Incarnation incarnation;
  MailboxSeq mseq;
  Message message;
};
struct Retired {  // everything left for this incarnation is settled
  DeviceId device;
  Incarnation incarnation;
};

/// Rare branches worth counting: a campaign that never took one has proved nothing about it.
enum class Branch : std::uint8_t {
  kRetryAnsweredFromRing,
  kGapRefused,
  kConflict,
  kStaleIncarnation,
  kBackpressure,
  kChannelReplayed,
  kChannelGap,
  kChannelResent,
  kHelloRepeated,
  kStaleHello,
  kSessionResumed,   // HELLO found something waiting
  kSessionReplaced,  // HELLO closed a session that was still open
  kExpiredInHello,
  kTombstoned,
  kUnconfirmed,
  kCorrected,
  kOverCapacity,
  kRetired,
  kRedelivered,
  kDuplicateIgnored,   // device: mseq <= cursor, re-acked
  kOldSessionIgnored,  // device: DATA of another epoch
  kStaleReplyIgnored,  // device: msg_id is not what the outbox holds
  kHalfOpenDetected,
  kDegraded,
  kSlowConsumerCut,
  kPushed,
  kPushThrottled,
  kPushWokeDevice,
  kShardRecovered,  // a shard started on a store with content
  kClockClamped,    // the guard did not follow the wall clock
  kLeaseLost,       // driver: a persist was refused for its epoch
  kReinstalled,
  kJoinRefused,
  kLinked,          // a new device of a user joined its conversations
  kUnlinked,        // and left them
  kBackupFound,     // device: its rows are of an older installation
  kVersionsDiffer,  // a session between ends of two versions
  kSentInParts,     // an entry went to several recipients one by one, for a target that needs it so
  kNotUnderstood,   // what is of a version that this end does not speak was refused
  kStaleDevices,    // a content was sealed for an older list of devices
};
inline constexpr std::size_t kBranches = static_cast<std::size_t>(Branch::kStaleDevices) + 1;
std::string_view branch_name(Branch branch);  // "retry_answered_from_ring", ...

struct Took {
  Branch branch;
};

// --- by the driver ---
struct LeaseCommitted {  // a batch of this shard became durable under this epoch
  Address shard;
  LeaseEpoch epoch;
};
struct ShardCrashed {  // lost its unsynced writes
  Address shard;
};
struct DeviceCrashed {  // lost its unsynced writes
  DeviceId device;
};
struct BackupRestored {  // d's disk is an old copy now: who goes on from here is a new installation
  DeviceId device;
};
struct Footprint {  // what the servers store for one device, dead letters apart
  DeviceId device;
  std::uint64_t bytes;
  std::uint64_t waiting;        // entries of its mailbox, tick slots
  std::uint64_t conversations;  // it is a member of
};

using Fact = std::variant<Created, Answered, TurnedAway, Applied, Displayed, GapShown, Opened,
                          SentShown, TicksShown, FailureShown, SessionAdopted, IncarnationAdopted,
                          Committed, MemberChanged, JoinTurnedAway, RejectedForGood, Settled,
                          Corrected, Retired, Took, LeaseCommitted, ShardCrashed, DeviceCrashed,
                          Footprint, OutcomeUnknown, BackupRestored, AggregateShown>;

std::string_view fact_name(const Fact& fact);  // "created", "answered", ...
std::string_view cause_name(Cause cause);      // "expired", ...

}  // namespace greytick::model
