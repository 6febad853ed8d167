// Every file of tests/scenario/bad is refused with a place, a caret and no crash.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/engine/random.h"
#include "sim/scenario/load.h"
#include "sim/scenario/yaml.h"

namespace greytick::scenario {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files(const char* folder) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

TEST(BadFiles, AreRefusedWithAPlaceAndTheExpectedForm) {
  const std::vector<fs::path> corpus = files("tests/scenario/bad");
  ASSERT_GE(corpus.size(), 100U);
  for (const fs::path& file : corpus) {
    SCOPED_TRACE(file.string());
    const auto begin = std::chrono::steady_clock::now();
    const Loaded loaded = load_file(file);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
    EXPECT_FALSE(loaded.scenario.has_value());
    EXPECT_FALSE(loaded.not_found);
    EXPECT_FALSE(loaded.report.ok());
    for (const Diagnostic& d : loaded.report.sorted()) {
      EXPECT_GE(d.mark.line, 1U) << d.message;
      EXPECT_GE(d.mark.column, 1U) << d.message;
      EXPECT_FALSE(d.expected.empty() && d.nearest.empty()) << d.message;
    }
  }
}

// The whole text of every report, so that a change of wording or place is seen and judged.
// GREYTICK_REWRITE=1 writes it anew.
TEST(BadFiles, ReportsReadAsTheyDidWhenTheyWereJudged) {
  const fs::path golden = "tests/scenario/testdata/bad_reports.txt";
  std::string all;
  for (const fs::path& file : files("tests/scenario/bad")) {
    all += load_file(file).report.text() + "\n";
  }
  if (std::getenv("GREYTICK_REWRITE") != nullptr) std::ofstream(golden, std::ios::binary) << all;
  std::ifstream in(golden, std::ios::binary);
  const std::string judged((std::istreambuf_iterator<char>(in)), {});
  EXPECT_EQ(all, judged);
}

std::string report_of(const char* text) {
  return load_text("x.yaml", text, "scenarios").report.text();
}

TEST(BadFiles, NameTheWordThatWasProbablyMeant) {
  EXPECT_NE(
      report_of(
          "scenario: x\nfaults: [{at: 1s, for: 1s, fault: partion, target: \"gateways[0]\"}]\n")
          .find("did you mean 'partition'?"),
      std::string::npos);
  EXPECT_NE(report_of("scenario: x\ngates: [no_los]\n").find("'no_loss'"), std::string::npos);
  EXPECT_NE(report_of("scenario: x\ngates: [e2ee.p99 < 3s]\n").find("e2e"), std::string::npos);
}

TEST(BadFiles, DrawACaretUnderTheValue) {
  EXPECT_NE(report_of("scenario: x\nhorizon: 600\n").find("  horizon: 600\n           ^~~"),
            std::string::npos)
      << report_of("scenario: x\nhorizon: 600\n");
}

TEST(BadFiles, AreToldToProgramsAsJson) {
  const nlohmann::json told =
      nlohmann::json::parse(load_text("x.yaml", "scenario: é\nhorizen: 10m\n").report.json());
  ASSERT_EQ(told["errors"].size(), 1U);
  const nlohmann::json& error = told["errors"][0];
  EXPECT_EQ(error["file"], "x.yaml");
  EXPECT_EQ(error["line"], 2);
  EXPECT_EQ(error["column"], 1);
  EXPECT_EQ(error["length"], 7);
  EXPECT_EQ(error["message"], "unknown key 'horizen'");
  EXPECT_EQ(error["nearest"], "horizon");
}

TEST(BadFiles, OverFourMebibytesAreRefusedBeforeParsing) {
  const std::string huge(kFileBytesMax + 1, '#');
  EXPECT_NE(load_text("huge.yaml", huge).report.text().find("at most 4 MiB"), std::string::npos);
}

TEST(BadFiles, ColumnsAndCaretsCountCharactersNotBytes) {
  EXPECT_NE(report_of("scenario: x\nnetwork: {é: {rtt: 1}}\n")
                .find("x.yaml:2:20: error: '1' has no unit, so it is not a time\n"
                      "  network: {é: {rtt: 1}}\n"
                      "                     ^\n"),
            std::string::npos)
      << report_of("scenario: x\nnetwork: {é: {rtt: 1}}\n");
}

TEST(BadFiles, AMissingFileIsToldApartFromABadOne) {
  EXPECT_TRUE(load_file("scenarios/no_such_file.yaml").not_found);
  EXPECT_FALSE(load_file("tests/scenario/bad/users_zero.yaml").not_found);
}

TEST(BadFiles, RandomDamageToShippedScenariosNeverCrashesTheLoader) {
  engine::Stream draw = engine::Streams(7).stream(engine::Purpose::kTest, 0);
  for (const fs::path& file : files("scenarios")) {
    std::ifstream in(file, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    for (int round = 0; round < 25; ++round) {
      std::string damaged = text;
      for (int edits = 0; edits < 3; ++edits) {
        const auto at = static_cast<std::size_t>(draw.uniform_below(damaged.size()));
        switch (draw.uniform_below(3)) {
          case 0:
            damaged[at] = static_cast<char>(draw.uniform_below(256));
            break;
          case 1:
            damaged.erase(at, 1 + static_cast<std::size_t>(draw.uniform_below(6)));
            break;
          default:
            damaged.insert(at, 1, "{}[]:,-\"'&*%#|>\n\t 0"[draw.uniform_below(19)]);
        }
        if (damaged.empty()) damaged = "x";
      }
      const Loaded loaded = load_text("damaged.yaml", damaged, "scenarios");
      EXPECT_EQ(loaded.scenario.has_value(), loaded.report.ok());
    }
  }
}

}  // namespace
}  // namespace greytick::scenario
