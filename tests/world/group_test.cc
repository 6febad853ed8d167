// Groups: who sees which message while members come and go, and that both judges say the same of
// it.
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "sim/oracle/brute_force.h"
#include "sim/oracle/judge.h"
#include "tests/oracle/story.h"
#include "tests/world/observed_run.h"
#include "tests/world/two_judges.h"

namespace greytick::world {
namespace {

using model::DeviceId;
using model::EntryKind;

std::string grouped(const std::string& script, const std::string& more = {}) {
  return "scenario: grouped\nhorizon: 2m\nusers: 14\n"
         "population: {presence: always_online}\ntraffic: {messages: 0/s}\n"
         "groups: [{name: crew, members: 8}]\n" +
         more + "script:\n" + script;
}

constexpr const char* kComeAndGo =
    "  - {at: 30s, device: 0, through: 3, do: send, group: crew, count: 4, every: 700ms}\n"
    "  - {at: 31s, device: 8, through: 10, do: join, group: crew}\n"
    "  - {at: 32s, device: 2, do: leave, group: crew}\n"
    "  - {at: 32s, device: 8, do: send, group: crew, count: 2, every: 1s}\n"
    "  - {at: 33s, device: 4, through: 5, do: leave, group: crew}\n"
    "  - {at: 35s, device: 0, through: 10, do: read, group: crew}\n"
    "  - {at: 40s, device: 2, do: join, group: crew}\n"
    "  - {at: 45s, device: 1, do: send, group: crew}\n"
    "  - {at: 60s, device: 0, through: 10, do: read, group: crew}\n";

constexpr const char* kFaults =
    "faults:\n"
    "  - {name: loss, at: 30s, for: 30s, fault: drop, target: service, with: {probability: 10%}}\n"
    "  - {name: cut, at: 32s, fault: reset_peer, target: \"devices[50%]\"}\n"
    "  - {name: crash, at: 33s, for: 2s, fault: crash, target: {kind: process, index: 0}}\n"
    "topology: {shards: {restart: 2s}}\n";

TEST(Groups, EveryEntryIsAppliedByTheMembersAtItsPositionAndNobodyElse) {
  const ObservedRun run = run_scenario(grouped(kComeAndGo, kFaults), 3);
  expect_no_violation(run);
  std::map<std::uint64_t, std::set<DeviceId>> due, got;
  std::set<DeviceId> members;
  for (std::uint32_t d = 0; d < 8; ++d) members.insert(DeviceId(d));
  for (const ObservedRun::Told& told : run.facts) {
    if (const auto* c = std::get_if<model::MemberChanged>(&told.fact)) {
      const bool joins = c->message.kind == EntryKind::kJoined;
      if (joins) members.insert(c->message.stream.device);
      due[c->message.position.value()] = members;
      if (!joins) members.erase(c->message.stream.device);
    } else if (const auto* m = std::get_if<model::Committed>(&told.fact)) {
      EXPECT_TRUE(members.contains(m->message.stream.device));
      std::set<DeviceId> others = members;
      others.erase(m->message.stream.device);
      due[m->message.position.value()] = others;
    } else if (const auto* a = std::get_if<model::Applied>(&told.fact)) {
      EXPECT_TRUE(got[a->message.position.value()].insert(a->device).second);
    }
  }
  EXPECT_GE(run.count<model::MemberChanged>(), 5U);  // one may change its mind before it is heard
  EXPECT_GE(due.size(), 20U);
  EXPECT_EQ(got, due);
}

TEST(Groups, ASenderEndsWithTheTicksOfEveryMember) {
  const ObservedRun run =
      run_scenario(grouped("  - {at: 30s, device: 0, do: send, group: crew}\n"
                           "  - {at: 40s, device: 0, through: 7, do: read, group: crew}\n"),
                   1);
  expect_no_violation(run);
  std::set<DeviceId> delivered, read;
  for (const model::TicksShown& f : run.all<model::TicksShown>()) {
    EXPECT_EQ(f.device, DeviceId(0));
    if (f.delivered == model::LogPos(1)) delivered.insert(f.recipient);
    if (f.read == model::LogPos(1)) read.insert(f.recipient);
  }
  EXPECT_EQ(delivered.size(), 7U);
  EXPECT_EQ(read.size(), 7U);
  const auto all = run.all<model::AggregateShown>();
  ASSERT_EQ(all.size(), 2U);
  for (const model::AggregateShown& f : all) {
    EXPECT_EQ(f.device, DeviceId(0));
    EXPECT_EQ(f.position, model::LogPos(1));
  }
  EXPECT_FALSE(all[0].read);
  EXPECT_TRUE(all[1].read);
}

// The mark for all of the group at `read` is shown just before the last of those facts that it
// waited for.
template <class LastNeeded>
oracle::History claimed_early(const ObservedRun& run, bool read) {
  oracle::History history = history_of(run);
  const auto is = [read](const oracle::Timed& told) {
    const auto* f = std::get_if<model::AggregateShown>(&told.fact);
    return f != nullptr && f->read == read;
  };
  const auto claim = std::ranges::find_if(history, is);
  const model::Fact fact = claim->fact;
  auto last = claim;
  while (!std::holds_alternative<LastNeeded>(last->fact)) --last;
  const model::Instant at = last->at;
  const auto place = last - history.begin();
  history.erase(claim);
  history.insert(history.begin() + place, {at, fact});
  return history;
}

TEST(Groups, WhoClaimsForAllTooEarlyIsCaughtByBothJudges) {
  const ObservedRun run =
      run_scenario(grouped("  - {at: 30s, device: 0, do: send, group: crew}\n"
                           "  - {at: 40s, device: 0, through: 7, do: read, group: crew}\n"),
                   1);
  for (const oracle::History& history :
       {claimed_early<model::Applied>(run, false), claimed_early<model::Opened>(run, true)}) {
    for (const oracle::Report& report :
         {oracle::judge_history<oracle::Judge>(history, run.judged_by),
          oracle::judge_history<oracle::BruteForce>(history, run.judged_by)}) {
      EXPECT_EQ(report.of(6).violated, 1U);
    }
  }
}

TEST(Groups, WhoNeverClaimsForAllIsCaughtByBothJudges) {
  const ObservedRun run =
      run_scenario(grouped("  - {at: 30s, device: 0, through: 1, do: send, group: crew}\n"), 1);
  expect_no_violation(run);
  oracle::History history = history_of(run);
  EXPECT_EQ(std::erase_if(history,
                          [](const auto& told) {
                            const auto* f = std::get_if<model::AggregateShown>(&told.fact);
                            return f != nullptr && f->device == DeviceId(1);
                          }),
            1U);
  for (const oracle::Report& report :
       {oracle::judge_history<oracle::Judge>(history, run.judged_by),
        oracle::judge_history<oracle::BruteForce>(history, run.judged_by)}) {
    EXPECT_EQ(report.of(18).violated, 1U);
  }
}

TEST(Groups, TheCapHoldsHoweverManyAskAtOnce) {
  const ObservedRun run =
      run_scenario(grouped("  - {at: 30s, device: 8, through: 13, do: join, group: crew}\n"
                           "  - {at: 40s, device: 0, do: send, group: crew}\n",
                           "topology: {members_max: 10}\n"),
                   5);
  expect_no_violation(run);
  EXPECT_EQ(run.count<model::MemberChanged>(), 2U);
  EXPECT_EQ(run.count<model::JoinTurnedAway>(), 4U);
  EXPECT_EQ(run.all<model::Committed>().at(0).recipients.size(), 9U);
}

TEST(Groups, AWishToJoinOutlivesCrashesOfAllThatCarryIt) {
  const ObservedRun run = run_scenario(
      grouped(
          "  - {at: 30s, device: 8, through: 13, do: join, group: crew}\n"
          "  - {at: 60s, device: 0, do: send, group: crew}\n",
          "topology: {shards: {restart: 2s}}\n"
          "faults:\n"
          "  - {name: gone, at: 30100ms, for: 2s, fault: power_loss, target: {kind: region, mode: "
          "one}}\n"
          "  - {name: phones, at: 30200ms, for: 3s, fault: app_kill, target: \"devices[50%]\"}\n"),
      2);
  expect_no_violation(run);
  EXPECT_EQ(run.count<model::MemberChanged>(), 6U);
}

// One more way to break a history: a change of membership is not what it says.
bool forge_membership(oracle::History& history, oracle::Dice& dice) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (std::holds_alternative<model::MemberChanged>(history[i].fact)) places.push_back(i);
  }
  if (places.empty()) return false;
  auto& f = std::get<model::MemberChanged>(history[places[dice.below(places.size())]].fact);
  switch (dice.below(3)) {
    case 0:
      f.message.kind = f.message.kind == EntryKind::kJoined ? EntryKind::kLeft : EntryKind::kJoined;
      return true;
    case 1:
      f.recipients.pop_back();
      return true;
    default:
      f.recipients.push_back(
          {model::UserId(99), DeviceId(99), model::Incarnation(1), model::MemberNumber(99)});
      return true;
  }
}

TEST(Groups, BothJudgesSeeTheSameInBrokenHistories) {
  const ObservedRun run = run_scenario(grouped(kComeAndGo), 7);
  expect_no_violation(run);
  EXPECT_GE(break_and_compare(run, forge_membership), 100);
}

// Somebody who joined applies what was sealed for the list before they did.
TEST(Groups, AContentSealedForAnOlderListIsCaughtByBothJudges) {
  const ObservedRun run = run_scenario(
      grouped("  - {at: 30900ms, device: 0, through: 3, do: send, group: crew, count: 40, every: "
              "10ms}\n"
              "  - {at: 31s, device: 8, through: 10, do: join, group: crew}\n"),
      7);
  expect_no_violation(run);
  EXPECT_GT(run.count(model::Branch::kStaleDevices), 0U);
  oracle::History history = history_of(run);
  const auto late = std::ranges::find_if(history, [](const oracle::Timed& told) {
    const auto* f = std::get_if<model::Applied>(&told.fact);
    return f != nullptr && f->device >= DeviceId(8) && f->message.kind == EntryKind::kContent;
  });
  ASSERT_NE(late, history.end());
  model::Message& m = std::get<model::Applied>(late->fact).message;
  const model::PayloadKey key = run.judged_by.key;
  EXPECT_GT(model::sealed_for(m.content, key, m.stream, m.cseq), model::LogPos{});
  m.content = model::seal(key, m.stream, m.cseq, m.content.bytes, model::LogPos{});
  for (const oracle::Report& report :
       {oracle::judge_history<oracle::Judge>(history, run.judged_by),
        oracle::judge_history<oracle::BruteForce>(history, run.judged_by)}) {
    EXPECT_EQ(report.of(3).violated, 0U);
    EXPECT_EQ(report.of(11).violated, 1U);
  }
}

TEST(Groups, BothJudgesSeeTheSameInForgedMarksForAll) {
  const ObservedRun run = run_scenario(grouped(kComeAndGo), 7);
  EXPECT_GE(forge_and_compare(run, forge_aggregate, 150), 100);
}

}  // namespace
}  // namespace greytick::world
