// The page that a run leaves behind, and the one made later.
#include <algorithm>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace greytick::cli {
namespace {

namespace fs = std::filesystem;
using Report = Program;

constexpr const char* kFaulty = R"(
scenario: faulty
about: Forty phones <script>alert(1)</script> & two faults.
horizon: 1m
users: 40
traffic: {messages: 5/s}
population: {presence: always_online}
record: {metrics_every: 2s}
faults:
  - {name: gone, at: 20s, for: 5s, fault: crash, target: "gateways[0]"}
  - {name: cut, at: 40s, fault: reconnect_storm}
gates: [no_loss, e2e.p50 < 1s]
)";

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// What page.js gets to draw.
nlohmann::json data_of(const std::string& html) {
  const std::string begin = "<script type=\"application/json\" id=\"data\">";
  const std::size_t from = html.find(begin) + begin.size();
  return nlohmann::json::parse(html.substr(from, html.find("</script>", from) - from));
}

TEST_F(Report, ARunLeavesAPageWithVerdictCurvesFaultsAndTheSlowestMessagesHopByHop) {
  const Ran ran = run(kFaulty);
  ASSERT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_TRUE(holds(ran.out, latest() + "/report.html")) << ran.out;
  const std::string html = read(fs::path(latest()) / "report.html");
  const auto manifest = nlohmann::json::parse(read(fs::path(latest()) / "manifest.json"));
  for (const std::string& part :
       {std::string("<title>PASS faulty seed 1</title>"),
        manifest["fingerprint"].get<std::string>(),
        std::string("Forty phones &lt;script&gt;alert(1)&lt;/script&gt; &amp; two faults."),
        std::string(">no_loss<"), std::string(">e2e.p50<"), std::string(">gone<"),
        std::string(">reconnect_storm<"), std::string("created on device "),
        std::string("committed at position "), std::string("durable on device ")}) {
    EXPECT_TRUE(holds(html, part)) << part;
  }
  EXPECT_FALSE(holds(html, "<script>alert"));
  const nlohmann::json data = data_of(html);
  EXPECT_EQ(data["at"].size(), 30U);
  EXPECT_EQ(data["faults"][0], nlohmann::json({{"name", "gone"}, {"from", 20.0}, {"to", 25.0}}));
  EXPECT_EQ(data["charts"].size(), 6U);
  double peak = 0.0;
  for (const auto& value : data["charts"][3]["lines"][1]["values"]) {
    peak = std::max(peak, value.get<double>());
  }
  EXPECT_EQ(data["charts"][3]["lines"][1]["label"], "reconnects");
  EXPECT_GT(peak, 1.0);
}

TEST_F(Report, TheVerbMakesTheSamePageAgain) {
  ASSERT_EQ(run(kFaulty).exit_code, 0);
  const fs::path path = fs::path(latest()) / "report.html";
  const std::string first = read(path);
  fs::remove(path);
  const Ran ran = run_program({"report", latest()});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(read(path), first);
  const fs::path elsewhere = folder_ / "x.html";
  ASSERT_EQ(run_program({"report", latest(), "--out", elsewhere.string()}).exit_code, 0);
  EXPECT_EQ(read(elsewhere), first);
}

TEST_F(Report, WithoutRepeatingOrRepeatableRunItSaysWhatIsMissing) {
  ASSERT_EQ(run(kFaulty).exit_code, 0);
  const fs::path path = fs::path(latest()) / "report.html";
  ASSERT_EQ(run_program({"report", latest(), "--no-repeat"}).exit_code, 0);
  EXPECT_TRUE(holds(read(path), "Written with --no-repeat"));
  EXPECT_FALSE(holds(read(path), "committed at position"));
  const fs::path manifest = fs::path(latest()) / "manifest.json";
  auto json = nlohmann::json::parse(read(manifest));
  json["fingerprint"] = "0123456789abcdef";
  file("runs/latest/manifest.json", json.dump());
  const Ran ran = run_program({"report", latest()});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_TRUE(holds(ran.err, "cannot be repeated")) << ran.err;
  EXPECT_TRUE(holds(read(path), "could not be repeated"));
  EXPECT_FALSE(holds(read(path), "committed at position"));
}

TEST_F(Report, ARunThatMustFailOpensWithItsOffender) {
  ASSERT_EQ(run(std::string(kLifo) + "expect: {violates: [offline_flush]}\n").exit_code, 0);
  const std::string html = read(fs::path(latest()) / "report.html");
  const std::size_t offender = html.find("offline_flush was violated at");
  ASSERT_NE(offender, std::string::npos);
  EXPECT_LT(offender, html.find("from create to device"));
}

TEST_F(Report, NoReportWritesNoneAndSeveralSeedsLeaveOneEach) {
  const Ran none = run(kHealthy, {"--no-report"});
  EXPECT_EQ(none.exit_code, 0);
  EXPECT_FALSE(fs::exists(fs::path(latest()) / "report.html"));
  EXPECT_FALSE(holds(none.out, "report.html"));
  ASSERT_EQ(run(kHealthy, {"--seeds", "1..3"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(fs::path(latest()) / "report.html"));
}

TEST_F(Report, WhatIsMissingOrWrongIsToldAsByTheOtherVerbs) {
  ASSERT_EQ(run(kHealthy).exit_code, 0);
  EXPECT_EQ(run_program({"report"}).exit_code, 64);
  EXPECT_EQ(run_program({"report", folder_.string()}).exit_code, 66);
  EXPECT_EQ(run_program({"report", latest(), "--out", "/proc/no/where"}).exit_code, 73);
  const fs::path summary = fs::path(latest()) / "summary.json";
  const std::string whole = read(summary);
  auto json = nlohmann::json::parse(whole);
  json.erase("latency_ns");
  file("runs/latest/summary.json", json.dump());
  EXPECT_EQ(run_program({"report", latest()}).exit_code, 65);
  file("runs/latest/summary.json", whole);
  file("runs/latest/run.sqlite", "no database, but long enough to be looked at as if it were one");
  EXPECT_EQ(run_program({"report", latest()}).exit_code, 65);
}

}  // namespace
}  // namespace greytick::cli
