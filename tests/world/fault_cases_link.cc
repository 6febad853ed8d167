// Faults of connections, and of the bus between servers.
#include <gtest/gtest.h>

#include "tests/world/fault_cases.h"

namespace greytick::world::fault_cases {
namespace {

using namespace model::literals;
using model::Branch;
using model::Duration;
using scenario::FaultKind;

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
};

}  // namespace

std::span<const Case> of_links() { return kCases; }

}  // namespace greytick::world::fault_cases
