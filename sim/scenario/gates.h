#ifndef GREYTICK_SIM_SCENARIO_GATES_H_
#define GREYTICK_SIM_SCENARIO_GATES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/units.h"

namespace greytick::scenario {

/// The invariants of docs/protocol.md; the value is the number, so I6 is 6.
enum class Invariant : uint8_t {
  kSentDurable = 1,
  kNoDuplicate = 2,
  kNoCreation = 3,
  kFifo = 4,
  kOfflineFlush = 5,
  kTickTruth = 6,
  kTickOrder = 7,
  kDlqExclusive = 8,
  kNoLoss = 9,
  kIdempotentRetry = 10,
  kMembership = 11,
  kCausality = 12,
  kConfidential = 13,
  kBoundedState = 14,
  kSingleWriter = 15,
  kSessionFence = 16,
  kNoSilentDrop = 17,
  kConverged = 18,
};
inline constexpr int kInvariants = 18;

/// One `always` or `eventually` gate. within: only for eventually; time after the horizon by which
/// it must hold; 0: by the end of the drain.
struct InvariantGate {
  Invariant invariant = Invariant::kNoLoss;
  Duration within{0};
  bool operator==(const InvariantGate&) const = default;
};

/// Rare events a run can be required to have taken; a run that never did proves nothing.
enum class Rare : uint8_t {
  kPushWokeDevice,
  kSessionResumed,
  kExpiredInHello,
  kTombstoned,
  kDeadLettered,
  kUnconfirmed,
  kUnconfirmedCorrected,
  kLeaseStolen,
  kShardMoved,
  kFrameMisrouted,  // it reached a process that does not run its shard any more
  kPersistFenced,
  kRetryAnsweredFromRing,
  kChannelReplayed,
  kGapSeen,
  kHalfOpenDetected,
  kBackpressure,
  kStaleHello,
  kHelloRepeated,
  kDeviceRolledBack,
  kShardRecovered,
  kStoreRolledBack,
  kDuplicateIgnored,
  kIncarnationRetired,
  kSlowConsumerCut,
  kGatewayDrained,
  kPushThrottled,
  kMemberChanged,
  kJoinRefused,
  kDeviceLinked,
  kDeviceUnlinked,
  kBackupFound,     // a start found the rows of an older installation
  kOutcomeUnknown,  // a message of an older installation was shown as that
  kVersionsDiffer,  // a session was between ends of two protocol versions
  kSentInParts,     // a channel entry was cut for a server that reads less
  kNotUnderstood,   // what is of a version that an end does not speak was refused
  kStaleDevices,    // a content was sealed for an older list of devices, and again
  kQueueDepth,      // the deepest mailbox held more than `over` entries
};
inline constexpr int kRares = 37;

/// A `sometimes` gate: the event was seen more than `over` times (queue_depth: the depth was).
struct RareGate {
  Rare event = Rare::kPushWokeDevice;
  uint64_t over = 0;
  bool operator==(const RareGate&) const = default;
};

enum class Compare : uint8_t { kBelow, kAtMost, kAbove, kAtLeast, kEqual };

/// What of a metric is compared. A quantile is in Threshold::quantile.
enum class Aspect : uint8_t { kValue, kQuantile, kMean, kMin, kMax, kRate };

enum class MetricUnit : uint8_t { kDuration, kRate, kCount, kShare, kBytes, kRatio };

/// Which part of what was measured a threshold looks at. What is measured of a message belongs to
/// the device that sent it, the rest to the device it is about; its time is that of its beginning.
struct Where {
  std::string network = {};  // devices assigned to that access network; empty: any
  std::string region = {};   // devices homed there; empty: any
  Duration from{0};
  std::optional<Duration> until = {};  // absent: the horizon
  bool operator==(const Where&) const = default;
  /// Only some devices count.
  bool selects_devices() const { return !network.empty() || !region.empty(); }
  bool selects_time() const { return from > Duration{0} || until.has_value(); }
};

// A performance gate, `e2e.p99 < 3s`. Metric names are those of metric_table.h.
struct Threshold {
  std::string metric = {};  // without the aspect: "e2e", "reconnect", "unconfirmed"
  Aspect aspect = Aspect::kValue;
  double quantile = 0.0;  // in (0, 1) when aspect is kQuantile
  MetricUnit unit = MetricUnit::kCount;
  Compare compare = Compare::kBelow;
  double limit = 0.0;  // ns, 1/s, a count, a fraction or bytes, by unit
  // Only samples that began while the fault named here was in force, or up to `plus` after it.
  std::string during = {};  // empty: the whole run after warm-up
  Duration plus{0};
  Where where = {};
  bool abort_on_fail = false;  // the run stops as soon as it is missed
  uint64_t min_samples = 0;    // 0: what the quantile itself needs (ten samples beyond it)

  bool operator==(const Threshold&) const = default;
};

// What decides the verdict. An invariant listed here needs evidence: with no facts it is UNKNOWN.
// Those not listed are watched all the same, and a violation of any of them fails the run.
struct Gates {
  std::vector<InvariantGate> always = {};
  std::vector<InvariantGate> eventually = {};
  std::vector<RareGate> sometimes = {};
  std::vector<Threshold> thresholds = {};
  bool operator==(const Gates&) const = default;
};

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_GATES_H_
