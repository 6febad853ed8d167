// People before their phones: presence, pushes, traces, the drain.
#include <gtest/gtest.h>

#include "tests/world/observed_run.h"

namespace greytick::world {
namespace {

TEST(Crowd, EveryMessageThatIsWrittenArrivesAndIsCounted) {
  const ObservedRun run = run_scenario(R"(
scenario: crowd
horizon: 3m
users: 300
traffic: {messages: 10/s, read_after: 10s}
network: {assign: {wifi: 50%, cellular-4g: 50%}}
topology: {regions: [eu, in], gateways: {per_region: 3}}
)",
                                       11);
  expect_no_violation(run);
  EXPECT_NEAR(static_cast<double>(run.stats.composed), 1800, 4 * 43);
  EXPECT_EQ(run.report.counters.created, run.stats.composed);
  EXPECT_EQ(run.report.counters.applied, run.report.counters.committed);
  EXPECT_EQ(run.report.counters.unanswered, 0);
  EXPECT_GT(run.report.counters.opened, 100);
  EXPECT_GT(run.count<model::Footprint>(), 100);
}

TEST(Crowd, WhoIsAwayComesForAWhileWhenAPushWakesThePhone) {
  const ObservedRun run = run_scenario(R"(
scenario: pushes
horizon: 4m
users: 200
population: {presence: {mode: sessions, away: 10h, session: 10h, login_spread: 1s}}
traffic: {messages: 5/s}
)",
                                       5);
  expect_no_violation(run);
  EXPECT_GT(run.count(model::Branch::kPushWokeDevice), 20);
  EXPECT_GT(run.count(SignalKind::kWoken), 20);
  EXPECT_GT(run.count(SignalKind::kSessionEnded), 10) << "the system stops what a push has woken";
  EXPECT_GT(run.count(SignalKind::kFlushed), 20);
}

TEST(Crowd, ARecordedTraceIsWrittenRowByRow) {
  const ObservedRun run = run_scenario(R"(
scenario: trace
horizon: 2d
users: 568
population: {presence: {mode: always_online}}
traffic: {trace: {file: data/copenhagen_sms.csv}}
)",
                                       1);
  expect_no_violation(run);
  EXPECT_GT(run.stats.composed, 500);
  EXPECT_EQ(run.report.counters.applied, run.stats.composed);
}

TEST(Crowd, AReinstalledPhoneStartsAnew) {
  const ObservedRun run = run_scenario(R"(
scenario: reinstall
horizon: 10m
users: 2
population: {presence: {mode: scripted}}
traffic: {messages: 0/s}
script:
  - {at: 1s, device: 0, do: connect}
  - {at: 1s, device: 1, do: connect}
  - {at: 5s, device: 0, do: send, to: 1, count: 3, every: 1s}
  - {at: 20s, device: 1, do: reinstall}
  - {at: 30s, device: 0, do: send, to: 1, count: 3, every: 1s}
  - {at: 60s, device: 1, do: connect}
  - {at: 90s, device: 0, do: send, to: 1, count: 3, every: 1s}
  - {at: 95s, device: 1, do: send, to: 0, count: 3, every: 1s}
)",
                                       1);
  expect_no_violation(run);
  EXPECT_EQ(run.count(model::Branch::kReinstalled), 1);
  EXPECT_EQ(run.report.counters.applied, 9) << "3 before and 6 after; 3 were retired";
  EXPECT_EQ(run.report.counters.failures_shown, 1);
}

TEST(Crowd, WhoWritesAndGoesIsAnsweredInTheDrain) {
  const ObservedRun run = run_scenario(R"(
scenario: drain
horizon: 60s
users: 3
population: {presence: {mode: scripted}}
traffic: {messages: 0/s}
script:
  - {at: 1s, device: 0, do: connect}
  - {at: 5s, device: 0, do: send, to: 1}
  - {at: 6s, device: 0, do: kill}
  - {at: 9s, device: 2, do: vanish}
  - {at: 10s, device: 2, do: send, to: 1}
)",
                                       1);
  expect_no_violation(run);
  EXPECT_TRUE(run.drained);
  EXPECT_EQ(run.report.counters.applied, 2);
  EXPECT_EQ(run.report.counters.unanswered, 0);
}

}  // namespace
}  // namespace greytick::world
