#include "model/gateway.h"

#include <cstdint>

#include <gtest/gtest.h>

#include "tests/model/step.h"

namespace greytick::model {
namespace {

using namespace literals;

constexpr DeviceId kPhone(5);
constexpr UserId kUser(3);
constexpr Placement kPlacement{1, 4, 4};
constexpr Address kShard = kPlacement.mailbox_shard(kUser);
constexpr Address phone(std::uint32_t connection) {
  return {Role::kDevice, kPhone.value(), ConnectionId(connection)};
}

class Gateways : public testing::Test {
 protected:
  Gateways() : bench(initial()) { bench.step(Start{}); }
  static Gateway::State initial() {
    Gateway::State s;
    s.config.gateway = GatewayId(2);
    s.config.placement = kPlacement;
    return s;
  }
  void connect(std::uint32_t connection) { bench.arrive(phone(connection), Connected{kPhone, {}}); }
  /// A session of the given epoch.
  void open(std::uint32_t connection, std::uint64_t epoch) {
    connect(connection);
    bench.arrive(phone(connection),
                 Hello{kPhone, kUser, Incarnation(1), HelloSeq(1), Nonce(1), {}});
    bench.arrive(kShard, Welcome{kPhone, HelloSeq(1), Nonce(1), SessionEpoch(epoch)});
    bench.forget();
  }
  Data data(std::uint64_t mseq, std::uint32_t bytes = 100) {
    Data d;
    d.device = kPhone;
    d.epoch = SessionEpoch(1);
    d.mseq = MailboxSeq(mseq);
    d.message.content.bytes = bytes;
    return d;
  }
  Ack ack(std::uint64_t cursor) {
    return {kPhone, kUser, Incarnation(1), SessionEpoch(1), MailboxSeq(cursor)};
  }
  SendMessage message() {
    SendMessage m;
    m.stream = {kPhone, Incarnation(1), ConversationId(6)};
    m.cseq = ClientSeq(1);
    m.id = {1, 2};
    return m;
  }

 public:
  Bench<Gateway> bench;
};

TEST_F(Gateways, OfVersion1ItHasRoomForOneDataAndSaysSoInTheHello) {
  bench.state.config.version = Version::k1;
  connect(1);
  Hello hello{kPhone, kUser, Incarnation(1), HelloSeq(1), Nonce(1), {}};
  bench.arrive(phone(1), hello);
  EXPECT_EQ(bench.sent<Hello>().at(0).version, Version::k1);
  bench.arrive(kShard, Welcome{kPhone, HelloSeq(1), Nonce(1), SessionEpoch(1), Version::k1});
  for (std::uint64_t mseq = 1; mseq <= 3; ++mseq) {
    bench.arrive(kShard, data(mseq));
    bench.arrive(kShard, data(mseq));  // again, which takes no more room
    bench.arrive(phone(1), ack(mseq));
  }
  EXPECT_EQ(bench.took(Branch::kSlowConsumerCut), 0U);
  bench.arrive(kShard, data(4));
  bench.arrive(kShard, data(5));
  EXPECT_EQ(bench.took(Branch::kSlowConsumerCut), 1U);
}

TEST_F(Gateways, AnotherVersionPassesUnchanged) {
  connect(1);
  for (const Version version : {Version::k1, Version::k2}) {
    Hello hello{kPhone, kUser, Incarnation(1), HelloSeq(1), Nonce(1), {}, version};
    bench.forget();
    bench.arrive(phone(1), hello);
    EXPECT_EQ(bench.sent<Hello>().at(0).version, version);
  }
}

TEST_F(Gateways, ForwardsSendsToTheConversationsShardAndTheRestToTheUsers) {
  open(1, 1);
  bench.arrive(phone(1), message());
  bench.arrive(phone(1), ack(1));
  ASSERT_EQ(bench.sends.size(), 2U);
  EXPECT_EQ(bench.sends[0].to, kPlacement.conversation_shard(ConversationId(6)));
  EXPECT_EQ(bench.sends[1].to, kShard);
}

TEST_F(Gateways, AnswersGoToTheConnectionOfNow) {
  open(1, 1);
  connect(2);
  bench.forget();
  SendReply reply;
  reply.stream.device = kPhone;
  bench.arrive(kPlacement.conversation_shard(ConversationId(6)), reply);
  ASSERT_EQ(bench.sends.size(), 1U);
  EXPECT_EQ(bench.sends[0].to, phone(2));
}

TEST_F(Gateways, ANewConnectionReplacesTheOldAndClosesItsSession) {
  open(1, 4);
  connect(2);
  ASSERT_EQ(bench.sent<HangUp>().size(), 1U);
  EXPECT_EQ(bench.sends[0].to, (Address{Role::kTransport, 2, ConnectionId(1)}));
  ASSERT_EQ(bench.sent<SessionClosed>().size(), 1U);
  EXPECT_EQ(bench.sent<SessionClosed>()[0].epoch, SessionEpoch(4));
}

TEST_F(Gateways, TheLastWordsOfAReplacedConnectionAreNotForwarded) {
  open(1, 1);
  connect(2);
  bench.forget();
  bench.arrive(phone(1), ack(1));
  bench.arrive(phone(1), Disconnected{});
  EXPECT_TRUE(bench.sends.empty());
  EXPECT_EQ(bench.state.sockets.size(), 1U);
}

TEST_F(Gateways, ALostSocketIsToldOnlyWhenItHadASession) {
  connect(1);
  bench.arrive(phone(1), Disconnected{});
  EXPECT_TRUE(bench.sent<SessionClosed>().empty());
  open(2, 7);
  bench.arrive(phone(2), Disconnected{});
  ASSERT_EQ(bench.sent<SessionClosed>().size(), 1U);
  EXPECT_EQ(bench.sent<SessionClosed>()[0].epoch, SessionEpoch(7));
}

TEST_F(Gateways, DataForADeviceThatLeftGoesBackAsSessionClosed) {
  bench.arrive(kShard, data(1));
  ASSERT_EQ(bench.sent<SessionClosed>().size(), 1U);
  EXPECT_EQ(bench.sends[0].to, kShard);
}

TEST_F(Gateways, EvictsTheSessionNamedAndNoLaterOne) {
  open(1, 5);
  bench.arrive(kShard, Evict{kPhone, SessionEpoch(4)});
  EXPECT_TRUE(bench.sent<HangUp>().empty());
  bench.arrive(kShard, Evict{kPhone, SessionEpoch(5)});
  EXPECT_EQ(bench.sent<HangUp>().size(), 1U);
  EXPECT_TRUE(bench.state.sockets.empty());
}

TEST_F(Gateways, ASilentSocketIsCutAfterTheHeartbeatAndItsMargin) {
  open(1, 5);
  bench.advance(59s);
  EXPECT_EQ(bench.took(Branch::kHalfOpenDetected), 0U);
  bench.arrive(phone(1), Ping{kPhone});
  EXPECT_EQ(bench.sent<Pong>().size(), 1U);
  bench.advance(59s);
  EXPECT_EQ(bench.took(Branch::kHalfOpenDetected), 0U);
  bench.advance(1s);
  EXPECT_EQ(bench.took(Branch::kHalfOpenDetected), 1U);
  EXPECT_EQ(bench.sent<HangUp>().size(), 1U);
  EXPECT_EQ(bench.sent<SessionClosed>().size(), 1U);
}

TEST_F(Gateways, ASlowConsumerIsCut) {
  bench.state.config.unacked_bytes_max = 10'000;
  open(1, 1);
  bench.arrive(kShard, data(1, 6000));
  EXPECT_EQ(bench.took(Branch::kSlowConsumerCut), 0U);
  bench.arrive(kShard, data(2, 6000));
  EXPECT_EQ(bench.took(Branch::kSlowConsumerCut), 1U);
  EXPECT_EQ(bench.sent<HangUp>().size(), 1U);
  EXPECT_EQ(bench.sent<Data>().size(), 1U);
}

TEST_F(Gateways, AConsumerThatAcksIsNotCut) {
  bench.state.config.unacked_bytes_max = 10'000;
  open(1, 1);
  for (std::uint64_t n = 1; n <= 20; ++n) {
    bench.arrive(kShard, data(n, 6000));
    bench.arrive(phone(1), ack(n));
  }
  EXPECT_EQ(bench.took(Branch::kSlowConsumerCut), 0U);
  EXPECT_EQ(bench.sent<Data>().size(), 20U);
}

TEST_F(Gateways, ARedeliveredEntryCountsOnce) {
  bench.state.config.unacked_bytes_max = 10'000;
  open(1, 1);
  for (int i = 0; i < 5; ++i) bench.arrive(kShard, data(1, 6000));
  EXPECT_EQ(bench.took(Branch::kSlowConsumerCut), 0U);
}

TEST_F(Gateways, RefusesWhatExceedsItsBudgetUntilTheNextWindow) {
  bench.state.config.requests_max = 1;
  open(1, 1);
  bench.arrive(phone(1), message());
  EXPECT_EQ(bench.sent<SendReply>().size(), 0U);
  bench.arrive(phone(1), message());
  ASSERT_EQ(bench.sent<SendReply>().size(), 1U);
  EXPECT_EQ(bench.sent<SendReply>()[0].code, ReplyCode::kRetryable);
  EXPECT_EQ(bench.sent<SendReply>()[0].id, (MessageId{1, 2}));
  bench.advance(1s);
  bench.arrive(phone(1), message());
  EXPECT_EQ(bench.sent<SendMessage>().size(), 2U);
}

}  // namespace
}  // namespace greytick::model
