// Each kind of fault is seen to act while it is in force, against the same run without it, and to
// heal: everything drains, no invariant breaks, and messages flow again as before.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/scenario/load.h"
#include "sim/scenario/names.h"
#include "sim/world/world.h"
#include "tests/world/observed_run.h"

namespace greytick::world {
namespace {

using namespace model::literals;
using model::Branch;
using model::DeviceId;
using model::Duration;
using model::Instant;
using model::Role;
using scenario::FaultKind;

constexpr std::uint64_t kSeed = 21;
constexpr Instant kFrom = Instant{} + 40s;   // the fault is in force ...
constexpr Instant kTo = Instant{} + 80s;     // ... until here
constexpr Instant kCalm = Instant{} + 120s;  // by then it is forgotten
constexpr Instant kEnd = Instant{} + 150s;

// Who is there: everybody all the time, or people who come and go and are woken by pushes.
enum class Crowd : std::uint8_t { kPresent, kComing };

std::string text_of(Crowd crowd, const std::string& fault) {
  const std::string presence =
      crowd == Crowd::kPresent
          ? "{mode: always_online, login_spread: 5s}"
          : "{session: 20s, away: 60s, initially_online: 30%, login_spread: 5s}";
  return "scenario: small\nhorizon: 150s\nusers: 60\npopulation: {presence: " + presence +
         "}\ntraffic: {messages: 8/s, from: 10s, read_after: 2s}\nnetwork: lan\n"
         "topology:\n"
         "  shards: {conversation: 4, mailbox: 4, processes: 2, restart: 2s}\n"
         "  lease: {duration: 4s, renew: 1s}\n"
         "  gateways: {drain: 10s, retry_after: 5s}\n"
         "  push: {delay: 500ms, wake: 100%}\n"
         "client: {heartbeat: {every: 5s, timeout: 3s}, connect_timeout: 5s, "
         "backoff: {max: 5s}}\n" +
         (fault.empty() ? "" : "faults:\n  - {at: 40s, " + fault + "}\n");
}

const ObservedRun& healthy(Crowd crowd) {
  static std::map<Crowd, ObservedRun> runs;
  const auto [it, fresh] = runs.try_emplace(crowd);
  if (fresh) it->second = run_scenario(text_of(crowd, ""), kSeed);
  return it->second;
}

struct Runs {
  const ObservedRun& with;
  const ObservedRun& without;

  // Each in force only.
  std::size_t more(Branch b) const { return with.count(b, kFrom, kTo); }
  std::size_t more(SignalKind k) const { return with.count(k, kFrom, kTo); }
  std::size_t usual(Branch b) const { return without.count(b, kFrom, kTo); }
  std::size_t usual(SignalKind k) const { return without.count(k, kFrom, kTo); }
};

// The epochs under which a shard committed, each change once.
std::vector<std::uint64_t> epochs_of(const ObservedRun& run, Role role, std::uint32_t index) {
  std::vector<std::uint64_t> epochs;
  for (const auto& f : run.all<model::LeaseCommitted>()) {
    if (f.shard.role != role || f.shard.index != index) continue;
    if (epochs.empty() || epochs.back() != f.epoch.value()) epochs.push_back(f.epoch.value());
  }
  return epochs;
}

struct Case {
  FaultKind kind;
  const char* says;   // name of the test
  const char* fault;  // all of it but `at`
  void (*effect)(const Runs&);
  Crowd crowd = Crowd::kPresent;
};

// The share of commits in force that the shards of that kind made.
std::size_t commits(const ObservedRun& run, Instant from, Instant to) {
  return run.count<model::LeaseCommitted>(from, to);
}

Duration furthest_clock(const ObservedRun& run) {
  Duration furthest{};
  for (const ObservedRun::Told& told : run.facts) {
    const auto* c = std::get_if<model::Committed>(&told.fact);
    if (c == nullptr || told.at < kFrom || told.at >= kTo) continue;
    // Accepted within the group commit before it was told.
    furthest = std::max(furthest, std::chrono::abs(told.at - c->message.accepted_at));
  }
  return furthest;
}

// By how much the milliseconds in the ids of messages differ from the time of writing, at most.
Duration furthest_id(const ObservedRun& run) {
  Duration furthest{};
  for (const model::Created& c : run.all<model::Created>(kFrom, kTo)) {
    const Instant stamped =
        Instant{} + std::chrono::milliseconds(static_cast<std::int64_t>(c.id.high >> 16));
    furthest = std::max(furthest, std::chrono::abs(c.composed_at - stamped));
  }
  return furthest;
}

const Case kCases[] = {
    {FaultKind::kDrop, "DropCostsRetransmissionsAndTime",
     "for: 40s, fault: drop, target: service, with: {probability: 20%}",
     [](const Runs& r) {
       EXPECT_GT(r.with.stats.network.retransmissions,
                 r.without.stats.network.retransmissions + 100);
       EXPECT_GT(r.with.stats.network.dropped, 100U);
       EXPECT_GT(quantile(r.with.delays(kFrom, kTo), 0.5),
                 2 * quantile(r.without.delays(kFrom, kTo), 0.5));
     }},
    {FaultKind::kDrop, "BurstsOfDropDoToo",
     "for: 40s, fault: drop, target: {kind: device}, with: {gilbert_elliott: {to_bad: 5%, to_good: "
     "20%, loss_bad: 80%, loss_good: 0%}}",
     [](const Runs& r) {
       EXPECT_GT(r.with.stats.network.retransmissions,
                 r.without.stats.network.retransmissions + 100);
       EXPECT_EQ(r.with.stats.network.dropped, 0U);  // between servers
     }},
    {FaultKind::kLatency, "LatencyIsAddedOneWayEach",
     "for: 40s, fault: latency, target: {kind: device}, with: {latency: 400ms, jitter: 20ms}",
     [](const Runs& r) {
       const Duration added =
           quantile(r.with.delays(kFrom, kTo), 0.5) - quantile(r.without.delays(kFrom, kTo), 0.5);
       EXPECT_GT(added, 760ms);
       EXPECT_LT(added, 1s);
     }},
    {FaultKind::kDuplicate, "DuplicatesAreSeenAndIgnored",
     "for: 40s, fault: duplicate, target: service, with: {probability: 30%}",
     [](const Runs& r) {
       EXPECT_GT(r.with.stats.network.duplicated, 100U);
       EXPECT_GT(r.more(Branch::kChannelReplayed), 10U);
       EXPECT_EQ(r.usual(Branch::kChannelReplayed), 0U);
       EXPECT_GT(r.more(Branch::kDuplicateIgnored), r.usual(Branch::kDuplicateIgnored) + 10);
     }},
    {FaultKind::kReorder, "ReorderedEntriesLeaveGapsThatAreFilled",
     "for: 40s, fault: reorder, target: {kind: process}, with: {probability: 30%, latency: 300ms}",
     [](const Runs& r) {
       EXPECT_GT(r.more(Branch::kChannelGap), 10U);
       EXPECT_EQ(r.usual(Branch::kChannelGap), 0U);
     }},
    {FaultKind::kCorrupt, "CorruptFramesCostTheConnection",
     "for: 40s, fault: corrupt, target: {kind: device}, with: {probability: 1%}",
     [](const Runs& r) {
       EXPECT_GT(r.with.stats.network.corrupted, 5U);
       EXPECT_GT(r.more(SignalKind::kConnectionLost), 5U);
       EXPECT_EQ(r.usual(SignalKind::kConnectionLost), 0U);
     }},
    {FaultKind::kPartition, "APartitionHoldsWhatItCuts",
     "for: 40s, fault: partition, target: \"gateways[0]\"",
     [](const Runs& r) {
       EXPECT_GT(r.with.stats.network.held, 0U);
       EXPECT_GT(r.with.stats.network.dropped, 0U);
       EXPECT_GT(r.more(SignalKind::kDetected), 10U);
       EXPECT_EQ(r.usual(SignalKind::kDetected), 0U);
       EXPECT_GT(largest(r.with.delays(kFrom, kTo)), 5s);
       EXPECT_LT(largest(r.without.delays(kFrom, kTo)), 1s);
     }},
    {FaultKind::kPartition, "APartitionOfOneWayIsFoundOutToo",
     "for: 40s, fault: partition, target: \"gateways[0]\", direction: from",
     [](const Runs& r) { EXPECT_GT(r.more(SignalKind::kDetected), 10U); }},
    {FaultKind::kPartition, "APartitionBetweenProcessesLeavesThePhonesAlone",
     "for: 40s, fault: partition, between: [{kind: process, index: 0}, {kind: process, index: 1}]",
     [](const Runs& r) {
       EXPECT_EQ(r.more(SignalKind::kDetected), 0U);
       EXPECT_GT(r.more(Branch::kChannelResent), 10U);
       EXPECT_GT(largest(r.with.delays(kFrom, kTo)), 30s);
     }},
    {FaultKind::kResetPeer, "ResetConnectionsAreDialledAgain",
     "fault: reset_peer, target: service, with: {share: 50%}",
     [](const Runs& r) {
       const std::size_t lost = r.with.count(SignalKind::kConnectionLost, kFrom, kFrom + 1s);
       EXPECT_GT(lost, 15U);
       EXPECT_LT(lost, 45U);
       EXPECT_GE(r.with.count<model::SessionAdopted>(kFrom, kTo), lost);
     }},
    {FaultKind::kHalfOpen, "HalfOpenConnectionsAreFoundOutByTheirHeartbeats",
     "fault: half_open, target: service, with: {share: 50%}",
     [](const Runs& r) {
       EXPECT_EQ(r.with.count(SignalKind::kConnectionLost, kFrom, kFrom + 1s), 0U);
       EXPECT_GT(r.more(Branch::kHalfOpenDetected), 15U);
       EXPECT_EQ(r.usual(Branch::kHalfOpenDetected), 0U);
       EXPECT_LT(largest(r.with.values(SignalKind::kDetected, kFrom, kTo)),
                 Duration(5s + 3s + 10s + 1s).count());
     }},
    {FaultKind::kCrash, "ACrashedGatewayLosesItsConnections",
     "for: 40s, fault: crash, target: \"gateways[0]\"",
     [](const Runs& r) {
       EXPECT_GT(r.with.count(SignalKind::kConnectionLost, kFrom, kFrom + 1s), 15U);
       EXPECT_GT(r.more(SignalKind::kRefused), 0U);  // the balancer sends some there
     }},
    {FaultKind::kCrash, "ACrashedProcessLosesItsShardsToTheOther",
     "for: 40s, fault: crash, target: \"processes[0]\"",
     [](const Runs& r) {
       EXPECT_EQ(r.with.count<model::ShardCrashed>(kFrom, kFrom + 1s), 4U);
       EXPECT_EQ(r.more(SignalKind::kLeaseChange), 4U);
       EXPECT_GT(r.more(Branch::kShardRecovered), 0U);
       EXPECT_GT(quantile(r.with.delays(kFrom, kFrom + 1s), 0.9), 4s);  // lease, then restart
       EXPECT_LT(largest(r.with.delays(kTo - 20s, kTo)), 10s);
     }},
    {FaultKind::kCrash, "ACrashedStoreStopsEveryShard", "for: 40s, fault: crash, target: store",
     [](const Runs& r) {
       EXPECT_EQ(r.with.count<model::ShardCrashed>(kFrom, kFrom + 1s), 8U);
       EXPECT_EQ(commits(r.with, kFrom + 1s, kTo), 0U);
       EXPECT_GT(commits(r.without, kFrom + 1s, kTo), 100U);
     }},
    {FaultKind::kCrash, "ACrashedPushGatewayAsksForNothing", "for: 40s, fault: crash, target: push",
     [](const Runs& r) {
       EXPECT_EQ(r.with.count(SignalKind::kPush, kFrom + 1s, kTo), 0U);
       EXPECT_GT(r.without.count(SignalKind::kPush, kFrom + 1s, kTo), 10U);
       EXPECT_GT(r.with.count(SignalKind::kPush, kTo, kEnd), 5U);
     },
     Crowd::kComing},
    {FaultKind::kCrash, "CrashedPhonesAreAwayUntilTheyHeal",
     "for: 40s, fault: crash, target: {kind: device, mode: fixed, value: 10}",
     [](const Runs& r) {
       std::set<DeviceId> down;
       for (const auto& f : r.with.all<model::DeviceCrashed>()) down.insert(f.device);
       EXPECT_EQ(down.size(), 10U);
       for (const auto& f : r.with.all<model::Applied>(kFrom, kTo)) {
         EXPECT_FALSE(down.contains(f.device));
       }
       const auto sessions = r.with.all<model::SessionAdopted>(kTo, kEnd);
       EXPECT_EQ(
           std::ranges::count_if(sessions, [&](const auto& f) { return down.contains(f.device); }),
           10);
     }},
    {FaultKind::kPowerLoss, "PowerLossStopsTheWholeRegion",
     "for: 40s, fault: power_loss, target: {kind: region}",
     [](const Runs& r) {
       EXPECT_EQ(r.with.count<model::ShardCrashed>(kFrom, kFrom + 1s), 8U);
       EXPECT_EQ(commits(r.with, kFrom, kTo), 0U);
       EXPECT_EQ(r.with.count<model::SessionAdopted>(kFrom, kTo), 0U);
       EXPECT_GT(r.with.count(SignalKind::kConnectionLost, kFrom, kFrom + 1s), 50U);
     }},
    {FaultKind::kPause, "APausedProcessIsFencedWhenItGoesOn",
     "for: 20s, fault: pause, target: \"processes[0]\"",
     [](const Runs& r) {
       EXPECT_EQ(r.with.count<model::ShardCrashed>(kFrom, kFrom + 3s), 0U);
       EXPECT_EQ(r.more(SignalKind::kLeaseChange), 4U);
       EXPECT_GT(r.more(Branch::kLeaseLost), 0U);
     }},
    {FaultKind::kPause, "APausedStoreMakesCommitsWait", "for: 40s, fault: pause, target: store",
     [](const Runs& r) {
       EXPECT_EQ(commits(r.with, kFrom + 1s, kTo), 0U);
       EXPECT_EQ(r.with.count<model::ShardCrashed>(), 0U);
       EXPECT_GT(largest(r.with.values(SignalKind::kSynced, kTo, kEnd)), Duration(30s).count());
     }},
    {FaultKind::kPause, "APausedGatewayIsGivenUpByItsPhones",
     "for: 40s, fault: pause, target: \"gateways[0]\"",
     [](const Runs& r) {
       EXPECT_EQ(r.with.count(SignalKind::kSessionLost, kFrom, kFrom + 2s), 0U);
       EXPECT_GT(r.more(SignalKind::kSessionLost), 15U);
     }},
    {FaultKind::kPause, "APausedPushGatewayAsksLater", "for: 40s, fault: pause, target: push",
     [](const Runs& r) {
       EXPECT_EQ(r.with.count(SignalKind::kPush, kFrom + 1s, kTo), 0U);
       EXPECT_GT(r.with.count(SignalKind::kPush, kTo, kTo + 1s), 5U);
     },
     Crowd::kComing},
    {FaultKind::kClockSkew, "ASkewedClockIsNotBelieved",
     "for: 40s, fault: clock_skew, target: {kind: process}, with: {offset: -2h}",
     [](const Runs& r) {
       EXPECT_GT(r.more(Branch::kClockClamped), 0U);
       EXPECT_EQ(r.usual(Branch::kClockClamped), 0U);
       EXPECT_LT(furthest_clock(r.with), 200ms);
     }},
    {FaultKind::kClockSkew, "ADriftingClockIsFollowedAsFarAsClocksDrift",
     "for: 40s, fault: clock_skew, target: {kind: process}, with: {drift: -400ppm}",
     [](const Runs& r) {
       EXPECT_GT(furthest_clock(r.with), furthest_clock(r.without) + 10ms);
       EXPECT_LT(furthest_clock(r.with), furthest_clock(r.without) + 17ms);
     }},
    {FaultKind::kClockSkew, "ASkewedPhoneStampsItsMessagesWrongly",
     "for: 40s, fault: clock_skew, target: {kind: device}, with: {offset: 2h}",
     [](const Runs& r) {
       EXPECT_GE(furthest_id(r.with), 2h - 1ms);
       EXPECT_LE(furthest_id(r.without), 1ms);
     }},
    {FaultKind::kClockJump, "AJumpOf31DaysExpiresNothing",
     "for: 40s, fault: clock_jump, target: {kind: process}, with: {jump: 31d}",
     [](const Runs& r) {
       EXPECT_GT(r.more(Branch::kClockClamped), 0U);
       EXPECT_LT(furthest_clock(r.with), 200ms);
       EXPECT_EQ(r.with.count<model::Settled>(), 0U);
     },
     Crowd::kComing},
    {FaultKind::kSlowDisk, "ASlowDiskStretchesEachCommit",
     "for: 40s, fault: slow_disk, with: {factor: 20, latency: 50ms}",
     [](const Runs& r) {
       const auto slow = r.with.values(SignalKind::kSynced, kFrom + 1s, kTo);
       const auto usual = r.without.values(SignalKind::kSynced, kFrom + 1s, kTo);
       EXPECT_GT(quantile(slow, 0.5),
                 quantile(usual, 0.5) + Duration(50ms + 19 * 700us - 3ms).count());
       EXPECT_GE(quantile(slow, 0), Duration(50ms).count());
     }},
    {FaultKind::kSlowDisk, "ADiskThatIsFastAgainEndsWhatItHadBegun",
     "for: 40s, fault: slow_disk, with: {latency: 1h}",
     [](const Runs& r) {
       EXPECT_EQ(commits(r.with, kFrom + 1s, kTo), 0U);
       EXPECT_GT(commits(r.with, kTo, kTo + 1s), 8U);
     }},
    {FaultKind::kDiskFull, "AFullDiskTurnsSendersAway", "for: 40s, fault: disk_full, with: {}",
     [](const Runs& r) {
       EXPECT_GT(r.with.count<model::TurnedAway>(kFrom, kTo), 50U);
       EXPECT_EQ(r.without.count<model::TurnedAway>(), 0U);
       EXPECT_LT(r.with.count<model::Committed>(kFrom + 1s, kTo), 5U);
     }},
    {FaultKind::kWriteError, "AFailedCommitRestartsItsShard",
     "for: 40s, fault: write_error, with: {probability: 1%}",
     [](const Runs& r) {
       EXPECT_GT(r.with.count<model::ShardCrashed>(kFrom, kTo), 5U);
       EXPECT_GT(r.more(Branch::kShardRecovered), 5U);
       EXPECT_EQ(r.with.count<model::ShardCrashed>(kTo + 1s, kEnd), 0U);
     }},
    {FaultKind::kLeaseSteal, "AStolenLeaseFencesItsOldOwner",
     "fault: lease_steal, target: {kind: mailbox_shard, index: 1}",
     [](const Runs& r) {
       EXPECT_EQ(r.more(SignalKind::kLeaseChange), 1U);
       EXPECT_EQ(r.more(Branch::kLeaseLost), 1U);
       EXPECT_EQ(epochs_of(r.with, Role::kMailbox, 1), (std::vector<std::uint64_t>{1, 2}));
     }},
    {FaultKind::kShardMove, "AMovedShardGoesOnElsewhereAndLosesNothing",
     "fault: shard_move, target: {kind: mailbox_shard, index: 1}, with: {hint: 5s}",
     [](const Runs& r) {
       EXPECT_EQ(r.more(SignalKind::kShardMoved), 1U);
       EXPECT_EQ(r.more(SignalKind::kLeaseChange), 0U);
       // Whoever has not heard of it yet writes to the old place, as long as the hint takes.
       EXPECT_GT(r.more(SignalKind::kMisrouted), 5U);
       EXPECT_EQ(r.with.count(SignalKind::kMisrouted, kFrom + 6s, kEnd), 0U);
       EXPECT_EQ(r.usual(SignalKind::kMisrouted), 0U);
       // Nothing that was written is taken back, and nobody has to be told that he lost the lease.
       EXPECT_EQ(r.with.count<model::ShardCrashed>(), 0U);
       EXPECT_EQ(r.with.count(Branch::kLeaseLost), 0U);
       EXPECT_EQ(epochs_of(r.with, Role::kMailbox, 1), (std::vector<std::uint64_t>{1, 2}));
     }},
    {FaultKind::kShardMove, "AMovedConversationShardTakesItsChannelsUp",
     "fault: shard_move, target: {kind: conversation_shard, index: 2}, with: {to: 1, hint: 0s}",
     [](const Runs& r) {
       EXPECT_EQ(r.more(SignalKind::kShardMoved), 1U);
       EXPECT_EQ(r.with.count(SignalKind::kMisrouted, kFrom + 1s, kEnd), 0U);
       EXPECT_EQ(r.with.count<model::ShardCrashed>(), 0U);
       EXPECT_EQ(epochs_of(r.with, Role::kConversation, 2), (std::vector<std::uint64_t>{1, 2}));
     }},
    {FaultKind::kRebalance, "AProcessLeavesWithAllItsShardsAndJoinsAgain",
     "for: 40s, fault: rebalance, target: \"processes[0]\", with: {entries: 5, hint: 1s}",
     [](const Runs& r) {
       EXPECT_EQ(r.more(SignalKind::kShardMoved), 4U);  // of eight, between two processes
       EXPECT_EQ(r.with.count(SignalKind::kShardMoved, kTo, kEnd), 4U);
       EXPECT_EQ(r.with.count<model::ShardCrashed>(), 0U);
       EXPECT_EQ(r.with.count(Branch::kLeaseLost), 0U);
       for (const Role role : {Role::kConversation, Role::kMailbox}) {
         EXPECT_EQ(epochs_of(r.with, role, 2), (std::vector<std::uint64_t>{1, 2, 3}));
         EXPECT_EQ(epochs_of(r.with, role, 3), (std::vector<std::uint64_t>{1}));
       }
       // The last batch of each channel into them comes again at the new owner, and is known.
       EXPECT_GE(r.with.count(Branch::kChannelReplayed, kFrom, kFrom + 1s), 20U);
       EXPECT_GE(r.with.count(Branch::kChannelReplayed, kTo, kTo + 1s), 20U);
       EXPECT_EQ(r.usual(Branch::kChannelReplayed), 0U);
     }},
    {FaultKind::kReplay, "ReplayedEntriesAreKnownAlready",
     "fault: replay, target: {kind: mailbox_shard}, with: {entries: 5}",
     [](const Runs& r) {
       EXPECT_GE(r.with.count(Branch::kChannelReplayed, kFrom, kFrom + 1s), 20U);
       EXPECT_EQ(r.usual(Branch::kChannelReplayed), 0U);
     }},
    {FaultKind::kDrain, "ADrainingGatewaySendsItsPhonesElsewhere",
     "for: 40s, fault: drain, target: \"gateways[0]\"",
     [](const Runs& r) {
       EXPECT_EQ(r.more(SignalKind::kGatewayDrained), 1U);
       EXPECT_GT(r.with.count(SignalKind::kSessionLost, kFrom, kFrom + 11s), 15U);
       EXPECT_EQ(r.with.count(SignalKind::kSessionLost, kFrom + 11s, kTo), 0U);
       EXPECT_EQ(r.more(SignalKind::kConnectionLost), 0U);
     }},
    {FaultKind::kRollingDeploy, "ADeployTurnsTheServersToTheOtherVersionOneByOne",
     "for: 40s, fault: rolling_deploy, with: {to: 1, hint: 1s}",
     [](const Runs& r) {
       EXPECT_EQ(r.with.count(SignalKind::kGatewayDrained, kFrom, kTo), 2U);
       EXPECT_EQ(r.more(SignalKind::kRefused), 0U);         // nobody dials one that is down
       EXPECT_EQ(r.more(SignalKind::kConnectionLost), 0U);  // each is told before
       EXPECT_EQ(r.more(SignalKind::kShardMoved), 16U);     // of eight, half twice for each
       EXPECT_EQ(r.with.count<model::ShardCrashed>(), 0U);
       EXPECT_EQ(r.with.count(Branch::kLeaseLost), 0U);
       // New apps talk to old servers from the first gateway on, and for good.
       EXPECT_GT(r.with.count(Branch::kVersionsDiffer, kFrom, kTo), 60U);
       EXPECT_EQ(r.without.count(Branch::kVersionsDiffer), 0U);
       EXPECT_EQ(r.with.count(Branch::kSlowConsumerCut), 0U);
     }},
    {FaultKind::kReconnectStorm, "AStormDropsEverybodyInOneInstant", "fault: reconnect_storm",
     [](const Runs& r) {
       EXPECT_EQ(r.with.count(SignalKind::kSessionLost, kFrom, kFrom + 1ms), 60U);
       EXPECT_GE(r.with.count<model::SessionAdopted>(kFrom, kTo), 60U);
       EXPECT_EQ(r.without.count<model::SessionAdopted>(kFrom, kTo), 0U);
     }},
    {FaultKind::kChurn, "ChurningRadiosHoldAndBreakConnections",
     "for: 40s, fault: churn, with: {up: 6s, down: 2s, switches: 50%}",
     [](const Runs& r) {
       EXPECT_GT(r.with.stats.network.held, 10U);
       EXPECT_GT(r.more(SignalKind::kConnectionLost), 20U);
       EXPECT_GT(r.with.count<model::SessionAdopted>(kFrom, kTo), 20U);
       EXPECT_GT(quantile(r.with.delays(kFrom, kTo), 0.9),
                 10 * quantile(r.without.delays(kFrom, kTo), 0.9));
     }},
    {FaultKind::kPushThrottle, "AThrottledPushIsAskedForAgain",
     "for: 40s, fault: push_throttle, with: {rate: 1/m, retry_after: 5s}",
     [](const Runs& r) {
       EXPECT_GT(r.more(Branch::kPushThrottled), 10U);
       EXPECT_EQ(r.usual(Branch::kPushThrottled), 0U);
       EXPECT_LT(r.more(Branch::kPushWokeDevice), r.usual(Branch::kPushWokeDevice) / 2);
     },
     Crowd::kComing},
    {FaultKind::kPushError, "LostPushesWakeNobody",
     "for: 40s, fault: push_error, with: {answer: lost}",
     [](const Runs& r) {
       EXPECT_EQ(r.with.count(Branch::kPushWokeDevice, kFrom + 1s, kTo), 0U);
       EXPECT_GT(r.without.count(Branch::kPushWokeDevice, kFrom + 1s, kTo), 10U);
       EXPECT_EQ(r.more(SignalKind::kPushError), 0U);  // nobody is told
     },
     Crowd::kComing},
    {FaultKind::kPushError, "AnUnavailableProviderIsAskedAgain",
     "for: 40s, fault: push_error, with: {answer: 503, retry_after: 3s}",
     [](const Runs& r) {
       EXPECT_GT(r.more(SignalKind::kPushError), 10U);
       EXPECT_EQ(r.more(SignalKind::kPushError), r.more(SignalKind::kPush));
       EXPECT_EQ(r.usual(SignalKind::kPushError), 0U);
       EXPECT_GT(r.with.count(Branch::kPushWokeDevice, kTo, kTo + 20s), 5U);
     },
     Crowd::kComing},
    {FaultKind::kPushError, "AnExpiredTokenIsNotAskedAgain",
     "for: 40s, fault: push_error, with: {answer: 410}",
     [](const Runs& r) {
       EXPECT_GT(r.more(SignalKind::kPushError), 5U);
       EXPECT_EQ(r.with.count(Branch::kPushWokeDevice, kFrom + 1s, kTo), 0U);
     },
     Crowd::kComing},
    {FaultKind::kAppKill, "AKilledAppKeepsWhatWasDurable",
     "for: 40s, fault: app_kill, target: {kind: device, mode: fixed, value: 10}",
     [](const Runs& r) {
       std::set<DeviceId> killed;
       for (const auto& f : r.with.all<model::DeviceCrashed>()) killed.insert(f.device);
       EXPECT_EQ(killed.size(), 10U);
       EXPECT_EQ(r.with.count<model::Retired>(), 0U);
       for (const auto& f : r.with.all<model::Applied>(kFrom, kTo)) {
         EXPECT_FALSE(killed.contains(f.device));
       }
       for (const auto& f : r.with.all<model::IncarnationAdopted>(kTo, kEnd)) {
         EXPECT_EQ(f.incarnation.value(), 1U);
       }
     }},
    {FaultKind::kReinstall, "AReinstalledAppIsANewIncarnation",
     "for: 40s, fault: reinstall, target: {kind: device, mode: fixed, value: 10}",
     [](const Runs& r) {
       EXPECT_EQ(r.with.count<model::Retired>(kTo, kEnd), 10U);
       std::size_t anew = 0;
       for (const auto& f : r.with.all<model::IncarnationAdopted>(kTo, kEnd)) {
         if (f.incarnation.value() == 2) ++anew;
       }
       EXPECT_EQ(anew, 10U);
     }},
    {FaultKind::kRestoreBackup, "ARestoredPhoneIsANewIncarnation",
     "for: 40s, fault: restore_backup, target: {kind: device}, with: {backup_age: 15s}",
     [](const Runs& r) {
       EXPECT_EQ(r.with.count<model::BackupRestored>(kFrom, kFrom + 1s), 60U);
       EXPECT_EQ(r.with.count(Branch::kBackupFound), 60U);
       EXPECT_GT(r.with.count(Branch::kBackupFound, kTo, kEnd), 50U);
       EXPECT_EQ(r.without.count(Branch::kBackupFound), 0U);
       for (const auto& f : r.with.all<model::IncarnationAdopted>(kTo, kEnd)) {
         EXPECT_EQ(f.incarnation.value(), 2U);
       }
     },
     Crowd::kComing},
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.says; }

class Faults : public testing::TestWithParam<Case> {};

TEST_P(Faults, ShowAndHeal) {
  const Case& c = GetParam();
  const ObservedRun& without = healthy(c.crowd);
  const ObservedRun with = run_scenario(text_of(c.crowd, c.fault), kSeed);
  EXPECT_NE(with.fingerprint, without.fingerprint);

  // Nothing happens before it begins.
  const auto told_before = [](const ObservedRun& run) {
    return std::ranges::count_if(run.facts, [](const auto& told) { return told.at < kFrom; });
  };
  EXPECT_EQ(told_before(with), told_before(without));

  c.effect({with, without});

  expect_no_violation(with);
  const auto flows = with.delays(kCalm, kEnd - 5s);
  EXPECT_GT(flows.size(), 100U);
  if (c.crowd == Crowd::kPresent) {
    EXPECT_LT(quantile(flows, 0.5), 2 * quantile(without.delays(kCalm, kEnd - 5s), 0.5));
    EXPECT_LT(quantile(flows, 0.9), 1s);
  }
  EXPECT_EQ(with.report.counters.undelivered, 0U);
}

INSTANTIATE_TEST_SUITE_P(EachKind, Faults, testing::ValuesIn(kCases),
                         [](const auto& named) { return std::string(named.param.says); });

TEST(FaultKinds, AreAllTried) {
  std::set<FaultKind> tried;
  for (const Case& c : kCases) tried.insert(c.kind);
  for (const auto& named : scenario::kNames<FaultKind>) {
    EXPECT_TRUE(tried.contains(named.value)) << named.name;
  }
}

// A target on which a fault could do nothing is no target.
TEST(FaultKinds, AreRefusedWhereTheyWouldDoNothing) {
  const auto loads = [](const std::string& fault) {
    return scenario::load_text("test.yaml", text_of(Crowd::kPresent, fault), "scenarios")
        .scenario.has_value();
  };
  for (const std::string kind :
       {"drop, with: {probability: 1%}", "latency, with: {latency: 1ms}",
        "duplicate, with: {probability: 1%}", "reorder, with: {probability: 1%, latency: 5ms}",
        "corrupt, with: {probability: 1%}", "partition"}) {
    SCOPED_TRACE(kind);
    EXPECT_FALSE(loads("for: 1s, target: store, fault: " + kind));
    EXPECT_TRUE(loads("for: 1s, target: push, fault: " + kind));
  }
  EXPECT_FALSE(loads("for: 1s, target: \"gateways[0]\", fault: clock_jump, with: {jump: 1h}"));
}

}  // namespace
}  // namespace greytick::world
