// Several devices a user: copies, ticks and reads on each, and that both judges say the same of it.
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "sim/oracle/judge.h"
#include "sim/scenario/scenario.h"
#include "tests/world/observed_run.h"
#include "tests/world/two_judges.h"

namespace greytick::world {
namespace {

using model::DeviceId;
using model::LogPos;

// Users 0 .. 5 have two devices each: user u has u and 6 + u.
std::string paired(const std::string& script, const std::string& more = {}) {
  return "scenario: devices\nhorizon: 2m\n"
         "population: {users: 6, devices_per_user: {2: 100%}, presence: always_online}\n"
         "traffic: {messages: 0/s}\n"
         "groups: [{name: crew, members: 4}]\n" +
         more + "script:\n" + script;
}

constexpr const char* kTalk =
    "  - {at: 30s, device: 0, do: send, to: 1, count: 3, every: 1s}\n"
    "  - {at: 31s, device: 6, do: send, to: 1, count: 3, every: 1s}\n"
    "  - {at: 31s, device: 7, do: send, to: 0}\n"
    "  - {at: 40s, device: 7, do: read, to: 0}\n"
    "  - {at: 42s, device: 2, do: send, group: crew, count: 2, every: 1s}\n"
    "  - {at: 45s, device: 9, do: send, group: crew}\n"
    "  - {at: 50s, device: 0, through: 3, do: read, group: crew}\n";

TEST(Devices, AMessageReachesEveryOtherDeviceOfBothUsers) {
  const ObservedRun run = run_scenario(paired(kTalk), 1);
  expect_no_violation(run);
  std::map<model::MessageId, std::set<DeviceId>> got;
  for (const model::Applied& f : run.all<model::Applied>()) {
    EXPECT_TRUE(got[f.message.id].insert(f.device).second);
  }
  std::size_t seen = 0;
  for (const model::Committed& f : run.all<model::Committed>()) {
    std::set<DeviceId> due;
    const bool talk = f.message.sender.value() < 2;
    for (std::uint32_t user = 0; user < (talk ? 2U : 4U); ++user) {
      due.insert({DeviceId(user), DeviceId(6 + user)});
    }
    due.erase(f.message.stream.device);
    EXPECT_EQ(got[f.message.id], due);
    ++seen;
  }
  EXPECT_EQ(seen, 10U);
}

// What each device shows last of each recipient device.
std::map<std::pair<DeviceId, DeviceId>, model::TicksShown> last_ticks(const ObservedRun& run) {
  std::map<std::pair<DeviceId, DeviceId>, model::TicksShown> last;
  for (const model::TicksShown& f : run.all<model::TicksShown>()) {
    last.insert_or_assign({f.device, f.recipient}, f);
  }
  return last;
}

TEST(Devices, BothDevicesOfAnAuthorShowTheSameTicks) {
  const ObservedRun run =
      run_scenario(paired("  - {at: 30s, device: 6, do: send, to: 1, count: 3, every: 1s}\n"
                          "  - {at: 40s, device: 7, do: read, to: 0}\n"),
                   2);
  expect_no_violation(run);
  const auto last = last_ticks(run);
  ASSERT_EQ(last.size(), 4U);  // of two recipients, on two devices; of nobody's own
  for (const std::uint32_t device : {0U, 6U}) {
    const auto& phone = last.at({DeviceId(device), DeviceId(1)});
    const auto& linked = last.at({DeviceId(device), DeviceId(7)});
    EXPECT_EQ(phone.delivered, LogPos(3));
    EXPECT_EQ(phone.read, LogPos{});
    EXPECT_EQ(linked.delivered, LogPos(3));
    EXPECT_EQ(linked.read, LogPos(3));  // by the one that the user reads on
  }
}

TEST(Devices, ALinkedDeviceMeetsServersThatCrash) {
  const std::string script =
      "  - {at: 10s, device: 0, do: send, to: 1}\n"
      "  - {at: 10s, device: 1, do: send, group: crew}\n"
      "  - {at: 30s, device: 6, through: 9, do: link}\n"
      "  - {at: 40s, device: 0, do: send, group: crew, count: 20, every: 1s}\n"
      "  - {at: 50s, device: 7, do: unlink}\n"
      "  - {at: 52s, device: 9, do: unlink}\n"
      "  - {at: 60s, device: 9, do: link}\n";
  const ObservedRun run = run_scenario(
      paired(script,
             "topology: {shards: {restart: 2s}}\n"
             "faults:\n"
             "  - {at: 30100ms, for: 2s, fault: power_loss, target: {kind: region, mode: one}}\n"
             "  - {at: 50050ms, for: 2s, fault: crash, target: {kind: process}}\n"),
      3);
  expect_no_violation(run);
  EXPECT_EQ(run.report.counters.undelivered, 0U);
  std::map<model::EntryKind, int> changes;
  for (const model::MemberChanged& f : run.all<model::MemberChanged>()) ++changes[f.message.kind];
  // Devices 6 and 7 are in the talk and, with 8 and 9, in the group; 9 comes twice.
  EXPECT_EQ(changes[model::EntryKind::kLinked], 7);
  EXPECT_EQ(changes[model::EntryKind::kUnlinked], 3);
  EXPECT_EQ(changes[model::EntryKind::kJoined] + changes[model::EntryKind::kLeft], 0);
}

TEST(Devices, TheCapCountsUsers) {
  const ObservedRun run = run_scenario(paired("  - {at: 30s, device: 4, do: join, group: crew}\n"
                                              "  - {at: 40s, device: 5, do: join, group: crew}\n"
                                              "  - {at: 50s, device: 0, do: send, group: crew}\n",
                                              "topology: {members_max: 5}\n"),
                                       5);
  expect_no_violation(run);
  EXPECT_EQ(run.count<model::MemberChanged>(), 2U);
  EXPECT_EQ(run.count<model::JoinTurnedAway>(), 1U);
  EXPECT_EQ(run.all<model::Committed>().at(0).recipients.size(), 9U);
}

// A tick that one device of an author shows, and the other never does.
bool hide_ticks(oracle::History& history, oracle::Dice& dice) {
  const DeviceId device(dice.below(2) == 0 ? 0 : 6);
  return std::erase_if(history, [device](const auto& told) {
           const auto* f = std::get_if<model::TicksShown>(&told.fact);
           return f != nullptr && f->device == device;
         }) != 0;
}

TEST(Devices, BothJudgesSeeTheSameInBrokenHistories) {
  const ObservedRun run = run_scenario(paired(kTalk), 7);
  expect_no_violation(run);
  EXPECT_GE(break_and_compare(run, hide_ticks), 100);
}

TEST(Devices, BothJudgesSeeTheSameInForgedMarksForAll) {
  const ObservedRun run = run_scenario(paired(kTalk), 7);
  EXPECT_GE(forge_and_compare(run, forge_aggregate, 150), 100);
}

// The user of devices 0 and 6 writes to a group; both show what holds for all of it.
TEST(Devices, BothDevicesOfAnAuthorShowWhatHoldsForAllOfAGroup) {
  const ObservedRun run =
      run_scenario(paired("  - {at: 30s, device: 6, do: send, group: crew, count: 2, every: 1s}\n"
                          "  - {at: 40s, device: 7, through: 9, do: read, group: crew}\n"),
                   4);
  expect_no_violation(run);
  std::map<DeviceId, int> delivered, read;
  for (const model::AggregateShown& f : run.all<model::AggregateShown>()) {
    ++(f.read ? read : delivered)[f.device];
  }
  const std::map<DeviceId, int> both{{DeviceId(0), 2}, {DeviceId(6), 2}};
  EXPECT_EQ(delivered, both);
  EXPECT_EQ(read, both);
}

TEST(Devices, TheJudgeMissesTicksThatOneDeviceOfAnAuthorNeverShows) {
  const ObservedRun run = run_scenario(paired("  - {at: 30s, device: 6, do: send, to: 1}\n"), 2);
  oracle::History history = history_of(run);
  std::erase_if(history, [](const auto& told) {
    const auto* f = std::get_if<model::TicksShown>(&told.fact);
    return f != nullptr && f->device == DeviceId(0);
  });
  const auto report = oracle::judge_history<oracle::Judge>(history, run.judged_by);
  EXPECT_EQ(report.of(18).verdict, oracle::Verdict::kFail);
}

TEST(Devices, SharesAreSpreadOverTheUsers) {
  scenario::Population population;
  population.users = 10'000;
  population.devices_per_user = {{1, {0.86}}, {2, {0.11}}, {3, {0.03}}};
  std::map<std::uint32_t, int> users;
  std::uint64_t devices = 0;
  for (std::uint64_t user = 0; user < population.users; ++user) {
    const std::uint32_t count = scenario::devices_of(population, user);
    ++users[count];
    for (std::uint32_t i = 1; i < count; ++i) {
      EXPECT_EQ(scenario::user_of(population, population.users + devices++), user);
    }
  }
  EXPECT_NEAR(users[1], 8600, 5);
  EXPECT_NEAR(users[2], 1100, 5);
  EXPECT_NEAR(users[3], 300, 5);
  EXPECT_EQ(scenario::device_count(population), population.users + devices);
  EXPECT_EQ(scenario::user_of(population, population.users + devices), population.users);
}

}  // namespace
}  // namespace greytick::world
