// A run in the forms of other tools.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace greytick::cli {
namespace {

namespace fs = std::filesystem;
using Export = Program;

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

TEST_F(Export, CsvHasAFileForEachTable) {
  ASSERT_EQ(run(std::string(kHealthy) + "about: one\nthresholds: [sent.p50 < 1s]\n").exit_code, 0);
  const Ran ran = run_program({"export", latest(), "csv"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const fs::path folder = fs::path(latest()) / "csv";
  for (const char* table : {"run", "gates", "invariants", "violations", "series", "faults",
                            "histograms", "counters", "slowest"}) {
    EXPECT_TRUE(fs::exists(folder / (std::string(table) + ".csv"))) << table;
  }
  EXPECT_EQ(lines(read(folder / "slowest.csv")), 31U);
  const std::string gates = read(folder / "gates.csv");
  EXPECT_TRUE(gates.starts_with("kind,name,during,verdict,value,lim,samples,violated,why,among\n"));
  EXPECT_NE(gates.find("\nthreshold,sent.p50,,PASS,"), std::string::npos) << gates;
  const std::string elsewhere = (folder_ / "tables").string();
  EXPECT_EQ(run_program({"export", latest(), "csv", "--out", elsewhere}).exit_code, 0);
  EXPECT_EQ(read(fs::path(elsewhere) / "gates.csv"), gates);
}

TEST_F(Export, HlogIsTheLogOfTheRun) {
  ASSERT_EQ(run(kHealthy).exit_code, 0);
  const fs::path path = folder_ / "x.hlog";
  ASSERT_EQ(run_program({"export", latest(), "hlog", "--out", path.string()}).exit_code, 0);
  EXPECT_EQ(read(path), read(fs::path(latest()) / "latency.hlog"));
  EXPECT_TRUE(read(path).starts_with("#[Histogram log format version 1.3]"));
  EXPECT_EQ(run_program({"export", latest(), "hlog"}).exit_code, 0);
  EXPECT_EQ(read(path), read(fs::path(latest()) / "latency.hlog"));
}

constexpr const char* kFaulty = R"(
scenario: faulty
horizon: 1m
users: 40
traffic: {messages: 5/s}
population: {presence: always_online}
record: {metrics_every: 10s}
faults:
  - {name: gone, at: 20s, for: 5s, fault: crash, target: "gateways[0]"}
  - {name: cut, at: 40s, fault: reconnect_storm}
gates: [no_loss]
)";

TEST_F(Export, PerfettoShowsFaultsCountersAndTheSlowestMessages) {
  const Ran made = run(kFaulty);
  ASSERT_EQ(made.exit_code, 0) << made.out << made.err;
  ASSERT_EQ(run_program({"export", latest(), "perfetto"}).exit_code, 0);
  const auto trace = nlohmann::json::parse(read(fs::path(latest()) / "trace.json"));
  std::map<std::string, nlohmann::json> faults;
  std::set<std::string> counters, messages;
  std::set<std::pair<int, int>> named;
  std::map<int, std::string> arrows;
  std::map<std::pair<int, int>, std::set<double>> slice_starts;
  for (const auto& e : trace["traceEvents"]) {
    const std::string ph = e["ph"], name = e["name"];
    const int pid = e["pid"];
    if (ph == "M" && name == "thread_name") named.insert({pid, e["tid"].get<int>()});
    if (ph == "M" && name == "thread_name" && pid == 2) messages.insert(e["args"]["name"]);
    if (ph == "C") counters.insert(name);
    if (ph == "X") {
      EXPECT_GE(e["dur"].get<double>(), 0.0);
      EXPECT_TRUE(named.contains({pid, e["tid"].get<int>()})) << e;
      slice_starts[{pid, e["tid"].get<int>()}].insert(e["ts"].get<double>());
      if (pid == 1) faults[name] = e;
    }
    if (ph == "s" || ph == "t" || ph == "f") {
      arrows[e["id"].get<int>()] += ph;
      // An arrow binds to the slice that it lies in.
      EXPECT_TRUE((slice_starts[{pid, e["tid"].get<int>()}].contains(e["ts"].get<double>()))) << e;
    }
  }
  ASSERT_TRUE(faults.contains("gone") && faults.contains("cut"));
  EXPECT_EQ(faults["gone"]["ts"], 20e6);
  EXPECT_EQ(faults["gone"]["dur"], 5e6);
  EXPECT_EQ(faults["cut"]["ts"], 40e6);
  for (const char* counter : {"connected", "queued offline", "messages a second"})
    EXPECT_TRUE(counters.contains(counter)) << counter;
  EXPECT_EQ(messages.size(), 10U);
  EXPECT_EQ(arrows.size(), 10U);
  for (const auto& [id, phases] : arrows) {
    EXPECT_EQ(phases.front(), 's') << id;
    EXPECT_EQ(phases.back(), 'f') << id;
    EXPECT_EQ(phases.find('f'), phases.size() - 1) << id;
  }
}

TEST_F(Export, ARunThatCannotBeRepeatedHasNoTrace) {
  ASSERT_EQ(run(kHealthy).exit_code, 0);
  const fs::path manifest = fs::path(latest()) / "manifest.json";
  auto json = nlohmann::json::parse(read(manifest));
  json["fingerprint"] = "0123456789abcdef";
  file("runs/latest/manifest.json", json.dump());
  EXPECT_EQ(run_program({"export", latest(), "perfetto"}).exit_code, 5);
  EXPECT_FALSE(fs::exists(fs::path(latest()) / "trace.json"));
}

TEST_F(Export, WhatIsMissingOrWrongIsToldAsByTheOtherVerbs) {
  ASSERT_EQ(run(kHealthy).exit_code, 0);
  EXPECT_EQ(run_program({"export", latest(), "parquet"}).exit_code, 64);
  EXPECT_EQ(run_program({"export", latest()}).exit_code, 64);
  EXPECT_EQ(run_program({"export", folder_.string(), "csv"}).exit_code, 66);
  for (const char* form : {"csv", "hlog", "perfetto"}) {
    EXPECT_EQ(run_program({"export", latest(), form, "--out", "/proc/no/where"}).exit_code, 73)
        << form;
  }
  file("runs/latest/run.sqlite", "no database, but long enough to be looked at as if it were one");
  EXPECT_EQ(run_program({"export", latest(), "csv"}).exit_code, 65);
  fs::remove(fs::path(latest()) / "latency.hlog");
  EXPECT_EQ(run_program({"export", latest(), "hlog"}).exit_code, 65);
}

}  // namespace
}  // namespace greytick::cli
