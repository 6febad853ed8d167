// One phone, which every test drives by what its user does and by frames.
#pragma once

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "model/device.h"
#include "tests/model/step.h"

namespace greytick::model {

inline constexpr DeviceId kPhone(5);
inline constexpr UserId kUser(3);
inline constexpr Recipient kPeer{UserId(4), DeviceId(6), Incarnation(1)};
inline constexpr ConversationId kTalk(7);
inline constexpr std::uint64_t kInstall = 77;
inline constexpr Address kGateway{Role::kGateway, 1, ConnectionId(10)};

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
    bench.arrive(kGateway, Tick{kPhone, kTalk, kPeer.device, kPeer.number, UserId{}, value});
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

}  // namespace greytick::model
