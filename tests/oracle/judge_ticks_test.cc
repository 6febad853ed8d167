// What is shown to senders: a short history that keeps I6, I7 and I18, and one that breaks each.
#include <gtest/gtest.h>

#include "tests/oracle/judge_script.h"

namespace greytick::oracle {
namespace {

using model::Cause;
using model::DeviceId;
using model::Incarnation;
using model::LogPos;
using namespace model::literals;

TEST(Judge, I6DeliveredShownBeforeItIsApplied) {
  expect_fail(Script().write(1).commit(1, 1).sent(1, 1).ticks(1, 1, 0).so_far(), 6, 1, 1, 1);
}
TEST(Judge, I6ReadShownBeforeItIsOpened) {
  expect_pass(Script().whole(1).open(1).ticks(1, 1, 1).end(), 6);
  expect_fail(Script().whole(1).ticks(1, 1, 1).so_far(), 6, 1, 1);
}
TEST(Judge, I6ReadIsShownOnlyForWhatWasApplied) {
  expect_fail(Script().write(1).commit(1, 1).open(1).so_far(), 6, 2, 1);
}
TEST(Judge, I6SentShownWithoutACommit) {
  expect_fail(Script().write(1).ticks(1, 0, 0).so_far(), 6, 1, 1);
}
TEST(Judge, I6FailedShownForWhatNobodyGaveUp) {
  expect_fail(Script().write(1).commit(1, 1).sent(1, 1).failed(1, 1, Cause::kExpired).so_far(), 6,
              1, 1);
}
TEST(Judge, I7TicksNeverFallBack) {
  expect_fail(Script().whole(1).whole(2).ticks(2, 1, 0).so_far(), 7, 1, 2);
}
TEST(Judge, I7FailedNeverFollowsDelivered) {
  Script s;
  s.whole(1).failed(1, 1, Cause::kExpired);
  expect_fail(s.so_far(), 7, 1, 1);
}
TEST(Judge, I7FailedIsTakenBackOnlyIfItWasUnconfirmed) {
  Script doubt;
  doubt.write(1).commit(1, 1).sent(1, 1).ticks(1, 0, 0).apply(1, 1, 1);
  doubt.wait(26h).settle(1, 1, Cause::kUnconfirmed).failed(1, 1, Cause::kUnconfirmed);
  doubt.tell(model::Corrected{DeviceId(2), Incarnation(1), {}, Script::message(1, 1)});
  doubt.ticks(1, 1, 0).failed(1, 1, Cause::kNone);
  expect_pass(doubt.end(), 7);
  Script final;
  final.write(1).commit(1, 1).sent(1, 1).ticks(1, 0, 0).wait(25h).settle(1, 1, Cause::kExpired);
  final.failed(1, 1, Cause::kExpired).failed(1, 1, Cause::kNone);
  expect_fail(final.so_far(), 7, 1, 1);
}
TEST(Judge, I6OldNewsOfADoubtIsNoLie) {
  Script s;
  s.write(1).commit(1, 1).sent(1, 1).ticks(1, 0, 0).apply(1, 1, 1).wait(26h);
  s.settle(1, 1, Cause::kUnconfirmed);
  s.tell(model::Corrected{DeviceId(2), Incarnation(1), {}, Script::message(1, 1)});
  // The tick of the doubt arrives after the correction, and before the tick of the correction.
  s.failed(1, 1, Cause::kUnconfirmed).failed(1, 1, Cause::kNone).ticks(1, 1, 0);
  expect_pass(s.end(), 6);
  // Of what never was in doubt it is one.
  expect_fail(Script().write(1).commit(1, 1).sent(1, 1).failed(1, 1, Cause::kUnconfirmed).so_far(),
              6, 1, 1);
}
TEST(Judge, I7WhatIsLeftOfAnUnconfirmedIntervalMayEndAnywhere) {
  Script s;
  s.write(1).commit(1, 1).sent(1, 1).ticks(1, 0, 0).apply(1, 1, 1);
  s.tell(
      model::Created{{DeviceId(2), Incarnation(1), kC},
                     model::UserId(2),
                     model::ClientSeq(1),
                     {},
                     LogPos(1),
                     model::seal({42}, {DeviceId(2), Incarnation(1), kC}, model::ClientSeq(1), 100),
                     {}});
  const model::StreamId bob{DeviceId(2), Incarnation(1), kC};
  model::Message reply = Script::message(1, 2);
  reply.stream = bob;
  reply.sender = model::UserId(2);
  reply.content = model::seal({42}, bob, model::ClientSeq(1), 100);
  s.tell(
      model::Committed{reply, {model::Recipient{model::UserId(1), DeviceId(1), Incarnation(1)}}});
  s.tell(model::Answered{bob, model::ClientSeq(1), model::ReplyCode::kSent, LogPos(2), 1});
  s.tell(model::Applied{DeviceId(1), Incarnation(1), model::SessionEpoch(1), model::MailboxSeq(1),
                        reply});
  s.tell(model::SentShown{DeviceId(2), Incarnation(1), kC, LogPos(2)});
  s.tell(model::TicksShown{DeviceId(2), Incarnation(1), kC, DeviceId(1), LogPos(2), {}});
  s.write(2, 2).commit(2, 3).sent(2, 3).ticks(3, 0, 0).wait(26h);
  s.settle(1, 1, Cause::kUnconfirmed).settle(2, 3, Cause::kUnconfirmed);
  s.failed(1, 3, Cause::kUnconfirmed);
  s.tell(model::Corrected{DeviceId(2), Incarnation(1), {}, Script::message(1, 1)});
  s.ticks(3, 1, 0).failed(1, 3, Cause::kNone).failed(2, 3, Cause::kUnconfirmed);
  s.failed(2, 3, Cause::kUnconfirmed);  // Now that the first two are complete.
  expect_pass(s.so_far(), 7);
}
TEST(Judge, I18TicksEndAsThingsAre) {
  expect_fail(Script().write(1).commit(1, 1).sent(1, 1).apply(1, 1, 1).ticks(1, 0, 0).end(), 18, 1,
              1, 1);
  expect_fail(Script().whole(1).open(1).end(), 18, 1, 1);
}

}  // namespace
}  // namespace greytick::oracle
