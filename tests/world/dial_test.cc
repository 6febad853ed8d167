// Dials of phones: what becomes of one that was given up and comes through all the same.
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "tests/world/observed_run.h"

namespace greytick::world {
namespace {

using namespace model::literals;
using model::Branch;
using model::DeviceId;
using model::Duration;
using model::Instant;

Instant at(Duration d) { return Instant{} + d; }

// The first dial of device 0 leaves while its way is slow and takes 24 s, six times 4 s. It is
// given up after 5 s, and the next one, made on a quick way, is there long before the first, and at
// another gateway: there the phone stays.
std::string late_dial(const std::string& fault) {
  return "scenario: late_dial\nhorizon: 100s\nusers: 2\npopulation: {presence: scripted}\n"
         "traffic: {messages: 0/s}\nnetwork: lan\n"
         "topology: {regions: [eu], gateways: {per_region: 8}}\n"
         "client: {connect_timeout: 5s, heartbeat: {every: 5s, timeout: 3s}, "
         "backoff: {jitter: none, base: 1s, max: 2s}}\n"
         "script:\n"
         "  - {at: 1s, device: 0, do: connect}\n"
         "  - {at: 1s, device: 1, do: connect}\n"
         "  - {at: 70s, device: 1, do: send, to: 0}\n"
         "faults:\n"
         "  - {at: 500ms, for: 1s, fault: latency, target: {kind: device, index: 0}, "
         "with: {latency: 4s}}\n"
         "  - {at: 40s, " +
         fault + "}\n";
}

// The sessions of device 0 in [from, to).
std::size_t sessions(const ObservedRun& run, Instant from, Instant to) {
  std::size_t count = 0;
  for (const auto& f : run.all<model::SessionAdopted>(from, to)) {
    if (f.device == DeviceId(0)) ++count;
  }
  return count;
}

// The late one reached the gateway between the two instants, and nothing else had come of it.
void expect_late_dial(const ObservedRun& run) {
  expect_no_violation(run);
  EXPECT_EQ(sessions(run, at(6s), at(10s)), 1U);
  EXPECT_EQ(sessions(run, {}, at(40s)), 1U);
  EXPECT_EQ(run.count(SignalKind::kAttempt, {}, at(40s)), 3U);  // device 1 dials once
}

TEST(Dial, OneThatComesThroughTooLateDoesNotHideTheConnectionFromAStorm) {
  const ObservedRun run = run_scenario(late_dial("fault: reconnect_storm"), 1);
  expect_late_dial(run);
  EXPECT_EQ(run.count(SignalKind::kSessionLost, at(40s), at(41s)), 2U);
  EXPECT_EQ(sessions(run, at(40s), at(50s)), 1U);
}

TEST(Dial, OneThatComesThroughTooLateLeavesTheBeatsOfTheConnection) {
  // Half-open without a word: only a beat that is missed finds out.
  const ObservedRun run =
      run_scenario(late_dial("fault: half_open, target: {kind: device, index: 0}"), 1);
  expect_late_dial(run);
  EXPECT_EQ(run.count(Branch::kHalfOpenDetected, at(40s), at(70s)), 1U);
  EXPECT_EQ(sessions(run, at(40s), at(60s)), 1U);
}

}  // namespace
}  // namespace greytick::world
