// Any scenario that can be stated survives being written and read, bit for bit.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/engine/random.h"
#include "sim/scenario/access_profiles.h"
#include "sim/scenario/fault_table.h"
#include "sim/scenario/load.h"
#include "sim/scenario/metric_table.h"
#include "sim/scenario/names.h"
#include "sim/scenario/write.h"

namespace greytick::scenario {
namespace {

// Draws every field of a scenario that holds together.
class Generator {
 public:
  explicit Generator(uint64_t seed)
      : draw_(engine::Streams(seed).stream(engine::Purpose::kTest, 0)) {}

  Scenario scenario() {
    Scenario s;
    s.name = "generated";
    s.about =
        pick(std::vector<std::string>{"", "plain", "a: b # c", "tab\there, \"quoted\"\nline é",
                                      "'single'", "- dash", "null", "2"});
    // A seed that is still to be drawn has no value yet.
    s.seed_random = coin();
    if (!s.seed_random) s.seed = draw_.next_u64();
    s.horizon = time(1'000'000'000, 1'000'000'000'000'000);
    s.warmup = s.horizon / 3;
    // The naive pipeline heeds little else, and what it does not heed is refused.
    if (below(4) == 0) return naive(std::move(s));
    s.population.users = 2 + draw_.uniform_below(1'000'000);
    s.population.presence.mode = any<PresenceMode>();
    s.population.presence.session = dist(DistUnit::kDuration);
    s.population.presence.initially_online = share();
    s.population.contacts = dist(DistUnit::kNumber);
    s.population.old_apps = share();
    s.traffic.daily = {.file = {.name = "data/diurnal_factors.csv"},
                       .column = "copenhagen_sms_local",
                       .clocks = {{.region = "eu", .ahead = std::chrono::minutes(below(900))}}};
    s.traffic.messages = {1.0 + draw_.uniform01() * 1e5};
    if (coin()) s.traffic.until = s.horizon / 2 + Duration(1);
    s.traffic.size = dist(DistUnit::kBytes);
    s.traffic.read_after = dist(DistUnit::kDuration);
    topology(s);
    s.client.backoff.jitter = any<Jitter>();
    s.client.backoff.base = time(1, 1'000'000'000);
    s.client.backoff.max = s.client.backoff.base + time(0, 1'000'000'000'000);
    s.client.backoff.factor = 1.0 + draw_.uniform01() * 9.0;
    s.client.heartbeat.mode = any<HeartbeatMode>();
    network(s);
    s.wire = any<WireMode>();
    for (uint32_t i = below(4); i > 0; --i) {
      s.groups = {{.name = "crew", .first = 0, .members = 2}};
      s.script.push_back({.at = s.horizon / 7,
                          .device = 0,
                          .verb = any<ScriptVerb>(),
                          .to = 1,
                          .count = 1 + draw_.uniform_below(100),
                          .every = time(0, 1'000'000'000)});
      ScriptAction& action = s.script.back();
      if (action.verb == ScriptVerb::kLink || action.verb == ScriptVerb::kUnlink) {
        s.population.devices_per_user = {{2, {1.0}}};
        action.device = s.population.users;
      }
      if (action.verb == ScriptVerb::kJoin || action.verb == ScriptVerb::kLeave) {
        action.to = 0;
        action.group = "crew";
      }
    }
    for (const FaultRule& rule : fault_rules()) s.faults.push_back(fault(s, rule));
    gates(s);
    if (coin()) s.expect.violates = {any<Invariant>(), any<Invariant>()};
    s.record.history = coin();
    s.drain.connect_rate = {1.0 + draw_.uniform01() * 1e4};
    return s;
  }

 private:
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(draw_.uniform_below(n)); }
  bool coin() { return below(2) == 0; }
  Share share() { return {draw_.uniform01()}; }
  Scenario naive(Scenario s) {
    s.pipeline = {.kind = PipelineKind::kNaive,
                  .pop = any<PopOrder>(),
                  .servers = 1 + below(2),
                  .route = any<NaiveRoute>(),
                  .flush_batch = below(1000),
                  .flush_window = below(1000),
                  .step = time(0, 1'000'000'000)};
    s.population.users = 2 + draw_.uniform_below(1'000'000);
    s.population.presence.mode = PresenceMode::kScripted;
    s.population.regions = {{s.topology.regions.front().name, {1.0}}};
    s.client.retry.ack_timeout = time(1, 1'000'000'000'000);
    s.script = {{.at = s.horizon / 7, .verb = ScriptVerb::kSend, .to = 1}};
    s.faults = {{.name = "fault-churn",  // the one that thresholds name
                 .kind = FaultKind::kCrash,
                 .target = {.kind = TargetKind::kGateway, .mode = TargetMode::kIndex},
                 .at = s.horizon / 5,
                 .lasts = time(1, 1'000'000'000)}};
    gates(s);
    return s;
  }
  Duration time(uint64_t low, uint64_t high) {
    return Duration(static_cast<int64_t>(low + draw_.uniform_below(high - low + 1)));
  }
  template <class T>
  T pick(const std::vector<T>& from) {
    return from[below(static_cast<uint32_t>(from.size()))];
  }
  template <class E>
  E any() {
    return kNames<E>[below(static_cast<uint32_t>(kNames<E>.size()))].value;
  }

  DistSpec dist(DistUnit unit) {
    using enum DistKey;
    DistSpec d{.unit = unit};
    const double low = 1.0 + static_cast<double>(draw_.uniform_below(1'000'000));
    const double high = low * 7.0;
    const double plain = 0.1 + draw_.uniform01();
    switch (below(7)) {
      case 0:
        d.params = {{kValue, low}};
        return d;
      case 1:
        d.kind = DistKind::kUniform;
        d.params = {{kLow, low}, {kHigh, high}};
        return d;
      case 2:
        d.kind = DistKind::kExponential;
        d.params = {{coin() ? kMean : kMedian, low}, {kMin, low}, {kMax, high}};
        return d;
      case 3:
        d.kind = DistKind::kLognormal;
        d.params = {{pick(std::vector{kP1, kP10, kP25, kMedian, kP75}), low},
                    {pick(std::vector{kP90, kP95, kP99, kP999}), high}};
        return d;
      case 4:
        d.kind = DistKind::kWeibull;
        d.params = {{kMedian, low}, {kShape, plain}};
        return d;
      case 5:
        d.kind = DistKind::kPareto;
        d.params = {{kScale, low}, {kShape, plain}};
        return d;
      default:
        d.kind = DistKind::kGamma;
        d.params = {{kMean, low}, {kCv, plain}};
        return d;
    }
  }

  Loss loss() {
    if (coin()) return Loss::independent(draw_.uniform01());
    return {.to_bad = share(), .to_good = {0.5}, .loss_bad = share(), .loss_good = share()};
  }

  void topology(Scenario& s) {
    s.topology.regions = {{"eu", "eu-central-1"}};
    s.population.regions = {{"eu", {1.0}}};
    if (coin()) {
      const double part = draw_.uniform01();
      s.topology.regions.push_back({"asia", "ap-south-1"});
      s.population.regions = {{"eu", {part}}, {"asia", {1.0 - part}}};
    }
    s.topology.version = 1 + below(2);
    s.topology.gateways.per_region = 2 + below(9);
    s.topology.gateways.accept_rate = {1.0 + draw_.uniform01()};
    s.topology.gateways.session_queue = {1024 + draw_.uniform_below(1 << 30)};
    s.topology.store.sync = dist(DistUnit::kDuration);
    s.topology.retention = time(1, 1'000'000'000'000'000'000);
  }

  void network(Scenario& s) {
    std::vector<Access> access = access_profiles();
    access.resize(1 + below(4));
    Access own;
    own.name = "satellite";
    own.rtt = dist(DistUnit::kDuration);
    own.correlation = share();
    own.loss = loss();
    own.down = {1 + draw_.uniform_below(1'000'000'000)};
    if (coin()) {
      own.stalls = {.every = dist(DistUnit::kDuration), .lasts = dist(DistUnit::kDuration)};
    }
    if (coin()) {
      own.handoff = {.every = dist(DistUnit::kDuration), .gap = dist(DistUnit::kDuration)};
    }
    access.push_back(own);
    double left = 1.0;
    for (Access& a : access) {
      a.assigned = {&a == &access.back() ? left : left * draw_.uniform01()};
      left -= a.assigned.value;
    }
    s.network.access = std::move(access);
    s.network.backbone.matrix = RegionMatrix::kUniform;
    s.network.backbone.within = dist(DistUnit::kDuration);
    s.network.backbone.loss = share();
  }

  Selector target(const Scenario& s, const FaultRule& rule) {
    std::vector<TargetKind> kinds;
    for (const auto& n : kNames<TargetKind>) {
      if ((rule.targets & target_bit(n.value)) != 0) kinds.push_back(n.value);
    }
    Selector t{.kind = pick(kinds)};
    if (coin() && t.kind != TargetKind::kService) t.region = s.topology.regions.back().name;
    if (coin() && t.kind == TargetKind::kDevice) t.access = "satellite";
    switch (below(5)) {
      case 0:
        t.mode = TargetMode::kIndex;
        break;
      case 1:
        t.mode = TargetMode::kOne;
        break;
      case 2:
        t.mode = TargetMode::kFixed;
        t.count = 1;
        break;
      case 3:
        t.mode = TargetMode::kPercent;
        t.share = share();
        break;
      default:
        break;
    }
    return t;
  }

  Fault fault(const Scenario& s, const FaultRule& rule) {
    Fault f{.name = "fault-" + std::string(name_of(rule.kind)), .kind = rule.kind};
    f.target = target(s, rule);
    if (rule.link) {
      f.direction = any<Direction>();
      if (coin()) f.other = target(s, rule);
    }
    f.at = s.horizon / 5;
    if (rule.lasts == Lasts::kRequired) f.lasts = time(1, 1'000'000'000);
    if (rule.kind == FaultKind::kRollingDeploy) f.lasts += std::chrono::hours(1);  // a turn for all
    if (coin()) {
      f.every = f.lasts + Duration(1);
      f.times = below(9);
      const bool of_regions =
          !f.other && f.target.kind != TargetKind::kService && f.target.kind != TargetKind::kPush;
      if (of_regions && s.horizon >= std::chrono::hours(24) && coin()) {
        f.region_local = true;
        f.at = std::chrono::minutes(below(24 * 60));
        f.every = std::chrono::hours(24);
      }
    }
    // A parameter that a kind does not take stays at its default.
    const auto takes = [&rule](std::string_view key) {
      return std::ranges::find(rule.parameters, key) != rule.parameters.end();
    };
    FaultWith& w = f.with;
    if (takes("gilbert_elliott") && coin()) {
      w.bursts = loss();
    } else if (takes("probability")) {
      w.probability = share();
    }
    if (takes("latency")) w.latency = time(0, 1'000'000'000);
    if (takes("jitter")) w.jitter = time(0, 1'000'000'000);
    if (takes("correlation")) w.correlation = share();
    if (takes("distribution")) w.distribution = any<JitterShape>();
    if (takes("share")) w.share = share();
    if (takes("offset")) w.offset = -time(0, 1'000'000'000'000'000'000);
    if (takes("drift")) w.drift = {draw_.uniform01() * 1000.0 - 500.0};
    if (takes("jump")) w.jump = time(0, 1'000'000'000'000'000'000);
    if (takes("factor")) w.factor = 1.0 + draw_.uniform01();
    if (takes("free")) w.free = {draw_.uniform_below(1 << 20)};
    if (takes("entries")) w.entries = 1 + below(99);
    if (takes("up")) w.up = dist(DistUnit::kDuration);
    if (takes("down")) w.down = dist(DistUnit::kDuration);
    if (takes("switches")) w.switches = share();
    if (takes("rate")) w.rate = {draw_.uniform01() * 100.0};
    if (takes("answer")) w.answer = any<PushAnswer>();
    if (takes("restart")) {
      w.to = 1 + below(2);
      w.restart = time(1, 1'000'000'000);
    }
    if (takes("retry_after")) w.retry_after = time(0, 1'000'000'000'000);
    return f;
  }

  void gates(Scenario& s) {
    if (coin()) s.gates.always = {{.invariant = Invariant::kFifo}};
    if (coin())
      s.gates.eventually = {{.invariant = Invariant::kConverged, .within = time(1, 1000)}};
    for (uint32_t i = below(3); i > 0; --i) {
      s.gates.sometimes.push_back({.event = any<Rare>(), .over = below(100)});
    }
    const std::span<const MetricRule> rules = metric_rules();
    for (uint32_t i = below(5); i > 0; --i) {
      const MetricRule& rule = rules[below(static_cast<uint32_t>(rules.size()))];
      Threshold t;
      std::string name(rule.name);
      if (rule.rate && coin()) {
        name += ".rate";
      } else if (rule.quantiles) {
        name += pick(std::vector<std::string>{".p50", ".p99.9", ".mean", ".max", ".p12.345"});
      }
      ASSERT_TRUE(parse_metric(name, t).has_value()) << name;
      t.compare = any<Compare>();
      t.limit =
          t.unit == MetricUnit::kShare ? draw_.uniform01() : static_cast<double>(below(1'000'000));
      if (!rule.whole_run) t.during = "fault-churn";
      if (!rule.whole_run && t.metric != "reconnected_in") t.plus = time(0, 1'000'000);
      t.min_samples = below(1000);
      const bool up_to = t.compare == Compare::kBelow || t.compare == Compare::kAtMost;
      t.abort_on_fail = up_to && !rule.whole_run && coin();
      if (!rule.whole_run && t.metric != "reconnected_in" && coin()) {
        t.where = {.from = s.horizon / 9, .until = s.horizon / 2};
      }
      if (rule.by_device && s.pipeline.kind == PipelineKind::kReal && coin()) {
        t.where.region = s.topology.regions.back().name;
        t.where.network = "satellite";
      }
      s.gates.thresholds.push_back(t);
    }
  }

  engine::Stream draw_;
};

RC_GTEST_PROP(RoundTrip, AResolvedScenarioLoadsAsAnEqualOne, (uint64_t seed)) {
  const Scenario s = Generator(seed).scenario();
  const std::string text = write_yaml(s);
  const Loaded again = load_text("resolved.yaml", text, "scenarios");
  if (!again.scenario) RC_FAIL(again.report.text() + text);
  if (!(*again.scenario == s)) RC_FAIL("not equal, seed " + std::to_string(seed) + "\n" + text);
  RC_ASSERT(write_yaml(*again.scenario) == text);
}

}  // namespace
}  // namespace greytick::scenario
