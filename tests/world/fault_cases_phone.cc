// Faults of phones, and of the pushes that wake them.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>

#include <gtest/gtest.h>

#include "tests/world/fault_cases.h"

namespace greytick::world::fault_cases {
namespace {

using namespace model::literals;
using model::Branch;
using model::DeviceId;
using model::Duration;
using model::Instant;
using scenario::FaultKind;

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
    {FaultKind::kPause, "APausedPushGatewayAsksLater", "for: 40s, fault: pause, target: push",
     [](const Runs& r) {
       EXPECT_EQ(r.with.count(SignalKind::kPush, kFrom + 1s, kTo), 0U);
       EXPECT_GT(r.with.count(SignalKind::kPush, kTo, kTo + 1s), 5U);
     },
     Crowd::kComing},
    {FaultKind::kClockSkew, "ASkewedPhoneStampsItsMessagesWrongly",
     "for: 40s, fault: clock_skew, target: {kind: device}, with: {offset: 2h}",
     [](const Runs& r) {
       EXPECT_GE(furthest_id(r.with), 2h - 1ms);
       EXPECT_LE(furthest_id(r.without), 1ms);
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

}  // namespace

std::span<const Case> of_phones() { return kCases; }

}  // namespace greytick::world::fault_cases
