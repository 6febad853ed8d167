// What the form means: extends, --set, short forms, distributions, targets, gates.
#include "sim/scenario/load.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/scenario/fault_table.h"
#include "sim/scenario/metric_table.h"
#include "sim/scenario/names.h"
#include "sim/scenario/write.h"

namespace greytick::scenario {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kHead = "scenario: x\nusers: 12\ntraffic: {messages: 1/s}\n";

Loaded load(const std::string& more, LoadOptions options = {}) {
  return load_text("x.yaml", kHead + more, "scenarios", options);
}

Scenario good(const std::string& more, LoadOptions options = {}) {
  Loaded loaded = load(more, std::move(options));
  EXPECT_TRUE(loaded.scenario.has_value()) << loaded.report.text();
  return loaded.scenario.value_or(Scenario{});
}

std::string bad(const std::string& more, LoadOptions options = {}) {
  const Loaded loaded = load(more, std::move(options));
  EXPECT_FALSE(loaded.scenario.has_value());
  return loaded.report.text();
}

LoadOptions set(std::vector<std::string> values) { return {.set = std::move(values)}; }

// A folder that is there for one test.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("greytick-load-test-" + unique())) {
    fs::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  fs::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }

 private:
  static std::string unique() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    return std::string(info->name());
  }
  fs::path path_;
};

TEST(Load, TheSmallestScenarioIsCompleteAndDefaultIsWhatTheStructSays) {
  const Scenario s = good("");
  Scenario plain;
  plain.name = "x";
  plain.population.users = 12;
  plain.traffic.messages = {1.0};
  plain.gates = s.gates;
  EXPECT_TRUE(s == plain);
  EXPECT_EQ(s.gates.always.size(), 7U);
  ASSERT_EQ(s.gates.eventually.size(), 1U);
  EXPECT_EQ(s.gates.eventually[0].invariant, Invariant::kConverged);
}

TEST(Load, ExtendsMergesKeyByKeyAndThisFileWins) {
  const Folder folder;
  folder.write(
      "base.yaml",
      "users: 5\nhorizon: 1h\nclient: {backoff: {base: 2s, max: 20s}}\n"
      "traffic: {messages: 1/s, read_after: {dist: lognormal, median: 5s, p99: 9s}}\n"
      "faults: [{at: 1m, fault: reconnect_storm}]\nnetwork: {assign: {wifi: 50%, lan: 50%}}\n");
  const fs::path top = folder.write(
      "top.yaml",
      "extends: base.yaml\nscenario: top\nusers: 7\nclient: {backoff: {max: 40s}}\n"
      "traffic: {read_after: {dist: exponential, mean: 4s}}\nfaults: []\nnetwork: lan\n");
  const Loaded loaded = load_file(top);
  ASSERT_TRUE(loaded.scenario.has_value()) << loaded.report.text();
  const Scenario& s = *loaded.scenario;
  EXPECT_EQ(s.population.users, 7U);
  EXPECT_EQ(s.horizon, hours(1));
  EXPECT_EQ(s.client.backoff.base, seconds(2));
  EXPECT_EQ(s.client.backoff.max, seconds(40));
  EXPECT_EQ(s.traffic.read_after.kind, DistKind::kExponential);
  EXPECT_TRUE(s.faults.empty());
  ASSERT_EQ(s.network.access.size(), 1U);
  EXPECT_EQ(s.network.access[0].name, "lan");
}

TEST(Load, AnErrorInABaseFilePointsIntoTheBaseFile) {
  const Loaded loaded = load_file("tests/scenario/bad/extends_bad_base.yaml");
  EXPECT_TRUE(loaded.report.text().starts_with("tests/scenario/bad/base/bad_key.yaml:3:15: error"))
      << loaded.report.text();
}

TEST(Load, SetReachesKeysListEntriesAndShortForms) {
  const std::string faults = "faults:\n  - {at: 1m, for: 10s, fault: pause, target: gateways}\n";
  const Scenario s = good(
      faults,
      set({"users=40", "faults[0].at=90s", "topology.lease=6s", "topology.lease.renew=1s",
           "network=wifi", "gates=[no_loss, e2e.p99 < 2s]",
           "client.commit={dist: uniform, low: 1ms, high: 2ms}", "topology.regions=[eu, br]"}));
  EXPECT_EQ(s.population.users, 40U);
  EXPECT_EQ(s.faults.at(0).at, seconds(90));
  EXPECT_EQ(s.topology.lease.duration, seconds(6));
  EXPECT_EQ(s.topology.lease.renew, seconds(1));
  EXPECT_EQ(s.network.access.at(0).name, "wifi");
  EXPECT_EQ(s.gates.always.size(), 1U);
  EXPECT_EQ(s.gates.thresholds.size(), 1U);
  EXPECT_EQ(s.client.commit.kind, DistKind::kUniform);
  EXPECT_EQ(s.topology.regions.at(1).location, "sa-east-1");
}

TEST(Load, AWrongSettingIsShownAsItWasTyped) {
  EXPECT_NE(bad("", set({"client.backoff.jiter=full"}))
                .find("--set:1:16: error: unknown key 'jiter' in client.backoff\n"
                      "  client.backoff.jiter=full\n"
                      "                 ^~~~~\n"
                      "  did you mean 'jitter'?"),
            std::string::npos)
      << bad("", set({"client.backoff.jiter=full"}));
  for (const char* wrong :
       {"users", "=5", "users=", "a..b=1", "faults[0].at=1s", "faults[x]=1", "faults[0=1",
        "users.count=1", "gates.always=1", "extends=y.yaml", "users={", "seed=random random"}) {
    SCOPED_TRACE(wrong);
    EXPECT_NE(bad("", set({wrong})).find("--set:1:"), std::string::npos) << bad("", set({wrong}));
  }
}

TEST(Load, SeedFromTheCommandLineWinsOverRandom) {
  EXPECT_TRUE(good("seed: random\n").seed_random);
  const Scenario s = good("seed: random\n", {.seed = 9});
  EXPECT_EQ(s.seed, 9U);
  EXPECT_FALSE(s.seed_random);
}

TEST(Load, ADistributionIsWrittenInThreeWays) {
  const auto commit = [](const std::string& text) {
    return good("client: {commit: " + text + "}\n").client.commit;
  };
  EXPECT_EQ(commit("5ms"), DistSpec::constant(milliseconds(5)));
  EXPECT_EQ(commit("{dist: lognormal, median: 2ms, p99: 20ms}"),
            DistSpec::lognormal(milliseconds(2), milliseconds(20)));
  EXPECT_EQ(commit("\"lognormal(median=2ms, p99=20ms)\""),
            DistSpec::lognormal(milliseconds(2), milliseconds(20)));
  EXPECT_EQ(commit("constant(5ms)"), DistSpec::constant(milliseconds(5)));
  const DistSpec uniform = commit("\"uniform(1ms, 3ms)\"");
  EXPECT_EQ(uniform.get(DistKey::kLow), 1e6);
  EXPECT_EQ(uniform.get(DistKey::kHigh), 3e6);
  const DistSpec gamma = commit("{dist: gamma, mean: 4ms, cv: 0.5, min: 1ms, max: 9ms}");
  EXPECT_EQ(gamma.get(DistKey::kCv), 0.5);
  EXPECT_EQ(gamma.get(DistKey::kMax), 9e6);
}

TEST(Load, ATargetIsWrittenAsTextOrAsAMapping) {
  const auto target = [](const std::string& text) {
    const Scenario s = good(
        "topology: {regions: [eu, in]}\nfaults:\n  - {at: 1m, for: 5s, fault: pause, "
        "target: " +
        text + "}\n");
    return s.faults.empty() ? Selector{} : s.faults[0].target;
  };
  const Selector first{.kind = TargetKind::kGateway, .mode = TargetMode::kIndex, .index = 0};
  EXPECT_EQ(target("\"gateways[0]\""), first);
  EXPECT_EQ(target("{kind: gateway, index: 0}"), first);
  const Selector third{
      .kind = TargetKind::kProcess, .region = "in", .mode = TargetMode::kPercent, .share = {0.33}};
  EXPECT_EQ(target("\"processes[in][33%]\""), third);
  EXPECT_EQ(target("{kind: process, region: in, mode: percent, value: 33%}"), third);
  EXPECT_EQ(target("store"), (Selector{.kind = TargetKind::kStore}));
  EXPECT_EQ(target("\"gateways[one]\"").mode, TargetMode::kOne);
  EXPECT_EQ(target("{kind: gateway, mode: fixed, value: 2}").count, 2U);
}

TEST(Load, FaultsComeOnceAgainOrAtATimeOfDay) {
  const Scenario s = good(
      "horizon: 3d\nfaults:\n"
      "  - {at: 1m, for: 5s, fault: crash, target: \"gateways[0]\"}\n"
      "  - {every: 1h, times: 3, for: 5s, fault: crash, target: \"gateways[0]\"}\n"
      "  - {every: {day: \"20:30\"}, for: 5s, fault: drain, target: \"gateways[one]\"}\n"
      "  - {at: 2m, fault: half_open, target: service, with: {share: 10%}}\n");
  ASSERT_EQ(s.faults.size(), 4U);
  EXPECT_EQ(s.faults[0].name, "crash");
  EXPECT_EQ(s.faults[1].name, "crash-2");
  EXPECT_EQ(s.faults[1].at, hours(1));
  EXPECT_EQ(s.faults[1].times, 3U);
  EXPECT_EQ(s.faults[2].at, hours(20) + minutes(30));
  EXPECT_EQ(s.faults[2].every, hours(24));
  EXPECT_EQ(s.faults[3].lasts, Duration(0));
  EXPECT_EQ(s.faults[3].with.share, Share{0.1});
}

TEST(Load, EveryKindOfFaultCanBeWrittenAndComesBackTheSame) {
  // The parameters each kind requires; those of the others have defaults.
  const std::map<FaultKind, std::string> with = {
      {FaultKind::kDrop, "gilbert_elliott: {to_bad: 1%, to_good: 20%, loss_bad: 60%}"},
      {FaultKind::kLatency, "latency: 150ms, jitter: 50ms, correlation: 25%, distribution: pareto"},
      {FaultKind::kDuplicate, "probability: 2%"},
      {FaultKind::kReorder, "probability: 2%"},
      {FaultKind::kCorrupt, "probability: 2%"},
      {FaultKind::kClockSkew, "offset: -2h, drift: 500ppm"},
      {FaultKind::kClockJump, "jump: 31d"},
      {FaultKind::kSlowDisk, "factor: 20"},
      {FaultKind::kWriteError, "probability: 1%"},
      {FaultKind::kReplay, "entries: 50"},
      {FaultKind::kChurn, "up: 60s, down: 8s, switches: 40%"},
      {FaultKind::kPushThrottle, "rate: 5/s"},
      {FaultKind::kPushError, "answer: 503, probability: 60%"},
      {FaultKind::kRestoreBackup, "backup_age: 12h"},
      {FaultKind::kRollingDeploy, "to: 1, at_once: 3"},
  };
  std::string faults = "faults:\n";
  for (const FaultRule& rule : fault_rules()) {
    TargetKind target = TargetKind::kService;
    for (const auto& n : kNames<TargetKind>) {
      if ((rule.targets & target_bit(n.value)) != 0) target = n.value;
    }
    faults += "  - {at: 1m, fault: " + std::string(name_of(rule.kind)) +
              ", target: {kind: " + std::string(name_of(target)) + "}";
    if (rule.lasts == Lasts::kRequired) faults += ", for: 1h";
    if (with.contains(rule.kind)) faults += ", with: {" + with.at(rule.kind) + "}";
    faults += "}\n";
  }
  const Scenario s = good(faults);
  ASSERT_EQ(s.faults.size(), static_cast<size_t>(kFaultKinds));
  EXPECT_EQ(s.faults[static_cast<size_t>(FaultKind::kReorder)].with.latency, milliseconds(50));
  EXPECT_TRUE(s.faults[static_cast<size_t>(FaultKind::kDrop)].with.bursts.has_value());
  const Loaded again = load_text("resolved.yaml", write_yaml(s), "scenarios");
  ASSERT_TRUE(again.scenario.has_value()) << again.report.text();
  EXPECT_TRUE(*again.scenario == s);
}

TEST(Load, AThresholdIsWrittenAsTextOrAsAMapping) {
  const std::string fault = "faults: [{name: storm, at: 1m, fault: reconnect_storm}]\n";
  const Scenario s =
      good(fault +
           "thresholds:\n  - e2e.p99.9 < 3s\n  - reconnect.rate <= 30k/s during storm plus 10m\n"
           "  - {metric: tick2.p99, below: 90s, during: storm, plus: 10m, min_samples: 200}\n"
           "  - unconfirmed == 0\n  - delivered_share >= 99.9%\n  - store.bytes_peak < 10GiB\n");
  ASSERT_EQ(s.gates.thresholds.size(), 6U);
  EXPECT_EQ(s.gates.thresholds[0].quantile, 0.999);
  EXPECT_EQ(s.gates.thresholds[0].limit, 3e9);
  EXPECT_EQ(s.gates.thresholds[1].aspect, Aspect::kRate);
  EXPECT_EQ(s.gates.thresholds[1].during, "storm");
  EXPECT_EQ(s.gates.thresholds[1].plus, minutes(10));
  EXPECT_EQ(s.gates.thresholds[2].min_samples, 200U);
  EXPECT_EQ(s.gates.thresholds[3].compare, Compare::kEqual);
  EXPECT_EQ(s.gates.thresholds[4].unit, MetricUnit::kShare);
  EXPECT_EQ(s.gates.thresholds[5].limit, 10.0 * 1024 * 1024 * 1024);
  EXPECT_EQ(print_threshold(s.gates.thresholds[1]),
            "reconnect.rate <= 30k/s during storm plus 10m");
  EXPECT_EQ(s.gates.always.size(), 7U) << "thresholds alone leave the default invariants";
}

// What the naive pipeline does not heed is refused where it stands, and what it heeds is not.
TEST(Load, TheNaivePipelineRefusesWhatItDoesNotHeed) {
  const std::string head =
      "scenario: x\nextends: base/naive.yaml\npipeline: {kind: naive, servers: 2, pop: lifo}\n"
      "client: {retry: {ack_timeout: 2s}}\nscript:\n  - {at: 1s, device: 0, do: connect}\n"
      "  - {at: 2s, device: 0, do: send, to: 1}\n"
      "faults:\n  - {at: 5s, for: 5s, fault: crash, target: \"gateways[1]\"}\n";
  const auto report = [&](const std::string& more, LoadOptions options = {}) {
    return load_text("x.yaml", head + more, "scenarios", options).report.text();
  };
  EXPECT_EQ(report("seed: 7\nwarmup: 1s\nusers: 5\nrecord: {history: true}\ndrain: {limit: 1m}\n"
                   "gates: [fifo, e2e.p99 < 1s during crash]\nabout: All of this is heeded.\n"),
            "");
  const Loaded loaded = load_text("x.yaml", head, "scenarios");
  ASSERT_TRUE(loaded.scenario.has_value());
  const Loaded again = load_text("resolved.yaml", write_yaml(*loaded.scenario), "scenarios");
  EXPECT_TRUE(again.report.ok()) << again.report.text();

  const std::map<std::string, std::string> refused = {
      {"topology.gateways.per_region=3", "'topology.gateways.per_region'"},
      {"topology.regions=[eu, br]", "'topology.regions."},
      {"topology.store.sync=1s", "'topology.store.sync'"},
      {"network=lan", "'network."},
      {"network.backbone={matrix: uniform}", "'network.backbone.matrix'"},
      {"client.windows.send=2", "'client.windows.send'"},
      {"client.heartbeat.every=1m", "'client.heartbeat.every'"},
      {"client.commit={dist: uniform, low: 1ms, high: 2ms}", "'client.commit'"},
      {"population.contacts=9", "'population.contacts'"},
      {"population.presence={mode: scripted, login_spread: 1s}", "'population.presence."},
      {"population.presence=always_online", "connects devices as a script says"},
      {"traffic.messages=1/s", "and no traffic"},
      {"traffic.size=1KiB", "'traffic.size'"},
      {"traffic.until=1m", "'traffic.until'"},
      {"wire=encoded", "'wire'"},
      {"drain.connect_rate=1/s", "'drain.connect_rate'"},
      {"script[0].do=reinstall", "one installation"},
      {"faults[0].every=1m", "happens once"},
      {"faults[0].fault=pause", "no pause"},
      {"faults[0].target=gateways[50%]", "no server of the naive pipeline"},
      {"faults[0].target=gateways", "no server of the naive pipeline"},
      {"pipeline.servers=1", "no server of the naive pipeline"},
  };
  for (const auto& [set_key, says] : refused) {
    SCOPED_TRACE(set_key);
    const std::string text = report("", set({set_key}));
    EXPECT_NE(text.find(says), std::string::npos) << text;
    EXPECT_NE(text.find("expected "), std::string::npos) << text;
    EXPECT_NE(text.find("1 error, nothing was run."), std::string::npos) << text;
    EXPECT_EQ(report("", set({set_key, "pipeline={kind: real}"})).find("naive"), std::string::npos);
  }
}

TEST(Load, InvariantsGoByNameOrNumber) {
  const Scenario s = good(
      "invariants: {always: [I4, no_loss], eventually: [{I18: {within: 5m}}], "
      "sometimes: [tombstoned, {queue_depth: {over: 10}}]}\n");
  EXPECT_EQ(s.gates.always[0].invariant, Invariant::kFifo);
  EXPECT_EQ(s.gates.eventually[0].within, minutes(5));
  EXPECT_EQ(s.gates.sometimes[1].event, Rare::kQueueDepth);
  EXPECT_EQ(s.gates.sometimes[1].over, 10U);
  EXPECT_TRUE(good("gates: []\n").gates.always.empty());
  const Scenario broken = good("expect: {violates: [I6, no_loss]}\n");
  EXPECT_EQ(broken.expect.violates, (std::vector{Invariant::kTickTruth, Invariant::kNoLoss}));
}

TEST(Load, AccessNetworksBuildOnThoseThatAreKnown) {
  const Scenario s = good(
      "network:\n  wifi: {loss: 2%}\n  sat: {rtt: 600ms, rate: {down: 1Mbit, up: 200kbit}}\n"
      "  assign: {wifi: 60%, sat: 30%, lan: 10%}\n  tcp: {retries: 5}\n");
  ASSERT_EQ(s.network.access.size(), 3U);
  EXPECT_EQ(s.network.access[0].loss, Loss::independent(0.02));
  EXPECT_TRUE(s.network.access[0].handoff.has_value()) << "the rest of the profile stays";
  EXPECT_EQ(s.network.access[1].up, BitRate{200'000});
  EXPECT_EQ(s.network.access[2].name, "lan");
  EXPECT_EQ(s.network.tcp.retries, 5U);
}

TEST(Load, TheScriptIsInOrderOfTime) {
  const Scenario s = good(
      "script:\n  - {at: 5s, device: 1, do: send, to: 0, count: 3, every: 1s}\n"
      "  - {at: 1s, device: 0, do: connect}\n  - {at: 5s, device: 1, do: disconnect}\n");
  ASSERT_EQ(s.script.size(), 3U);
  EXPECT_EQ(s.script[0].verb, ScriptVerb::kConnect);
  EXPECT_EQ(s.script[1].verb, ScriptVerb::kSend);
  EXPECT_EQ(s.script[1].count, 3U);
  EXPECT_EQ(s.script[2].verb, ScriptVerb::kDisconnect);
}

Threshold threshold_of(const std::string& text) {
  const Scenario s = good("thresholds:\n  - " + text + "\n");
  return s.gates.thresholds.empty() ? Threshold{} : s.gates.thresholds.front();
}

TEST(Load, WhereNarrowsAThreshold) {
  const Threshold t = threshold_of(
      "{metric: tick2.p99, below: 9s, where: {network: wifi, region: eu, from: 1m, until: 2m}}");
  EXPECT_EQ(t.where,
            (Where{.network = "wifi", .region = "eu", .from = minutes(1), .until = minutes(2)}));
  EXPECT_EQ(print_threshold(t), "tick2.p99 < 9s where network wifi, region eu, from 1m until 2m");
  EXPECT_EQ(print_where(threshold_of("{metric: commit.p99, below: 9s, where: {until: 2m}}").where),
            "until 2m");
  EXPECT_FALSE(threshold_of("e2e.p99 < 3s").abort_on_fail);
  EXPECT_TRUE(threshold_of("{metric: e2e.p99, at_most: 3s, abort_on_fail: true}").abort_on_fail);
}

TEST(Load, ADistributionMayBeGivenByAnyTwoQuantiles) {
  using enum DistKey;
  const auto commit = [](const std::string& text) {
    return good("client: {commit: " + text + "}\n").client.commit;
  };
  const DistSpec expected{.kind = DistKind::kLognormal, .params = {{kP10, 1e6}, {kP999, 5e7}}};
  EXPECT_EQ(commit("{dist: lognormal, p99.9: 50ms, p10: 1ms}"), expected);
  EXPECT_EQ(commit("{p99.9: 50ms, p10: 1ms}"), expected);
  EXPECT_EQ(commit("\"lognormal(p10=1ms, p99.9=50ms)\""), expected);
  EXPECT_EQ(commit("{p50: 2ms, p95: 9ms}"), commit("{dist: lognormal, median: 2ms, p95: 9ms}"));
  EXPECT_EQ(commit("{dist: weibull, p25: 2ms, p75: 9ms}").kind, DistKind::kWeibull);
  EXPECT_EQ(commit("{p50: 2ms, p95: 9ms, max: 20ms}").find(kMax), 2e7);
}

TEST(Load, TwoQuantilesReplaceTheDistributionOfTheBase) {
  const Folder folder;
  folder.write("base.yaml", "client: {commit: {dist: gamma, mean: 2ms, cv: 1}}\n");
  const fs::path file =
      folder.write("x.yaml", std::string(kHead) +
                                 "extends: base.yaml\nclient: {commit: {p50: 1ms, p99: 7ms}}\n");
  const Loaded loaded = load_file(file);
  ASSERT_TRUE(loaded.scenario) << loaded.report.text();
  EXPECT_EQ(loaded.scenario->client.commit.kind, DistKind::kLognormal);
}

TEST(Load, AFaultMayFollowTheClocksOfRegions) {
  const Scenario s = good(
      "horizon: 2d\nfaults:\n  - {every: {day: \"20:30\", region_local: true}, times: 3, for: 45s, "
      "fault: drain, target: gateways}\n"
      "topology: {regions: {eu: eu-central-1}}\n",
      set({"traffic.daily={file: data/diurnal_factors.csv, column: copenhagen_sms_local, clocks: "
           "[{region: eu, ahead: 1h}]}"}));
  ASSERT_EQ(s.faults.size(), 1U);
  EXPECT_TRUE(s.faults[0].region_local);
  EXPECT_EQ(s.faults[0].at, hours(20) + minutes(30));
  EXPECT_NE(write_yaml(s).find("every: {day: \"20:30\", region_local: true}"), std::string::npos)
      << write_yaml(s);
}

}  // namespace
}  // namespace greytick::scenario
