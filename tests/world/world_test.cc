// The whole service at work without faults: two phones, then groups of pairs; and that a run is a
// function of its scenario and seed alone.
#include "sim/world/world.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/world/observed_run.h"

namespace greytick::world {
namespace {

using namespace model::literals;
using model::Branch;
using model::DeviceId;
using model::Duration;
using model::Instant;
using model::LogPos;

Instant at(Duration d) { return Instant{} + d; }

// --- what happens to one message ---

std::string scripted(const std::string& script, int users = 2) {
  return "scenario: scripted\nhorizon: 2m\nusers: " + std::to_string(users) +
         "\npopulation: {presence: scripted}\ntraffic: {messages: 0/s}\nnetwork: lan\nscript:\n" +
         script;
}

constexpr const char* kBothConnect =
    "  - {at: 1s, device: 0, do: connect}\n"
    "  - {at: 1s, device: 1, do: connect}\n";

// When the first fact of that kind that satisfies `test` was told; kNever when none was.
template <class F, class Test>
Instant first(const ObservedRun& run, Test&& test) {
  for (const ObservedRun::Told& told : run.facts) {
    const auto* f = std::get_if<F>(&told.fact);
    if (f != nullptr && test(*f)) return told.at;
  }
  return model::kNever;
}

template <class F>
Instant first(const ObservedRun& run) {
  return first<F>(run, [](const F&) { return true; });
}

// When device 0 showed at least that level for its messages up to `position`.
Instant sent_shown(const ObservedRun& run, std::uint64_t position) {
  return first<model::SentShown>(
      run, [&](const model::SentShown& f) { return f.sent >= LogPos(position); });
}
Instant shown(const ObservedRun& run, LogPos model::TicksShown::* level, std::uint64_t position) {
  return first<model::TicksShown>(run, [&](const model::TicksShown& f) {
    return f.device == DeviceId(0) && (f.*level).value() >= position;
  });
}

TEST(World, OneMessageTakesItsCourseFromCreatedToRead) {
  const ObservedRun run = run_scenario(
      scripted(std::string(kBothConnect) + "  - {at: 5s, device: 0, do: send, to: 1}\n"
                                           "  - {at: 10s, device: 1, do: read, to: 0}\n"),
      1);
  expect_no_violation(run);
  const Instant created = first<model::Created>(run);
  const Instant committed = first<model::Committed>(run);
  const Instant answered = first<model::Answered>(run);
  const Instant applied = first<model::Applied>(run);
  const Instant displayed = first<model::Displayed>(run);
  const Instant opened = first<model::Opened>(run);
  EXPECT_GT(created, at(5s));  // durable on the phone first
  EXPECT_LT(created, at(5s + 200ms));
  EXPECT_GT(committed, created);
  EXPECT_LT(committed, created + 100ms);
  EXPECT_GT(answered, committed);
  EXPECT_GT(applied, committed);
  EXPECT_LT(applied, created + 300ms);
  EXPECT_GE(displayed, applied);
  EXPECT_GE(sent_shown(run, 1), committed);
  const Instant delivered = shown(run, &model::TicksShown::delivered, 1);
  EXPECT_GT(delivered, applied);
  EXPECT_LT(delivered, applied + 500ms);
  EXPECT_GE(opened, at(10s));
  EXPECT_LT(opened, at(10s + 200ms));
  const Instant read = shown(run, &model::TicksShown::read, 1);
  EXPECT_GT(read, opened);
  EXPECT_LT(read, opened + 500ms);
  EXPECT_EQ(run.count<model::Created>(), 1U);
  EXPECT_EQ(run.count<model::Committed>(), 1U);
  EXPECT_EQ(run.count<model::Applied>(), 1U);
}

TEST(World, WhatIsSentToAnAbsentPhoneWaitsAndArrivesInOrder) {
  const ObservedRun run =
      run_scenario(scripted("  - {at: 1s, device: 0, do: connect}\n"
                            "  - {at: 5s, device: 0, do: send, to: 1, count: 5, every: 1s}\n"
                            "  - {at: 60s, device: 1, do: connect}\n"),
                   2);
  expect_no_violation(run);
  EXPECT_EQ(run.count<model::Committed>({}, at(11s)), 5U);
  EXPECT_LT(sent_shown(run, 5), at(11s));
  EXPECT_GT(shown(run, &model::TicksShown::delivered, 1), at(60s));
  EXPECT_LT(shown(run, &model::TicksShown::delivered, 5), at(62s));
  EXPECT_EQ(shown(run, &model::TicksShown::read, 1), model::kNever);
  EXPECT_GE(run.count(Branch::kPushed), 1U);
  const auto applied = run.all<model::Applied>();
  ASSERT_EQ(applied.size(), 5U);
  EXPECT_GT(first<model::Applied>(run), at(60s));
  for (std::size_t i = 0; i < applied.size(); ++i) {
    EXPECT_EQ(applied[i].message.position.value(), i + 1);
    EXPECT_EQ(applied[i].message.cseq.value(), i + 1);
    EXPECT_EQ(applied[i].device, DeviceId(1));
  }
}

TEST(World, WhatIsWrittenOfflineWaitsInTheOutbox) {
  const ObservedRun run =
      run_scenario(scripted("  - {at: 1s, device: 1, do: connect}\n"
                            "  - {at: 5s, device: 0, do: send, to: 1, count: 3, every: 1s}\n"
                            "  - {at: 30s, device: 0, do: connect}\n"),
                   3);
  expect_no_violation(run);
  EXPECT_EQ(run.count<model::Created>({}, at(8s)), 3U);
  EXPECT_EQ(run.count<model::Committed>({}, at(30s)), 0U);
  EXPECT_EQ(run.count<model::Committed>({}, at(32s)), 3U);
  EXPECT_EQ(run.count<model::Applied>({}, at(32s)), 3U);
}

TEST(World, AVanishedPhoneFindsOutByItselfAndIsCaughtUpWhenItReturns) {
  const ObservedRun run =
      run_scenario(scripted(std::string(kBothConnect) + "  - {at: 5s, device: 1, do: vanish}\n"
                                                        "  - {at: 6s, device: 0, do: send, to: 1}\n"
                                                        "  - {at: 80s, device: 1, do: return}\n"),
                   4);
  expect_no_violation(run);
  EXPECT_GE(run.count(Branch::kHalfOpenDetected, {}, at(80s)), 1U);
  EXPECT_GE(first<model::Applied>(run), at(80s));
  EXPECT_NE(first<model::Applied>(run), model::kNever);
}

TEST(World, PairsDoNotDisturbOneAnother) {
  std::string script;
  for (int user = 0; user < 20; ++user) {
    script += "  - {at: 1s, device: " + std::to_string(user) + ", do: connect}\n";
  }
  for (int user = 0; user < 20; ++user) {
    script += "  - {at: 5s, device: " + std::to_string(user) +
              ", do: send, to: " + std::to_string(user ^ 1) + ", count: 10, every: 500ms}\n";
  }
  const ObservedRun run = run_scenario(scripted(script, 20), 5);
  expect_no_violation(run);
  std::vector<std::vector<LogPos>> seen(20);
  for (const model::Applied& f : run.all<model::Applied>()) {
    EXPECT_EQ(f.message.stream.device.value() ^ 1U, f.device.value());
    seen[f.device.value()].push_back(f.message.position);
  }
  for (const auto& positions : seen) {
    EXPECT_EQ(positions.size(), 10U);
    EXPECT_TRUE(std::ranges::is_sorted(positions));
  }
  EXPECT_LT(largest(run.delays()), 500ms);
}

// --- determinism ---

constexpr const char* kRough =
    "scenario: rough\nhorizon: 2m\nusers: 60\n"
    "population: {presence: {session: 40s, away: 20s, login_spread: 5s}}\n"
    "traffic: {messages: 5/s, read_after: 3s}\nnetwork: cellular-3g\n"
    "topology: {regions: [eu, br], shards: {restart: 2s}}\nfaults:\n"
    "  - {at: 30s, for: 20s, fault: partition, target: \"gateways[0]\"}\n"
    "  - {at: 40s, for: 5s, fault: crash, target: \"processes[1]\"}\n"
    "  - {at: 70s, fault: lease_steal, target: {kind: mailbox_shard, mode: one}}\n"
    "  - {at: 80s, for: 10s, fault: duplicate, target: service, with: {probability: 20%}}\n";

TEST(World, EqualSeedsGiveEqualRunsAndOthersDoNot) {
  const ObservedRun one = run_scenario(kRough, 11);
  const ObservedRun again = run_scenario(kRough, 11);
  const ObservedRun other = run_scenario(kRough, 12);
  EXPECT_EQ(one.fingerprint, again.fingerprint);
  EXPECT_EQ(one.stats.events, again.stats.events);
  EXPECT_EQ(one.stats.by_kind, again.stats.by_kind);
  EXPECT_EQ(one.facts.size(), again.facts.size());
  EXPECT_NE(one.fingerprint, other.fingerprint);
}

TEST(World, WhereARunIsCutIntoPiecesChangesNothing) {
  const ObservedRun whole = run_scenario(kRough, 11);
  const ObservedRun pieces = run_scenario(kRough, 11, {.set = {}, .piece = 37ms});
  EXPECT_EQ(whole.fingerprint, pieces.fingerprint);
  EXPECT_EQ(whole.stats.events, pieces.stats.events);
}

// --- heartbeats ---

// What becomes of the connection of each device, in order: its sessions, then its losses.
std::vector<std::vector<std::string>> connection_stories(const ObservedRun& run, int users) {
  std::vector<std::vector<std::string>> stories(static_cast<std::size_t>(users));
  for (const ObservedRun::Told& told : run.facts) {
    if (const auto* f = std::get_if<model::SessionAdopted>(&told.fact)) {
      stories[f->device.value()].push_back("epoch " + std::to_string(f->epoch.value()));
    }
  }
  for (const ObservedRun::Signalled& s : run.signals) {
    if (s.signal.kind == SignalKind::kDetected) {
      const std::int64_t seconds = (s.signal.value + 500'000'000) / 1'000'000'000;
      stories[s.signal.device.value()].push_back("detected after " + std::to_string(seconds) +
                                                 " s");
    }
  }
  return stories;
}

struct SickLinks {
  const char* fault;
  bool detected;  // long enough for somebody to give a connection up
};

class Heartbeats : public testing::TestWithParam<SickLinks> {};

TEST_P(Heartbeats, ElidedAndExplicitOnesTellTheSameStory) {
  constexpr int kUsers = 40;
  // Without jitter, so that the draws for beats that were not sent are not missed.
  const std::string text =
      "scenario: beats\nhorizon: 4m\nusers: 40\n"
      "population: {presence: {mode: always_online, login_spread: 5s}}\n"
      "traffic: {messages: 1/s, from: 20s, read_after: 2s}\nnetwork: lan\n"
      "client: {heartbeat: {every: 10s, timeout: 5s}, backoff: {jitter: none}, commit: 2ms}\n"
      "faults:\n  - " +
      std::string(GetParam().fault) + "\n";
  const ObservedRun elided = run_scenario(text, 7, {.set = {"client.heartbeat.mode=elided"}});
  const ObservedRun beaten = run_scenario(text, 7, {.set = {"client.heartbeat.mode=explicit"}});
  expect_no_violation(elided);
  expect_no_violation(beaten);
  for (int i = 1; i <= oracle::kInvariants; ++i) {
    EXPECT_EQ(elided.report.of(i).verdict, beaten.report.of(i).verdict)
        << oracle::invariant_name(i);
  }
  EXPECT_EQ(elided.report.counters.applied, beaten.report.counters.applied);
  EXPECT_EQ(elided.count(SignalKind::kDetected) > 0, GetParam().detected);
  EXPECT_EQ(elided.count(Branch::kHalfOpenDetected), beaten.count(Branch::kHalfOpenDetected));
  EXPECT_EQ(elided.count(Branch::kDegraded), beaten.count(Branch::kDegraded));
  EXPECT_EQ(connection_stories(elided, kUsers), connection_stories(beaten, kUsers));
  EXPECT_LT(elided.stats.events, beaten.stats.events);
}

INSTANTIATE_TEST_SUITE_P(
    Faults, Heartbeats,
    testing::Values(
        SickLinks{"{at: 60s, fault: half_open, target: service, with: {share: 50%}}", true},
        SickLinks{"{at: 60s, for: 60s, fault: partition, target: \"gateways[0]\"}", true},
        SickLinks{"{at: 60s, for: 60s, fault: partition, target: \"gateways[0]\", direction: to}",
                  true},
        SickLinks{"{at: 60s, for: 60s, fault: pause, target: \"gateways[0]\"}", true},
        SickLinks{"{at: 60s, for: 4s, fault: partition, target: \"gateways[1]\"}", false}));

}  // namespace
}  // namespace greytick::world
