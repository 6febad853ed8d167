// What a message costs, in worlds small enough to count by hand.
#include "sim/results/cost.h"

#include <cstdint>
#include <numeric>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/cli/execute.h"
#include "sim/results/summary.h"
#include "sim/scenario/load.h"
#include "sim/scenario/metric_table.h"

namespace greytick::cli {
namespace {

struct Counted {
  std::uint64_t messages = 0;
  std::optional<std::uint64_t> deliveries, transactions, device_transactions, frames, packets,
      bytes, events;
  std::uint64_t by_kind = 0;  // all kinds together
  std::optional<double> gate;
  nlohmann::json summary;
};

// Runs a world in which everybody is online and nothing fails; gate: a metric to ask for.
Counted count(const std::string& body, const std::string& gate = "deliveries_per_message") {
  const scenario::Loaded loaded =
      scenario::load_text("cost", "scenario: cost\nhorizon: 2m\n" + body +
                                      fmt::format("thresholds: ['{} >= 0']\n", gate));
  if (!loaded.scenario) {
    ADD_FAILURE() << loaded.report.text();
    return {};
  }
  const scenario::Scenario& s = *loaded.scenario;
  results::Metrics m(s, {});
  const Execution done = execute(s, m, {});
  const auto rows = m.cost_rows();
  Counted out{.messages = m.created(),
              .deliveries = rows[0].total,
              .transactions = rows[1].total,
              .device_transactions = rows[2].total,
              .frames = rows[3].total,
              .packets = rows[4].total,
              .bytes = rows[5].total,
              .events = rows[6].total,
              .gate = m.measure(s.gates.thresholds[0]).value,
              .summary = {}};
  for (const auto& [name, n] : m.cost().by_kind) out.by_kind += n;
  const results::RunRecord record{.scenario = s,
                                  .metrics = m,
                                  .source = {},
                                  .folder = {},
                                  .resolved = {},
                                  .findings = {},
                                  .judged = {},
                                  .reached = done.reached,
                                  .events = done.events,
                                  .started_utc = {},
                                  .host = {},
                                  .build = {},
                                  .log = {}};
  out.summary = nlohmann::json::parse(results::summary_json(record)).at("cost");
  return out;
}

std::string pair_sends(int messages) {
  return fmt::format(
      "users: 2\npopulation: {{presence: always_online}}\ntraffic: {{messages: 0/s}}\nscript:\n"
      "  - {{at: 30s, device: 0, do: send, to: 1, count: {}, every: 2s}}\n",
      messages);
}

std::string group_sends(int members, int messages) {
  return fmt::format(
      "users: {0}\npopulation: {{presence: always_online}}\ntraffic: {{messages: 0/s}}\n"
      "groups: [{{name: crew, members: {0}}}]\nscript:\n"
      "  - {{at: 30s, device: 0, do: send, group: crew, count: {1}, every: 2s}}\n",
      members, messages);
}

TEST(Cost, OneToOneDeliversEachMessageOnce) {
  const Counted c = count(pair_sends(5));
  EXPECT_EQ(c.messages, 5U);
  EXPECT_EQ(c.deliveries, 5U);
  EXPECT_EQ(c.gate, 1.0);
  EXPECT_EQ(c.by_kind, c.events);
  EXPECT_EQ(c.summary["totals"]["deliveries"], 5);
  EXPECT_EQ(c.summary["per_message"]["deliveries"], 1.0);
  EXPECT_EQ(c.summary["totals"]["frames"], *c.frames);
}

TEST(Cost, AGroupOfNDeliversEachMessageToTheOthers) {
  for (const int members : {3, 8}) {
    SCOPED_TRACE(members);
    const Counted c = count(group_sends(members, 4));
    EXPECT_EQ(c.messages, 4U);
    EXPECT_EQ(c.deliveries, static_cast<std::uint64_t>(4 * (members - 1)));
    EXPECT_EQ(c.gate, static_cast<double>(members - 1));
  }
}

// Of messages far apart each costs the same, whatever logins and heartbeats cost beside them.
TEST(Cost, OneMoreMessageCostsWhatTheLastOneDid) {
  const Counted four = count(pair_sends(4)), five = count(pair_sends(5)),
                six = count(pair_sends(6));
  EXPECT_EQ(*six.transactions - *five.transactions, *five.transactions - *four.transactions);
  EXPECT_EQ(*six.device_transactions - *five.device_transactions,
            *five.device_transactions - *four.device_transactions);
  EXPECT_EQ(*six.frames - *five.frames, *five.frames - *four.frames);
  EXPECT_EQ(*six.bytes - *five.bytes, *five.bytes - *four.bytes);
  // Its own outbox and its acknowledgement, and the other's copy and cursor.
  EXPECT_GE(*six.device_transactions - *five.device_transactions, 2U);
  EXPECT_GE(*six.transactions - *five.transactions, 2U);
  EXPECT_GE(*six.frames - *five.frames, 6U);
}

TEST(Cost, ThresholdsNameIt) {
  const Counted c = count(pair_sends(5), "frames_per_message");
  EXPECT_EQ(c.gate, static_cast<double>(*c.frames) / 5.0);
  const scenario::Loaded during = scenario::load_text(
      "cost",
      "scenario: cost\n" + pair_sends(1) +
          "thresholds:\n  - {metric: frames_per_message, below: 99, abort_on_fail: true}\n");
  EXPECT_FALSE(during.scenario);
}

}  // namespace
}  // namespace greytick::cli
