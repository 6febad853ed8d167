#include "sim/world/workload.h"

#include <array>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace greytick::world {
namespace {

using namespace model::literals;
using model::Instant;
using scenario::DistSpec;

scenario::Scenario talkers() {
  scenario::Scenario s;
  s.horizon = 24h;
  s.traffic.messages = {2.0};
  return s;
}

std::vector<Instant> starts(Workload& workload) {
  std::vector<Instant> all;
  for (Instant at = workload.next_start({}); at != model::kNever; at = workload.next_start(at)) {
    all.push_back(at);
  }
  return all;
}

TEST(Workload, MessagesComeAtTheirRateWithinTheirTime) {
  scenario::Scenario s = talkers();
  s.traffic.from = 1h;
  s.traffic.until = 5h;
  Workload workload(s, engine::Streams(3));
  const auto all = starts(workload);
  EXPECT_NEAR(static_cast<double>(all.size()), 2.0 * 4 * 3600, 4 * 170);  // four deviations
  EXPECT_GE(all.front(), Instant{1h});
  EXPECT_LT(all.back(), Instant{5h});
}

TEST(Workload, ConversationsStartLessOftenTheLongerTheyAre) {
  scenario::Scenario s = talkers();
  s.traffic.conversation.length = DistSpec::constant_number(8);
  Workload workload(s, engine::Streams(3));
  EXPECT_EQ(workload.length(), 8);
  EXPECT_NEAR(static_cast<double>(starts(workload).size()), 2.0 / 8 * 86'400, 4 * 147);
}

TEST(Workload, TheHoursOfTheDayHaveTheirShares) {
  const std::string path = std::filesystem::temp_directory_path() / "greytick_workload_test.csv";
  {
    std::ofstream out(path);
    out << "hour,weekday\n";
    // Mean 1: silent nights, busy days.
    for (int hour = 0; hour < 24; ++hour) out << hour << ',' << (hour < 12 ? 0.5 : 1.5) << '\n';
  }
  scenario::Scenario s = talkers();
  s.traffic.daily = {.file = {.name = "t.csv", .path = path}, .column = "weekday"};
  Workload workload(s, engine::Streams(3));
  std::array<double, 2> halves{};
  for (const Instant at : starts(workload)) ++halves[at < Instant{12h} ? 0 : 1];
  std::filesystem::remove(path);
  EXPECT_NEAR(halves[0] + halves[1], 2.0 * 86'400, 4 * 416);
  EXPECT_NEAR(halves[1] / halves[0], 3.0, 0.1);
}

TEST(Workload, EachRegionHasItsOwnDay) {
  const std::string path = std::filesystem::temp_directory_path() / "greytick_clocks_test.csv";
  {
    std::ofstream out(path);
    out << "hour,weekday\n";
    for (int hour = 0; hour < 24; ++hour) out << hour << ',' << (hour < 12 ? 0.5 : 1.5) << '\n';
  }
  scenario::Scenario s = talkers();
  s.population.regions = {{"eu", {0.25}}, {"in", {0.5}}, {"br", {0.25}}};
  s.traffic.daily = {.file = {.name = "t.csv", .path = path},
                     .column = "weekday",
                     .clocks = {{"in", 6h}, {"br", -3h}}};
  Workload workload(s, engine::Streams(3));
  std::filesystem::remove(path);
  // By region, and by quarter of the day.
  std::array<std::array<double, 8>, 3> count{};
  for (Instant at = workload.next_start({}); at != model::kNever; at = workload.next_start(at)) {
    ASSERT_TRUE(workload.region().has_value());
    ++count[*workload.region()][static_cast<std::size_t>(at.time_since_epoch() / 3h)];
  }
  const double eighth = 2.0 * 86'400 / 8;
  for (std::size_t i = 0; i < 8; ++i) {
    SCOPED_TRACE(i);
    EXPECT_NEAR(count[0][i], 0.25 * eighth * (i < 4 ? 0.5 : 1.5), 5 * 73);
    EXPECT_NEAR(count[1][i], 0.50 * eighth * (i < 2 || i >= 6 ? 0.5 : 1.5), 5 * 104);
    EXPECT_NEAR(count[2][i], 0.25 * eighth * (i >= 1 && i < 5 ? 0.5 : 1.5), 5 * 73);
  }
}

TEST(Workload, SizesArePaddedAndWrapped) {
  scenario::Scenario s = talkers();
  s.traffic.size = {.unit = scenario::DistUnit::kBytes,
                    .params = {{scenario::DistKey::kValue, 161}}};
  s.traffic.pad_to = {160};
  s.traffic.envelope = {120};
  EXPECT_EQ(Workload(s, engine::Streams(1)).bytes(), 320 + 120);
  s.traffic.pad_to = {0};
  EXPECT_EQ(Workload(s, engine::Streams(1)).bytes(), 161 + 120);
}

TEST(Trace, UsersAreNumberedByTheFirstAppearanceOfTheirNames) {
  const std::string path = std::filesystem::temp_directory_path() / "greytick_trace_test.csv";
  std::ofstream(path) << "t_s,sender,recipient\n0,bob,al\n1.5,al,zoe\r\n1.5,zoe,bob\n";
  const auto rows = read_trace(path);
  std::filesystem::remove(path);
  EXPECT_EQ(rows, (std::vector<Recorded>{
                      {Instant{}, 0, 1}, {Instant{1500ms}, 1, 2}, {Instant{1500ms}, 2, 0}}));
}

}  // namespace
}  // namespace greytick::world
