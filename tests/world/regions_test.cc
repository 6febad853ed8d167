// Regions apart, and regions by their own clocks.
#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "tests/world/observed_run.h"

namespace greytick::world {
namespace {

using namespace model::literals;
using model::Instant;

std::string three(const std::string& lines) {
  return "scenario: three\nhorizon: 3m\nusers: 150\n"
         "population: {presence: {mode: always_online, login_spread: 2s}}\n"
         "traffic: {messages: 5/s, from: 10s}\nnetwork: {assign: {lan: 100%}, backbone: {loss: 0%" +
         lines +
         "}}\ntopology: {regions: [eu, br, use]}\n"
         "faults:\n"
         "  - {at: 1m, for: 30s, fault: partition, between: [{region: eu}, {region: br}]}\n"
         "  - {at: 2m, for: 20s, fault: partition, target: {region: br}}\n";
}

// Of those that were written in [from, to).
model::Duration longest(const ObservedRun& run, Instant from, Instant to) {
  return largest(run.delays(from, to));
}

TEST(Regions, WithoutLinesTwoThatAreApartGoNoWayRound) {
  const ObservedRun run = run_scenario(three(""), 1);
  expect_no_violation(run);
  EXPECT_GT(longest(run, Instant{60s}, Instant{80s}), 5s);
  // The first partition divides no component: both still reach the third.
  EXPECT_EQ(run.stats.parted,
            (std::vector<Parted>{{Instant{120s}, {{0, 2}, {1}}}, {Instant{140s}, {{0, 1, 2}}}}));
}

TEST(Regions, FramesGoRoundALinkThatIsDown) {
  const ObservedRun run = run_scenario(
      three(", links: [{from: eu, to: br}, {from: eu, to: use}, {from: use, to: br}]"), 1);
  expect_no_violation(run);
  EXPECT_LT(longest(run, Instant{60s}, Instant{80s}), 2s);
  EXPECT_GT(longest(run, Instant{120s}, Instant{135s}), 4s);  // br has no way at all
  EXPECT_EQ(run.stats.parted,
            (std::vector<Parted>{{Instant{120s}, {{0, 2}, {1}}}, {Instant{140s}, {{0, 1, 2}}}}));
}

TEST(Regions, PeopleWriteByTheClocksOfTheirRegion) {
  const std::string text =
      "scenario: days\nhorizon: 12h\nusers: 60\n"
      "population: {presence: {mode: always_online}}\n"
      "traffic: {messages: 0.2/s, read_share: 0%, daily: {file: data/diurnal_factors.csv, "
      "column: copenhagen_sms_local, clocks: [{region: in, ahead: 12h}]}}\n"
      "network: lan\ntopology: {regions: [eu, in]}\n";
  const ObservedRun run = run_scenario(text, 2);
  expect_no_violation(run);
  // Users are dealt to regions in turn. In India it is noon to midnight.
  double eu = 0, in = 0;
  for (const ObservedRun::Told& told : run.facts) {
    const auto* f = std::get_if<model::Created>(&told.fact);
    if (f == nullptr) continue;
    ++(f->user.value() % 2 == 0 ? eu : in);
  }
  // Sums of the factors of the two halves of the day: 6.467 and 17.533, so 0.2 * 3600 / 2 times.
  EXPECT_NEAR(eu, 360 * 6.467, 4 * std::sqrt(360 * 6.467));
  EXPECT_NEAR(in, 360 * 17.533, 4 * std::sqrt(360 * 17.533));
}

}  // namespace
}  // namespace greytick::world
