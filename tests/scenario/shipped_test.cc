// What ships loads, and its resolved form is a scenario that says the same.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/scenario/load.h"
#include "sim/scenario/write.h"

namespace greytick::scenario {
namespace {

namespace fs = std::filesystem;

TEST(Shipped, EveryScenarioLoadsAndItsResolvedFormIsEqual) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator("scenarios")) {
    if (entry.path().extension() != ".yaml") continue;
    SCOPED_TRACE(entry.path().string());
    ++count;
    const Loaded loaded = load_file(entry.path());
    ASSERT_TRUE(loaded.scenario.has_value()) << loaded.report.text();
    EXPECT_EQ(loaded.scenario->name, entry.path().stem().string());
    const std::string resolved = write_yaml(*loaded.scenario);
    const Loaded again = load_text("resolved.yaml", resolved, "scenarios");
    ASSERT_TRUE(again.scenario.has_value()) << again.report.text();
    EXPECT_TRUE(*again.scenario == *loaded.scenario);
    EXPECT_EQ(write_yaml(*again.scenario), resolved);
  }
  EXPECT_GE(count, 30U);
}

TEST(Shipped, TheReadmeNamesEveryScenario) {
  std::ifstream in("scenarios/README.md");
  const std::string readme((std::istreambuf_iterator<char>(in)), {});
  for (const auto& entry : fs::directory_iterator("scenarios")) {
    if (entry.path().extension() != ".yaml") continue;
    EXPECT_NE(readme.find("| `" + entry.path().stem().string() + "` |"), std::string::npos)
        << entry.path();
  }
}

TEST(Shipped, AnOverrideWinsOverTheFileAndErrorsSayWhereItStood) {
  const Loaded set =
      load_file("scenarios/quickstart.yaml", {.set = {"horizon=20m"}, .seed = 7, .search = {}});
  ASSERT_TRUE(set.scenario.has_value()) << set.report.text();
  EXPECT_EQ(set.scenario->horizon, std::chrono::minutes(20));
  EXPECT_EQ(set.scenario->seed, 7U);
  const Loaded bad =
      load_file("scenarios/quickstart.yaml", {.set = {"horizon=30"}, .seed = {}, .search = {}});
  EXPECT_FALSE(bad.scenario.has_value());
  EXPECT_NE(bad.report.text().find("--set"), std::string::npos) << bad.report.text();
}

TEST(Shipped, ShortFormsAreWhatTheyStandFor) {
  const Loaded s = load_text("x.yaml",
                             "scenario: x\nusers: 12\ntraffic: {messages: 1/s}\ngates: [no_loss, "
                             "converged, e2e.p99 < 3s]\n",
                             "scenarios");
  ASSERT_TRUE(s.scenario.has_value()) << s.report.text();
  EXPECT_EQ(s.scenario->population.users, 12U);
  ASSERT_EQ(s.scenario->gates.always.size(), 1U);
  EXPECT_EQ(s.scenario->gates.always[0].invariant, Invariant::kNoLoss);
  ASSERT_EQ(s.scenario->gates.eventually.size(), 1U);
  ASSERT_EQ(s.scenario->gates.thresholds.size(), 1U);
  EXPECT_EQ(s.scenario->gates.thresholds[0].metric, "e2e");
}

}  // namespace
}  // namespace greytick::scenario
