// A sweep: its points, its seeds, its table, and going on where it was.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace greytick::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLively = R"(
scenario: lively
seed: 3
horizon: 1m
users: 40
traffic: {messages: 5/s}
population: {presence: always_online}
gates: [no_loss, no_duplicate]
)";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == '\n') {
      out.emplace_back();
    } else {
      out.back().push_back(c);
    }
  }
  out.pop_back();
  return out;
}

class SweepOf : public Program {
 protected:
  Ran sweep(const std::string& plan, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"sweep", file("s.yaml", std::string(kLively) + plan),
                                          "--out", runs()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  // The one folder under sweeps/.
  fs::path folder() const { return *fs::directory_iterator(fs::path(runs()) / "sweeps"); }
};

constexpr const char* kTwoAxes =
    "sweep: {axes: {network: [wifi, cellular-3g], users: {from: 20, to: 40, step: 20}}, repeat: "
    "2}\n";

TEST_F(SweepOf, EveryCombinationIsRunWithTheSameSeeds) {
  const Ran ran = sweep(kTwoAxes, {"--json", "--quiet"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const auto told = nlohmann::json::parse(ran.out);
  ASSERT_EQ(told["points"].size(), 4U);
  const char* const kExpected[4][2] = {
      {"wifi", "20"}, {"wifi", "40"}, {"cellular-3g", "20"}, {"cellular-3g", "40"}};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& point = told["points"][i];
    EXPECT_EQ(point["values"]["network"], kExpected[i][0]);
    EXPECT_EQ(point["values"]["users"], kExpected[i][1]);
    ASSERT_EQ(point["runs"].size(), 2U);
    EXPECT_EQ(point["runs"][0]["seed"], 3);
    EXPECT_EQ(point["runs"][1]["seed"], 4);
    EXPECT_EQ(point["enough"], true);
  }
  EXPECT_GT(told["points"][2]["metrics"]["e2e.p50"]["mean"],
            told["points"][0]["metrics"]["e2e.p50"]["mean"]);
}

TEST_F(SweepOf, APointIsTheRunThatRunWouldMake) {
  const Ran ran = sweep(kTwoAxes, {"--json", "--quiet"});
  ASSERT_EQ(
      run(kLively, {"--seed", "4", "--set", "network=cellular-3g", "--set", "users=20"}).exit_code,
      0);
  const auto manifest = nlohmann::json::parse(read(fs::path(latest()) / "manifest.json"));
  EXPECT_EQ(nlohmann::json::parse(ran.out)["points"][2]["runs"][1]["fingerprint"],
            manifest["fingerprint"]);
}

TEST_F(SweepOf, SeedsDifferWithoutCommonRandomNumbers) {
  const Ran ran =
      sweep("sweep: {axes: {users: [20, 30]}, repeat: 1, common_random_numbers: false}\n",
            {"--json", "--quiet"});
  const auto told = nlohmann::json::parse(ran.out);
  EXPECT_NE(told["points"][0]["runs"][0]["seed"], told["points"][1]["runs"][0]["seed"]);
}

TEST_F(SweepOf, TheTableDoesNotDependOnHowManyRunAtATime) {
  const std::string plan =
      "sweep: {axes: {network: [wifi, cellular-3g]}, repeat: {min: 2, max: 12, until: {metric: "
      "e2e.p50, relative_ci: 3%}}}\n";
  const Ran one = sweep(plan, {"--json", "--quiet", "--jobs", "1"});
  ASSERT_EQ(one.exit_code, 0) << one.err;
  fs::remove_all(runs());
  const Ran three = sweep(plan, {"--json", "--quiet", "--jobs", "3"});
  EXPECT_EQ(one.out, three.out);
  // Both points took more seeds than the least, and stopped when their interval was narrow enough.
  const auto table = nlohmann::json::parse(one.out);
  for (const auto& point : table["points"]) {
    const auto& metric = point["metrics"]["e2e.p50"];
    const std::size_t seeds = point["runs"].size();
    EXPECT_GE(seeds, 2U);
    const bool narrow = metric["half_width"].get<double>() <= 0.03 * metric["mean"].get<double>();
    EXPECT_EQ(point["enough"].get<bool>(), narrow);
    EXPECT_TRUE(narrow || seeds == 12U) << seeds;
  }
}

TEST_F(SweepOf, GoesOnWhereItWas) {
  const Ran first = sweep(kTwoAxes);
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_NE(first.err.find(" 8 runs, 0 found from before"), std::string::npos) << first.err;
  const std::string table = read(folder() / "points.csv");
  EXPECT_EQ(lines_of(table).size(), 5U);
  EXPECT_TRUE(table.starts_with("network,users,seeds,passed,enough,")) << table;
  // One trial is lost, and one was cut while it was written.
  std::vector<fs::path> trials;
  for (const auto& entry : fs::directory_iterator(folder() / "trials"))
    trials.push_back(entry.path());
  ASSERT_EQ(trials.size(), 8U);
  fs::remove(trials[0]);
  fs::resize_file(trials[1], fs::file_size(trials[1]) / 2);
  // And one is of another program, which may have judged otherwise.
  const std::string theirs = read(trials[2]);
  file(fs::relative(trials[2], folder_).string(),
       "// another program -" + theirs.substr(theirs.find('\n')));
  const Ran second = sweep(kTwoAxes);
  EXPECT_NE(second.err.find(" 3 runs, 5 found from before"), std::string::npos) << second.err;
  EXPECT_EQ(read(folder() / "points.csv"), table);
  EXPECT_EQ(second.out, first.out);
}

TEST_F(SweepOf, AnInterruptedOneKeepsWhatIsDone) {
  const std::string plan = "sweep: {axes: {users: [20, 30, 40, 50]}, repeat: 40}\n";
  std::vector<std::string> arguments = {
      "sweep", file("s.yaml", std::string(kLively) + plan), "--out", runs(), "--jobs", "1"};
  const Ran ran = run_program(arguments, " run 3 ");
  EXPECT_EQ(ran.exit_code, 130) << ran.err;
  const auto kept = std::distance(fs::directory_iterator(folder() / "trials"), {});
  EXPECT_GE(kept, 3);
  EXPECT_LT(kept, 160);
  EXPECT_NE(ran.out.find("* fewer seeds"), std::string::npos) << ran.out;
}

TEST_F(SweepOf, FailFastStopsAtTheFirstThatDoesNotPass) {
  const std::string plan =
      "thresholds: [sent.p50 < 1ns]\nsweep: {axes: {users: [20, 30, 40]}, repeat: 3}\n";
  const Ran fast = sweep(plan, {"--fail-fast", "--jobs", "1"});
  EXPECT_EQ(fast.exit_code, 3) << fast.out;
  EXPECT_NE(fast.err.find(" 1 runs, 0 found"), std::string::npos) << fast.err;
  const Ran whole = sweep(plan, {"--jobs", "2"});
  EXPECT_EQ(whole.exit_code, 3);
  EXPECT_NE(whole.err.find(" 8 runs, 1 found"), std::string::npos) << whole.err;
}

TEST_F(SweepOf, AnAxisOfTheCommandLineComesOnTop) {
  const Ran ran = sweep("", {"--axis", "client.backoff.jitter=[none, full]", "--json", "--quiet",
                             "--set", "horizon=10s"});
  ASSERT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_EQ(nlohmann::json::parse(ran.out)["points"].size(), 2U);
}

TEST_F(SweepOf, WhatIsWrongIsToldBeforeAnythingRuns) {
  EXPECT_EQ(sweep("").exit_code, 65);
  const Ran bad_key = sweep("sweep: {axes: {no.such.key: [1]}}\n");
  EXPECT_EQ(bad_key.exit_code, 65);
  EXPECT_NE(bad_key.err.find("unknown key 'no'"), std::string::npos) << bad_key.err;
  EXPECT_EQ(sweep("sweep: {axes: {users: [20, many]}}\n").exit_code, 65);
  EXPECT_EQ(sweep("sweep: {axes: {users: [20]}}\n", {"--seed", "1", "--axis", "users"}).exit_code,
            64);
  EXPECT_EQ(sweep("sweep: {axes: {users: [20]}}\n", {"--set", "seed=random"}).exit_code, 65);
  EXPECT_EQ(run_program({"sweep", "nowhere.yaml"}).exit_code, 66);
  const std::string path = file("t.yaml", std::string(kLively) + "sweep: {axes: {users: [20]}}\n");
  EXPECT_EQ(run_program({"sweep", path, "--out", "/proc/nowhere"}).exit_code, 73);
  EXPECT_FALSE(fs::exists(fs::path(runs())));
}

TEST_F(SweepOf, PointsWhereTheConstraintFailsAreLeftOut) {
  const Ran ran = sweep(
      "sweep: {axes: {users: [20, 30, 40]}, constraint: users != 30, repeat: 1}\n", {"--json"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const auto told = nlohmann::json::parse(ran.out);
  ASSERT_EQ(told["points"].size(), 2U);
  EXPECT_EQ(told["points"][1]["values"]["users"], "40");
  EXPECT_NE(ran.err.find("1 left out by the constraint"), std::string::npos) << ran.err;
  EXPECT_EQ(sweep("sweep: {axes: {users: [20]}, constraint: users > 30}\n").exit_code, 65);
}

TEST_F(SweepOf, ZippedAxesMakeOnePointAValue) {
  const Ran ran = sweep(
      "sweep: {axes: {users: [20, 30], network: [wifi, cellular-3g]}, zip: [users, network], "
      "repeat: 1}\n",
      {"--json", "--quiet"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const auto told = nlohmann::json::parse(ran.out);
  ASSERT_EQ(told["points"].size(), 2U);
  EXPECT_EQ(told["points"][1]["values"]["network"], "cellular-3g");
}

TEST_F(SweepOf, ShardsShareThePointsAndTheWholeIsMadeOfThem) {
  const std::string plan = "sweep: {axes: {users: [20, 30, 40]}, repeat: 2}\n";
  const Ran first = sweep(plan, {"--shard", "1/2", "--jobs", "1"});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_NE(first.err.find("4 runs, 0 found"), std::string::npos) << first.err;
  const Ran second = sweep(plan, {"--shard", "2/2", "--jobs", "1"});
  ASSERT_EQ(second.exit_code, 0) << second.err;
  EXPECT_NE(second.err.find("2 runs, 0 found"), std::string::npos) << second.err;
  EXPECT_TRUE(fs::exists(folder() / "points-1of2.csv"));
  EXPECT_TRUE(fs::exists(folder() / "points-2of2.csv"));
  const Ran whole = sweep(plan, {"--jobs", "1"});
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_NE(whole.err.find("0 runs, 6 found"), std::string::npos) << whole.err;
  EXPECT_TRUE(fs::exists(folder() / "points.csv"));
}

TEST_F(SweepOf, AShardIsOneOfSo) {
  for (const char* shard : {"3/2", "0/2", "x", "1/0", "1"}) {
    EXPECT_EQ(sweep("sweep: {axes: {users: [20]}}\n", {"--shard", shard}).exit_code, 64) << shard;
  }
}

TEST_F(SweepOf, ARunThatAThresholdStoppedIsARun) {
  const std::string plan =
      "thresholds: [{metric: messages, below: 10, abort_on_fail: true}]\n"
      "sweep: {axes: {users: [20, 30]}, repeat: 1}\n";
  EXPECT_EQ(sweep(plan, {"--jobs", "1"}).exit_code, 3);
  const Ran again = sweep(plan, {"--jobs", "1"});
  EXPECT_EQ(again.exit_code, 3);
  EXPECT_NE(again.err.find("0 runs, 2 found"), std::string::npos) << again.err;
}

}  // namespace
}  // namespace greytick::cli
