#include "sim/scenario/fault_table.h"

#include <array>

#include "model/check.h"

namespace greytick::scenario {
namespace {

using enum TargetKind;

constexpr TargetSet set_of(std::initializer_list<TargetKind> kinds) {
  TargetSet out = 0;
  for (const TargetKind k : kinds) out |= target_bit(k);
  return out;
}

// A store has no link of its own: its processes reach it always.
constexpr TargetSet kLinked = set_of({kService, kRegion, kGateway, kProcess, kPush, kDevice});
constexpr TargetSet kConnections = set_of({kService, kRegion, kGateway, kDevice});
constexpr TargetSet kServers = set_of({kGateway, kProcess, kStore, kPush});
// A gateway never asks for the time of day.
constexpr TargetSet kClocks = set_of({kProcess, kDevice});
constexpr TargetSet kDeployed = set_of({kService, kRegion, kGateway, kProcess});
constexpr TargetSet kShards = set_of({kProcess, kConversationShard, kMailboxShard});

template <size_t N>
using Keys = std::array<std::string_view, N>;

constexpr Keys<0> kNothing{};
constexpr Keys<1> kProbability{"probability"};
constexpr Keys<2> kDropKeys{"probability", "gilbert_elliott"};
constexpr Keys<1> kDropRequired{"probability|gilbert_elliott"};
constexpr Keys<4> kLatencyKeys{"latency", "jitter", "correlation", "distribution"};
constexpr Keys<1> kLatencyRequired{"latency"};
constexpr Keys<2> kReorderKeys{"probability", "latency"};
constexpr Keys<1> kShareKey{"share"};
constexpr Keys<2> kSkewKeys{"offset", "drift"};
constexpr Keys<1> kSkewRequired{"offset|drift"};
constexpr Keys<1> kJumpKey{"jump"};
constexpr Keys<2> kSlowKeys{"latency", "factor"};
constexpr Keys<1> kSlowRequired{"latency|factor"};
constexpr Keys<1> kFreeKey{"free"};
constexpr Keys<1> kEntriesKey{"entries"};
constexpr Keys<3> kMoveKeys{"to", "handover", "hint"};
constexpr Keys<3> kRebalanceKeys{"entries", "handover", "hint"};
constexpr Keys<5> kDeployKeys{"to", "restart", "handover", "hint", "at_once"};
constexpr Keys<1> kToKey{"to"};
constexpr Keys<1> kBackupKey{"backup_age"};
constexpr Keys<4> kChurnKeys{"up", "down", "switches", "share"};
constexpr Keys<2> kChurnRequired{"up", "down"};
constexpr Keys<2> kThrottleKeys{"rate", "retry_after"};
constexpr Keys<1> kThrottleRequired{"rate"};
constexpr Keys<3> kPushErrorKeys{"answer", "probability", "retry_after"};
constexpr Keys<1> kAnswerKey{"answer"};

constexpr std::array<FaultRule, kFaultKinds> kRules{{
    {FaultKind::kDrop,
     Lasts::kRequired,
     kLinked,
     {},
     true,
     kDropKeys,
     kDropRequired,
     "Packets on the links of the target are lost, each alone or in bursts."},
    {FaultKind::kLatency,
     Lasts::kRequired,
     kLinked,
     {},
     true,
     kLatencyKeys,
     kLatencyRequired,
     "Packets on the links of the target take longer; order within a connection stays."},
    {FaultKind::kDuplicate,
     Lasts::kRequired,
     kLinked,
     {},
     true,
     kProbability,
     kProbability,
     "Frames arrive twice."},
    {FaultKind::kReorder,
     Lasts::kRequired,
     kLinked,
     {},
     true,
     kReorderKeys,
     kProbability,
     "Frames are held back, so that later ones overtake them."},
    {FaultKind::kCorrupt,
     Lasts::kRequired,
     kLinked,
     {},
     true,
     kProbability,
     kProbability,
     "Frames are damaged; the checksum shows it and the connection is closed."},
    {FaultKind::kPartition,
     Lasts::kRequired,
     kLinked,
     {},
     true,
     kShareKey,
     kNothing,
     "Links between the target and everything else, or between two sets, carry nothing."},
    {FaultKind::kResetPeer,
     Lasts::kNone,
     kConnections,
     {},
     false,
     kShareKey,
     kNothing,
     "Connections are reset; both sides know at once."},
    {FaultKind::kHalfOpen,
     Lasts::kNone,
     kConnections,
     {},
     false,
     kShareKey,
     kNothing,
     "Connections die without a word; each side believes until its heartbeat says otherwise."},
    {FaultKind::kCrash,
     Lasts::kRequired,
     kServers | set_of({kDevice}),
     {},
     false,
     kNothing,
     kNothing,
     "Loses volatile state and unsynced writes; starts again when it heals."},
    {FaultKind::kPowerLoss,
     Lasts::kRequired,
     set_of({kRegion, kService}),
     {},
     false,
     kNothing,
     kNothing,
     "Every server of the region crashes at once."},
    {FaultKind::kPause,
     Lasts::kRequired,
     kServers,
     {},
     false,
     kNothing,
     kNothing,
     "Stops, and goes on later with what it believed before."},
    {FaultKind::kClockSkew,
     Lasts::kRequired,
     kClocks,
     {},
     false,
     kSkewKeys,
     kSkewRequired,
     "The wall clock is off by offset and gains by drift."},
    {FaultKind::kClockJump,
     Lasts::kRequired,
     kClocks,
     {},
     false,
     kJumpKey,
     kJumpKey,
     "The wall clock jumps, and jumps back when it heals."},
    {FaultKind::kSlowDisk, Lasts::kRequired, set_of({kStore}), kStore, false, kSlowKeys,
     kSlowRequired, "Each sync takes `factor` times as long plus `latency`."},
    {FaultKind::kDiskFull, Lasts::kRequired, set_of({kStore}), kStore, false, kFreeKey, kNothing,
     "Only `free` bytes are left."},
    {FaultKind::kWriteError, Lasts::kRequired, set_of({kStore}), kStore, false, kProbability,
     kProbability, "Commits fail, and the machine restarts from the store."},
    {FaultKind::kLeaseSteal,
     Lasts::kNone,
     kShards,
     {},
     false,
     kNothing,
     kNothing,
     "Another process takes the shard while its owner still believes in its lease."},
    {FaultKind::kShardMove,
     Lasts::kNone,
     kShards,
     {},
     false,
     kMoveKeys,
     kNothing,
     "The owner finishes its commits and hands the shard to another process of the region; servers "
     "learn the new place by and by."},
    {FaultKind::kRebalance,
     Lasts::kRequired,
     set_of({kProcess}),
     {},
     false,
     kRebalanceKeys,
     kNothing,
     "The process leaves and hands all its shards to the others of the region; when it heals it "
     "joins and gets them back. Channels hand their last entries out again at each new owner."},
    {FaultKind::kReplay,
     Lasts::kNone,
     kShards,
     {},
     false,
     kEntriesKey,
     kEntriesKey,
     "Channels into the shard hand their last entries out again."},
    {FaultKind::kDrain,
     Lasts::kRequired,
     set_of({kGateway}),
     {},
     false,
     kNothing,
     kNothing,
     "The gateway closes its sessions over topology.gateways.drain, with a retry-after, and is "
     "back "
     "when it heals."},
    {FaultKind::kRollingDeploy, Lasts::kRequired, kDeployed, kService, false, kDeployKeys, kToKey,
     "One after the other, and region by region, the gateways drain, stop and start with the other "
     "version of the protocol; then the processes leave, stop, start with it and join again. A "
     "deploy that is cut short stays where it is."},
    {FaultKind::kReconnectStorm, Lasts::kNone, kConnections, kService, false, kShareKey, kNothing,
     "Every connection drops in one instant; what spreads the return is the client's backoff."},
    {FaultKind::kChurn, Lasts::kRequired, set_of({kService, kRegion, kDevice}), kDevice, false,
     kChurnKeys, kChurnRequired, "Devices lose and regain their radio."},
    {FaultKind::kPushThrottle, Lasts::kRequired, set_of({kPush}), kPush, false, kThrottleKeys,
     kThrottleRequired, "The push provider answers 429 beyond a rate."},
    {FaultKind::kPushError, Lasts::kRequired, set_of({kPush}), kPush, false, kPushErrorKeys,
     kAnswerKey,
     "The push provider fails: a lost wake-up, an expired token (410) or unavailable (503)."},
    {FaultKind::kAppKill,
     Lasts::kRequired,
     set_of({kDevice}),
     {},
     false,
     kNothing,
     kNothing,
     "The app is killed, keeps what was durable and starts again when it heals."},
    {FaultKind::kReinstall,
     Lasts::kRequired,
     set_of({kDevice}),
     {},
     false,
     kNothing,
     kNothing,
     "The app is removed and comes back, empty, as a new incarnation when it heals."},
    {FaultKind::kRestoreBackup,
     Lasts::kRequired,
     set_of({kDevice}),
     {},
     false,
     kBackupKey,
     kBackupKey,
     "The phone is lost; when it heals, an app that finds a copy of the lost one's disk, "
     "`backup_age` "
     "old, starts as a new incarnation."},
}};

}  // namespace

std::span<const FaultRule> fault_rules() { return kRules; }

const FaultRule& fault_rule(FaultKind kind) {
  const FaultRule& rule = kRules[static_cast<size_t>(kind)];
  CHECK(rule.kind == kind);
  return rule;
}

}  // namespace greytick::scenario
