#include "sim/results/metrics.h"

#include <gtest/gtest.h>

#include "sim/scenario/metric_table.h"
#include "tests/results/facts.h"

namespace greytick::results {
namespace {

using world::SignalKind;

scenario::Scenario ten_minutes() {
  scenario::Scenario s;
  s.horizon = 10min;
  s.population.users = 2;
  return s;
}

scenario::Threshold threshold(std::string_view metric, std::string during = {}) {
  scenario::Threshold t;
  EXPECT_TRUE(scenario::parse_metric(metric, t)) << metric;
  t.during = std::move(during);
  return t;
}

TEST(Metrics, FollowsAMessageFromCreateToRead) {
  Metrics m(ten_minutes(), {});
  m.on_fact(at(0s), session(2));
  m.on_fact(at(1s), created(1, 1s));
  EXPECT_EQ(m.in_flight(), 1U);
  m.on_fact(at(1100ms), committed(1));
  EXPECT_EQ(m.queued(), 1U);
  m.on_fact(at(1200ms), sent(1));
  m.on_fact(at(1300ms), applied(1));
  EXPECT_EQ(m.queued(), 0U);
  m.on_fact(at(1400ms), ticks(1, 0));
  m.on_fact(at(9s), ticks(1, 1));
  m.freeze(at(10min));
  const auto ms = [&m](Latency which) { return m.latency(which).ended.max() / 1'000'000; };
  EXPECT_EQ(ms(Latency::kE2e), 300);
  EXPECT_EQ(ms(Latency::kAll), 300);
  EXPECT_EQ(ms(Latency::kSent), 200);
  EXPECT_EQ(ms(Latency::kTick2), 400);
  EXPECT_EQ(ms(Latency::kRead), 8000);
  for (std::size_t i = 0; i < kLatencies; ++i) {
    EXPECT_TRUE(m.latency(static_cast<Latency>(i)).open.empty());
  }
}

TEST(Metrics, WhoWasAwayAtCommitCountsForAllAndNotForE2e) {
  Metrics m(ten_minutes(), {});
  m.on_fact(at(1s), created(1, 1s));
  m.on_fact(at(1100ms), committed(1));
  m.on_fact(at(60s), session(2));
  m.on_fact(at(61s), applied(1));
  m.freeze(at(10min));
  EXPECT_EQ(m.latency(Latency::kE2e).count(), 0U);
  EXPECT_EQ(m.latency(Latency::kAll).count(), 1U);
}

TEST(Metrics, WhatIsStillQueuedAtTheHorizonIsCensored) {
  Metrics m(ten_minutes(), {});
  m.on_fact(at(1min), created(1, 1min));
  m.on_fact(at(1min), committed(1));
  m.freeze(at(10min));
  EXPECT_EQ(m.latency(Latency::kAll).open.max(), std::int64_t{9} * 60 * 1'000'000'000);
  // An apply in the drain is delivered, and no latency.
  m.on_fact(at(11min), applied(1));
  EXPECT_EQ(m.latency(Latency::kAll).ended.count(), 0U);
  EXPECT_EQ(m.count(Count::kDelivered), 1U);
  EXPECT_EQ(m.delivered_share(), 0.0);
}

TEST(Metrics, AMessageAppliedTwiceCountsOnce) {
  Metrics m(ten_minutes(), {});
  m.on_fact(at(1s), created(1, 1s));
  m.on_fact(at(1s), committed(1));
  m.on_fact(at(2s), applied(1));
  m.on_fact(at(3s), applied(1));
  EXPECT_EQ(m.count(Count::kDelivered), 1U);
}

TEST(Metrics, WarmUpIsLeftOut) {
  scenario::Scenario s = ten_minutes();
  s.warmup = 1min;
  Metrics m(s, {});
  m.on_fact(at(59s), created(1, 59s));
  m.on_fact(at(59s), committed(1));
  m.on_fact(at(61s), created(2, 61s));
  m.on_fact(at(61s), committed(2));
  m.on_fact(at(70s), applied(1));
  m.on_fact(at(71s), applied(2));
  EXPECT_EQ(m.latency(Latency::kAll).count(), 1U);
  EXPECT_EQ(m.latency(Latency::kAll).ended.max() / 1'000'000'000, 10);
}

TEST(Metrics, DuringAFaultOnlyWhatBeganThereCounts) {
  scenario::Scenario s = ten_minutes();
  s.gates.thresholds.push_back(threshold("all.max", "cut"));
  Metrics m(s, {{.name = "cut", .start = at(2min), .end = at(3min)}});
  for (std::uint64_t n = 1; n <= 4; ++n) {
    m.on_fact(at(n * 1min), created(n, n * 1min));
    m.on_fact(at(n * 1min), committed(n));
    m.on_fact(at(n * 1min + n * 1s), applied(n));
  }
  m.freeze(at(10min));
  const Measured measured = m.measure(s.gates.thresholds[0]);
  EXPECT_EQ(measured.samples, 1U);
  EXPECT_EQ(measured.value, 2e9);
}

TEST(Metrics, ALossThatWasNotWantedAndTheReturnMakeAReconnect) {
  Metrics m(ten_minutes(), {});
  m.on_fact(at(0s), session(2));
  m.on_signal(at(10s), signal(SignalKind::kSessionLost, 2));
  EXPECT_EQ(m.connected(), 0U);
  m.on_fact(at(14s), session(2));
  m.on_signal(at(20s), signal(SignalKind::kSessionEnded, 2));
  m.on_fact(at(50s), session(2));
  EXPECT_EQ(m.count(Count::kReconnects), 1U);
  EXPECT_EQ(m.latency(Latency::kReconnect).ended.max() / 1'000'000'000, 4);
}

TEST(Metrics, ReconnectedInIsFromTheEndOfTheFaultToTheLastHundredth) {
  Metrics m(ten_minutes(), {{.name = "crash", .start = at(1min), .end = at(2min)}});
  for (std::uint32_t d = 0; d < 100; ++d) m.on_fact(at(0s), session(d));
  for (std::uint32_t d = 0; d < 100; ++d) {
    m.on_signal(at(1min), signal(SignalKind::kSessionLost, d));
  }
  EXPECT_FALSE(m.measure(threshold("reconnected_in")).value);
  for (std::uint32_t d = 0; d < 99; ++d) m.on_fact(at(2min + d * 100ms), session(d));
  const Measured measured = m.measure(threshold("reconnected_in"));
  EXPECT_EQ(measured.samples, 100U);
  EXPECT_EQ(measured.value, 9.8e9);
}

TEST(Metrics, RatesArePeaksOverWholeSeconds) {
  Metrics m(ten_minutes(), {});
  m.on_fact(at(100ms), session(1));
  m.on_fact(at(900ms), session(2));
  m.on_fact(at(1000ms), session(3));
  EXPECT_EQ(m.measure(threshold("logins.rate")).value, 2.0);
  EXPECT_EQ(m.measure(threshold("logins")).value, 3.0);
}

TEST(Metrics, ConnectedShareIsTheMeanOverTime) {
  Metrics m(ten_minutes(), {});
  m.on_fact(at(0s), session(1));
  m.on_fact(at(5min), session(2));
  m.freeze(at(10min));
  EXPECT_DOUBLE_EQ(m.connected_share(), 0.75);
}

// A fault that strikes twice, its second time running into the ten seconds after the first.
TEST(Metrics, SharesAndPeaksDuringAFaultAreThoseOfThatTime) {
  scenario::Scenario s = ten_minutes();
  for (const char* metric : {"connected_share", "delivered_share", "connected_peak"}) {
    s.gates.thresholds.push_back(threshold(metric, "cut"));
    s.gates.thresholds.back().plus = 10s;
  }
  s.gates.thresholds.push_back(threshold("connected_share", "late"));
  s.gates.thresholds.push_back(threshold("delivered_share", "late"));
  Metrics m(s, {{.name = "cut", .start = at(100s), .end = at(150s)},
                {.name = "cut", .start = at(155s), .end = at(190s)},
                {.name = "late", .start = at(20min), .end = at(21min)}});
  m.on_fact(at(0s), session(1));
  m.on_fact(at(0s), session(2));
  m.on_fact(at(50s), created(1, 50s));  // before the fault, and delivered
  m.on_fact(at(50s), committed(1));
  m.on_fact(at(51s), applied(1));
  m.on_fact(at(120s), created(2, 120s));
  m.on_fact(at(120s), committed(2));
  m.on_fact(at(130s), created(3, 130s));
  m.on_fact(at(130s), committed(3));
  m.on_signal(at(150s), signal(SignalKind::kSessionLost, 2));  // the middle of 100 s
  m.on_fact(at(300s), applied(2));
  m.freeze(at(10min));
  const auto measured = [&](std::size_t i) { return m.measure(s.gates.thresholds[i]); };
  EXPECT_DOUBLE_EQ(measured(0).value.value_or(-1.0), 0.75);
  EXPECT_DOUBLE_EQ(measured(1).value.value_or(-1.0), 0.5);
  EXPECT_EQ(measured(1).samples, 2U);
  EXPECT_EQ(measured(2).value, 2.0);  // both stood when it began
  EXPECT_EQ(measured(3).samples, 0U) << "the run ended before that fault";
  EXPECT_EQ(measured(4).samples, 0U);
  EXPECT_DOUBLE_EQ(m.connected_share(), (150.0 * 2 + 450.0) / 600.0 / 2.0);
  EXPECT_DOUBLE_EQ(m.delivered_share(), 2.0 / 3.0);
}

TEST(Metrics, EveryMetricOfTheTableCanBeMeasured) {
  Metrics m(ten_minutes(), {});
  m.freeze(at(10min));
  for (const scenario::MetricRule& rule : scenario::metric_rules()) {
    SCOPED_TRACE(rule.name);
    if (rule.value) {
      EXPECT_LE(m.measure(threshold(rule.name)).samples, 2U);
    }
    if (rule.rate) {
      EXPECT_EQ(m.measure(threshold(std::string(rule.name) + ".rate")).value, 0.0);
    }
    if (!rule.quantiles) continue;
    for (const char* aspect : {".p50", ".p99.9", ".mean", ".min", ".max"}) {
      EXPECT_FALSE(m.measure(threshold(std::string(rule.name) + aspect)).value);
    }
  }
}

TEST(Metrics, ARowEveryTenSecondsAndNoneAfterTheHorizon) {
  Metrics m(ten_minutes(), {});
  m.on_fact(at(1s), created(1, 1s));
  m.on_fact(at(31s), created(2, 31s));
  ASSERT_EQ(m.series().size(), 3U);
  EXPECT_EQ(m.series()[2].messages, 1U);
  m.freeze(at(10min));
  m.on_fact(at(12min), committed(2));
  EXPECT_EQ(m.series().size(), 60U);
}

TEST(Metrics, ARowHoldsTheSecondTicksSinceTheRowBeforeAndHowDevicesCameBack) {
  Metrics m(ten_minutes(), {});
  m.on_signal(at(1s), {.kind = SignalKind::kAttempt, .device = model::DeviceId(2)});
  m.on_fact(at(1s), session(2));
  m.on_signal(at(2s), {.kind = SignalKind::kSessionLost, .device = model::DeviceId(2)});
  m.on_signal(at(3s), {.kind = SignalKind::kAttempt, .device = model::DeviceId(2)});
  m.on_signal(at(3s), {.kind = SignalKind::kRefused, .device = model::DeviceId(2)});
  m.on_fact(at(4s), session(2));
  m.on_fact(at(5s), created(1, 5s));
  m.on_fact(at(5s), committed(1));
  m.on_fact(at(6s), applied(1));
  m.on_fact(at(13s), ticks(1, 0));
  m.freeze(at(10min));
  const SeriesRow& first = m.series()[0];
  EXPECT_EQ(first.attempts, 2U);
  EXPECT_EQ(first.refused, 1U);
  EXPECT_EQ(first.reconnects, 1U);
  EXPECT_FALSE(first.tick2_p99);
  // Rows are of 10 s; a bucket of the histogram is known to 0.1 %.
  ASSERT_TRUE(m.series()[1].tick2_p50);
  EXPECT_NEAR(static_cast<double>(*m.series()[1].tick2_p50), 8e9, 8e6);
  EXPECT_EQ(m.series()[1].tick2_p50, m.series()[1].tick2_p99);
  EXPECT_FALSE(m.series()[2].tick2_p50);
}

TEST(Metrics, ATickCoversEveryMessageBelowItAndAFailedOneStaysFailed) {
  Metrics m(ten_minutes(), {});
  for (std::uint64_t n = 1; n <= 3; ++n) {
    m.on_fact(at(1s), created(n, 1s));
    m.on_fact(at(1s), committed(n));
  }
  model::Settled settled{};
  settled.device = model::DeviceId(2);
  settled.message = message(2);
  settled.cause = model::Cause::kExpired;
  m.on_fact(at(2s), settled);
  m.on_fact(at(3s), applied(1));
  m.on_fact(at(3s), applied(3));
  m.on_fact(at(4s), sent(3));
  m.on_fact(at(4s), ticks(3, 3));
  model::FailureShown failure{};
  failure.device = kStream.device;
  failure.incarnation = kStream.incarnation;
  failure.conversation = kStream.conversation;
  failure.from = failure.to = model::LogPos(2);
  failure.cause = model::Cause::kExpired;
  m.on_fact(at(5s), failure);
  m.on_fact(at(6s), failure);
  EXPECT_EQ(m.latency(Latency::kSent).ended.count(), 3U);
  EXPECT_EQ(m.latency(Latency::kTick2).ended.count(), 2U);
  EXPECT_EQ(m.count(Count::kFailed), 1U);
  EXPECT_EQ(m.count(Count::kExpired), 1U);
  EXPECT_EQ(m.queued(), 0U);
  m.freeze(at(10min));
  EXPECT_TRUE(m.latency(Latency::kRead).open.empty());
}

TEST(Metrics, TheSlowestMessagesStandFirst) {
  Metrics m(ten_minutes(), {});
  for (std::uint64_t n = 1; n <= 150; ++n) {
    m.on_fact(at(n * 1s), created(n, n * 1s));
    m.on_fact(at(n * 1s), committed(n));
    m.on_fact(at(n * 1s + n * 1ms), applied(n));
  }
  const std::vector<SlowMessage> slowest = m.slowest();
  ASSERT_EQ(slowest.size(), Metrics::kSlowest);
  EXPECT_EQ(slowest.front().cseq.value(), 150U);
  EXPECT_EQ(slowest.back().cseq.value(), 51U);
}

scenario::Threshold narrowed(std::string_view metric, scenario::Where where) {
  scenario::Threshold t = threshold(metric);
  t.where = std::move(where);
  return t;
}

TEST(Metrics, WhereCountsTheMessagesOfTheDevicesThatSentThem) {
  scenario::Scenario s = ten_minutes();
  s.topology.regions = {{"eu", "eu-central-1"}, {"in", "ap-south-1"}};
  s.network.access.resize(2);
  s.network.access[0].name = "wifi";
  s.network.access[1].name = "satellite";
  // Device 1 writes, from "in"; device 2, from "eu", reads.
  const auto in = narrowed("all.max", {.region = "in"});
  const auto eu = narrowed("all.max", {.region = "eu"});
  const auto both = narrowed("messages", {.network = "satellite", .region = "in"});
  const auto neither = narrowed("messages", {.network = "wifi", .region = "in"});
  const auto reader = narrowed("logins", {.region = "eu"});
  const auto share = narrowed("connected_share", {.region = "eu"});
  const auto peak = narrowed("connected_peak", {.network = "satellite"});
  s.gates.thresholds = {in, eu, both, neither, reader, share, peak};
  Metrics m(s, {});
  m.set_places([](model::DeviceId device) {
    return device == model::DeviceId(1) ? Place{.region = 1, .access = 1}
                                        : Place{.region = 0, .access = 0};
  });
  m.on_fact(at(0s), session(2));
  m.on_fact(at(1s), created(1, 1s));
  m.on_fact(at(1s), committed(1));
  m.on_fact(at(3s), applied(1));
  m.on_fact(at(4s), created(2, 4s));
  m.freeze(at(10min));
  EXPECT_EQ(m.measure(in).samples, 2U);
  EXPECT_EQ(m.measure(in).open_share, 0.5);  // the second is still open, and is of "in" as well
  EXPECT_EQ(m.measure(eu).samples, 0U);
  EXPECT_EQ(m.measure(both).value, 2.0);
  EXPECT_EQ(m.measure(neither).value, 0.0);
  EXPECT_EQ(m.measure(reader).value, 1.0);
  EXPECT_NEAR(m.measure(share).value.value_or(0.0), 1.0, 1e-9);
  EXPECT_EQ(m.measure(peak).value, 0.0);
}

TEST(Metrics, WhereCutsTheTimeOfTheRunAndOfAFault) {
  scenario::Scenario s = ten_minutes();
  s.faults = {{.name = "cut", .at = 2min, .lasts = 2min}};
  const auto late = narrowed("messages", {.from = 3min});
  const auto early = narrowed("messages", {.until = 3min});
  auto of_fault = narrowed("messages", {.from = 3min, .until = 9min});
  of_fault.during = "cut";
  s.gates.thresholds = {late, early, of_fault};
  Metrics m(s, faults::windows(s));
  std::uint64_t n = 0;
  for (const Duration when : {Duration(1min), Duration(2min + 30s), Duration(3min),
                              Duration(3min + 59s), Duration(4min)}) {
    m.on_fact(at(when), created(++n, when));
  }
  m.freeze(at(10min));
  EXPECT_EQ(m.measure(late).value, 3.0);
  EXPECT_EQ(m.measure(early).value, 2.0);
  EXPECT_EQ(m.measure(of_fault).value, 2.0);
}

}  // namespace
}  // namespace greytick::results
