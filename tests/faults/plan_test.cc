#include "sim/faults/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/faults/recorded_controls.h"

namespace greytick::faults {
namespace {

using namespace model::literals;
using scenario::Fault;
using testing::ElementsAre;

constexpr Instant at(Duration d) { return Instant{d}; }

scenario::Scenario with_faults(std::vector<Fault> faults) {
  scenario::Scenario s = small_scenario();
  s.faults = std::move(faults);
  return s;
}

TEST(Plan, OrdersOccurrencesByTimeThenByTheScenario) {
  const auto s = with_faults({{.name = "late", .at = 50s, .lasts = 10s},
                              {.name = "twice", .at = 20s, .every = 30s, .times = 2, .lasts = 5s},
                              {.name = "once", .at = 20s}});
  EXPECT_THAT(occurrences(s),
              ElementsAre(Occurrence{1, 0, at(20s), at(25s)}, Occurrence{2, 0, at(20s), at(20s)},
                          Occurrence{0, 0, at(50s), at(60s)}, Occurrence{1, 1, at(50s), at(55s)}));
}

TEST(Plan, RepeatsToTheHorizonAndHealsThere) {
  const auto s = with_faults({{.name = "f", .at = 30s, .every = 40s, .lasts = 35s}});
  EXPECT_THAT(occurrences(s),
              ElementsAre(Occurrence{0, 0, at(30s), at(65s)}, Occurrence{0, 1, at(70s), at(100s)}));
  EXPECT_TRUE(occurrences(with_faults({{.name = "f", .at = 100s, .lasts = 1s}})).empty());
}

TEST(Plan, StrikesEachRegionByItsOwnClock) {
  scenario::Scenario s = with_faults(
      {{.name = "drain", .at = 2h, .every = 24h, .region_local = true, .times = 2, .lasts = 10s}});
  s.horizon = 72h;
  s.topology.regions = {{"eu", "eu"}, {"in", "in"}, {"br", "br"}};
  s.traffic.daily = {
      .file = {},
      .column = {},
      .clocks = {{.region = "in", .ahead = 5h + 30min}, {.region = "br", .ahead = -(3h)}}};
  const auto strikes = [](std::uint32_t number, Duration when, std::uint32_t region) {
    return Occurrence{0, number, at(when), at(when + 10s), region};
  };
  EXPECT_THAT(occurrences(s),
              ElementsAre(strikes(0, 2h, 0), strikes(2, 5h, 2), strikes(1, 20h + 30min, 1),
                          strikes(3, 26h, 0), strikes(5, 29h, 2), strikes(4, 44h + 30min, 1)));
  s.faults[0].target.region = "br";
  EXPECT_THAT(occurrences(s), ElementsAre(strikes(0, 5h, 2), strikes(1, 29h, 2)));
}

TEST(Plan, NamesWhatIsInForce) {
  const auto all = windows(with_faults({{.name = "a", .at = 10s, .lasts = 10s},
                                        {.name = "b", .at = 15s, .lasts = 10s},
                                        {.name = "c", .at = 16s}}));
  EXPECT_THAT(in_force(all, at(9s)), ElementsAre());
  EXPECT_THAT(in_force(all, at(10s)), ElementsAre("a"));
  EXPECT_THAT(in_force(all, at(16s)), ElementsAre("a", "b", "c"));
  EXPECT_THAT(in_force(all, at(20s)), ElementsAre("b"));
  EXPECT_THAT(in_force(all, at(25s)), ElementsAre());
}

}  // namespace
}  // namespace greytick::faults
