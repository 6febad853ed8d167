// Each exit code, by running the program.
#include "sim/results/exit_code.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/cli/execute.h"
#include "sim/scenario/load.h"
#include "tests/cli/program.h"

namespace greytick::cli {
namespace {

namespace fs = std::filesystem;
using ExitCode = Program;

TEST_F(ExitCode, ZeroWhenEveryGateHeld) {
  const Ran ran = run(kHealthy);
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_NE(ran.out.find(" PASS  healthy"), std::string::npos);
}

TEST_F(ExitCode, OneWhenAnInvariantWasViolated) {
  const Ran ran = run(kLifo);
  EXPECT_EQ(ran.exit_code, 1) << ran.out << ran.err;
  EXPECT_NE(ran.out.find(" FAIL  lifo"), std::string::npos);
  EXPECT_NE(ran.out.find("greytick explain"), std::string::npos);
}

TEST_F(ExitCode, TwoWhenEvidenceIsMissingUnlessToldOtherwise) {
  const std::string text = std::string(kHealthy) + "invariants: {sometimes: [tombstoned]}\n";
  EXPECT_EQ(run(text).exit_code, 2);
  EXPECT_EQ(run(text, {"--unknown-ok"}).exit_code, 0);
}

TEST_F(ExitCode, ThreeWhenAThresholdWasMissed) {
  const Ran ran = run(std::string(kHealthy) + "thresholds: [sent.p50 < 1ns]\n");
  EXPECT_EQ(ran.exit_code, 3) << ran.out << ran.err;
}

TEST_F(ExitCode, ThreeWhenAThresholdStoppedTheRunWhichKeepsWhatItSaw) {
  const Ran ran =
      run(std::string(kHealthy) +
          "record: {metrics_every: 1s}\nthresholds: [{metric: messages, below: 1, abort_on_fail: "
          "true}]\n");
  EXPECT_EQ(ran.exit_code, 3) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("stopped by abort_on_fail at "), std::string::npos) << ran.out;
  const auto manifest = nlohmann::json::parse(read(fs::path(latest()) / "manifest.json"));
  EXPECT_EQ(manifest["ending"], "aborted");
  EXPECT_EQ(manifest["verdict"], "FAIL");
  EXPECT_EQ(manifest["simulated_ns"].get<std::int64_t>() % 1'000'000'000, 0);
  const auto summary = nlohmann::json::parse(read(fs::path(latest()) / "summary.json"));
  EXPECT_GE(summary["counts"]["messages"], 1);
  // The same instant again, whatever the machine does meanwhile.
  EXPECT_EQ(run_program({"replay", latest(), "--quiet"}).exit_code, 0);
}

TEST_F(ExitCode, OneBeforeThree) {
  EXPECT_EQ(run(std::string(kLifo) + "thresholds: [messages > 2]\n").exit_code, 1);
}

TEST_F(ExitCode, FiveWhenARunCannotBeRepeated) {
  ASSERT_EQ(run(kHealthy).exit_code, 0);
  EXPECT_EQ(run_program({"replay", latest(), "--quiet"}).exit_code, 0);
  const fs::path manifest = fs::path(latest()) / "manifest.json";
  auto json = nlohmann::json::parse(read(manifest));
  json["fingerprint"] = "0123456789abcdef";
  std::ofstream(manifest) << json;
  EXPECT_EQ(run_program({"replay", latest(), "--quiet"}).exit_code, 5);
  EXPECT_EQ(run_program({"explain", latest()}).exit_code, 5);
}

TEST_F(ExitCode, SixtyFourOnWrongUsage) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"frobnicate"},
                                                    {"run"},
                                                    {"run", "x.yaml", "--frobnicate"},
                                                    {"run", "x.yaml", "--seed", "many"},
                                                    {"run", "x.yaml", "--seeds", "5..1"},
                                                    {"run", "x.yaml", "--budget", "cheap"},
                                                    {"validate", "x.yaml", "--format", "prose"}}) {
    const Ran ran = run_program(arguments);
    EXPECT_EQ(ran.exit_code, 64) << ran.err;
    EXPECT_NE(ran.err, "");
  }
}

TEST_F(ExitCode, SixtyFiveOnAnInvalidScenario) {
  const Ran ran = run("scenario: bad\nfrobnicate: 1\n");
  EXPECT_EQ(ran.exit_code, 65);
  EXPECT_NE(ran.err.find("scenario.yaml:2:1: error:"), std::string::npos) << ran.err;
  EXPECT_FALSE(fs::exists(runs()));
}

TEST_F(ExitCode, SixtyFiveOnADamagedRunFolder) {
  ASSERT_EQ(run(kHealthy).exit_code, 0);
  std::ofstream(fs::path(latest()) / "manifest.json") << R"({"schema_version": 1})";
  const Ran ran = run_program({"replay", latest()});
  EXPECT_EQ(ran.exit_code, 65);
  EXPECT_NE(ran.err.find("'fingerprint' is missing"), std::string::npos) << ran.err;
}

TEST_F(ExitCode, SixtySixWhenTheInputIsMissing) {
  EXPECT_EQ(run_program({"run", (folder_ / "none.yaml").string()}).exit_code, 66);
  EXPECT_EQ(run_program({"validate", (folder_ / "none.yaml").string()}).exit_code, 66);
  EXPECT_EQ(run_program({"replay", (folder_ / "none").string()}).exit_code, 66);
  EXPECT_EQ(run_program({"explain", (folder_ / "none").string()}).exit_code, 66);
}

TEST_F(ExitCode, SeventyOnAnInternalError) {
#ifdef GREYTICK_TEST_SANITIZED
  GTEST_SKIP() << "a sanitizer's allocator ends the program by itself when memory is out";
#endif
  // More phones than any memory holds.
  const Ran ran = run(kHealthy, {"--set", "population.users=4000000000", "--budget", "none"});
  EXPECT_EQ(ran.exit_code, 70) << ran.out << ran.err;
  EXPECT_NE(ran.err.find("internal error"), std::string::npos);
  EXPECT_TRUE(fs::is_empty(runs()));
}

TEST_F(ExitCode, SeventyThreeWhenResultsCannotBeWritten) {
  const std::string scenario = file("scenario.yaml", kHealthy);
  const Ran ran = run_program({"run", scenario, "--out", scenario + "/runs"});
  EXPECT_EQ(ran.exit_code, 73);
  EXPECT_NE(ran.err.find("cannot make the folder"), std::string::npos) << ran.err;
}

TEST_F(ExitCode, SeventyThreeLeavesNothingHalfNamed) {
  // A folder that is no link stands where `latest` should be, so the last step fails.
  fs::create_directories(fs::path(latest()) / "in the way");
  EXPECT_EQ(run(kHealthy).exit_code, 73);
  for (const auto& entry : fs::directory_iterator(runs())) {
    EXPECT_FALSE(entry.path().filename().string().starts_with(".")) << entry.path();
  }
}

TEST_F(ExitCode, SeventyFiveBeforeTheStartNothingWasRun) {
  const Ran ran = run(kHealthy, {"--budget", "1us"});
  EXPECT_EQ(ran.exit_code, 75);
  EXPECT_NE(ran.err.find("nothing was run"), std::string::npos);
  EXPECT_FALSE(fs::exists(runs()));
}

TEST_F(ExitCode, HundredThirtyKeepsPartialResultsThatReplay) {
  const Ran ran =
      run_program({"run", file("long.yaml", kHealthy), "--out", runs(), "--set", "horizon=100m",
                   "--set", "script[2].count=500k", "--set", "script[2].every=10ms"},
                  " 1% ");
  EXPECT_EQ(ran.exit_code, 130) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("interrupted at"), std::string::npos);
  const auto manifest = nlohmann::json::parse(read(fs::path(latest()) / "manifest.json"));
  EXPECT_EQ(manifest["ending"], "interrupted");
  EXPECT_EQ(run_program({"replay", latest(), "--quiet"}).exit_code, 0);
}

// The estimate refuses what would surely take too long, so a budget that runs out on the way is
// shown one level below.
TEST(Budget, ThatRunsOutOnTheWayKeepsWhatWasSeen) {
  const scenario::Loaded loaded = scenario::load_text("healthy", kHealthy);
  ASSERT_TRUE(loaded.scenario);
  results::Metrics metrics(*loaded.scenario, {});
  const Execution done = execute(*loaded.scenario, metrics, {.budget_seconds = 0.0});
  EXPECT_EQ(done.ending, results::Ending::kBudget);
  const results::Judged judged =
      results::judge(*loaded.scenario, done.findings, metrics, done.ending, {});
  EXPECT_EQ(judged.exit_code, results::kExitBudget);
}

}  // namespace
}  // namespace greytick::cli
