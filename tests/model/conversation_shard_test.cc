#include "model/conversation_shard.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/model/step.h"

namespace greytick::model {
namespace {

using namespace literals;

constexpr ConversationId kTalk(7);
constexpr Recipient kAlice{UserId(0), DeviceId(10), Incarnation(1)};
constexpr Recipient kBob{UserId(1), DeviceId(11), Incarnation(1)};
constexpr Address kGatewayOfAlice{Role::kGateway, 2, ConnectionId{}};
constexpr Placement kPlacement{1, 16, 2};
constexpr Instant kStoreClock = Instant{} + 100h;

ConversationShard::State fresh() {
  ConversationShard::State state;
  state.placement = kPlacement;
  state.self = kPlacement.conversation_shard(kTalk);
  return state;
}

SendMessage message(std::uint64_t cseq, std::uint64_t acked = 0, std::uint64_t incarnation = 1) {
  SendMessage send{};
  send.stream = {kAlice.device, Incarnation(incarnation), kTalk};
  send.user = kAlice.user;
  send.cseq = ClientSeq(cseq);
  send.acked = ClientSeq(acked);
  send.id = {incarnation, cseq};
  send.content = {100, {cseq, 0}};
  return send;
}

class Conversations : public testing::Test {
 protected:
  Conversations() : bench(fresh()) {
    bench.store.put(conversation_key(kTalk), Conversation{LogPos{}, LogPos{}, 2});
    bench.store.put(member_key(kTalk, kAlice.device), Member{kAlice});
    bench.store.put(member_key(kTalk, kBob.device), Member{kBob});
    bench.wall = kStoreClock;
    bench.step(start());
  }
  Start start() const {
    Start s;
    s.store_clock = saturating_add(kStoreClock, bench.now - Instant{});
    return s;
  }
  SendReply send(const SendMessage& m) {
    bench.forget();
    bench.arrive(kGatewayOfAlice, m);
    const auto replies = bench.sent<SendReply>();
    CHECK(replies.size() == 1);
    return replies[0];
  }
  Address to_bob() const { return kPlacement.mailbox_shard(kBob.user); }

  Bench<ConversationShard> bench;
};

void expect_same(const SendReply& a, const SendReply& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.code, b.code);
  EXPECT_EQ(a.reason, b.reason);
  EXPECT_EQ(a.position, b.position);
  EXPECT_EQ(a.accepted_at, b.accepted_at);
}

TEST_F(Conversations, ASendIsCommittedThenAnsweredAndHandedToTheRecipientsShardOnly) {
  const SendReply reply = send(message(1));
  EXPECT_EQ(reply.code, ReplyCode::kSent);
  EXPECT_EQ(reply.position, LogPos(1));
  EXPECT_EQ(reply.accepted_at, kStoreClock);
  const auto entries = bench.sent<ChannelEntry>();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].target, to_bob());
  const auto& item = std::get<FanOut>(entries[0].item);
  EXPECT_EQ(item.message.content, message(1).content);
  EXPECT_EQ(item.recipients, Recipients{kBob});
  ASSERT_EQ(bench.noted<Committed>().size(), 1U);
  EXPECT_EQ(bench.noted<Committed>()[0].recipients, Recipients{kBob});
}

TEST_F(Conversations, ARetryGetsTheVerySameAnswerAndStoresNothing) {
  const SendReply first = send(message(1));
  bench.advance(5s);
  const Store before = bench.store;
  SendMessage again = message(1);
  again.content = {116, {9, 9}};  // re-encrypted, still the same message
  expect_same(send(again), first);
  EXPECT_EQ(bench.store, before);
  EXPECT_TRUE(bench.sent<ChannelEntry>().empty());
  EXPECT_EQ(bench.took(Branch::kRetryAnsweredFromRing), 1U);
}

TEST_F(Conversations, ARetryAfterACrashGetsTheVerySameAnswer) {
  const SendReply first = send(message(1));
  bench.advance(5s);
  bench.restart(fresh(), start());
  expect_same(send(message(1)), first);
}

TEST_F(Conversations, ARestartHandsOnWhatWasCommittedAndNotAcknowledged) {
  send(message(1));
  bench.forget();
  bench.restart(fresh(), start());
  bench.advance(1s);
  ASSERT_FALSE(bench.sent<ChannelEntry>().empty());
  EXPECT_EQ(bench.sent<ChannelEntry>()[0].n, ChannelSeq(1));
  EXPECT_EQ(bench.took(Branch::kShardRecovered), 1U);
}

TEST_F(Conversations, AHoleIsRefusedAndNamesWhatIsExpected) {
  send(message(1));
  const Store before = bench.store;
  const SendReply reply = send(message(3));
  EXPECT_EQ(reply.code, ReplyCode::kGap);
  EXPECT_EQ(reply.expected, ClientSeq(2));
  EXPECT_EQ(bench.store, before);
}

TEST_F(Conversations, AnotherMessageAtAnAnsweredPositionIsAConflict) {
  send(message(1));
  SendMessage other = message(1);
  other.id = {99, 99};
  EXPECT_EQ(send(other).code, ReplyCode::kConflict);
}

TEST_F(Conversations, TheRingForgetsOnlyWhatTheDeviceHasSeen) {
  for (std::uint64_t n = 1; n <= kResponseRing; ++n) send(message(n));
  EXPECT_EQ(bench.store.count(Table::kResponse), kResponseRing);
  EXPECT_EQ(send(message(17)).code, ReplyCode::kRetryable) << "its slot holds an answer unseen";
  EXPECT_EQ(send(message(17, 4)).code, ReplyCode::kSent);
  EXPECT_EQ(bench.store.count(Table::kResponse), 13U);
  EXPECT_EQ(send(message(4)).code, ReplyCode::kForgotten);
  EXPECT_EQ(send(message(5)).code, ReplyCode::kSent);
}

TEST_F(Conversations, AnAnswerIsKeptThoughTheSendClaimsToHaveSeenIt) {
  const std::uint64_t lie = 1ULL << 60;
  const SendReply first = send(message(1, lie));
  expect_same(send(message(1, lie)), first);
  const auto* stream = bench.store.find<Stream>(stream_key(kTalk, kAlice.device));
  ASSERT_NE(stream, nullptr);
  EXPECT_EQ(*stream, (Stream{Incarnation(1), ClientSeq(1), ClientSeq(0)}));
}

TEST_F(Conversations, AStreamsStateDoesNotGrowWithItsHistory) {
  for (std::uint64_t n = 1; n <= 100; ++n) {
    send(message(n, n - 1));
    bench.arrive(to_bob(), ChannelAck{bench.state.self, to_bob(), ChannelSeq(n), false});
  }
  // Conversation, two members, stream, one answer, the channel's head.
  EXPECT_EQ(bench.store.size(), 6U);
}

TEST_F(Conversations, AStrangersSendIsRejectedForGoodAndConsumesItsNumber) {
  bench.store.erase(member_key(kTalk, kAlice.device));
  const SendReply reply = send(message(1));
  EXPECT_EQ(reply.code, ReplyCode::kRejected);
  EXPECT_EQ(reply.reason, RejectReason::kNotMember);
  EXPECT_EQ(bench.noted<RejectedForGood>().size(), 1U);
  EXPECT_TRUE(bench.sent<ChannelEntry>().empty());
  bench.store.put(member_key(kTalk, kAlice.device), Member{kAlice});
  expect_same(send(message(1)), reply);
  EXPECT_EQ(send(message(2)).code, ReplyCode::kSent);
}

TEST_F(Conversations, AMessageTooLargeIsRejectedAndTheNextOneIsNot) {
  SendMessage large = message(1);
  large.content.bytes = bench.state.config.content_max + 1;
  EXPECT_EQ(send(large).reason, RejectReason::kTooLarge);
  const SendReply next = send(message(2));
  EXPECT_EQ(next.code, ReplyCode::kSent);
  EXPECT_EQ(next.position, LogPos(1));
}

TEST_F(Conversations, AReinstalledDeviceWaitsForItsMemberUpdateThenStartsAtOne) {
  send(message(1));
  send(message(2));
  EXPECT_EQ(send(message(1, 0, 2)).code, ReplyCode::kRetryable);
  const Address source = kPlacement.mailbox_shard(kAlice.user);
  MemberUpdate renewed{kTalk, MemberChange::kRenew, {}};
  renewed.devices.push_back({kAlice.user, kAlice.device, Incarnation(2)});
  const ChannelEntry entry{source, bench.state.self, ChannelSeq(1), renewed};
  bench.arrive(source, entry);
  EXPECT_EQ(send(message(3)).code, ReplyCode::kStaleIncarnation);
  const SendReply reply = send(message(1, 0, 2));
  EXPECT_EQ(reply.code, ReplyCode::kSent);
  EXPECT_EQ(reply.position, LogPos(3));
  EXPECT_EQ(bench.store.count(Table::kResponse), 1U);
  EXPECT_EQ(send(message(2)).code, ReplyCode::kStaleIncarnation);
  EXPECT_EQ(bench.store.find<Member>(member_key(kTalk, kAlice.device))->who.incarnation,
            Incarnation(2));

  bench.forget();
  bench.arrive(source, entry);
  EXPECT_EQ(bench.took(Branch::kChannelReplayed), 1U);
  EXPECT_EQ(bench.store.find<Member>(member_key(kTalk, kAlice.device))->who.incarnation,
            Incarnation(2));
  bench.advance(20ms);
  ASSERT_EQ(bench.sent<ChannelAck>().size(), 1U);
  EXPECT_EQ(bench.sent<ChannelAck>()[0].applied, ChannelSeq(1));
}

TEST_F(Conversations, AContentForAnOlderListOfDevicesConsumesNothing) {
  bench.store.put(conversation_key(kTalk), Conversation{LogPos(7), LogPos(5), 2});
  SendMessage m = message(1);
  m.devices = LogPos(4);
  const SendReply stale = send(m);
  EXPECT_EQ(stale.code, ReplyCode::kStaleDevices);
  EXPECT_EQ(stale.devices, LogPos(5));
  EXPECT_EQ(bench.took(Branch::kStaleDevices), 1U);
  EXPECT_EQ(bench.store.count(Table::kStream), 0U);
  m.devices = LogPos(5);
  m.content.tag[1] = 9;  // sealed again, and the same message
  EXPECT_EQ(send(m).code, ReplyCode::kSent);
  EXPECT_EQ(send(m).position, LogPos(8));
}

TEST_F(Conversations, AFullChannelOrAFullStoreTurnsNewSendsAwayAndStillAnswersOldOnes) {
  bench.state.config.channel_max = 1;
  const SendReply first = send(message(1));
  const SendReply away = send(message(2));
  EXPECT_EQ(away.code, ReplyCode::kRetryable);
  EXPECT_GT(away.retry_after, 0s);
  EXPECT_EQ(bench.took(Branch::kBackpressure), 1U);
  expect_same(send(message(1)), first);
  bench.arrive(to_bob(), ChannelAck{bench.state.self, to_bob(), ChannelSeq(1), false});
  bench.step(Pressure{0});
  EXPECT_EQ(send(message(2)).code, ReplyCode::kRetryable);
  bench.step(Pressure{1ULL << 40});
  EXPECT_EQ(send(message(2)).code, ReplyCode::kSent);
}

TEST_F(Conversations, AJumpOfTheWallClockIsNotStampedOnMessagesAndIsCountedOnce) {
  bench.wall += 744h;
  const SendReply reply = send(message(1));
  EXPECT_EQ(reply.accepted_at, kStoreClock);
  EXPECT_EQ(bench.took(Branch::kClockClamped), 1U);
  send(message(2));
  EXPECT_EQ(bench.took(Branch::kClockClamped), 0U);
}

TEST_F(Conversations, FramesOfOtherRolesChangeNothing) {
  const Store before = bench.store;
  bench.forget();
  bench.arrive(kGatewayOfAlice, Ping{});
  EXPECT_EQ(bench.store, before);
  EXPECT_TRUE(bench.sends.empty());
}

}  // namespace
}  // namespace greytick::model
