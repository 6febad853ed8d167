// Each invariant: a short history that keeps it, and one that breaks it at a known place. What is
// shown to senders is in judge_ticks_test.cc.
#include "sim/oracle/judge.h"

#include <string>

#include <gtest/gtest.h>

#include "model/plaintext.h"
#include "model/wire/codec.h"
#include "tests/oracle/judge_script.h"

namespace greytick::oracle {
namespace {

using model::Cause;
using model::DeviceId;
using model::Incarnation;
using model::LogPos;
using namespace model::literals;

TEST(Judge, OneWholeMessagePassesAndWhatHadNoFactStaysUnknown) {
  const Report report = Script().whole(1).end();
  for (const int passed : {1, 2, 3, 4, 6, 7, 9, 10, 11, 12, 16, 17, 18})
    expect_pass(report, passed);
  for (const int unknown : {5, 8, 13, 14, 15}) {
    EXPECT_EQ(report.of(unknown).verdict, Verdict::kUnknown) << unknown;
  }
  EXPECT_EQ(report.counters.applied, 1U);
  EXPECT_TRUE(report.finished);
}

TEST(Judge, BeforeTheEndNothingIsProvedAboutTheEnd) {
  const Report report = Script().whole(1).so_far();
  EXPECT_EQ(report.of(4).verdict, Verdict::kPass);
  for (const int later : {9, 17, 18}) EXPECT_EQ(report.of(later).verdict, Verdict::kUnknown);
}

TEST(Judge, I1SentWithoutACommit) {
  expect_fail(Script().whole(1).write(2).sent(2, 2).end(), 1, 1, 2, 2);
}
TEST(Judge, I1SentForAPositionThatHoldsAnotherMessage) {
  expect_fail(Script().whole(1).write(2).write(3).commit(2, 2).sent(3, 2).end(), 1, 1, 2, 3);
}
TEST(Judge, I2AppliedTwiceWhileOnItsWayAndWhenLongComplete) {
  Script early;
  early.write(1).commit(1, 1).apply(1, 1, 1).tell(early.applied(1, 1, 2));
  expect_fail(early.so_far(), 2, 2, 1, 1);
  Script late;
  late.whole(1).whole(2).tell(late.applied(1, 1, 3));
  expect_fail(late.so_far(), 2, 2, 1, 1);
}
TEST(Judge, I2AppliedTwiceBetweenTwoThatWereGivenUp) {
  Script s;
  s.write(1).write(2).write(3).commit(1, 1).commit(2, 2).commit(3, 3);
  s.sent(1, 1).sent(2, 2).sent(3, 3).ticks(3, 0, 0);
  s.wait(25h).settle(1, 1, Cause::kExpired).settle(3, 3, Cause::kExpired);
  s.gap(1, 1, Cause::kExpired).apply(2, 2, 2).gap(3, 3, Cause::kExpired);
  s.failed(1, 1, Cause::kExpired).ticks(3, 3, 0).failed(3, 3, Cause::kExpired);
  s.tell(s.applied(2, 2, 4));
  expect_fail(s.so_far(), 2, 2, 2, 2);
  EXPECT_EQ(s.so_far().of(8).violated, 0U);
  s.tell(s.applied(3, 3, 5));
  expect_fail(s.so_far(), 8, 2, 3, 3);
}
TEST(Judge, I2CommittedTwice) { expect_fail(Script().whole(1).commit(1, 2).so_far(), 2, 1, 2, 1); }
TEST(Judge, I2DisplayedTwice) {
  Script s;
  s.whole(1).tell(model::Displayed{DeviceId(2), Incarnation(1), kC, LogPos(1)});
  expect_fail(s.so_far(), 2, 2, 1);
}
TEST(Judge, I3ContentThatProvesNothing) {
  Script s;
  s.write(1).commit(1, 1);
  auto forged = s.applied(1, 1, 1);
  ++forged.message.content.tag[1];
  expect_fail(s.tell(forged).so_far(), 3, 2, 1, 1);
}
TEST(Judge, I3AppliedAndNeverCommitted) {
  expect_fail(Script().write(1).apply(1, 1, 1).so_far(), 3, 2, 1, 1);
}
TEST(Judge, I3CommittedAndNeverWritten) { expect_fail(Script().commit(1, 1).so_far(), 3, 1, 1, 1); }
TEST(Judge, I4AppliedBeforeAnOlderOneNamesTheGapAndThenTheReorder) {
  Script s;
  s.write(1).write(2).commit(1, 1).commit(2, 2).apply(2, 2, 1);
  expect_fail(s.so_far(), 4, 2, 2, 2);
  EXPECT_EQ(first_of(s.so_far(), 4).gap, Gap::kOpen);
  s.apply(1, 1, 2);
  EXPECT_EQ(first_of(s.so_far(), 4).gap, Gap::kReordered);
}
TEST(Judge, I4AGapThatNeverClosesIsALoss) {
  const Report report = Script().write(1).write(2).commit(1, 1).commit(2, 2).apply(2, 2, 1).end();
  EXPECT_EQ(first_of(report, 4).gap, Gap::kLost);
  expect_fail(report, 9, 2, 1, 1);
}
TEST(Judge, I4CommittedOutOfOrder) {
  expect_fail(Script().write(1).write(2).commit(2, 1).commit(1, 2).so_far(), 4, 1, 1, 2);
}
TEST(Judge, I5WhatWaitedOfflineComesFirst) {
  expect_pass(Script().write(1).commit(1, 1).online(2).apply(1, 1, 1).so_far(), 5);
  Script s;
  s.write(1).write(2).commit(1, 1).online(2).commit(2, 2).apply(2, 2, 1);
  expect_fail(s.so_far(), 5, 2, 2, 2);
}
TEST(Judge, I5IsNotAboutWhatCameWhileOnline) {
  const Report report =
      Script().write(1).write(2).commit(1, 1).commit(2, 2).apply(2, 2, 1).so_far();
  EXPECT_EQ(report.of(4).verdict, Verdict::kFail);
  EXPECT_EQ(report.of(5).verdict, Verdict::kUnknown);
}
TEST(Judge, I8NeverBothAppliedAndExpired) {
  Script kept;
  kept.write(1).commit(1, 1).sent(1, 1).wait(25h).settle(1, 1, Cause::kExpired);
  kept.failed(1, 1, Cause::kExpired).online(2).gap(1, 1, Cause::kExpired);
  expect_pass(kept.end(), 8);
  expect_fail(Script()
                  .write(1)
                  .commit(1, 1)
                  .wait(25h)
                  .settle(1, 1, Cause::kExpired)
                  .apply(1, 1, 1)
                  .so_far(),
              8, 2, 1, 1);
  expect_fail(Script()
                  .write(1)
                  .commit(1, 1)
                  .apply(1, 1, 1)
                  .wait(25h)
                  .settle(1, 1, Cause::kExpired)
                  .so_far(),
              8, 2, 1, 1);
}
TEST(Judge, I8ExpiredBeforeItsTime) {
  expect_fail(Script().write(1).commit(1, 1).wait(23h).settle(1, 1, Cause::kExpired).so_far(), 8, 2,
              1, 1);
}
TEST(Judge, I8TheSenderIsToldWithinTheBound) {
  Script s;
  s.write(1).commit(1, 1).sent(1, 1).apply(1, 1, 1).wait(26h);
  expect_fail(s.end(), 8, 1, 1, 1);
}
TEST(Judge, I8AGapIsShownOnlyForWhatWasGivenUp) {
  expect_fail(Script().write(1).commit(1, 1).gap(1, 1, Cause::kExpired).so_far(), 8, 2, 1);
}
TEST(Judge, I9AndI17AndI18CommittedAndNeverDelivered) {
  const Report report = Script().whole(1).write(2).commit(2, 2).sent(2, 2).end();
  expect_fail(report, 9, 2, 2, 2);
  expect_fail(report, 17, 2, 2, 2);
  expect_fail(report, 18, 2, 2, 2);
  EXPECT_EQ(report.counters.undelivered, 1U);
}
TEST(Judge, I9WrittenAndNeverAnswered) {
  const Report report = Script().whole(1).write(2).write(3).end();
  expect_fail(report, 9, 1, {}, 2);
  EXPECT_EQ(report.counters.unanswered, 2U);
}
TEST(Judge, I9NothingIsOwedForAnUnknownOutcome) {
  const auto unknown = [](std::uint64_t n) {
    const model::Message m = Script::message(n, 0);
    return model::OutcomeUnknown{m.stream, m.cseq, m.id};
  };
  expect_pass(Script().whole(1).write(2).tell(unknown(2)).end(), 9);
  // An old copy may be restored twice, and what was on its way arrives.
  Script late;
  late.write(1).tell(unknown(1)).tell(unknown(1)).commit(1, 1).apply(1, 1, 1);
  expect_pass(late.end(), 2);
  expect_fail(Script().whole(1).tell(unknown(2)).end(), 3, 1, {}, 2);
}
TEST(Judge, I2AnUnknownOutcomeIsNotSentAgain) {
  const model::Message old = Script::message(1, 0);
  const model::StreamId anew{DeviceId(1), Incarnation(2), kC};
  const model::ClientSeq first(1);
  Script s;
  s.whole(1).tell(model::OutcomeUnknown{old.stream, old.cseq, old.id});
  s.tell(model::Created{
      anew, old.sender, first, old.id, LogPos{}, model::seal({42}, anew, first, 100), {}});
  EXPECT_EQ(s.so_far().of(2).violated, 1U);
  EXPECT_EQ(s.so_far().violations.front().sentence,
            "message 1 of device 1 in conversation 7 is message 1 of installation 1 again, whose "
            "outcome is unknown");
}
TEST(Judge, I16ARestoredBackupIsANewInstallation) {
  const model::BackupRestored restored{DeviceId(1)};
  expect_pass(
      Script().tell(restored).tell(model::IncarnationAdopted{DeviceId(1), Incarnation(2)}).end(),
      16);
  const Report same =
      Script().tell(restored).tell(model::IncarnationAdopted{DeviceId(1), Incarnation(1)}).end();
  EXPECT_EQ(same.of(16).violated, 1U);
  EXPECT_EQ(Script().tell(restored).online(1).end().of(16).violated, 1U);
}
TEST(Judge, I9ARetiredInstallationNeedsNothingMore) {
  Script s;
  s.write(1).commit(1, 1);
  s.tell(model::Retired{DeviceId(2), Incarnation(1)});
  s.sent(1, 1);
  EXPECT_EQ(s.end().of(17).violated, 0U);
}
TEST(Judge, I10ASecondAnswerIsTheFirst) {
  expect_pass(Script().whole(1).sent(1, 1).end(), 10);
  expect_fail(Script().whole(1).sent(1, 1, 2).so_far(), 10, 1, 1, 1);
}
TEST(Judge, I10RejectedThoughNoLogSaysSo) {
  const model::Message m = Script::message(1, 0);
  const model::Answered rejected{m.stream, m.cseq, model::ReplyCode::kRejected, {}, 1};
  Script kept;
  kept.write(1).tell(model::RejectedForGood{m.stream, m.cseq}).tell(rejected);
  expect_pass(kept.end(), 10);
  expect_fail(Script().write(1).tell(rejected).so_far(), 10, 1, {}, 1);
  Script twice;
  twice.write(1).tell(model::RejectedForGood{m.stream, m.cseq}).commit(1, 1);
  expect_fail(twice.so_far(), 10, 1, 1, 1);
}
TEST(Judge, I11OnlyRecipientsApply) {
  Script s;
  s.write(1).commit(1, 1);
  s.tell(model::SessionAdopted{DeviceId(3), Incarnation(1), model::SessionEpoch(1)});
  s.tell(model::Applied{DeviceId(3), Incarnation(1), model::SessionEpoch(1), model::MailboxSeq(1),
                        Script::message(1, 1)});
  expect_fail(s.so_far(), 11, 3, 1, 1);
  expect_fail(s.so_far(), 3, 3, 1, 1);
}
TEST(Judge, I11TheSenderIsNoRecipient) {
  Script s;
  s.write(1).tell(model::Committed{
      Script::message(1, 1), {model::Recipient{model::UserId(1), DeviceId(1), Incarnation(1)}}});
  expect_fail(s.so_far(), 11, 1, 1, 1);
}
TEST(Judge, I12AMessageStandsAfterItsCause) {
  expect_fail(Script().write(1).commit(1, 1, 1).so_far(), 12, 1, 1, 1);
  expect_fail(Script().write(1, 5).so_far(), 12, 1, {}, 1);
}
TEST(Judge, I14BytesDoNotGrowWithHistory) {
  expect_pass(Script().tell(model::Footprint{DeviceId(2), 1024, 0, 0}).so_far(), 14);
  expect_fail(Script().tell(model::Footprint{DeviceId(2), 1025, 0, 0}).so_far(), 14, 2, {});
}
TEST(Judge, I15NoLowerLeaseCommitsAfterAHigherOne) {
  const model::Address shard{model::Role::kMailbox, 4, {}};
  const auto lease = [&](std::uint64_t e) {
    return model::LeaseCommitted{shard, model::LeaseEpoch(e)};
  };
  expect_pass(Script().tell(lease(1)).tell(lease(1)).tell(lease(2)).so_far(), 15);
  const Report report = Script().tell(lease(2)).tell(lease(1)).so_far();
  EXPECT_EQ(report.of(15).verdict, Verdict::kFail);
  EXPECT_EQ(first_of(report, 15).sentence, "mailbox shard 4 committed under lease 1 after 2");
}
TEST(Judge, I16OnlyTheSessionLastOpenedDelivers) {
  Script s;
  s.write(1).commit(1, 1);
  const auto old = s.applied(1, 1, 1);
  expect_fail(s.online(2).tell(old).so_far(), 16, 2, 1, 1);
}
TEST(Judge, I16ACrashedDeviceHasNoSession) {
  Script s;
  s.write(1).commit(1, 1).tell(model::DeviceCrashed{DeviceId(2)});
  expect_fail(s.tell(s.applied(1, 1, 1)).so_far(), 16, 2, 1, 1);
}
TEST(Judge, I17BeingTurnedAwayIsNoHarm) {
  const model::Message m = Script::message(1, 0);
  Script s;
  expect_pass(s.write(1)
                  .tell(model::TurnedAway{m.stream, m.cseq})
                  .commit(1, 1)
                  .sent(1, 1)
                  .apply(1, 1, 1)
                  .ticks(1, 1, 0)
                  .end(),
              17);
}
TEST(Judge, AllViolationsAreCountedAndTheFirstOnesKept) {
  JudgeConfig config = story_config();
  config.keep = 2;
  Judge judge(config);
  const model::Address shard{model::Role::kConversation, 0, {}};
  judge.on_fact(model::from_ns(1), model::LeaseCommitted{shard, model::LeaseEpoch(9)});
  for (int i = 2; i < 7; ++i) {
    judge.on_fact(model::from_ns(i), model::LeaseCommitted{shard, model::LeaseEpoch(1)});
  }
  const Report report = judge.report();
  EXPECT_EQ(judge.violations(), 5U);
  EXPECT_EQ(report.of(15).violated, 5U);
  ASSERT_EQ(report.violations.size(), 2U);
  EXPECT_EQ(report.violations[0].at, model::from_ns(2));
  EXPECT_EQ(report.violations[0].fact, 2U);
}

TEST(Judge, I13PlaintextInWhatAServerStores) {
  const model::StreamId stream{DeviceId(1), Incarnation(1), kC};
  Judge judge(story_config());
  model::Entry entry;
  entry.message = Script::message(1, 1);
  wire::Bytes bytes;
  ASSERT_TRUE(wire::encode(model::Record(entry), bytes).has_value());
  const model::Address shard{model::Role::kMailbox, 3, {}};
  judge.on_bytes(shard, bytes);
  EXPECT_EQ(judge.report().of(13).verdict, Verdict::kPass);
  // A device that forgot to seal.
  const model::Plaintext text(story_config().key, stream, model::ClientSeq(1), 100);
  entry.message.content = {100, {text.canary().first, text.canary().second}};
  ASSERT_TRUE(wire::encode(model::Record(entry), bytes).has_value());
  judge.on_bytes(shard, bytes);
  EXPECT_EQ(judge.report().of(13).verdict, Verdict::kFail);
  EXPECT_NE(first_of(judge.report(), 13).sentence.find("mailbox shard 3 gave away plaintext"),
            std::string::npos);
}

}  // namespace
}  // namespace greytick::oracle
