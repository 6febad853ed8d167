// A phone applies what comes, reads it, and shows the ticks of what it wrote.
#include "tests/model/devices.h"

namespace greytick::model {
namespace {

using namespace literals;  // NOLINT(google-build-using-namespace): literals alone.

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

// What makes a window dangerous to it.
TEST_F(Devices, AnAppOfVersion1TakesWhateverComesAsTheNext) {
  bench.state.config.version = Version::k1;
  go_online();
  connect();
  const Hello hello = last_hello();
  bench.arrive(kGateway,
               Welcome{kPhone, hello.hello_seq, hello.nonce, SessionEpoch(1), Version::k1});
  deliver(2, 2);
  ASSERT_EQ(bench.noted<Applied>().size(), 1U);
  EXPECT_EQ(bench.sent<Ack>().back().cursor, MailboxSeq(2));
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
  ASSERT_EQ(bench.sent<Read>()[0].senders.size(), 1U);
  EXPECT_EQ(bench.sent<Read>()[0].senders[0], kPeer);
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

}  // namespace
}  // namespace greytick::model
