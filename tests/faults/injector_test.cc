#include "sim/faults/injector.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/faults/recorded_controls.h"

namespace greytick::faults {
namespace {

using namespace model::literals;
using scenario::DistSpec;
using scenario::Fault;
using scenario::FaultKind;
using scenario::Selector;
using scenario::TargetKind;
using scenario::TargetMode;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Instant at(Duration d) { return Instant{d}; }

struct Bench {
  explicit Bench(std::vector<Fault> faults, std::uint32_t devices = 10) {
    scenario.faults = std::move(faults);
    for (std::uint32_t i = 0; i < scenario.faults.size(); ++i) {
      scenario.faults[i].name = fmt::format("fault{}", i);
    }
    controls = std::make_unique<RecordedControls>(scenario, devices);
    injector = std::make_unique<Injector>(scenario, engine::Streams(scenario.seed), *controls);
  }
  /// What was asked of the world up to `t`.
  std::vector<std::string> until(Duration t) {
    controls->calls.clear();
    injector->run(at(t));
    return controls->calls;
  }
  net::Network& network() { return controls->network(); }

  scenario::Scenario scenario = small_scenario();
  std::unique_ptr<RecordedControls> controls;
  std::unique_ptr<Injector> injector;
};

Selector index_of(TargetKind kind, std::uint64_t index) {
  return {.kind = kind, .mode = TargetMode::kIndex, .index = index};
}
Fault fault(FaultKind kind, Selector target, scenario::FaultWith with = {}) {
  return {.kind = kind, .target = std::move(target), .at = 10s, .lasts = 20s, .with = with};
}

const Selector kService{.kind = TargetKind::kService};

// --- links: effect and healing on a real network ---

struct LinkCase {
  const char* name;
  FaultKind kind;
  scenario::FaultWith with;
  // Copies of one frame from gateway 0 to process 0, and when the first arrives after sending.
  std::size_t copies;
  Duration first;
};

TEST(Injector, LinkFaultsChangeTheBusAndHeal) {
  const LinkCase cases[] = {
      {"drop", FaultKind::kDrop, {.probability = {1.0}}, 0, {}},
      {"bursts", FaultKind::kDrop, {.bursts = scenario::Loss{{1.0}, {0.0}, {1.0}, {1.0}}}, 0, {}},
      {"latency", FaultKind::kLatency, {.latency = 300ms}, 1, 300500us},
      {"duplicate", FaultKind::kDuplicate, {.probability = {1.0}}, 2, 500us},
      {"reorder", FaultKind::kReorder, {.probability = {1.0}, .latency = 1s}, 1, 1000500us},
      {"corrupt", FaultKind::kCorrupt, {.probability = {1.0}}, 0, {}},
      {"partition", FaultKind::kPartition, {}, 0, {}},
  };
  for (const LinkCase& c : cases) {
    SCOPED_TRACE(c.name);
    Bench b({fault(c.kind, index_of(TargetKind::kProcess, 0), c.with)});
    EXPECT_EQ(b.injector->next(), at(10s));
    EXPECT_THAT(b.until(10s), ElementsAre("10000ms links"));
    EXPECT_THAT(b.injector->in_force(), ElementsAre(0));
    const auto fate = b.network().bus(net::gateway(0), net::process(0), 100, at(11s));
    ASSERT_EQ(fate.size(), c.copies);
    if (c.copies > 0) {
      EXPECT_EQ(fate[0] - at(11s), c.first);
    }
    // Elsewhere nothing happens.
    EXPECT_EQ(b.network().bus(net::gateway(0), net::process(1), 100, at(11s)),
              (net::BusFate{at(11s) + 500us}));
    EXPECT_EQ(b.injector->next(), at(30s));
    EXPECT_THAT(b.until(30s), ElementsAre("30000ms links"));
    EXPECT_FALSE(b.network().rules_in_force());
    EXPECT_THAT(b.injector->in_force(), IsEmpty());
    EXPECT_EQ(b.network().bus(net::gateway(0), net::process(0), 100, at(31s)),
              (net::BusFate{at(31s) + 500us}));
    EXPECT_EQ(b.injector->next(), model::kNever);
  }
}

TEST(Injector, APartitionBetweenRegionsMayBeOneWay) {
  Fault f = fault(FaultKind::kPartition, {.kind = TargetKind::kRegion, .region = "eu"});
  f.other = Selector{.kind = TargetKind::kRegion, .region = "br"};
  f.direction = scenario::Direction::kTo;
  Bench b({f});
  b.until(10s);
  EXPECT_TRUE(b.network().cut(net::process(2, 1), net::process(0, 0)));
  EXPECT_FALSE(b.network().cut(net::process(0, 0), net::process(2, 1)));
  EXPECT_FALSE(b.network().cut(net::device(1, 1), net::gateway(2, 1)));
  b.until(30s);
  EXPECT_FALSE(b.network().cut(net::process(2, 1), net::process(0, 0)));
}

TEST(Injector, APartitionOfTheServiceCutsEveryLink) {
  Bench b({fault(FaultKind::kPartition, kService)});
  b.until(10s);
  EXPECT_TRUE(b.network().cut(net::device(0), net::gateway(0)));
  EXPECT_TRUE(b.network().cut(net::process(0), net::process(1)));
}

// --- connections ---

TEST(Injector, ConnectionFaultsStrikeTheConnectionsOfTheTargetOnce) {
  for (const auto& [kind, word] :
       {std::pair{FaultKind::kResetPeer, "reset"}, std::pair{FaultKind::kHalfOpen, "half-open"},
        std::pair{FaultKind::kReconnectStorm, "reset"}}) {
    Fault f = fault(kind, index_of(TargetKind::kGateway, 0));
    f.lasts = 0s;
    Bench b({f});
    b.controls->live = {{net::device(0), net::gateway(0)},
                        {net::device(2), net::gateway(1)},
                        {net::device(4), net::gateway(0)}};
    EXPECT_THAT(b.until(10s),
                ElementsAre(fmt::format("10000ms {} 0", word), fmt::format("10000ms {} 4", word)));
    EXPECT_EQ(b.injector->next(), model::kNever);
  }
}

TEST(Injector, AShareOfConnectionsIsDrawnForEachAlone) {
  Fault f = fault(FaultKind::kHalfOpen, kService, {.share = {0.25}});
  f.lasts = 0s;
  Bench all({f}, 2000);
  Bench fewer({f}, 2000);
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const LiveConnection c{all.controls->device(i), net::gateway(i % 2)};
    all.controls->live.push_back(c);
    if (i != 7) fewer.controls->live.push_back(c);
  }
  auto struck = all.until(10s);
  EXPECT_NEAR(static_cast<double>(struck.size()), 500, 80);
  std::erase(struck, "10000ms half-open 7");
  EXPECT_EQ(fewer.until(10s), struck);
}

// --- nodes ---

TEST(Injector, ACrashTakesANodeDownAndHealsIt) {
  Bench b({fault(FaultKind::kCrash, index_of(TargetKind::kGateway, 1)),
           fault(FaultKind::kCrash, index_of(TargetKind::kStore, 0)),
           fault(FaultKind::kCrash, index_of(TargetKind::kPush, 0)),
           fault(FaultKind::kCrash, index_of(TargetKind::kDevice, 3))});
  EXPECT_THAT(b.until(10s), ElementsAre("10000ms crash gateway 1", "10000ms crash store 0",
                                        "10000ms crash push 0", "10000ms crash device 3"));
  EXPECT_THAT(b.until(30s), ElementsAre("30000ms restart gateway 1", "30000ms restart store 0",
                                        "30000ms restart push 0", "30000ms restart device 3"));
}

TEST(Injector, PowerLossTakesEveryServerOfARegion) {
  Bench b({fault(FaultKind::kPowerLoss, {.kind = TargetKind::kRegion, .region = "br"})});
  EXPECT_THAT(b.until(10s), ElementsAre("10000ms crash gateway 2", "10000ms crash gateway 3",
                                        "10000ms crash process 2", "10000ms crash process 3",
                                        "10000ms crash store 1"));
  EXPECT_EQ(b.until(30s).size(), 5U);
}

TEST(Injector, OverlappingCrashesOfOneNodeAreOneCrash) {
  Fault second = fault(FaultKind::kCrash, index_of(TargetKind::kProcess, 0));
  second.at = 20s;
  Bench b({fault(FaultKind::kCrash, index_of(TargetKind::kProcess, 0)), second});
  EXPECT_THAT(b.until(10s), ElementsAre("10000ms crash process 0"));
  EXPECT_THAT(b.until(30s), IsEmpty());
  EXPECT_THAT(b.until(40s), ElementsAre("40000ms restart process 0"));
}

TEST(Injector, APauseEnds) {
  Bench b({fault(FaultKind::kPause, index_of(TargetKind::kProcess, 2))});
  EXPECT_THAT(b.until(10s), ElementsAre("10000ms pause process 2"));
  EXPECT_THAT(b.until(30s), ElementsAre("30000ms resume process 2"));
}

TEST(Injector, ClocksSkewAndJumpAndComeBack) {
  Bench b({fault(FaultKind::kClockJump, index_of(TargetKind::kProcess, 0), {.jump = 31 * 24h}),
           fault(FaultKind::kClockSkew, index_of(TargetKind::kProcess, 1),
                 {.offset = -1s, .drift = {1000}})});
  EXPECT_EQ(b.injector->wall(net::process(0), at(9s)), at(9s));
  b.until(10s);
  EXPECT_EQ(b.injector->wall(net::process(0), at(20s)), at(20s) + 31 * 24h);
  EXPECT_EQ(b.injector->wall(net::process(1), at(20s)), at(19s) + 10ms);
  EXPECT_EQ(b.injector->wall(net::process(2), at(20s)), at(20s));
  b.until(30s);
  EXPECT_EQ(b.injector->wall(net::process(0), at(30s)), at(30s));
  EXPECT_EQ(b.injector->wall(net::process(1), at(30s)), at(30s));
}

// --- stores, shards, gateways ---

TEST(Injector, StoreFaultsAddUpAndHealOneByOne) {
  Fault full = fault(FaultKind::kDiskFull, index_of(TargetKind::kStore, 1), {.free = {100}});
  full.at = 15s;
  full.lasts = 5s;
  Bench b(
      {fault(FaultKind::kSlowDisk, index_of(TargetKind::kStore, 1), {.latency = 7ms, .factor = 20}),
       full,
       fault(FaultKind::kWriteError, index_of(TargetKind::kStore, 0), {.probability = {0.5}})});
  EXPECT_THAT(b.until(10s), ElementsAre("10000ms store 1 x20 +7ms free all error 0",
                                        "10000ms store 0 x1 +0ms free all error 0.5"));
  EXPECT_THAT(b.until(15s), ElementsAre("15000ms store 1 x20 +7ms free 100 error 0"));
  EXPECT_THAT(b.until(20s), ElementsAre("20000ms store 1 x20 +7ms free all error 0"));
  EXPECT_THAT(b.until(30s), ElementsAre("30000ms store 1 x1 +0ms free all error 0",
                                        "30000ms store 0 x1 +0ms free all error 0"));
}

TEST(Injector, LeasesAreStolenAndChannelsReplayed) {
  Fault steal = fault(FaultKind::kLeaseSteal, index_of(TargetKind::kMailboxShard, 5));
  steal.lasts = 0s;
  steal.every = 30s;
  steal.times = 2;
  Fault replay =
      fault(FaultKind::kReplay, index_of(TargetKind::kConversationShard, 0), {.entries = 50});
  replay.lasts = 0s;
  Bench b({steal, replay});
  EXPECT_THAT(b.until(10s),
              ElementsAre("10000ms steal mailbox 5", "10000ms replay conversation 0 50"));
  EXPECT_THAT(b.until(90s), ElementsAre("40000ms steal mailbox 5"));
}

TEST(Injector, ShardsMoveToTheProcessThatIsNamedOrToTheNext) {
  Fault move = fault(FaultKind::kShardMove, index_of(TargetKind::kMailboxShard, 5));
  move.lasts = 0s;
  Fault named = fault(FaultKind::kShardMove, index_of(TargetKind::kProcess, 2),
                      {.to = 1, .handover = 300ms, .hint = 4s});
  named.lasts = 0s;
  Bench b({move, named});
  EXPECT_THAT(b.until(10s),
              ElementsAre("10000ms move mailbox 5 to the next in 200ms, known in 2000ms",
                          "10000ms move conversation 4 to 3 in 300ms, known in 4000ms",
                          "10000ms move conversation 6 to 3 in 300ms, known in 4000ms",
                          "10000ms move mailbox 4 to 3 in 300ms, known in 4000ms",
                          "10000ms move mailbox 6 to 3 in 300ms, known in 4000ms"));
}

TEST(Injector, AProcessThatLeavesHandsItsShardsOverAndGetsThemBack) {
  Fault first = fault(FaultKind::kRebalance, index_of(TargetKind::kProcess, 3),
                      {.entries = 7, .handover = 200ms, .hint = 2s});
  Fault again = first;
  again.at = 15s;
  Bench b({first, again});
  const auto moved = [](const char* shards, int to, const char* when) {
    return fmt::format("{} move {} to {} in 200ms, known in 2000ms", when, shards, to);
  };
  EXPECT_THAT(b.until(29s),
              ElementsAre("10000ms process 3 leaves", moved("conversation 5", 2, "10000ms"),
                          moved("conversation 7", 2, "10000ms"), moved("mailbox 5", 2, "10000ms"),
                          moved("mailbox 7", 2, "10000ms")));
  // Both must be over.
  EXPECT_THAT(b.until(34s), IsEmpty());
  EXPECT_THAT(b.until(35s),
              ElementsAre("35000ms process 3 joins", moved("conversation 5", 3, "35000ms"),
                          moved("conversation 7", 3, "35000ms"), moved("mailbox 5", 3, "35000ms"),
                          moved("mailbox 7", 3, "35000ms")));
}

TEST(Injector, AFaultByLocalTimeStrikesOnlyTheRegionWhoseClockShowsIt) {
  Fault drain{.kind = FaultKind::kDrain,
              .target = {.kind = TargetKind::kGateway},
              .at = 20s,  // stands for a time of the day
              .every = 24h,
              .region_local = true,
              .lasts = 5s};
  Bench b({drain});
  // Two gateways a region; the clocks of the second are ten seconds ahead.
  scenario::Scenario& s = b.scenario;
  s.traffic.daily.emplace().clocks = {{.region = "br", .ahead = 10s}};
  b.injector = std::make_unique<Injector>(s, engine::Streams(s.seed), *b.controls);
  EXPECT_THAT(b.until(19s), ElementsAre("10000ms drain 2", "10000ms drain 3", "15000ms undrain 2",
                                        "15000ms undrain 3"));
  EXPECT_THAT(b.until(30s), ElementsAre("20000ms drain 0", "20000ms drain 1", "25000ms undrain 0",
                                        "25000ms undrain 1"));
}

TEST(Injector, AGatewayDrainsAndComesBack) {
  Bench b({fault(FaultKind::kDrain, index_of(TargetKind::kGateway, 2))});
  EXPECT_THAT(b.until(10s), ElementsAre("10000ms drain 2"));
  EXPECT_THAT(b.until(30s), ElementsAre("30000ms undrain 2"));
}

// Region after region, gateways before processes; each turn has what it needs of the time, and the
// next begins when that is over.
TEST(Injector, ADeployTakesTheServersOneAfterTheOther) {
  Fault deploy = fault(FaultKind::kRollingDeploy, {.kind = TargetKind::kRegion, .region = "br"},
                       {.to = 1, .handover = 1s, .hint = 3s, .restart = 2s});
  deploy.lasts = 40s;  // twice what two gateways and two processes need
  Bench b({deploy});
  b.scenario.topology.gateways.drain = 1s;
  b.injector = std::make_unique<Injector>(b.scenario, engine::Streams(1), *b.controls);
  EXPECT_THAT(
      b.until(21s),
      ElementsAre("10000ms drain 2", "11000ms crash gateway 2", "11000ms gateway 2 gets version 1",
                  "13000ms restart gateway 2", "13000ms undrain 2", "16000ms drain 3",
                  "17000ms crash gateway 3", "17000ms gateway 3 gets version 1",
                  "19000ms restart gateway 3", "19000ms undrain 3"));
  const auto moved = [](const char* shards, int to, const char* when) {
    return fmt::format("{} move {} to {} in 1000ms, known in 3000ms", when, shards, to);
  };
  EXPECT_THAT(b.until(33s),
              ElementsAre("22000ms process 2 leaves", moved("conversation 4", 3, "22000ms"),
                          moved("conversation 6", 3, "22000ms"), moved("mailbox 4", 3, "22000ms"),
                          moved("mailbox 6", 3, "22000ms"), "26000ms crash process 2",
                          "26000ms process 2 gets version 1", "28000ms restart process 2",
                          "28000ms process 2 joins", moved("conversation 4", 2, "28000ms"),
                          moved("conversation 6", 2, "28000ms"), moved("mailbox 4", 2, "28000ms"),
                          moved("mailbox 6", 2, "28000ms")));
  EXPECT_EQ(b.until(50s).size(), 13U);  // the same for the other process
  EXPECT_THAT(b.injector->in_force(), IsEmpty());
}

TEST(Injector, ADeployThatIsCutShortLeavesTheRestAsItWas) {
  Fault deploy =
      fault(FaultKind::kRollingDeploy, {.kind = TargetKind::kGateway}, {.to = 1, .restart = 2s});
  Bench b({deploy});
  b.scenario.topology.gateways.drain = 3s;  // one turn in four each five seconds
  b.injector = std::make_unique<Injector>(b.scenario, engine::Streams(1), *b.controls);
  EXPECT_EQ(b.until(17s).size(), 6U);  // the second is draining
  b.controls->calls.clear();
  b.injector->heal_all(at(17s));
  EXPECT_THAT(b.controls->calls, ElementsAre("17000ms undrain 1"));
  b.injector = std::make_unique<Injector>(b.scenario, engine::Streams(1), *b.controls);
  b.until(19s);  // the second is down
  b.controls->calls.clear();
  b.injector->heal_all(at(19s));
  EXPECT_THAT(b.controls->calls, ElementsAre("19000ms restart gateway 1", "19000ms undrain 1"));
  EXPECT_EQ(b.injector->next(), model::kNever);
}

TEST(Injector, ADeployTakesSeveralOfARegionTogether) {
  Fault deploy = fault(FaultKind::kRollingDeploy, {.kind = TargetKind::kGateway},
                       {.to = 1, .restart = 2s, .at_once = 2});
  Bench b({deploy});
  b.scenario.topology.gateways.drain = 3s;
  b.injector = std::make_unique<Injector>(b.scenario, engine::Streams(1), *b.controls);
  EXPECT_THAT(b.until(10s), ElementsAre("10000ms drain 0", "10000ms drain 1"));
  EXPECT_EQ(b.until(19s).size(), 8U);
  EXPECT_THAT(b.until(20s), ElementsAre("20000ms drain 2", "20000ms drain 3"));
}

// --- devices and push ---

TEST(Injector, ChurnTurnsRadiosAndGivesThemBack) {
  scenario::FaultWith with;
  with.up = DistSpec::constant(6s);
  with.down = DistSpec::constant(2s);
  with.switches = {1.0};
  Bench b({fault(FaultKind::kChurn, index_of(TargetKind::kDevice, 4), with)});
  EXPECT_THAT(b.until(10s), IsEmpty());
  EXPECT_EQ(b.injector->next(), at(16s));
  EXPECT_THAT(b.until(16s), ElementsAre("16000ms radio 4 down"));
  EXPECT_TRUE(b.network().cut(net::device(4), net::gateway(0)));
  EXPECT_THAT(b.until(18s), ElementsAre("18000ms radio 4 up", "18000ms switch 4"));
  EXPECT_FALSE(b.network().cut(net::device(4), net::gateway(0)));
  EXPECT_THAT(b.until(25s), ElementsAre("24000ms radio 4 down"));
  b.injector->heal_all(at(25s));
  EXPECT_TRUE(b.network().radio_up(4));
  EXPECT_EQ(b.injector->next(), model::kNever);
}

TEST(Injector, ChurnOfAShareLeavesTheOthersAlone) {
  scenario::FaultWith with;
  with.up = with.down = DistSpec::constant(1s);
  with.share = {0.2};
  Bench b({fault(FaultKind::kChurn, {.kind = TargetKind::kDevice}, with)}, 1000);
  EXPECT_NEAR(static_cast<double>(b.until(11s).size()), 200, 50);
}

TEST(Injector, ThePushProviderThrottlesFailsAndRecovers) {
  Bench b({fault(FaultKind::kPushThrottle, {.kind = TargetKind::kPush}, {.rate = {5}}),
           fault(FaultKind::kPushError, {.kind = TargetKind::kPush},
                 {.probability = {0.5}, .answer = scenario::PushAnswer::kUnavailable503})});
  EXPECT_THAT(b.until(10s), ElementsAre("10000ms push rate 5 error 0 answer 0",
                                        "10000ms push rate 5 error 0.5 answer 2"));
  EXPECT_EQ(b.until(30s).back(), "30000ms push rate max error 0 answer 0");
}

TEST(Injector, AppsAreKilledOrReinstalledAndComeBackOnce) {
  Fault again = fault(FaultKind::kReinstall, index_of(TargetKind::kDevice, 3));
  again.at = 20s;
  Bench b({fault(FaultKind::kAppKill, index_of(TargetKind::kDevice, 3)), again});
  EXPECT_THAT(b.until(10s), ElementsAre("10000ms kill 3"));
  EXPECT_THAT(b.until(30s), ElementsAre("20000ms reinstall 3"));
  EXPECT_THAT(b.until(40s), ElementsAre("40000ms revive 3"));
}

TEST(Injector, APhoneIsRestoredFromACopyOfItsOwnTakenBefore) {
  const Fault lost =
      fault(FaultKind::kRestoreBackup,
            {.kind = TargetKind::kDevice, .mode = scenario::TargetMode::kOne}, {.backup_age = 4s});
  Bench b({lost});
  const std::vector<std::string> taken = b.until(9s);
  ASSERT_EQ(taken.size(), 1U);
  const std::string phone = taken[0].substr(15, 1);
  EXPECT_EQ(taken[0], "6000ms back up " + phone + " as 0");
  EXPECT_THAT(b.until(29s), ElementsAre("10000ms restore " + phone + " from 0"));
  EXPECT_THAT(b.until(30s), ElementsAre("30000ms revive " + phone));
}

TEST(Injector, ACopyIsNoOlderThanTheRunAndEachTimeHasItsOwn) {
  Fault lost =
      fault(FaultKind::kRestoreBackup, index_of(TargetKind::kDevice, 3), {.backup_age = 1h});
  lost.lasts = 1s;
  lost.every = 5s;
  lost.times = 2;
  Bench b({lost});
  EXPECT_THAT(b.until(20s),
              ElementsAre("0ms back up 3 as 0", "0ms back up 3 as 1", "10000ms restore 3 from 0",
                          "11000ms revive 3", "15000ms restore 3 from 1", "16000ms revive 3"));
}

TEST(Injector, ADrainTakesNoCopiesAnyMore) {
  Bench b({fault(FaultKind::kRestoreBackup, index_of(TargetKind::kDevice, 3), {.backup_age = 4s})});
  b.until(5s);
  b.injector->heal_all(at(5s));
  EXPECT_EQ(b.injector->next(), model::kNever);
}

// --- the whole ---

TEST(Injector, EveryKindOfFaultStartsAndHeals) {
  for (int i = 0; i < scenario::kFaultKinds; ++i) {
    SCOPED_TRACE(i);
    const auto kind = static_cast<FaultKind>(i);
    Fault f = fault(kind, {.kind = TargetKind::kGateway});
    const auto target = [&](TargetKind t) { f.target = {.kind = t}; };
    switch (kind) {
      case FaultKind::kSlowDisk:
      case FaultKind::kDiskFull:
      case FaultKind::kWriteError:
        target(TargetKind::kStore);
        f.with.factor = 2;
        break;
      case FaultKind::kRebalance:
        target(TargetKind::kProcess);
        break;
      case FaultKind::kRollingDeploy:
        f.with.to = 1;
        break;
      case FaultKind::kLeaseSteal:
      case FaultKind::kShardMove:
      case FaultKind::kReplay:
        target(TargetKind::kMailboxShard);
        break;
      case FaultKind::kChurn:
        f.with.up = f.with.down = DistSpec::constant(1s);
        target(TargetKind::kDevice);
        break;
      case FaultKind::kAppKill:
      case FaultKind::kReinstall:
      case FaultKind::kRestoreBackup:
        target(TargetKind::kDevice);
        break;
      case FaultKind::kPushThrottle:
      case FaultKind::kPushError:
        target(TargetKind::kPush);
        f.with.rate = {1};
        break;
      case FaultKind::kPowerLoss:
        target(TargetKind::kRegion);
        break;
      default:
        break;
    }
    Bench b({f});
    b.controls->live = {{net::device(0), net::gateway(0)}};
    const bool clock = kind == FaultKind::kClockSkew || kind == FaultKind::kClockJump;
    EXPECT_EQ(b.until(12s).empty(), clock);
    b.injector->heal_all(at(13s));
    EXPECT_THAT(b.injector->in_force(), IsEmpty());
    EXPECT_FALSE(b.network().rules_in_force());
    EXPECT_EQ(b.injector->next(), model::kNever);
  }
}

TEST(Injector, HealingAllStartsNothingAnyMore) {
  Fault later = fault(FaultKind::kCrash, index_of(TargetKind::kGateway, 1));
  later.at = 50s;
  Bench b({fault(FaultKind::kCrash, index_of(TargetKind::kGateway, 0)), later});
  b.until(20s);
  b.controls->calls.clear();
  b.injector->heal_all(at(25s));
  EXPECT_THAT(b.controls->calls, ElementsAre("25000ms restart gateway 0"));
  EXPECT_THAT(b.until(90s), IsEmpty());
}

TEST(Injector, DrawsDependOnTheSeedAndTheOccurrenceAlone) {
  Fault f = fault(FaultKind::kCrash, {.kind = TargetKind::kDevice, .mode = TargetMode::kOne});
  f.every = 10s;
  f.lasts = 5s;
  Bench one({f}, 1000);
  Bench two({f}, 1000);
  const auto calls = one.until(90s);
  EXPECT_EQ(calls, two.until(90s));
  EXPECT_NE(calls[0].substr(calls[0].find("device")), calls[2].substr(calls[2].find("device")));
}

}  // namespace
}  // namespace greytick::faults
