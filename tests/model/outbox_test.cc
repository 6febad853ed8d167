// A phone sends what its user wrote: durable first, in order, until it is answered.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "tests/model/devices.h"

namespace greytick::model {
namespace {

using namespace literals;  // NOLINT(google-build-using-namespace): literals alone.

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
  ASSERT_EQ(bench.noted<SentShown>().size(), 1U);
  EXPECT_EQ(bench.noted<SentShown>()[0].sent, LogPos(4));
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

TEST_F(Devices, WhatWasSealedForAnOlderListIsSealedAgainAndGoesAtOnce) {
  open();
  for (int i = 0; i < 2; ++i) compose();
  const SendMessage first = bench.sent<SendMessage>()[0];
  EXPECT_EQ(first.devices, LogPos{});
  SendReply r = reply_to(first, ReplyCode::kStaleDevices);
  r.devices = LogPos(7);
  bench.forget();
  bench.arrive(kGateway, r);
  ASSERT_EQ(cseqs(), (Cseqs{1, 2}));  // the second was refused too, for the gap
  const SendMessage again = bench.sent<SendMessage>()[0];
  EXPECT_EQ(again.devices, LogPos(7));
  EXPECT_EQ(again.id, first.id);
  const PayloadKey key = bench.state.config.key;
  EXPECT_TRUE(proves(again.content, key, again.stream, again.cseq));
  EXPECT_EQ(sealed_for(again.content, key, again.stream, again.cseq), LogPos(7));
  // Who restarts remembers the list, and writes for it from then on.
  bench.restart(initial(), start(kInstall));
  open(2);
  compose();
  for (const SendMessage& m : bench.sent<SendMessage>()) EXPECT_EQ(m.devices, LogPos(7));
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
  EXPECT_TRUE(bench.noted<SentShown>().empty());
  EXPECT_EQ(bench.store.count(Table::kOutbox), 0U);
}

}  // namespace
}  // namespace greytick::model
