#include "model/device.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "tests/model/step.h"

namespace greytick::model {
namespace {

using namespace literals;

constexpr DeviceId kPhone(5);
constexpr UserId kUser(3);
constexpr Recipient kPeer{UserId(4), DeviceId(6), Incarnation(1)};
constexpr ConversationId kTalk(7);
constexpr std::uint64_t kInstall = 77;
constexpr Address kGateway{Role::kGateway, 1, ConnectionId(10)};

class Devices : public testing::Test {
 protected:
  Devices() : bench(initial()) {
    Identity identity;
    identity.user = kUser;
    identity.install_id = kInstall;
    identity.incarnation = Incarnation(1);
    bench.store.put(identity_key(kPhone), identity);
    bench.step(start(kInstall));
    bench.forget();
  }
  static Device::State initial() {
    Device::State s;
    s.config.device = kPhone;
    s.config.user = kUser;
    s.config.key = PayloadKey{9};
    s.config.backoff.jitter = Jitter::kNone;
    return s;
  }
  static Start start(std::uint64_t install_id) {
    Start s;
    s.install_id = install_id;
    return s;
  }
  void go_online() { bench.step(App{GoOnline{}}); }
  void connect(Address gateway = kGateway) {
    bench.arrive(gateway, Connected{kPhone, GatewayId(gateway.index)});
  }
  Hello last_hello() const { return bench.sent<Hello>().back(); }
  void welcome(std::uint64_t epoch) {
    const Hello hello = last_hello();
    bench.arrive(bench.state.conn.gateway,
                 Welcome{kPhone, hello.hello_seq, hello.nonce, SessionEpoch(epoch)});
  }
  void open(std::uint64_t epoch = 1) {
    go_online();
    connect();
    welcome(epoch);
    bench.forget();
  }
  void compose(ConversationId c = kTalk) { bench.step(App{Compose{c, 100}}); }
  SendReply reply_to(const SendMessage& m, ReplyCode code) {
    SendReply r;
    r.stream = m.stream;
    r.cseq = m.cseq;
    r.id = m.id;
    r.code = code;
    return r;
  }
  void sent(const SendMessage& m, std::uint64_t position) {
    SendReply r = reply_to(m, ReplyCode::kSent);
    r.position = LogPos(position);
    bench.arrive(kGateway, r);
  }
  void deliver(std::uint64_t mseq, std::uint64_t position, Cause cause = Cause::kNone,
               std::uint64_t epoch = 1) {
    Data d;
    d.device = kPhone;
    d.epoch = SessionEpoch(epoch);
    d.mseq = MailboxSeq(mseq);
    d.cause = cause;
    d.message.stream = {kPeer.device, kPeer.incarnation, kTalk};
    d.message.sender = kPeer.user;
    d.message.position = LogPos(position);
    bench.arrive(kGateway, d);
  }
  void tick(std::uint64_t version, std::uint64_t delivered, std::uint64_t read,
            std::vector<FailedInterval> failed = {}) {
    TickRegister value{TickVersion(version), LogPos(delivered), LogPos(read), {}};
    value.failed.assign(failed.begin(), failed.end());
    bench.arrive(kGateway, Tick{kPhone, kTalk, kPeer.device, value});
  }
  std::vector<std::uint64_t> cseqs() const {
    std::vector<std::uint64_t> all;
    for (const SendMessage& m : bench.sent<SendMessage>()) all.push_back(m.cseq.value());
    return all;
  }
  MailboxSeq cursor() const { return bench.store.find<Identity>(identity_key(kPhone))->cursor; }

 public:
  Bench<Device> bench;
};

using Cseqs = std::vector<std::uint64_t>;

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

// ---------------------------------------------------------------- sending

TEST_F(Devices, WritesTheOutboxBeforeItSends) {
  compose();
  EXPECT_EQ(bench.store.count(Table::kOutbox), 1U);
  EXPECT_EQ(bench.noted<Created>().size(), 1U);
  EXPECT_TRUE(bench.sent<SendMessage>().empty());
  open();
}

TEST_F(Devices, FlushesTheOutboxInOrderAfterWelcome) {
  for (int i = 0; i < 3; ++i) compose();
  go_online();
  connect();
  EXPECT_TRUE(cseqs().empty());
  welcome(1);
  EXPECT_EQ(cseqs(), (Cseqs{1, 2, 3}));
}

TEST_F(Devices, KeepsAtMostAWindowInFlight) {
  open();
  for (int i = 0; i < 20; ++i) compose();
  EXPECT_EQ(cseqs().size(), 16U);
  const auto messages = bench.sent<SendMessage>();
  // An answer in the middle opens nothing: the server's ring is counted from the oldest.
  sent(messages[5], 6);
  EXPECT_EQ(cseqs().size(), 16U);
  sent(messages[0], 1);
  EXPECT_EQ(cseqs().size(), 17U);
  EXPECT_EQ(bench.sent<SendMessage>().back().acked, ClientSeq(1));
}

TEST_F(Devices, OneBlockedConversationDoesNotStopAnother) {
  for (int i = 0; i < 300; ++i) compose(ConversationId(1));
  compose(ConversationId(2));
  open();
  // open() forgot the sends; what is in flight tells.
  EXPECT_TRUE(std::ranges::any_of(bench.state.in_flight, [](const Device::InFlight& f) {
    return f.conversation == ConversationId(2);
  }));
  EXPECT_EQ(bench.state.in_flight.size(), 17U);
}

TEST_F(Devices, DrainsALongOutboxCompletely) {
  for (int i = 0; i < 400; ++i) compose(ConversationId(1 + static_cast<unsigned>(i) % 3));
  go_online();
  connect();
  welcome(1);
  std::uint64_t position = 0;
  for (std::size_t i = 0; i < bench.sent<SendMessage>().size(); ++i) {
    sent(bench.sent<SendMessage>()[i], ++position);
  }
  EXPECT_EQ(bench.sent<SendMessage>().size(), 400U);
  EXPECT_EQ(bench.store.count(Table::kOutbox), 0U);
  EXPECT_EQ(bench.state.conn.link, Link::kOpen);
}

TEST_F(Devices, AnUnansweredSendGoesAgainAsItWas) {
  open();
  compose();
  bench.advance(8s);
  const auto messages = bench.sent<SendMessage>();
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].id, messages[1].id);
  EXPECT_EQ(messages[0].content, messages[1].content);
}

TEST_F(Devices, SentErasesTheRowAndShowsTheTick) {
  open();
  compose();
  sent(bench.sent<SendMessage>()[0], 4);
  EXPECT_EQ(bench.store.count(Table::kOutbox), 0U);
  EXPECT_EQ(bench.noted<Answered>().size(), 1U);
  ASSERT_EQ(bench.noted<TicksShown>().size(), 1U);
  EXPECT_EQ(bench.noted<TicksShown>()[0].sent, LogPos(4));
  bench.advance(1h);
  EXPECT_EQ(cseqs().size(), 1U);
}

TEST_F(Devices, ARepeatedAnswerIsOneAnswer) {
  open();
  compose();
  const SendMessage m = bench.sent<SendMessage>()[0];
  sent(m, 4);
  sent(m, 4);
  EXPECT_EQ(bench.noted<Answered>().size(), 1U);
}

TEST_F(Devices, AnAnswerToAnotherMessageIsIgnored) {
  open();
  compose();
  SendMessage m = bench.sent<SendMessage>()[0];
  m.id.low ^= 1;
  sent(m, 4);
  EXPECT_EQ(bench.took(Branch::kStaleReplyIgnored), 1U);
  EXPECT_EQ(bench.store.count(Table::kOutbox), 1U);
  EXPECT_TRUE(bench.noted<Answered>().empty());
}

TEST_F(Devices, ARetryableHoldsTheConversationUntilItsTime) {
  open();
  compose();
  SendReply r = reply_to(bench.sent<SendMessage>()[0], ReplyCode::kRetryable);
  r.retry_after = 2s;
  bench.arrive(kGateway, r);
  EXPECT_EQ(bench.noted<TurnedAway>().size(), 1U);
  compose();
  EXPECT_EQ(cseqs(), (Cseqs{1}));
  bench.advance(1999ms);
  EXPECT_EQ(cseqs(), (Cseqs{1}));
  bench.advance(2001ms);
  EXPECT_EQ(cseqs(), (Cseqs{1, 1, 2}));
}

TEST_F(Devices, AGapIsFilledFromTheMissingOneInOrder) {
  open();
  for (int i = 0; i < 3; ++i) compose();
  const auto messages = bench.sent<SendMessage>();
  for (const std::size_t i : {1U, 2U}) {
    SendReply r = reply_to(messages[i], ReplyCode::kGap);
    r.expected = ClientSeq(1);
    bench.arrive(kGateway, r);
  }
  bench.forget();
  bench.advance(1s);
  EXPECT_EQ(cseqs(), (Cseqs{1, 2, 3}));
}

TEST_F(Devices, AnUnansweredOneBehindAHeldOneWaitsForIt) {
  open();
  compose();
  bench.advance(1s);
  compose();
  bench.advance(6500ms);
  SendReply r = reply_to(bench.sent<SendMessage>()[0], ReplyCode::kRetryable);
  r.retry_after = 10s;
  bench.arrive(kGateway, r);
  bench.forget();
  // The second is due at 9 s; the first, refused, between 17.5 s and 27.5 s.
  bench.advance(9s);
  EXPECT_EQ(cseqs(), (Cseqs{}));
  while (cseqs().empty() && bench.now < Instant{} + 30s) bench.advance(10ms);
  EXPECT_EQ(cseqs(), (Cseqs{1, 2}));
}

TEST_F(Devices, AfterACrashTheOutboxGoesAgain) {
  open();
  compose();
  bench.restart(initial(), start(kInstall));
  bench.forget();
  go_online();
  connect();
  welcome(2);
  EXPECT_EQ(cseqs(), (Cseqs{1}));
}

TEST_F(Devices, ARejectionIsFinalAndShowsNoTick) {
  open();
  compose();
  SendReply r = reply_to(bench.sent<SendMessage>()[0], ReplyCode::kRejected);
  r.reason = RejectReason::kNotMember;
  bench.arrive(kGateway, r);
  EXPECT_EQ(bench.noted<Answered>().size(), 1U);
  EXPECT_TRUE(bench.noted<TicksShown>().empty());
  EXPECT_EQ(bench.store.count(Table::kOutbox), 0U);
}

// ---------------------------------------------------------------- applying

TEST_F(Devices, AppliesTheNextAndAcksIt) {
  open();
  deliver(1, 5);
  EXPECT_EQ(cursor(), MailboxSeq(1));
  EXPECT_EQ(bench.noted<Applied>().size(), 1U);
  EXPECT_EQ(bench.noted<Displayed>().size(), 1U);
  EXPECT_EQ(bench.sent<Ack>().at(0).cursor, MailboxSeq(1));
}

TEST_F(Devices, ReAcksADuplicateWithoutApplyingIt) {
  open();
  deliver(1, 5);
  deliver(1, 5);
  EXPECT_EQ(bench.noted<Applied>().size(), 1U);
  EXPECT_EQ(bench.took(Branch::kDuplicateIgnored), 1U);
  EXPECT_EQ(bench.sent<Ack>().size(), 2U);
}

TEST_F(Devices, AppliesNothingBeyondAHole) {
  open();
  deliver(2, 6);
  EXPECT_EQ(cursor(), MailboxSeq(0));
  EXPECT_TRUE(bench.noted<Applied>().empty());
  EXPECT_TRUE(bench.sent<Ack>().empty());
}

TEST_F(Devices, AppliesNothingOfAnotherSession) {
  open(2);
  deliver(1, 5, Cause::kNone, 1);
  EXPECT_EQ(bench.took(Branch::kOldSessionIgnored), 1U);
  EXPECT_EQ(cursor(), MailboxSeq(0));
}

TEST_F(Devices, ATombstoneMovesTheCursorAndShowsAGap) {
  open();
  deliver(1, 5, Cause::kExpired);
  EXPECT_EQ(cursor(), MailboxSeq(1));
  EXPECT_TRUE(bench.noted<Applied>().empty());
  ASSERT_EQ(bench.noted<GapShown>().size(), 1U);
  EXPECT_EQ(bench.noted<GapShown>()[0].cause, Cause::kExpired);
  compose();
  EXPECT_EQ(bench.sent<SendMessage>().at(0).dep, LogPos(0));
}

TEST_F(Devices, WhatItWritesDependsOnWhatItApplied) {
  open();
  deliver(1, 5);
  compose();
  EXPECT_EQ(bench.noted<Created>().at(0).dep, LogPos(5));
}

// ---------------------------------------------------------------- reading and ticks

TEST_F(Devices, RepeatsAReadUntilThatVeryOneIsAcked) {
  open();
  deliver(1, 5);
  bench.step(App{OpenConversation{kTalk}});
  ASSERT_EQ(bench.sent<Read>().size(), 1U);
  EXPECT_EQ(bench.sent<Read>()[0].sender, kPeer);
  bench.arrive(kGateway, ReadAck{kPhone, kTalk, LogPos(4)});
  bench.advance(8s);
  EXPECT_EQ(bench.sent<Read>().size(), 2U);
  bench.arrive(kGateway, ReadAck{kPhone, kTalk, LogPos(5)});
  bench.advance(1h);
  EXPECT_EQ(bench.sent<Read>().size(), 2U);
}

TEST_F(Devices, OpeningTwiceReadsOnce) {
  open();
  deliver(1, 5);
  bench.step(App{OpenConversation{kTalk}});
  bench.step(App{OpenConversation{kTalk}});
  EXPECT_EQ(bench.noted<Opened>().size(), 1U);
}

TEST_F(Devices, AReadMadeOfflineIsToldAfterWelcome) {
  open();
  deliver(1, 5);
  bench.step(App{GoOffline{}});
  bench.step(App{OpenConversation{kTalk}});
  bench.forget();
  go_online();
  connect({Role::kGateway, 1, ConnectionId(11)});
  welcome(2);
  EXPECT_EQ(bench.sent<Read>().size(), 1U);
}

TEST_F(Devices, ATickShowsNoMoreThanWhatIsSent) {
  open();
  compose();
  tick(1, 4, 4);
  EXPECT_TRUE(bench.noted<TicksShown>().empty());
  sent(bench.sent<SendMessage>()[0], 4);
  ASSERT_EQ(bench.noted<TicksShown>().size(), 1U);
  EXPECT_EQ(bench.noted<TicksShown>()[0].read, LogPos(4));
}

TEST_F(Devices, AnOlderTickChangesNothingAndIsToldWhatIsHeld) {
  open();
  compose();
  sent(bench.sent<SendMessage>()[0], 4);
  tick(2, 4, 4);
  bench.forget();
  tick(1, 4, 0);
  EXPECT_TRUE(bench.noted<TicksShown>().empty());
  EXPECT_EQ(bench.sent<TickAck>().at(0).version, TickVersion(2));
}

TEST_F(Devices, ShowsAFailureAndTakesItBack) {
  open();
  tick(1, 0, 0, {{LogPos(1), LogPos(2), Cause::kUnconfirmed}});
  ASSERT_EQ(bench.noted<FailureShown>().size(), 1U);
  EXPECT_EQ(bench.noted<FailureShown>()[0].cause, Cause::kUnconfirmed);
  bench.forget();
  tick(2, 2, 0, {});
  ASSERT_EQ(bench.noted<FailureShown>().size(), 1U);
  EXPECT_EQ(bench.noted<FailureShown>()[0].cause, Cause::kNone);
}

TEST_F(Devices, TakesBackOnlyThePartOfAFailureThatIsGone) {
  open();
  tick(1, 0, 0, {{LogPos(1), LogPos(5), Cause::kUnconfirmed}});
  bench.forget();
  tick(2, 5, 0, {{LogPos(2), LogPos(3), Cause::kExpired}});
  const auto shown = bench.noted<FailureShown>();
  ASSERT_EQ(shown.size(), 3U);
  EXPECT_EQ(shown[0].from, LogPos(1));
  EXPECT_EQ(shown[0].to, LogPos(1));
  EXPECT_EQ(shown[0].cause, Cause::kNone);
  EXPECT_EQ(shown[1].from, LogPos(4));
  EXPECT_EQ(shown[1].to, LogPos(5));
  EXPECT_EQ(shown[1].cause, Cause::kNone);
  EXPECT_EQ(shown[2].from, LogPos(2));
  EXPECT_EQ(shown[2].cause, Cause::kExpired);
}

TEST_F(Devices, AFailureThatGrowsIsNeverTakenBack) {
  open();
  tick(1, 0, 0, {{LogPos(1), LogPos(1), Cause::kExpired}});
  bench.forget();
  tick(2, 0, 0, {{LogPos(1), LogPos(3), Cause::kExpired}});
  ASSERT_EQ(bench.noted<FailureShown>().size(), 1U);
  EXPECT_EQ(bench.noted<FailureShown>()[0].to, LogPos(3));
}

TEST_F(Devices, AFailureIsShownBeforeTheDeliveredMarkAboveIt) {
  open();
  compose();
  sent(bench.sent<SendMessage>()[0], 4);
  bench.forget();
  tick(1, 4, 0, {{LogPos(4), LogPos(4), Cause::kExpired}});
  ASSERT_EQ(bench.facts.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<FailureShown>(bench.facts[0]));
  EXPECT_TRUE(std::holds_alternative<TicksShown>(bench.facts[1]));
}

// ---------------------------------------------------------------- incarnations

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
