// Phones that come back with an old copy of their disk: what its outbox held is of unknown outcome,
// and never sent again.
#include <map>

#include <gtest/gtest.h>

#include "tests/world/observed_run.h"

namespace greytick::world {
namespace {

// While the gateways are down, messages gather in outboxes; some are sent between the copy and the
// loss of the phone, some are not.
constexpr const char* kLost =
    "scenario: restored\nhorizon: 150s\nusers: 60\n"
    "population: {presence: {mode: always_online, login_spread: 5s}}\n"
    "traffic: {messages: 8/s, from: 10s, read_after: 2s}\nnetwork: lan\n"
    "faults:\n"
    "  - {name: outage, at: 30s, for: 20s, fault: crash, target: {kind: gateway}}\n"
    "  - {name: lost, at: 60s, for: 20s, fault: restore_backup, target: \"devices[50%]\", "
    "with: {backup_age: 15s}}\n"
    "  - {name: soon, at: 48s, for: 20s, fault: restore_backup, target: {kind: device, mode: one}, "
    "with: {backup_age: 1s}}\n";

TEST(Restored, ThingsOfUnknownOutcomeAreNotSentAgain) {
  const ObservedRun run = run_scenario(kLost, 7);
  expect_no_violation(run);
  EXPECT_GE(run.count<model::BackupRestored>(), 31U);
  std::map<model::MessageId, int> commits;
  for (const auto& f : run.all<model::Committed>()) ++commits[f.message.id];
  int sent = 0;
  int lost = 0;
  for (const auto& f : run.all<model::OutcomeUnknown>()) {
    EXPECT_EQ(f.stream.incarnation.value(), 1U);
    EXPECT_LE(commits[f.id], 1);
    ++(commits[f.id] == 1 ? sent : lost);
  }
  EXPECT_GT(sent, 3);  // unknown is not lost
  EXPECT_GT(lost, 0);  // nor sent
}

}  // namespace
}  // namespace greytick::world
