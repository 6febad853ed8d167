// Each kind of fault is seen to act while it is in force, against the same run without it, and to
// heal: everything drains, no invariant breaks, and messages flow again as before.
#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/scenario/load.h"
#include "sim/scenario/names.h"
#include "sim/world/world.h"
#include "tests/world/fault_cases.h"
#include "tests/world/observed_run.h"

namespace greytick::world {

namespace fault_cases {
void PrintTo(const Case& c, std::ostream* out) { *out << c.says; }
}  // namespace fault_cases

namespace {

using namespace model::literals;
using namespace fault_cases;  // NOLINT(google-build-using-namespace): what this file runs.
using scenario::FaultKind;

constexpr std::uint64_t kSeed = 21;

std::string text_of(Crowd crowd, const std::string& fault) {
  const std::string presence =
      crowd == Crowd::kPresent
          ? "{mode: always_online, login_spread: 5s}"
          : "{session: 20s, away: 60s, initially_online: 30%, login_spread: 5s}";
  return "scenario: small\nhorizon: 150s\nusers: 60\npopulation: {presence: " + presence +
         "}\ntraffic: {messages: 8/s, from: 10s, read_after: 2s}\nnetwork: lan\n"
         "topology:\n"
         "  shards: {conversation: 4, mailbox: 4, processes: 2, restart: 2s}\n"
         "  lease: {duration: 4s, renew: 1s}\n"
         "  gateways: {drain: 10s, retry_after: 5s}\n"
         "  push: {delay: 500ms, wake: 100%}\n"
         "client: {heartbeat: {every: 5s, timeout: 3s}, connect_timeout: 5s, "
         "backoff: {max: 5s}}\n" +
         (fault.empty() ? "" : "faults:\n  - {at: 40s, " + fault + "}\n");
}

const ObservedRun& healthy(Crowd crowd) {
  static std::map<Crowd, ObservedRun> runs;
  const auto [it, fresh] = runs.try_emplace(crowd);
  if (fresh) it->second = run_scenario(text_of(crowd, ""), kSeed);
  return it->second;
}

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (const auto of : {of_links, of_servers, of_phones}) {
    all.insert(all.end(), of().begin(), of().end());
  }
  return all;
}

class Faults : public testing::TestWithParam<Case> {};

TEST_P(Faults, ShowAndHeal) {
  const Case& c = GetParam();
  const ObservedRun& without = healthy(c.crowd);
  const ObservedRun with = run_scenario(text_of(c.crowd, c.fault), kSeed);
  EXPECT_NE(with.fingerprint, without.fingerprint);

  // Nothing happens before it begins.
  const auto told_before = [](const ObservedRun& run) {
    return std::ranges::count_if(run.facts, [](const auto& told) { return told.at < kFrom; });
  };
  EXPECT_EQ(told_before(with), told_before(without));

  c.effect({with, without});

  expect_no_violation(with);
  const auto flows = with.delays(kCalm, kEnd - 5s);
  EXPECT_GT(flows.size(), 100U);
  if (c.crowd == Crowd::kPresent) {
    EXPECT_LT(quantile(flows, 0.5), 2 * quantile(without.delays(kCalm, kEnd - 5s), 0.5));
    EXPECT_LT(quantile(flows, 0.9), 1s);
  }
  EXPECT_EQ(with.report.counters.undelivered, 0U);
}

INSTANTIATE_TEST_SUITE_P(EachKind, Faults, testing::ValuesIn(all_cases()),
                         [](const auto& named) { return std::string(named.param.says); });

TEST(FaultKinds, AreAllTried) {
  std::set<FaultKind> tried;
  for (const Case& c : all_cases()) tried.insert(c.kind);
  for (const auto& named : scenario::kNames<FaultKind>) {
    EXPECT_TRUE(tried.contains(named.value)) << named.name;
  }
}

// A target on which a fault could do nothing is no target.
TEST(FaultKinds, AreRefusedWhereTheyWouldDoNothing) {
  const auto loads = [](const std::string& fault) {
    return scenario::load_text("test.yaml", text_of(Crowd::kPresent, fault), "scenarios")
        .scenario.has_value();
  };
  for (const std::string kind :
       {"drop, with: {probability: 1%}", "latency, with: {latency: 1ms}",
        "duplicate, with: {probability: 1%}", "reorder, with: {probability: 1%, latency: 5ms}",
        "corrupt, with: {probability: 1%}", "partition"}) {
    SCOPED_TRACE(kind);
    EXPECT_FALSE(loads("for: 1s, target: store, fault: " + kind));
    EXPECT_TRUE(loads("for: 1s, target: push, fault: " + kind));
  }
  EXPECT_FALSE(loads("for: 1s, target: \"gateways[0]\", fault: clock_jump, with: {jump: 1h}"));
}

}  // namespace
}  // namespace greytick::world
