// What the verbs print and leave behind.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include "tests/cli/program.h"

namespace greytick::cli {
namespace {

namespace fs = std::filesystem;
using Cli = Program;

TEST_F(Cli, ARunFolderHoldsEveryFileAndALink) {
  ASSERT_EQ(run(kHealthy, {"--history"}).exit_code, 0);
  for (const char* name :
       {"manifest.json", "resolved.yaml", "summary.json", "summary.md", "junit.xml", "run.sqlite",
        "latency.hlog", "log.txt", "history.ndjson"}) {
    EXPECT_GT(fs::file_size(fs::path(latest()) / name), 0U) << name;
  }
  EXPECT_TRUE(fs::is_symlink(latest()));
  EXPECT_EQ(std::ranges::count(read(fs::path(latest()) / "history.ndjson"), '\n') > 30, true);
}

TEST_F(Cli, ResolvedYamlReproducesTheFingerprint) {
  ASSERT_EQ(run(kHealthy, {"--seed", "7"}).exit_code, 0);
  const auto first = nlohmann::json::parse(read(fs::path(latest()) / "manifest.json"));
  EXPECT_EQ(first["seed"], 7);
  const std::string resolved = (fs::path(latest()) / "resolved.yaml").string();
  ASSERT_EQ(run_program({"run", resolved, "--out", runs(), "--quiet"}).exit_code, 0);
  const auto second = nlohmann::json::parse(read(fs::path(latest()) / "manifest.json"));
  EXPECT_EQ(first["fingerprint"], second["fingerprint"]);
  EXPECT_EQ(first["scenario_hash"], second["scenario_hash"]);
}

TEST_F(Cli, TheDatabaseHoldsGatesAndHistograms) {
  ASSERT_EQ(run(std::string(kHealthy) + "thresholds: [sent.p50 < 1s]\n").exit_code, 0);
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open((fs::path(latest()) / "run.sqlite").c_str(), &db), SQLITE_OK);
  const auto count = [db](const char* sql) {
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(db, sql, -1, &statement, nullptr), SQLITE_OK) << sql;
    EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW);
    const auto value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
  };
  EXPECT_EQ(count("SELECT count(*) FROM gates WHERE verdict = 'PASS'"), 4);
  EXPECT_EQ(count("SELECT sum(count) FROM histograms WHERE metric = 'all' AND ended = 1"), 30);
  EXPECT_EQ(count("SELECT value FROM counters WHERE name = 'messages'"), 30);
  EXPECT_EQ(count("SELECT count(*) FROM series"), 6);
  EXPECT_EQ(count("SELECT count(*) FROM slowest"), 30);
  sqlite3_close(db);
}

TEST_F(Cli, JsonAloneIsOnStdout) {
  const Ran ran = run(kHealthy, {"--json"});
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_EQ(json["verdict"], "PASS");
  EXPECT_EQ(json["counts"]["messages"], 30);
}

// The gate of the sketches in summary.json; null when there is none.
nlohmann::json sketches_of(const std::string& summary) {
  const nlohmann::json json = nlohmann::json::parse(summary);
  for (const nlohmann::json& gate : json.at("gates")) {
    if (gate.at("kind") == "second") return gate;
  }
  return nullptr;
}

TEST_F(Cli, TheSketchesAreALineOfTheirOwnEverywhere) {
  const Ran ran = run(kHealthy);
  EXPECT_NE(ran.out.find(" ✓ sketches "), std::string::npos) << ran.out;
  const nlohmann::json gate = sketches_of(read(fs::path(latest()) / "summary.json"));
  ASSERT_FALSE(gate.is_null());
  EXPECT_EQ(gate["value"], "30 copies");
  EXPECT_EQ(gate["limit"], "agree");
  EXPECT_EQ(gate["verdict"], "PASS");
  for (const char* file : {"junit.xml", "summary.md", "report.html", "log.txt"}) {
    EXPECT_NE(read(fs::path(latest()) / file).find("sketches"), std::string::npos) << file;
  }
  const Ran without = run(kHealthy, {"--set", "oracle.sketches=false"});
  EXPECT_EQ(without.out.find("sketches"), std::string::npos) << without.out;
  EXPECT_TRUE(sketches_of(read(fs::path(latest()) / "summary.json")).is_null());
}

TEST_F(Cli, TheSketchesNameWhatIsLostAndExplainFindsIt) {
  // Crash after the insert and before the list: lost for good.
  const Ran must = run_program({"run", "scenarios/naive_r5.yaml", "--out", runs(), "--json"});
  EXPECT_EQ(must.exit_code, 0) << must.out << must.err;
  const nlohmann::json gate = sketches_of(must.out);
  ASSERT_FALSE(gate.is_null());
  EXPECT_EQ(gate["verdict"], "PASS");  // it must be lost, and the judge misses it too
  EXPECT_GE(gate["violated"], 1);
  EXPECT_NE(gate["first"]["text"].get<std::string>().find("never arrived: message "),
            std::string::npos);
  EXPECT_EQ(run_program({"explain", latest(), "--gate", "sketches"}).exit_code, 0);
}

TEST_F(Cli, APipeSeesNoEscapesAndProgressAtFixedPlaces) {
  const Ran ran = run(kHealthy);
  EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);
  EXPECT_EQ(ran.err.find('\x1b'), std::string::npos);
  for (const char* place : {" 1% ", "10%", "25%", "50%", "75%", "100%"}) {
    EXPECT_NE(ran.err.find(place), std::string::npos) << place << "\n" << ran.err;
  }
  EXPECT_EQ(run(kHealthy, {"--quiet"}).err, "");
}

TEST_F(Cli, SeedsPrintALineEachAndIntervals) {
  const Ran ran = run(kHealthy, {"--seeds", "1..5"});
  EXPECT_EQ(ran.exit_code, 0);
  for (const char* line : {"seed 1 ", "seed 5 ", "5 of 5 seeds passed", "sent.p50"}) {
    EXPECT_NE(ran.out.find(line), std::string::npos) << line << "\n" << ran.out;
  }
  const auto json = nlohmann::json::parse(run(kHealthy, {"--seeds", "1..3", "--json"}).out);
  EXPECT_EQ(json["runs"].size(), 3U);
  EXPECT_EQ(json["intervals"]["sent.p50"]["seeds"], 3);
}

TEST_F(Cli, AScenarioThatMustFailPassesAndNamesItsFirstOffender) {
  const Ran ran = run(std::string(kLifo) + "expect: {violates: [offline_flush]}\n");
  EXPECT_EQ(ran.exit_code, 0) << ran.out;
  EXPECT_NE(ran.out.find("the first at"), std::string::npos) << ran.out;
  const Ran held = run(std::string(kHealthy) + "expect: {violates: [offline_flush]}\n");
  EXPECT_EQ(held.exit_code, 1) << held.out;
}

TEST_F(Cli, ExplainTellsTheChainOfAMessageAndOfAViolation) {
  ASSERT_EQ(run(kLifo).exit_code, 1);
  const Ran gate = run_program({"explain", latest(), "--gate", "I5"});
  EXPECT_EQ(gate.exit_code, 0) << gate.err;
  EXPECT_NE(gate.out.find("offline_flush was violated"), std::string::npos) << gate.out;
  const Ran message = run_program({"explain", latest(), "--msg", "1:1:1", "--json"});
  ASSERT_EQ(message.exit_code, 0) << message.err;
  const auto hops = nlohmann::json::parse(message.out)["hops"];
  EXPECT_EQ(hops[0]["what"], "created on device 1");
  EXPECT_TRUE(std::ranges::any_of(
      hops, [](const auto& hop) { return hop["what"] == "durable on device 0"; }));
  EXPECT_EQ(run_program({"explain", latest(), "--msg", "1:1:99"}).exit_code, 66);
  EXPECT_EQ(run_program({"explain", latest(), "--msg", "nonsense"}).exit_code, 64);
}

// The first facts are two logins; the third is a message, sealed under a key of the seed.
TEST_F(Cli, ReplayNamesTheFirstFactThatDiffers) {
  ASSERT_EQ(run(kHealthy, {"--history"}).exit_code, 0);
  ASSERT_EQ(run_program({"replay", latest(), "--quiet"}).exit_code, 0);
  // Another seed is another run, so it stands for one that was not deterministic.
  const fs::path resolved = fs::path(latest()) / "resolved.yaml";
  std::string text = read(resolved);
  text.replace(text.find("seed: 1"), 7, "seed: 2");
  fs::permissions(resolved, fs::perms::owner_all);
  file("runs/latest/resolved.yaml", text);
  const Ran ran = run_program({"replay", latest(), "--quiet"});
  EXPECT_EQ(ran.exit_code, 5);
  EXPECT_NE(ran.out.find("fact 3 differs"), std::string::npos) << ran.out;
}

TEST_F(Cli, RunsAreListedAndPruned) {
  for (const char* seed : {"1", "2", "3"}) {
    ASSERT_EQ(run(kHealthy, {"--seed", seed, "--quiet"}).exit_code, 0);
  }
  const auto listed = nlohmann::json::parse(run_program({"runs", "--out", runs(), "--json"}).out);
  EXPECT_EQ(listed.size(), 3U);
  EXPECT_EQ(run_program({"runs", "--out", runs(), "prune", "--keep", "1"}).exit_code, 0);
  const auto kept = nlohmann::json::parse(run_program({"runs", "--out", runs(), "--json"}).out);
  EXPECT_EQ(kept.size(), 1U);
  EXPECT_TRUE(fs::exists(latest()));
}

TEST_F(Cli, ValidateRunsNothingAndPrintsTheResolvedScenario) {
  const std::string scenario = file("scenario.yaml", kHealthy);
  EXPECT_EQ(run_program({"validate", scenario}).exit_code, 0);
  const Ran yaml = run_program({"validate", scenario, "--resolved", "yaml"});
  const Ran again = run_program({"validate", file("again.yaml", yaml.out), "--resolved", "yaml"});
  EXPECT_EQ(yaml.out, again.out);
  const auto json =
      nlohmann::json::parse(run_program({"validate", scenario, "--resolved", "json"}).out);
  EXPECT_EQ(json["scenario"], "healthy");
  const auto bad = nlohmann::json::parse(
      run_program({"validate", file("bad.yaml", "x: 1\n"), "--format", "json"}).out);
  EXPECT_FALSE(bad["errors"].empty());
}

TEST_F(Cli, ANewScenarioRunsAsItIsAndIsNotWrittenTwice) {
  const std::string folder = folder_.string();
  const Ran made = run_program({"new", "mine", "--out", folder});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const std::string path = (folder_ / "mine.yaml").string();
  EXPECT_NE(made.out.find("greytick run " + path), std::string::npos) << made.out;
  const Ran ran = run_program({"run", path, "--out", runs(), "--quiet"});
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_EQ(run_program({"new", "mine", "--out", folder}).exit_code, 73);
  EXPECT_EQ(run_program({"new", "../mine", "--out", folder}).exit_code, 64);
  EXPECT_EQ(run_program({"new", "mine", "--out", folder + "/nowhere"}).exit_code, 73);
}

TEST_F(Cli, TheShippedScenariosAreListedWithWhatTheySay) {
  const Ran text = run_program({"scenarios", "--list"});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_NE(text.out.find(" quickstart              Twenty thousand phones"), std::string::npos);
  const auto json = nlohmann::json::parse(run_program({"scenarios", "--json"}).out);
  EXPECT_GE(json.size(), 30U);
  for (const auto& one : json) {
    EXPECT_TRUE(fs::exists(one["file"].get<std::string>()));
    EXPECT_FALSE(one["about"].get<std::string>().empty()) << one;
  }
}

TEST_F(Cli, HelpListsEveryExitCode) {
  const Ran ran = run_program({"--help"});
  EXPECT_EQ(ran.exit_code, 0);
  for (const char* line : {"  0  every gate held", " 64  wrong usage", "130  interrupted"}) {
    EXPECT_NE(ran.out.find(line), std::string::npos) << ran.out;
  }
}

TEST_F(Cli, DoctorAndVersionAnswer) {
  EXPECT_EQ(run_program({"version"}).exit_code, 0);
  const Ran ran = run_program({"doctor", "--out", runs()});
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
}

}  // namespace
}  // namespace greytick::cli
