// A phone gets into session, stays there, and starts afresh as another installation.
#include "tests/model/devices.h"

namespace greytick::model {
namespace {

using namespace literals;  // NOLINT(google-build-using-namespace): literals alone.

// ---------------------------------------------------------------- the ring

TEST_F(Devices, DialsSaysHelloAndOpens) {
  go_online();
  EXPECT_EQ(bench.state.conn.link, Link::kConnecting);
  EXPECT_EQ(bench.sent<Dial>().size(), 1U);
  connect();
  EXPECT_EQ(bench.state.conn.link, Link::kResuming);
  EXPECT_EQ(last_hello().hello_seq, HelloSeq(1));
  welcome(3);
  EXPECT_EQ(bench.state.conn.link, Link::kOpen);
  EXPECT_EQ(bench.noted<SessionAdopted>().at(0).epoch, SessionEpoch(3));
}

TEST_F(Devices, AWelcomeThatAnswersAnotherHelloIsNotAdopted) {
  go_online();
  connect();
  const Hello hello = last_hello();
  bench.arrive(kGateway,
               Welcome{kPhone, hello.hello_seq, Nonce(hello.nonce.value() + 1), SessionEpoch(1)});
  bench.arrive(kGateway, Welcome{kPhone, HelloSeq(9), hello.nonce, SessionEpoch(1)});
  EXPECT_EQ(bench.state.conn.link, Link::kResuming);
}

TEST_F(Devices, EachHelloHasANewNumberEvenAfterACrash) {
  open();
  bench.restart(initial(), start(kInstall));
  go_online();
  connect({Role::kGateway, 1, ConnectionId(11)});
  EXPECT_EQ(last_hello().hello_seq, HelloSeq(2));
}

TEST_F(Devices, WithoutAWelcomeItHangsUpAndBacksOff) {
  go_online();
  connect();
  bench.advance(10s);
  EXPECT_EQ(bench.sent<HangUp>().size(), 1U);
  EXPECT_EQ(bench.state.conn.link, Link::kBackoff);
  bench.advance(1s);
  EXPECT_EQ(bench.state.conn.link, Link::kConnecting);
}

TEST_F(Devices, ADialThatNeverAnswersIsGivenUpAndALateConnectionClosed) {
  go_online();
  bench.advance(20s);
  EXPECT_EQ(bench.state.conn.link, Link::kBackoff);
  connect();
  EXPECT_EQ(bench.sent<HangUp>().size(), 1U);
  EXPECT_EQ(bench.state.conn.link, Link::kBackoff);
}

TEST_F(Devices, DelaysGrowAndResetOnlyAfterASteadySession) {
  go_online();
  for (const Duration wait : {1s, 2s, 4s}) {
    bench.arrive({Role::kTransport, 0, ConnectionId{}}, Refused{});
    EXPECT_EQ(bench.timer(Timer::kDial), bench.now + wait);
    bench.advance(wait);
  }
  connect();
  welcome(1);
  bench.advance(29s);
  EXPECT_EQ(bench.state.backoff.attempts, 3U);
  bench.advance(1s);
  EXPECT_EQ(bench.state.backoff.attempts, 0U);
}

TEST_F(Devices, WaitsAsTheServerHints) {
  open();
  bool later = false;
  for (int i = 0; i < 8; ++i) {
    bench.arrive(bench.state.conn.gateway, Disconnected{5min});
    ASSERT_EQ(bench.state.conn.link, Link::kBackoff);
    const Instant at = bench.timer(Timer::kDial).value_or(kNever);
    EXPECT_LE(at, bench.now + 5min);
    later = later || at > bench.now + 60s;
    bench.now = at;
    bench.timers.clear();
    bench.step(Fired{Timer::kDial, 0});
    connect();
  }
  EXPECT_TRUE(later);
}

TEST_F(Devices, ADisconnectOfAnEarlierConnectionIsNothing) {
  open();
  bench.arrive({Role::kGateway, 1, ConnectionId(9)}, Disconnected{});
  EXPECT_EQ(bench.state.conn.link, Link::kOpen);
}

TEST_F(Devices, OneMissedPongDegradesTwoDrop) {
  open();
  bench.advance(30s);
  ASSERT_EQ(bench.sent<Ping>().size(), 1U);
  bench.advance(20s);
  EXPECT_EQ(bench.state.conn.link, Link::kDegraded);
  EXPECT_EQ(bench.took(Branch::kDegraded), 1U);
  bench.advance(20s);
  EXPECT_EQ(bench.state.conn.link, Link::kBackoff);
  EXPECT_EQ(bench.took(Branch::kHalfOpenDetected), 1U);
  EXPECT_EQ(bench.sent<HangUp>().size(), 1U);
}

TEST_F(Devices, APongMendsADegradedConnection) {
  open();
  bench.advance(50s);
  ASSERT_EQ(bench.state.conn.link, Link::kDegraded);
  bench.arrive(kGateway, Pong{kPhone});
  EXPECT_EQ(bench.state.conn.link, Link::kOpen);
  bench.advance(29s);
  EXPECT_EQ(bench.state.conn.link, Link::kOpen);
}

TEST_F(Devices, AnythingHeardCountsAsAPong) {
  open();
  bench.advance(40s);
  deliver(1, 1);
  bench.advance(10s);
  EXPECT_EQ(bench.state.conn.link, Link::kOpen);
}

TEST_F(Devices, OfflineMakesEveryTimerHarmless) {
  open();
  compose();
  bench.step(App{GoOffline{}});
  EXPECT_EQ(bench.state.conn.link, Link::kOffline);
  EXPECT_TRUE(bench.timers.empty());
  for (const Timer timer : {Timer::kDial, Timer::kHello, Timer::kHeartbeat, Timer::kPong,
                            Timer::kRetry, Timer::kSteady}) {
    bench.step(Fired{timer, 0});
  }
  EXPECT_EQ(bench.state.conn.link, Link::kOffline);
}

TEST_F(Devices, ANudgeInAnOpenSessionSaysHelloAgain) {
  open();
  bench.arrive({Role::kProvider, 0, ConnectionId{}}, Nudge{kPhone});
  EXPECT_EQ(bench.state.conn.link, Link::kResuming);
  EXPECT_EQ(last_hello().hello_seq, HelloSeq(2));
}

// ---------------------------------------------------------------- incarnations

TEST_F(Devices, ASessionOfAVersionThatTheAppDoesNotSpeakIsNotAdopted) {
  Device::State old = initial();
  old.config.version = Version::k1;
  bench.restart(old, start(kInstall));
  go_online();
  connect();
  const Hello hello = last_hello();
  EXPECT_EQ(hello.version, Version::k1);
  Welcome welcome{kPhone, hello.hello_seq, hello.nonce, SessionEpoch(1), Version::k2};
  bench.arrive(kGateway, welcome);
  EXPECT_EQ(bench.state.epoch, SessionEpoch());
  EXPECT_EQ(bench.took(Branch::kNotUnderstood), 1U);
  welcome.version = Version::k1;
  bench.arrive(kGateway, welcome);
  EXPECT_EQ(bench.state.epoch, SessionEpoch(1));
}

TEST_F(Devices, AReinstallRegistersBeforeItSaysHello) {
  bench.store = Store{};
  bench.restart(initial(), start(88));
  go_online();
  connect();
  ASSERT_EQ(bench.sent<Register>().size(), 1U);
  EXPECT_EQ(bench.sent<Register>()[0].install_id, 88U);
  EXPECT_TRUE(bench.sent<Hello>().empty());
  bench.arrive(kGateway, Registered{kPhone, 88, Incarnation(2)});
  EXPECT_EQ(last_hello().incarnation, Incarnation(2));
  EXPECT_EQ(last_hello().cursor, MailboxSeq(0));
  welcome(5);
  compose();
  EXPECT_EQ(bench.sent<SendMessage>().at(0).stream.incarnation, Incarnation(2));
}

TEST_F(Devices, ARegistrationOfAnotherInstallationIsIgnored) {
  bench.restart(initial(), start(88));
  go_online();
  connect();
  bench.arrive(kGateway, Registered{kPhone, kInstall, Incarnation(1)});
  EXPECT_EQ(bench.state.incarnation, Incarnation(0));
}

TEST_F(Devices, ARestoredBackupNeverResendsItsOutbox) {
  for (int i = 0; i < 300; ++i) compose();
  bench.restart(initial(), start(88));
  EXPECT_EQ(bench.store.count(Table::kOutbox), 0U);
  EXPECT_EQ(bench.store.count(Table::kThread), 0U);
  EXPECT_EQ(bench.took(Branch::kBackupFound), 1U);
  // More than one step erases, and each knows whose messages they were.
  const auto unknown = bench.noted<OutcomeUnknown>();
  ASSERT_EQ(unknown.size(), 300U);
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    EXPECT_EQ(unknown[i].stream, (StreamId{kPhone, Incarnation(1), kTalk}));
    EXPECT_EQ(unknown[i].cseq, ClientSeq(i + 1));
  }
}

TEST_F(Devices, ABackupIsFoundAgainUntilTheLastOfItsRowsIsGone) {
  for (int i = 0; i < 300; ++i) compose();
  const Store backup = bench.store;
  bench.restart(initial(), start(88));
  // What the first step leaves, had the phone crashed after it.
  bench.store = backup;
  for (std::uint64_t n = 1; n <= 256; ++n) {
    bench.store.apply({outbox_key(kPhone, kTalk, ClientSeq(n)), std::nullopt});
  }
  bench.forget();
  bench.restart(initial(), start(88));
  EXPECT_EQ(bench.took(Branch::kBackupFound), 1U);
  ASSERT_EQ(bench.noted<OutcomeUnknown>().size(), 44U);
  EXPECT_EQ(bench.noted<OutcomeUnknown>().front().cseq, ClientSeq(257));
  EXPECT_EQ(bench.store.find<Identity>(identity_key(kPhone))->incarnation, Incarnation(0));
  bench.forget();
  bench.restart(initial(), start(88));
  EXPECT_EQ(bench.took(Branch::kBackupFound), 0U);
}

TEST_F(Devices, AnInstallationThatCannotGoOnSaysSoOfItsOutbox) {
  open();
  compose();
  compose();
  bench.arrive(kGateway, reply_to(bench.sent<SendMessage>()[0], ReplyCode::kConflict));
  ASSERT_EQ(bench.noted<OutcomeUnknown>().size(), 2U);
  EXPECT_EQ(bench.noted<OutcomeUnknown>()[1].stream.incarnation, Incarnation(1));
  EXPECT_EQ(bench.took(Branch::kBackupFound), 0U);
}

TEST_F(Devices, AStaleHelloTakesANewInstallId) {
  go_online();
  connect();
  const Hello hello = last_hello();
  bench.arrive(kGateway, HelloStale{kPhone, hello.hello_seq, Nonce(1), HelloSeq(9)});
  EXPECT_TRUE(bench.sent<Register>().empty());
  bench.arrive(kGateway, HelloStale{kPhone, hello.hello_seq, hello.nonce, HelloSeq(9)});
  ASSERT_EQ(bench.sent<Register>().size(), 1U);
  EXPECT_NE(bench.sent<Register>()[0].install_id, kInstall);
}

TEST_F(Devices, AConflictTakesANewIncarnation) {
  for (const ReplyCode code :
       {ReplyCode::kConflict, ReplyCode::kForgotten, ReplyCode::kStaleIncarnation}) {
    Bench<Device> saved = bench;
    open();
    compose();
    bench.arrive(kGateway, reply_to(bench.sent<SendMessage>()[0], code));
    EXPECT_EQ(bench.sent<Register>().size(), 1U);
    EXPECT_EQ(bench.store.count(Table::kOutbox), 0U);
    EXPECT_EQ(bench.state.conn.link, Link::kResuming);
    bench = saved;
  }
}

}  // namespace
}  // namespace greytick::model
