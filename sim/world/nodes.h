// What the world is made of: phones, gateways, processes, shards, disks, connections, each with its
// machine and what the driver remembers of it. Driver only.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/conversation_shard.h"
#include "model/device.h"
#include "model/gateway.h"
#include "model/mailbox_shard.h"
#include "model/push.h"
#include "sim/engine/fingerprint.h"
#include "sim/engine/random.h"
#include "sim/faults/controls.h"
#include "sim/memory/prefetch.h"
#include "sim/net/network.h"
#include "sim/world/alarm.h"
#include "sim/world/commit.h"
#include "sim/world/letters.h"
#include "sim/world/store.h"

namespace greytick::world {

using model::Address;
using model::DeviceId;
using model::Duration;
using model::Input;
using model::Instant;
using model::Role;

inline constexpr std::uint32_t kNone = 0xffff'ffff;

/// An input on its way to a machine. process: of a shard, the host it was sent to. letter: the
/// bytes of a frame, which `input` lacks until it has arrived.
struct Parcel {
  /// The input is a T of these arguments, made in its place.
  template <class T, class... Args>
  Parcel(std::uint32_t host, std::in_place_type_t<T> as, Args&&... args)
      : input(as, std::forward<Args>(args)...), process(host) {}
  Parcel(std::uint32_t host, const Input& copied) : input(copied), process(host) {}

  Input input;
  std::uint32_t process = kNone;
  std::uint32_t letter = Letters::kNone;
};

/// One connection, as both its ends see it. It is forgotten when neither believes in it any more.
struct Wire {
  net::Connection net;
  std::uint32_t node = 0;    // of the phone, a handle
  std::uint32_t device = 0;  // its number
  std::uint32_t gateway = 0;
  std::uint32_t life = 0;  // of the device's app when it dialled
  bool device_end = false, gateway_end = false;
  bool frozen = false;     // an end is paused
  bool late = false;       // bytes once took so long that a beat may have been missed
  bool giving_up = false;  // kWireGiveUp is pending
  bool queued = false;     // has been through the accept queue, or is in it
  // Where its gateway kept what it knows of it when that was last looked up. It may lie elsewhere
  // by now, so it is asked for ahead of time and never read.
  const void* socket = nullptr;
  Instant sick_since = model::kNever;  // since when one end waits for the other in vain
  struct Held {
    std::uint32_t parcel, bytes;
  };
  std::array<std::vector<Held>, 2> held;  // by net::Way

  [[nodiscard]] bool sick() const {
    return !net.healthy() || net.half_open || !device_end || !gateway_end || frozen;
  }
  /// Idle beats of this connection would find nothing, so they need not be sent.
  [[nodiscard]] bool beats_elided() const { return !late && !sick(); }
};

/// The random bits that travel with the inputs of one machine; a value of 8 bytes.
/// Source: SplitMix64; Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// OOPSLA 2014.
class Entropy {
 public:
  Entropy(const engine::Streams& streams, std::uint64_t node)
      : state_(streams.stream(engine::Purpose::kEntropy, node).next_u64()) {}
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    return engine::mix64(state_);
  }

 private:
  std::uint64_t state_;
};

/// Where the wire of each connection lies. Connections are numbered as they are dialled, and most
/// end in about that order.
class WireBook {
 public:
  /// The number of the next connection; its place is `handle`.
  std::uint32_t add(std::uint32_t handle) {
    handles_.push_back(handle);
    return first_ + static_cast<std::uint32_t>(handles_.size()) - 1;
  }
  [[nodiscard]] std::uint32_t find(std::uint32_t connection) const {
    const std::uint32_t at = connection - first_;  // wraps for one that is gone, and is too large
    return at < handles_.size() ? handles_[at] : kNone;
  }
  /// Asks for the memory that find() reads.
  void prefetch(std::uint32_t connection) const {
    const std::uint32_t at = connection - first_;
    if (at < handles_.size()) memory::prefetch(&handles_[at], sizeof(std::uint32_t));
  }
  void set(std::uint32_t connection, std::uint32_t handle) {
    handles_[connection - first_] = handle;
    while (!handles_.empty() && handles_.front() == kNone) {
      handles_.pop_front();
      ++first_;
    }
  }
  [[nodiscard]] std::uint32_t next() const {
    return first_ + static_cast<std::uint32_t>(handles_.size());
  }

 private:
  std::uint32_t first_ = 1;
  std::deque<std::uint32_t> handles_;  // kNone: over
};

/// A phone: created at its first touch.
struct DeviceNode {
  DeviceNode(std::uint32_t index, const net::Endpoint& where, const engine::Streams& streams)
      : number(index),
        endpoint(where),
        origin(index),
        entropy(streams, index),
        disk(streams.stream(engine::Purpose::kStore, index)) {}

  std::uint32_t number;  // of the device
  net::Endpoint endpoint;
  engine::Origin origin;
  Entropy entropy;
  engine::Stream disk;
  model::Device::State machine;
  std::array<Alarm, 6> alarms;  // by model::Timer
  Pending pending;
  std::uint32_t wire = kNone;  // of the connection that was established last
  std::uint32_t life = 0;      // starts of the app
  std::uint32_t installs = 0;
  std::uint32_t presence_draws = 0, read_draws = 0;
  bool alive = false;    // the app runs
  bool held = false;     // a fault or the script keeps the app dead
  bool paused = false;   //
  bool wants = false;    // to be connected
  bool regular = false;  // in a stay of its own, not woken by a push
  bool retrying = false;
  std::uint32_t late_durables = 0;  // while paused
  Instant attempt_at = model::kNever, woken_at = model::kNever, flush_since = model::kNever;
  Instant awake_until{};
  std::vector<model::ConversationId> unread;  // to be read at the next stay
  std::vector<std::uint32_t> waiting;         // parcels, while paused

  [[nodiscard]] bool foreground() const { return alive && regular; }
};

struct GatewayNode {
  GatewayNode(const net::Endpoint& where, const engine::Streams& streams)
      : endpoint(where),
        origin(std::uint64_t{2} << 32 | where.index),
        entropy(streams, origin.id()) {}

  net::Endpoint endpoint;
  engine::Origin origin;
  Entropy entropy;
  model::Gateway::State machine;
  boost::unordered_flat_map<std::uint32_t, Alarm> alarms;  // by device; never iterated
  bool up = true, paused = false, draining = false;
  std::uint64_t connections = 0;
  std::uint64_t drain_left = 0;
  Instant accept_free{};  // the last login in the accept queue is through
  std::vector<std::uint32_t> waiting;
};

struct ProcessNode {
  net::Endpoint endpoint;
  model::Version version = model::Version::k2;
  bool up = true, paused = false;
  bool member = true;        // shards may go there by themselves
  std::uint32_t outage = 0;  // crashes and pauses so far
};
[[nodiscard]] inline bool serves(const ProcessNode& p) { return p.up && !p.paused; }

/// A shard as one process runs it.
struct Instance {
  std::uint32_t serial = 0;
  std::uint32_t process = 0;
  model::LeaseEpoch lease;
  bool fenced = false;  // its lease was given away and it has not noticed
  std::unique_ptr<model::ConversationShard::State> conversations;  // one of the two
  std::unique_ptr<model::MailboxShard::State> mailboxes;
  Pending pending;
  boost::unordered_flat_map<std::uint32_t, Alarm> alarms;  // by timer and entity; never iterated
  std::uint32_t late_durables = 0;
  std::vector<std::uint32_t> waiting;
  std::optional<faults::Move> leaving;  // takes nothing any more, and hands over when it can
};

/// What the servers may not know yet: the shard was at `from` until `at`.
struct OldPlace {
  std::uint32_t from = 0;
  Instant at{};
  Duration hint{};  // until everybody knows better
};

struct ShardNode {
  ShardNode(const Address& which, std::uint16_t home, std::uint32_t host,
            const engine::Streams& streams)
      : address(which),
        region(home),
        process(host),
        origin((which.role == Role::kConversation ? std::uint64_t{3} : std::uint64_t{4}) << 32 |
               which.index),
        entropy(streams, origin.id()),
        disk(streams.stream(engine::Purpose::kStore, origin.id())) {}

  Address address;
  std::uint16_t region;
  std::uint32_t process;  // that runs it, or will
  OldPlace old_place;
  std::uint64_t replay_at_start = 0;  // entries of each channel into it
  engine::Origin origin;
  Entropy entropy;
  engine::Stream disk;
  Store store;
  model::LeaseEpoch lease;  // last granted
  std::uint32_t token = 0;  // of the start that is due; older ones are void
  std::unique_ptr<Instance> instance;
};

/// The disk under the shards of a region.
struct DiskNode {
  std::uint64_t bytes = 0, peak = 0;
  std::uint64_t limit = 0;
  bool up = true, paused = false;
  bool short_of_room = false;
  faults::StoreCondition condition;
};

struct PushNode {
  explicit PushNode(const engine::Streams& streams)
      : origin(std::uint64_t{5} << 32), entropy(streams, origin.id()) {}
  net::Endpoint endpoint{net::NodeKind::kPush, 0, 0, 0};
  engine::Origin origin;
  Entropy entropy;
  model::Push::State machine;
  boost::unordered_flat_map<std::uint32_t, Alarm> alarms;  // by device; never iterated
  bool up = true, paused = false;
  std::vector<std::uint32_t> waiting;
};

}  // namespace greytick::world
