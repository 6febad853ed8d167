#ifndef GREYTICK_SIM_SCENARIO_FAULT_H_
#define GREYTICK_SIM_SCENARIO_FAULT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/dist_spec.h"
#include "sim/scenario/loss.h"
#include "sim/scenario/units.h"

namespace greytick::scenario {

enum class FaultKind : uint8_t {
  kDrop,
  kLatency,
  kDuplicate,
  kReorder,
  kCorrupt,
  kPartition,
  kResetPeer,
  kHalfOpen,
  kCrash,
  kPowerLoss,
  kPause,
  kClockSkew,
  kClockJump,
  kSlowDisk,
  kDiskFull,
  kWriteError,
  kLeaseSteal,
  kShardMove,
  kRebalance,
  kReplay,
  kDrain,
  kRollingDeploy,
  kReconnectStorm,
  kChurn,
  kPushThrottle,
  kPushError,
  kAppKill,
  kReinstall,
  kRestoreBackup,
};
inline constexpr int kFaultKinds = 29;

enum class TargetKind : uint8_t {
  kService,            // every server and every device
  kRegion,             // every server of a region, and the devices homed there
  kGateway,            //
  kProcess,            // hosts shards of both kinds
  kConversationShard,  //
  kMailboxShard,       //
  kStore,              // one a region
  kPush,               // the push provider's stand-in
  kDevice,             //
};

enum class TargetMode : uint8_t {
  kAll,      // every match
  kIndex,    // the one at `index`
  kOne,      // one match, drawn anew at each occurrence
  kFixed,    // `count` matches, drawn anew at each occurrence
  kPercent,  // `share` of the matches, drawn anew at each occurrence, rounded up
};

// Which entities a fault hits: all that match kind, region and access, then narrowed by mode.
// Indices count from 0 within the region when one is named, else over all regions in the order of
// topology.regions.
struct Selector {
  TargetKind kind = TargetKind::kService;
  std::string region = {};  // empty: every region
  std::string access = {};  // devices only: on this access network; empty: any
  TargetMode mode = TargetMode::kAll;
  uint64_t index = 0;
  uint64_t count = 0;
  Share share = {};

  bool operator==(const Selector&) const = default;
};

/// Which way a link fault acts, seen from the target (or from the first set of `between`).
enum class Direction : uint8_t { kBoth, kTo, kFrom };

/// How jitter spreads around the mean, as tc-netem names it.
enum class JitterShape : uint8_t { kUniform, kNormal, kPareto, kParetonormal };

/// What the push provider answers. `lost` is 200 and a wake-up that never arrives.
enum class PushAnswer : uint8_t { kLost, kExpiredToken410, kUnavailable503 };

// The parameters of a fault. A kind uses only those listed for it in fault_table.h; the loader
// refuses the others and fills in defaults, so every listed one is meaningful.
struct FaultWith {
  Share probability{1.0};  // drop, duplicate, reorder, corrupt (a packet); write_error (a commit);
                           // push_error (a request)
  std::optional<Loss> bursts = {};  // drop: Gilbert-Elliott instead of probability
  Duration latency{0};              // latency: added one way; reorder: how late the late ones are;
                                    // slow_disk: added to each sync
  Duration jitter{0};               // latency
  Share correlation = {};           // latency: of successive delays
  JitterShape distribution = JitterShape::kNormal;  // latency
  Share share{1.0};      // partition: of the pairs; reset_peer, half_open, reconnect_storm: of the
                         // connections; churn: of the devices
  Duration offset{0};    // clock_skew: may be negative
  Ppm drift = {};        // clock_skew
  Duration jump{0};      // clock_jump: may be negative
  double factor = 1.0;   // slow_disk: multiplies each sync
  Bytes free = {};       // disk_full: what is left
  uint64_t entries = 0;  // replay, rebalance: how many channel entries are handed out again
  std::optional<uint64_t> to = {};  // shard_move: a process of the region; rolling_deploy: version
  Duration handover = std::chrono::milliseconds(200);  // shard_move, rebalance, rolling_deploy
  Duration hint = std::chrono::seconds(2);             // shard_move, rebalance, rolling_deploy
  DistSpec up = {};                                    // churn: time a radio works
  DistSpec down = {};                                  // churn: time it does not
  Share switches = {};      // churn: a return on another network, which breaks the connection
  Rate rate = {};           // push_throttle: what is still let through
  Duration retry_after{0};  // push_throttle, push_error with 503
  PushAnswer answer = PushAnswer::kLost;       // push_error
  Duration backup_age{0};                      // restore_backup: how old the copy is
  Duration restart = std::chrono::seconds(2);  // rolling_deploy: from a server's stop to its start
  uint64_t at_once = 1;                        // rolling_deploy: servers of a region together

  bool operator==(const FaultWith&) const = default;
};

// When a fault happens: once at `at`, or at `at` and then again each `every`, `times` times in all
// (0: as long as the run goes on).
struct Fault {
  std::string name = {};  // unique; the kind and a number when the file gives none
  FaultKind kind = FaultKind::kDrop;
  Selector target = {};
  std::optional<Selector> other = {};  // the second set of `between`; target is then the first
  Direction direction = Direction::kBoth;
  Duration at{0};
  std::optional<Duration> every = {};
  // `at` is a time of the day by the clock of each region that the target covers, and the fault
  // strikes the part of the target in that region; traffic.daily.clocks.
  bool region_local = false;
  uint64_t times = 0;
  Duration lasts{0};  // key `for`; 0 for faults that are over at once
  FaultWith with = {};

  bool operator==(const Fault&) const = default;
};

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_FAULT_H_
