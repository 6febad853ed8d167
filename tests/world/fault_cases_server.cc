// Faults of gateways, processes and stores; of disks, leases and clocks.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "tests/world/fault_cases.h"

namespace greytick::world::fault_cases {
namespace {

using namespace model::literals;
using model::Branch;
using model::Duration;
using model::Instant;
using model::Role;
using scenario::FaultKind;

// The epochs under which a shard committed, each change once.
std::vector<std::uint64_t> epochs_of(const ObservedRun& run, Role role, std::uint32_t index) {
  std::vector<std::uint64_t> epochs;
  for (const auto& f : run.all<model::LeaseCommitted>()) {
    if (f.shard.role != role || f.shard.index != index) continue;
    if (epochs.empty() || epochs.back() != f.epoch.value()) epochs.push_back(f.epoch.value());
  }
  return epochs;
}

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

const Case kCases[] = {
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
};

}  // namespace

std::span<const Case> of_servers() { return kCases; }

}  // namespace greytick::world::fault_cases
