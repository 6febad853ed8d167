// The queues of the world against what theory says of them.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/world/world.h"
#include "tests/world/observed_run.h"

namespace greytick::world {
namespace {

using namespace model::literals;
using model::Duration;
using model::Instant;
using model::Role;

double mean_seconds(const std::vector<std::int64_t>& ns) {
  return std::accumulate(ns.begin(), ns.end(), 0.0) / static_cast<double>(ns.size()) / 1e9;
}

// --- logins: one server of constant service time ---

std::string logins(int per_second) {
  return "scenario: logins\nhorizon: 500s\nusers: 4000\n"
         "population: {presence: {mode: always_online, login_spread: 500s}}\n"
         "traffic: {messages: 0.01/s}\nnetwork: lan\nclient: {commit: 1ms}\n"
         "topology: {gateways: {per_region: 1, accept_rate: " +
         std::to_string(per_second) + "/s}, store: {sync: 1ms}}\n";
}

TEST(Queues, LoginsWaitAsLongAsPollaczekAndKhinchineSay) {
  const ObservedRun run = run_scenario(logins(10), 3);
  const ObservedRun idle = run_scenario(logins(1'000'000), 3);
  const auto with = run.values(SignalKind::kLoggedIn, {}, Instant{} + 500s);
  const auto without = idle.values(SignalKind::kLoggedIn, {}, Instant{} + 500s);
  ASSERT_GT(with.size(), 3900U);
  // M/D/1 with 8 arrivals a second and a service time of 100 ms: rho s / (2 (1 - rho)).
  const double rho = 8 * 0.1;
  const double wait = rho * 0.1 / (2 * (1 - rho));
  EXPECT_NEAR(mean_seconds(with) - mean_seconds(without), wait, 0.25 * wait);
}

TEST(Queues, LoginsUnderWayObeyLittlesLaw) {
  const ObservedRun run = run_scenario(logins(10), 4);
  // L: the mean number under way, by counting heads; lambda W: from what each login says it took.
  double heads = 0, integral = 0, took = 0;
  Instant last{};
  for (const ObservedRun::Signalled& s : run.signals) {
    const int step = s.signal.kind == SignalKind::kAttempt    ? 1
                     : s.signal.kind == SignalKind::kLoggedIn ? -1
                                                              : 0;
    if (step == 0 || s.at >= Instant{} + 500s) continue;
    integral += heads * std::chrono::duration<double>(s.at - last).count();
    last = s.at;
    heads += step;
    if (step < 0) took += static_cast<double>(s.signal.value) / 1e9;
  }
  EXPECT_GT(took, 100.0);
  EXPECT_NEAR(integral / 500, took / 500, 0.01 * took / 500);
}

TEST(Queues, LoginsBeyondTheAcceptQueueAreRefused) {
  const ObservedRun run = run_scenario(
      "scenario: rush\nhorizon: 60s\nusers: 200\n"
      "population: {presence: {mode: always_online, login_spread: 0s}}\n"
      "traffic: {messages: 1/s}\nnetwork: lan\n"
      "topology: {gateways: {per_region: 1, accept_rate: 10/s, accept_queue: 50}}\n",
      5);
  // One is served at once, 50 wait, and nobody has tried again yet.
  const std::size_t refused = run.count(SignalKind::kRefused, {}, Instant{} + 5ms);
  EXPECT_GE(refused, 147U);
  EXPECT_LE(refused, 149U);
  EXPECT_LE(run.count<model::SessionAdopted>({}, Instant{} + 20s), 201U);
  EXPECT_GE(run.count<model::SessionAdopted>({}, Instant{} + 20s), 150U);
  expect_no_violation(run);
}

// --- group commit ---

std::string commits(const std::string& every, const std::string& sync, int rate) {
  return "scenario: commits\nhorizon: 60s\nusers: 100\n"
         "population: {presence: {mode: always_online, login_spread: 1s}}\n"
         "traffic: {messages: " +
         std::to_string(rate) +
         "/s, from: 5s, read_share: 0%}\nnetwork: lan\n"
         "topology: {shards: {conversation: 1, mailbox: 1, processes: 1}, "
         "store: {commit_every: " +
         every + ", sync: " + sync + "}}\n";
}

// When batches of the conversation shard became durable.
std::vector<Instant> durable(const ObservedRun& run) {
  std::vector<Instant> times;
  for (const ObservedRun::Told& told : run.facts) {
    const auto* f = std::get_if<model::LeaseCommitted>(&told.fact);
    if (f != nullptr && f->shard.role == Role::kConversation && told.at < Instant{} + 60s) {
      times.push_back(told.at);
    }
  }
  return times;
}

TEST(Queues, AnIdleStoreCommitsOneSyncAfterTheNextMultiple) {
  const ObservedRun run = run_scenario(commits("10ms", "2ms", 20), 6);
  const auto times = durable(run);
  EXPECT_GT(times.size(), 500U);
  for (const Instant t : times) EXPECT_EQ(t.time_since_epoch() % 10ms, 2ms);
  const auto took = run.values(SignalKind::kSynced);
  EXPECT_GE(quantile(took, 0), Duration(2ms).count());
  EXPECT_LE(largest(took), Duration(12ms).count());
}

TEST(Queues, ABusyStoreCommitsBackToBack) {
  // Syncs take three times as long as the commit interval, so the disk never rests.
  const ObservedRun run = run_scenario(commits("10ms", "30ms", 400), 7);
  const auto times = durable(run);
  std::size_t back_to_back = 0;
  for (std::size_t i = 1; i < times.size(); ++i) {
    ASSERT_GE(times[i] - times[i - 1], 30ms);
    if (times[i] - times[i - 1] < 40ms) ++back_to_back;
  }
  EXPECT_GT(back_to_back, 1500U);  // of the 55 s / 30 ms that there can be
  const auto took = run.values(SignalKind::kSynced, Instant{} + 6s, Instant{} + 60s);
  EXPECT_LE(largest(took), Duration(30ms + 30ms).count() + Duration(10ms).count());
  // A batch opens soon after the one before it closed: one sync to wait, one of its own.
  EXPECT_GT(mean_seconds(took), 0.045);
  EXPECT_LT(largest(run.delays()), 1s);  // and it keeps up
}

}  // namespace
}  // namespace greytick::world
