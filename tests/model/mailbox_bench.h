// One mailbox shard and one phone, Bob's, which every test drives by frames.
#pragma once

#include <cstdint>

#include <gtest/gtest.h>

#include "model/mailbox_shard.h"
#include "model/mailbox_steps.h"
#include "tests/model/step.h"

namespace greytick::model {

class MailboxShardTest : public testing::Test {
 protected:
  static constexpr DeviceId kBob{2};
  static constexpr UserId kBobUser{2};
  static constexpr ConversationId kChat{7};
  static constexpr MemberNumber kAlices{1};
  static constexpr Address kSource{Role::kConversation, 0, ConnectionId{}};
  static constexpr Address kGateway{Role::kGateway, 3, ConnectionId{}};
  static constexpr Incarnation kFirst{1};

  MailboxShardTest() : bench_(initial()) {
    Mailbox m;
    m.user = kBobUser;
    m.incarnation = kFirst;
    m.install_id = 99;
    bench_.store.put(mailbox_key(kBob), m);
    bench_.store.put(key_of<UserConversation>(kBobUser.value(), kChat.value()), UserConversation{});
    bench_.step(Start{LeaseEpoch(1), Instant{}, 0});
  }
  static MailboxShard::State initial() {
    MailboxShard::State s;
    s.placement = {1, 1, 1};
    s.self = {Role::kMailbox, 0, ConnectionId{}};
    s.config.window = 4;
    s.config.mailbox_max = 20;
    return s;
  }
  Message message(std::uint64_t k) const {
    Message m;
    m.stream = {DeviceId(1), kFirst, kChat};
    m.sender = UserId(1);
    m.cseq = ClientSeq(k);
    m.position = LogPos(k);
    m.accepted_at = bench_.now;
    m.content.bytes = 10;
    return m;
  }
  void fan_out(std::uint64_t k, Incarnation of = kFirst) {
    ++channel_;
    again_ = ChannelEntry{kSource, bench_.state.self, ChannelSeq(channel_),
                          FanOut{message(k), {{kBobUser, kBob, of}}}};
    bench_.arrive(kSource, again_);
  }
  void hello(std::uint64_t seq, std::uint64_t cursor, std::uint64_t nonce = 5) {
    bench_.arrive(kGateway,
                  Hello{kBob, kBobUser, kFirst, HelloSeq(seq), Nonce(nonce), MailboxSeq(cursor)});
  }
  void ack(std::uint64_t cursor) {
    bench_.arrive(kGateway, Ack{kBob, kBobUser, kFirst, box().epoch, MailboxSeq(cursor)});
  }
  void close() { bench_.arrive(kGateway, SessionClosed{kBob, kBobUser, box().epoch}); }
  // Days pass, and what the shard wrote into its channels has arrived.
  void advance(Duration by) {
    for (const Role role : {Role::kMailbox, Role::kConversation}) {
      const Address target{role, 0, ConnectionId{}};
      if (const auto* row = bench_.store.find<ChannelOut>(channel_out_key(target))) {
        bench_.arrive(target, ChannelAck{bench_.state.self, target, row->last});
      }
    }
    bench_.advance(by);
  }
  const Mailbox& box() const { return *bench_.store.find<Mailbox>(mailbox_key(kBob)); }
  const TickRegister& ticks() const {
    return bench_.store.find<DeviceRegister>(register_key(kBob, kChat))->value;
  }
  Bench<MailboxShard> bench_;
  std::uint64_t channel_ = 0;
  ChannelEntry again_{};
};

}  // namespace greytick::model
