// `wire: encoded` is `wire: struct` by way of the bytes: nothing that a machine, a judge or a
// fingerprint sees is lost in them.
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/engine/random.h"
#include "sim/world/letters.h"
#include "tests/world/observed_run.h"

namespace greytick::world {
namespace {

// Every way on which a frame is lost, held, copied, overtaken, kept waiting or damaged, and every
// way on which a record is lost.
constexpr const char* kTroubled = R"(
scenario: troubled
horizon: 4m
users: 60
population: {presence: {session: 40s, away: 20s, login_spread: 5s}}
traffic: {messages: 6/s, read_after: 3s, conversation: {length: 6, gap: 1s}}
network: {assign: {wifi: 50%, cellular-3g: 50%}}
topology:
  regions: [eu, br]
  shards: {conversation: 3, mailbox: 3, processes: 2, restart: 2s}
  lease: {duration: 4s, renew: 1s}
  retention: 1m
  settle: 10s
client: {heartbeat: {every: 5s, timeout: 3s}, connect_timeout: 5s, backoff: {max: 5s}}
faults:
  - {at: 10s, for: 150s, fault: corrupt, target: service, with: {probability: 3%}}
  - {at: 10s, for: 40s, fault: duplicate, target: service, with: {probability: 20%}}
  - {at: 10s, for: 40s, fault: reorder, target: {kind: process}, with: {probability: 20%, latency: 500ms}}
  - {at: 20s, for: 30s, fault: partition, target: service, with: {share: 30%}}
  - {at: 40s, fault: half_open, target: service, with: {share: 40%}}
  - {at: 60s, for: 5s, fault: pause, target: "processes[0]"}
  - {at: 60s, for: 5s, fault: pause, target: "gateways[one]"}
  - {at: 70s, for: 5s, fault: crash, target: "processes[1]"}
  - {at: 80s, for: 5s, fault: crash, target: "gateways[one]"}
  - {at: 90s, for: 5s, fault: crash, target: {kind: device, mode: percent, value: 30%}}
  - {at: 100s, for: 5s, fault: crash, target: push}
  - {at: 110s, for: 10s, fault: write_error, with: {probability: 2%}}
  - {at: 120s, every: 9s, times: 3, fault: lease_steal, target: {kind: mailbox_shard, mode: one}}
  - {at: 150s, fault: replay, target: {kind: mailbox_shard}, with: {entries: 20}}
  - {at: 160s, for: 5s, fault: reinstall, target: {kind: device, mode: percent, value: 20%}}
  - {at: 180s, for: 10s, fault: disk_full, with: {}}
)";

struct Shipped {
  const char* name;
  std::vector<std::string> cut;
};

// The two runs, of which the second went through the codec.
ObservedRun expect_one_run(const std::string& text, std::uint64_t seed,
                           std::vector<std::string> set = {}) {
  const ObservedRun plain = run_scenario(text, seed, {.set = set});
  set.emplace_back("wire=encoded");
  ObservedRun encoded = run_scenario(text, seed, {.set = set});
  EXPECT_EQ(encoded.fingerprint, plain.fingerprint);
  EXPECT_EQ(encoded.facts.size(), plain.facts.size());
  EXPECT_EQ(encoded.signals.size(), plain.signals.size());
  EXPECT_EQ(encoded.stats.by_kind, plain.stats.by_kind);
  EXPECT_EQ(encoded.stats.network.bytes, plain.stats.network.bytes);
  EXPECT_EQ(encoded.stats.network.corrupted, plain.stats.network.corrupted);
  EXPECT_EQ(encoded.stats.store_bytes_peak, plain.stats.store_bytes_peak);
  EXPECT_EQ(plain.stats.letters.frames, 0U);
  EXPECT_EQ(plain.stats.letters.records, 0U);
  // Each arrival at a machine but the answers of the push provider was a letter.
  const auto arrivals = [&](EventKind kind) {
    return encoded.stats.by_kind[static_cast<std::size_t>(kind)];
  };
  EXPECT_GE(encoded.stats.letters.frames,
            arrivals(EventKind::kToGateway) + arrivals(EventKind::kToShard));
  EXPECT_GT(encoded.stats.letters.records, encoded.report.counters.applied);
  // Bytes can be searched for plaintext, values cannot: without them nothing is proved.
  EXPECT_EQ(plain.report.of(13).verdict, oracle::Verdict::kUnknown);
  EXPECT_EQ(encoded.report.of(13).verdict, oracle::Verdict::kPass);
  EXPECT_GE(encoded.report.of(13).checked, encoded.stats.letters.frames);
  return encoded;
}

class Encoded : public testing::TestWithParam<Shipped> {};

TEST_P(Encoded, ShippedScenariosGoAsWithoutBytes) {
  std::ifstream file("scenarios/" + std::string(GetParam().name) + ".yaml");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  ASSERT_FALSE(text.empty());
  const ObservedRun run = expect_one_run(text, 1, GetParam().cut);
  EXPECT_GT(run.report.counters.applied, 300U);
}

INSTANTIATE_TEST_SUITE_P(
    Scenarios, Encoded,
    testing::Values(Shipped{"lease_steal", {"users=120", "traffic.messages=4/s"}},
                    Shipped{"flaky_mobile", {"users=120", "traffic.messages=4/s"}},
                    Shipped{"store_crash", {"users=120", "traffic.messages=4/s"}},
                    Shipped{"region_partition", {"users=120", "traffic.messages=4/s"}},
                    Shipped{"push_throttle", {"users=120", "traffic.messages=2/s"}},
                    Shipped{"rolling_deploy", {"users=120", "traffic.messages=4/s"}},
                    Shipped{"offline_week", {}}),
    [](const auto& shipped) { return std::string(shipped.param.name); });

TEST(EncodedWorld, TroubleIsTheSameTroubleAndDamageComesToNothing) {
  for (const std::uint64_t seed : {1U, 2U}) {
    SCOPED_TRACE(seed);
    const ObservedRun run = expect_one_run(kTroubled, seed);
    expect_no_violation(run);
    const LetterCounts& letters = run.stats.letters;
    // Each damaged frame was handed to the decoder, which cannot tell all of them from true ones;
    // the rest that the network counts is of handshakes.
    EXPECT_LE(letters.spoilt, run.stats.network.corrupted);
    EXPECT_GT(letters.spoilt, run.stats.network.corrupted * 3 / 4);
    EXPECT_GT(letters.refused, letters.spoilt / 10);
    EXPECT_LT(letters.refused, letters.spoilt);
  }
}

// ---------------------------------------------------------------- letters

TEST(Letters, WhatIsBeyondTheLimitsOfTheCodecHasNone) {
  Letters letters(true, engine::Streams(1));
  model::SendMessage send;
  send.content.bytes = wire::kMaxContentBytes + 1;
  EXPECT_EQ(letters.write(send), Letters::kNone);
  send.content.bytes = 100;
  const std::uint32_t letter = letters.write(send);
  EXPECT_EQ(std::get<model::SendMessage>(letters.read(letter)).content.bytes, 100U);

  model::Outbox row;
  row.content.bytes = wire::kMaxContentBytes + 1;
  std::vector<model::Write> writes;
  writes.push_back({model::outbox_key({}, {}, {}), row});
  writes.push_back({model::outbox_key({}, {}, model::ClientSeq(1)), std::nullopt});
  letters.store(writes, [](auto) {});
  EXPECT_EQ(std::get<model::Outbox>(*writes[0].record), row);
  EXPECT_FALSE(writes[1].record);
  EXPECT_EQ(letters.counts().records, 0U);
}

TEST(Letters, DamageIsDrawnFromTheSeedAndNeverNone) {
  const auto refused = [](std::uint64_t seed) {
    Letters letters(true, engine::Streams(seed));
    std::string story;
    for (std::uint64_t n = 0; n < 200; ++n) {
      const std::uint64_t before = letters.counts().refused;
      letters.spoil(letters.write(model::Ping{model::DeviceId(77)}));
      story += letters.counts().refused == before ? 'f' : 'x';
    }
    EXPECT_EQ(letters.counts().spoilt, 200U);
    return story;
  };
  EXPECT_EQ(refused(1), refused(1));
  EXPECT_NE(refused(1), refused(2));
}

}  // namespace
}  // namespace greytick::world
