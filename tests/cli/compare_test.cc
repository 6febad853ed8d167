// Two scenarios, or two runs, held against each other.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/cli/workers.h"
#include "tests/cli/program.h"

namespace greytick::cli {
namespace {

using Compare = Program;

// Phones that come and go, so that seeds differ; thresholds so that there is something to miss.
constexpr const char* kLively = R"(
scenario: lively
horizon: 2m
users: 60
traffic: {messages: 5/s}
population: {presence: always_online}
gates: [no_loss, no_duplicate]
)";

nlohmann::json metric(const nlohmann::json& told, const std::string& name) {
  for (const auto& m : told["metrics"]) {
    if (m["name"] == name) return m;
  }
  return nullptr;
}

TEST_F(Compare, AScenarioIsNoWorseThanItself) {
  const std::string path = file("a.yaml", kLively);
  const Ran ran = run_program({"compare", path, path, "--seeds", "1..3", "--json", "--quiet"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const auto told = nlohmann::json::parse(ran.out);
  EXPECT_EQ(told["seeds"], nlohmann::json({1, 2, 3}));
  EXPECT_EQ(metric(told, "e2e.p50")["difference"], 0.0);
  EXPECT_EQ(metric(told, "e2e.p50")["half_width"], 0.0);
  EXPECT_EQ(metric(told, "e2e.p50")["pairs"], 3);
}

TEST_F(Compare, ASlowerNetworkIsARegressionOfTheLatenciesAndFasterIsNone) {
  const std::string path = file("a.yaml", kLively);
  const std::vector<std::string> common = {"compare", path,      path,    "--seeds",
                                           "1..3",    "--quiet", "--set", "network=wifi"};
  std::vector<std::string> slower = common;
  slower.insert(slower.end(), {"--set-b", "network=cellular-3g"});
  const Ran ran = run_program(slower);
  EXPECT_EQ(ran.exit_code, 4) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("✗ e2e.p50"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("REGRESSION   exit 4"), std::string::npos) << ran.out;
  // The other way round the same change is an improvement.
  std::vector<std::string> faster = {"compare", path,          path,    "--seeds",
                                     "1..3",    "--quiet",     "--set", "network=cellular-3g",
                                     "--set-b", "network=wifi"};
  EXPECT_EQ(run_program(faster).exit_code, 0);
  // So is a worsening within what is tolerated.
  slower.insert(slower.end(), {"--tolerance", "100%", "--set-b", "network=wifi"});
  EXPECT_EQ(run_program(slower).exit_code, 0);
}

TEST_F(Compare, AGateThatFailsInBAloneIsARegression) {
  const std::string healthy = file("a.yaml", kHealthy);
  const std::string missed =
      file("b.yaml", std::string(kHealthy) + "thresholds: [sent.p50 < 1ns]\n");
  const Ran ran = run_program({"compare", healthy, missed, "--seeds", "4", "--quiet"});
  EXPECT_EQ(ran.exit_code, 4) << ran.out;
  EXPECT_NE(ran.out.find("sent.p50 fails in B with seed 4, and not in A"), std::string::npos)
      << ran.out;
  // What fails in both is old news.
  EXPECT_EQ(run_program({"compare", missed, missed, "--seeds", "4", "--quiet"}).exit_code, 0);
}

TEST_F(Compare, RunFoldersAreComparedWithEachOtherAndWithAScenarioUnderTheirSeed) {
  ASSERT_EQ(run(kLively, {"--seed", "9", "--quiet"}).exit_code, 0);
  EXPECT_EQ(run_program({"compare", latest(), latest(), "--quiet"}).exit_code, 0);
  const std::string path = file("a.yaml", kLively);
  const Ran ran = run_program({"compare", latest(), path, "--json", "--quiet"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const auto told = nlohmann::json::parse(ran.out);
  EXPECT_EQ(told["seeds"], nlohmann::json({9}));
  EXPECT_EQ(metric(told, "sent.p50")["difference"], 0.0);
  EXPECT_TRUE(metric(told, "sent.p50")["half_width"].is_null());
}

TEST_F(Compare, WhatItCannotReadIsToldAsByTheOtherVerbs) {
  const std::string path = file("a.yaml", kLively);
  EXPECT_EQ(run_program({"compare", path, "nowhere.yaml"}).exit_code, 66);
  EXPECT_EQ(run_program({"compare", path, file("bad.yaml", "x: 1\n")}).exit_code, 65);
  EXPECT_EQ(run_program({"compare", path, folder_.string()}).exit_code, 66);
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"--seeds", "5..1"},
                                                {"--tolerance", "5"},
                                                {"--metric", "e2ee.p50"},
                                                {"--jobs", "0"}}) {
    std::vector<std::string> arguments = {"compare", path, path};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    EXPECT_EQ(run_program(arguments).exit_code, 64) << wrong[0];
  }
}

TEST(Workers, AnswersComeBackWholeAndACrashIsNoAnswer) {
  Workers workers(2);
  const std::string large(1'000'000, 'x');
  ASSERT_TRUE(workers.start(0, [&large] { return std::string(large); }));
  ASSERT_TRUE(workers.start(1, []() -> std::string { std::abort(); }));
  EXPECT_TRUE(workers.full());
  for (int i = 0; i < 2; ++i) {
    const Workers::Done done = workers.wait();
    EXPECT_EQ(done.whole, done.id == 0);
    if (done.id == 0) {
      EXPECT_EQ(done.text, large);
    }
  }
  EXPECT_TRUE(workers.idle());
}

}  // namespace
}  // namespace greytick::cli
