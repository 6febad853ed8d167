// Many faults at once, drawn at random: whatever comes together, no invariant breaks and everything
// drains. A failure names its seed and shows the scenario.
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "sim/engine/random.h"
#include "sim/world/world.h"
#include "tests/world/observed_run.h"

namespace greytick::world {
namespace {

// All of a fault but when, where FOR stands for a duration.
constexpr auto kFaults = std::to_array<std::string_view>({
    "FOR, fault: drop, target: service, with: {probability: 10%}",
    "FOR, fault: drop, target: {kind: device, mode: percent, value: 50%}, with: {gilbert_elliott: "
    "{to_bad: 2%, to_good: 20%, loss_bad: 70%, loss_good: 0%}}",
    "FOR, fault: latency, target: {kind: process, mode: one}, with: {latency: 300ms, jitter: "
    "100ms}",
    "FOR, fault: latency, target: {kind: device}, with: {latency: 2s, jitter: 1s, distribution: "
    "pareto}",
    "FOR, fault: duplicate, target: service, with: {probability: 30%}",
    "FOR, fault: reorder, target: {kind: process}, with: {probability: 30%, latency: 500ms}",
    "FOR, fault: corrupt, target: service, with: {probability: 2%}",
    "FOR, fault: partition, target: \"gateways[one]\"",
    "FOR, fault: partition, target: \"gateways[one]\", direction: to",
    "FOR, fault: partition, target: \"processes[one]\", direction: from",
    "FOR, fault: partition, between: [{region: eu}, {region: br}]",
    "FOR, fault: partition, target: service, with: {share: 20%}",
    "fault: reset_peer, target: service, with: {share: 60%}",
    "fault: half_open, target: service, with: {share: 60%}",
    "FOR, fault: crash, target: \"gateways[one]\"",
    "FOR, fault: crash, target: \"processes[one]\"",
    "FOR, fault: crash, target: {kind: store, mode: one}",
    "FOR, fault: crash, target: push",
    "FOR, fault: crash, target: {kind: device, mode: percent, value: 30%}",
    "FOR, fault: power_loss, target: {kind: region, mode: one}",
    "FOR, fault: pause, target: \"processes[one]\"",
    "FOR, fault: pause, target: \"gateways[one]\"",
    "FOR, fault: pause, target: {kind: store, mode: one}",
    "FOR, fault: clock_skew, target: \"processes[one]\", with: {offset: 3h, drift: 700ppm}",
    "FOR, fault: clock_jump, target: {kind: process}, with: {jump: -31d}",
    "FOR, fault: slow_disk, with: {factor: 300}",
    "FOR, fault: disk_full, with: {}",
    "FOR, fault: write_error, with: {probability: 1%}",
    "every: 9s, times: 4, fault: lease_steal, target: {kind: mailbox_shard, mode: one}",
    "every: 9s, times: 4, fault: lease_steal, target: {kind: conversation_shard, mode: one}",
    "every: 11s, times: 3, fault: replay, target: {kind: mailbox_shard}, with: {entries: 20}",
    "FOR, fault: churn, with: {up: 8s, down: 3s, switches: 50%}",
    "FOR, fault: push_error, with: {answer: 410, probability: 50%}",
    "FOR, fault: app_kill, target: {kind: device, mode: percent, value: 30%}",
    "FOR, fault: reinstall, target: {kind: device, mode: percent, value: 20%}",
    "FOR, fault: restore_backup, target: {kind: device, mode: percent, value: 20%}, "
    "with: {backup_age: 12s}",
});

// From this seed on users have several devices, which they link and take off.
constexpr std::uint64_t kSeveralDevices = 10'000;

constexpr auto kMoves = std::to_array<std::string_view>({
    "every: 7s, times: 4, fault: shard_move, target: {kind: mailbox_shard, mode: one}",
    "every: 7s, times: 4, fault: shard_move, target: {kind: conversation_shard, mode: one}, "
    "with: {handover: 3s, hint: 6s}",
    "fault: shard_move, target: \"processes[one]\", with: {handover: 0s}",
    "for: 20s, fault: rebalance, target: \"processes[one]\", with: {entries: 9, handover: 1s}",
    "every: 25s, times: 2, for: 9s, fault: rebalance, target: {kind: process, index: 0}",
});

std::string drawn_scenario(std::uint64_t seed) {
  engine::Stream draw = engine::Streams(seed).stream(engine::Purpose::kTest, 0);
  std::string text =
      "scenario: swarm\nhorizon: 2m\nusers: 40\n"
      "population: {presence: {session: 40s, away: 20s, login_spread: 5s}" +
      std::string(seed >= kSeveralDevices ? ", devices_per_user: {1: 50%, 2: 35%, 3: 15%}" : "") +
      "}\n"
      "traffic: {messages: 4/s, groups: 30%, read_after: 3s, conversation: {length: 6, gap: 1s}}\n"
      "groups: [{name: crew, members: 12}, {name: team, first: 6, members: 5}]\n"
      "network: {assign: {wifi: 50%, cellular-3g: 50%}}\n"
      "topology:\n"
      "  regions: [eu, br]\n"
      "  shards: {conversation: 3, mailbox: 3, processes: 2, restart: 2s}\n"
      "  lease: {duration: 4s, renew: 1s}\n"
      "  members_max: 14\n"
      "client: {heartbeat: {every: 5s, timeout: 3s}, connect_timeout: 5s, backoff: {max: 5s}, "
      "windows: {send: " +
      std::to_string(draw.uniform_between(1, 16)) +
      ", deliver: " + std::to_string(draw.uniform_between(1, 20)) + "}}\n";
  text += "script:\n";
  const std::uint64_t changes = draw.uniform_below(12);
  for (std::uint64_t i = 0; i < changes; ++i) {
    text += "  - {at: " + std::to_string(5 + draw.uniform_below(100)) +
            "s, device: " + std::to_string(draw.uniform_below(40)) +
            ", do: " + (draw.bernoulli(0.6) ? "join" : "leave") +
            ", group: " + (draw.bernoulli(0.5) ? "crew" : "team") + "}\n";
  }
  // 40 phones, and 26 linked devices after them.
  for (std::uint64_t i = 0; seed >= kSeveralDevices && i < 12; ++i) {
    text += "  - {at: " + std::to_string(1 + draw.uniform_below(110)) +
            "s, device: " + std::to_string(40 + draw.uniform_below(26)) +
            ", do: " + (draw.bernoulli(0.5) ? "link" : "unlink") + "}\n";
  }
  if (changes == 0) text += "  - {at: 5s, device: 0, do: leave, group: crew}\n";
  text += "faults:\n";
  const std::uint64_t faults = 4 + draw.uniform_below(6);
  for (std::uint64_t i = 0; i < faults; ++i) {
    std::string fault(kFaults[draw.uniform_below(kFaults.size())]);
    if (fault.starts_with("FOR")) {
      fault.replace(0, 3, "for: " + std::to_string(2 + draw.uniform_below(28)) + "s");
    }
    text += "  - {at: " + std::to_string(5 + draw.uniform_below(100)) + "s, " + fault + "}\n";
  }
  return text;
}

// The same with moves of shards on top, drawn apart.
std::string drawn_moves(std::uint64_t seed) {
  engine::Stream draw = engine::Streams(seed).stream(engine::Purpose::kTest, 1);
  std::string text = drawn_scenario(seed);
  const std::uint64_t moves = 1 + draw.uniform_below(5);
  for (std::uint64_t i = 0; i < moves; ++i) {
    text += "  - {at: " + std::to_string(5 + draw.uniform_below(100)) + "s, " +
            std::string(kMoves[draw.uniform_below(kMoves.size())]) + "}\n";
  }
  return text;
}

class Swarm : public testing::TestWithParam<std::uint64_t> {};

void run_swarm(const std::string& text, std::uint64_t seed,
               const std::vector<std::string>& set = {}) {
  SCOPED_TRACE(text);
  const ObservedRun run = run_scenario(text, seed, {.set = set});
  expect_no_violation(run);
  EXPECT_GT(run.report.counters.applied, 50U);
  EXPECT_EQ(run.report.counters.undelivered, 0U);
  EXPECT_EQ(run.report.of(9).verdict, oracle::Verdict::kPass);
  EXPECT_EQ(run.report.of(18).verdict, oracle::Verdict::kPass);
}

TEST_P(Swarm, BreaksNoInvariant) { run_swarm(drawn_scenario(GetParam()), GetParam()); }

// The same while the servers turn to version 2 and back, for apps of both, drawn apart.
std::string drawn_deploys(std::uint64_t seed) {
  engine::Stream draw = engine::Streams(seed).stream(engine::Purpose::kTest, 2);
  std::string text = drawn_scenario(seed);
  for (int to = 2; to >= 1; --to) {
    const std::uint64_t first = to == 2 ? 2 : 62;
    text += "  - {at: " + std::to_string(first + draw.uniform_below(8)) +
            "s, for: 50s, fault: rolling_deploy, with: {to: " + std::to_string(to) +
            ", hint: " + std::to_string(1 + draw.uniform_below(3)) + "s}}\n";
  }
  return text;
}

class MovingSwarm : public testing::TestWithParam<std::uint64_t> {};

TEST_P(MovingSwarm, BreaksNoInvariant) { run_swarm(drawn_moves(GetParam()), GetParam()); }

class DeploySwarm : public testing::TestWithParam<std::uint64_t> {};

TEST_P(DeploySwarm, BreaksNoInvariant) {
  run_swarm(drawn_deploys(GetParam()), GetParam(),
            {"topology.version=1", "topology.gateways.drain=3s", "population.old_apps=30%"});
}

INSTANTIATE_TEST_SUITE_P(Seeds, DeploySwarm, testing::Range<std::uint64_t>(1, 11));
INSTANTIATE_TEST_SUITE_P(Devices, DeploySwarm,
                         testing::Range<std::uint64_t>(kSeveralDevices, kSeveralDevices + 10));

INSTANTIATE_TEST_SUITE_P(Seeds, MovingSwarm, testing::Range<std::uint64_t>(1, 21));

INSTANTIATE_TEST_SUITE_P(Seeds, Swarm, testing::Range<std::uint64_t>(1, 21));
INSTANTIATE_TEST_SUITE_P(Devices, Swarm,
                         testing::Range<std::uint64_t>(kSeveralDevices, kSeveralDevices + 15));

// Each found a bug: commits that stayed slow when their disk was not, an Evict that was lost and
// not repeated, ticks sent to the older of two installations.
INSTANTIATE_TEST_SUITE_P(Found, Swarm, testing::Values(1122, 1453, 1648, 2127, 3158));

}  // namespace
}  // namespace greytick::world
