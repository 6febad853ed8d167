// The built-in access networks that claim to be measured, against the tables they come from.
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sim/net/law.h"
#include "sim/scenario/access_profiles.h"
#include "sim/scenario/data_check.h"
#include "sim/scenario/load.h"
#include "tests/net/scenario.h"
#include "tests/net/table.h"

namespace greytick::net {
namespace {

constexpr std::array kMeasured = {"5g-static", "5g-driving", "lte-driving", "hspa-driving"};

scenario::Access loaded(const std::string& name) {
  const scenario::Loaded loaded = scenario::load_text(
      "test.yaml",
      "scenario: access\ntraffic: {messages: 1/s}\nnetwork: {assign: {" + name + ": 100%}}\n",
      "scenarios");
  EXPECT_TRUE(loaded.scenario.has_value());
  for (const scenario::Diagnostic& d : loaded.report.sorted()) ADD_FAILURE() << d.message;
  if (!loaded.scenario) return {};
  return loaded.scenario->network.access.at(0);
}

TEST(MeasuredAccess, DrawsHaveTheQuantilesOfTheTable) {
  const auto table = read_columns("scenarios/data/access_quantiles.csv");
  std::size_t laws = 0;
  for (const char* name : kMeasured) {
    const scenario::Access access = loaded(name);
    ASSERT_TRUE(access.stalls.has_value());
    ASSERT_TRUE(access.handoff.has_value());
    for (const scenario::DistSpec& spec :
         {access.rtt, access.stalls->lasts, access.handoff->every, access.handoff->gap}) {
      if (spec.kind != scenario::DistKind::kEmpirical) continue;
      SCOPED_TRACE(std::string(name) + " " + spec.column);
      ++laws;
      const Law law(spec);
      engine::Stream stream(1, engine::Purpose::kTest, laws);
      std::vector<double> draws(100'000);
      for (double& d : draws) d = law.sample(stream);
      std::ranges::sort(draws);
      const double unit = spec.column.ends_with("ms") ? 1e6 : 1e9;
      const auto& qs = table.at("q");
      const auto& values = table.at(spec.column);
      ASSERT_EQ(qs.size(), values.size());
      for (std::size_t i = 0; i < qs.size(); ++i) {
        const double q = number(qs[i]);
        const double value =
            std::max(number(values[i]) * unit, spec.get(scenario::DistKey::kMin, 0));
        EXPECT_NEAR(law.quantile(q), value, 1e-9 * value) << "q " << q;
        // At the ends, and beyond 0.95 where a step of q spans much, a sample may miss the value.
        if (q < 0.05 || q > 0.95) continue;
        const double drawn = draws[static_cast<std::size_t>(q * 99'999)];
        EXPECT_NEAR(drawn, value, 0.06 * value) << "q " << q;
      }
      EXPECT_GE(draws.front(), law.quantile(0));
      EXPECT_LE(draws.back(), law.quantile(1));
    }
  }
  EXPECT_EQ(laws, 4U * 3 + 3);
}

TEST(MeasuredAccess, RatesAndLossAreThoseOfTheTable) {
  const auto table = read_columns("scenarios/data/access_rates.csv");
  ASSERT_EQ(table.at("profile").size(), kMeasured.size());
  for (std::size_t i = 0; i < kMeasured.size(); ++i) {
    SCOPED_TRACE(kMeasured[i]);
    const auto of = [&](const char* column) { return number(table.at(column).at(i)); };
    ASSERT_EQ(table.at("profile")[i], kMeasured[i]);
    const scenario::Access access = loaded(kMeasured[i]);

    // All or nothing is lost, so the share of time in the bad state is the loss; and a burst of
    // five sees none when it begins in the good state and stays there four times.
    const scenario::Loss& loss = access.loss;
    EXPECT_EQ(loss.loss_bad.value, 1);
    EXPECT_EQ(loss.loss_good.value, 0);
    const double bad = loss.to_bad.value / (loss.to_bad.value + loss.to_good.value);
    EXPECT_NEAR(bad, of("loss"), 0.003 * of("loss"));
    EXPECT_NEAR(1 - (1 - bad) * std::pow(1 - loss.to_bad.value, 4), of("bursts_with_loss"),
                0.003 * of("bursts_with_loss"));

    EXPECT_NEAR(Law(access.stalls->every).quantile(0.5) / 1e9,
                3600 / of("stalls_per_hour") * std::log(2), 0.01);
    EXPECT_EQ(static_cast<double>(access.down.bits_per_second), of("down_kbps_median") * 1000);
  }
  // Of the phone that lay still the table has a rate alone.
  EXPECT_NEAR(Law(loaded("5g-static").handoff->every).quantile(0.5) / 3600e9,
              std::log(2) / number(table.at("switches_per_hour")[0]), 0.001);
}

TEST(MeasuredAccess, ARoundTripHoldsForBothWaysUntilItsTimeIsOver) {
  scenario::Scenario s = plain_scenario();
  scenario::Access& access = s.network.access[0];
  access.rtt = {.kind = scenario::DistKind::kUniform,
                .params = {{scenario::DistKey::kLow, 1e6}, {scenario::DistKey::kHigh, 1e9}}};
  access.down = access.up = {1'000'000'000'000};
  access.holds = 100s;
  Network network(s, engine::Streams(1));
  Dialled d = network.dial(model::ConnectionId(1), device(1), gateway(0), Instant{});
  const auto takes = [&](Way way, model::Instant now) {
    return network.send(d.connection, way, 1, now).at - now;
  };
  const model::Duration first = takes(Way::kUp, Instant{} + 20s);
  EXPECT_EQ(takes(Way::kDown, Instant{} + 50s), first);
  EXPECT_EQ(takes(Way::kUp, Instant{} + 99s), first);
  const model::Duration second = takes(Way::kDown, Instant{} + 101s);
  EXPECT_NE(second, first);
  EXPECT_EQ(takes(Way::kUp, Instant{} + 150s), second);
  // Each connection has its own.
  Dialled other = network.dial(model::ConnectionId(2), device(2), gateway(0), Instant{});
  EXPECT_NE(network.send(other.connection, Way::kUp, 1, Instant{} + 150s).at - Instant{} - 150s,
            second);
}

TEST(QuantileTables, AreRefusedWhereTheyAreNone) {
  const std::string path = std::filesystem::temp_directory_path() / "greytick_q_table.csv";
  for (const auto& [rows, problem] : {std::pair{"0,1\n0.5,2\n1,2\n", ""},
                                      {"0.1,1\n1,2\n", "q is '0.1'"},
                                      {"0,1\n0.5,2\n0.5,3\n1,4\n", "q is '0.5'"},
                                      {"0,1\n1.5,2\n", "q is '1.5'"},
                                      {"0,1\n0.9,2\n", "ends before q = 1"},
                                      {"0,3\n1,2\n", "'2' is less than"}}) {
    SCOPED_TRACE(rows);
    std::ofstream(path) << "q,x_ms\n" << rows;
    const auto found = scenario::check_column(path, "x_ms");
    EXPECT_EQ(found.has_value(), *problem != 0);
    if (!found) continue;
    EXPECT_NE(found->message.find(problem), std::string::npos) << found->message;
  }
  std::filesystem::remove(path);
}

TEST(MeasuredAccess, ATableThatIsNotThereIsSaidSo) {
  const scenario::Loaded loaded = scenario::load_text(
      "test.yaml",
      "scenario: access\ntraffic: {messages: 1/s}\nnetwork: {assign: {5g-static: 100%}}\n",
      "tests/net");
  EXPECT_FALSE(loaded.scenario.has_value());
  ASSERT_EQ(loaded.report.sorted().size(), 1U);
  EXPECT_NE(loaded.report.sorted()[0].message.find("cannot find"), std::string::npos);
}

}  // namespace
}  // namespace greytick::net
