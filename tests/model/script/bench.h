// Four phones and the servers between them, back to back: the real machines, a fake link that a
// script can stop, drop from, repeat and reorder, and a clock that moves when told to.
//
// Alice and Carol (devices and users 1 and 3, mailbox shard m1), Bob and Dave (2 and 4, m0). Alice
// and Bob share conversation 7; Alice, Bob and Carol are the group 8. Both are c0's. Gateways gw0
// and gw1.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/frame.h"
#include "tests/model/script/seat.h"

namespace greytick::model::script {

/// Devices 6 to 12: as many more of Alice's as a user may have, not linked either.
inline constexpr std::uint32_t kTablets = 7;

/// Of Alice and Bob, and of them and Carol.
inline constexpr ConversationId kTalk(7), kGroup(8);

class World {
 public:
  World();

  /// One line of a script; see tests/model/testdata/README.md. Returns "" or what is wrong with it.
  std::string command(std::string_view line);
  /// What happened since the last call, one line each.
  std::vector<std::string> take_lines();
  /// All facts so far.
  [[nodiscard]] const std::vector<Fact>& facts() const { return history_; }
  [[nodiscard]] const Store& store(const Address& at) const { return seats_.at(at).rows; }

 private:
  struct InFlight {
    Address from, to;
    Frame frame;
  };
  struct Socket {
    std::uint32_t device = 0, gateway = 0;
    bool open = true;
    bool silent = false;  // half-open: nothing passes, nobody is told
  };

  void add_device(std::uint32_t device, UserId user);
  void add(const Address& at, AnyState fresh);
  void provision();
  void provision(ConversationId conversation, std::span<const std::uint32_t> people);
  void start(const Address& at);
  void crash(const Address& at);
  void speak(const Address& at, Version version);
  void input(const Address& at, const Input& in);
  void apply(const Address& at, const Outputs& out, std::vector<Input>& todo);
  void emit(const Address& at, const Output& output);
  void stall(const Address& at);
  void sync(const Address& at);

  // The link.
  void deliver_front();
  void deliver_all();
  void deliver(const InFlight& f);
  bool passes(const InFlight& f) const;
  void at_transport(const InFlight& f);
  void at_provider(const InFlight& f);
  void close(ConnectionId connection, bool tell_device, bool tell_gateway);
  void cut(const Address& device, bool tell);
  std::optional<std::size_t> find(std::string_view frame_name) const;
  void pass_time(Duration by, bool deliver);

  void say(std::string line);
  std::string show(std::string_view what);
  std::string rows(const Address& at, std::string_view table);
  std::string configure(std::string_view what, std::string_view value);

  std::map<Address, Seat> seats_;
  std::deque<InFlight> wire_;
  std::vector<InFlight> aside_;  // held back by the script
  std::map<ConnectionId, Socket> sockets_;
  std::map<std::uint32_t, std::uint32_t> home_;  // of a device: the gateway its dials reach
  std::uint32_t connections_ = 0;
  ConversationId room_ = kTalk;  // that the verbs of users are about
  NotifyOutcome provider_ = NotifyOutcome::kAccepted;
  bool wakes_ = false;  // an accepted push reaches the phone
  Instant now_ = Instant{} + std::chrono::hours(1);
  Instant said_at_ = now_;
  bool frames_ = true, facts_ = true, writes_ = false, branches_ = true;
  std::vector<std::string> lines_;
  std::vector<Fact> history_;
};

}  // namespace greytick::model::script
