#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/ids.h"
#include "model/time.h"
#include "model/version.h"
#include "sim/net/endpoint.h"
#include "sim/net/network.h"
#include "sim/scenario/fault.h"

namespace greytick::faults {

using model::Duration;
using model::Instant;

/// How a store misbehaves; the initial values are a healthy one.
struct StoreCondition {
  double sync_factor = 1.0;           // a sync takes factor times as long ...
  Duration sync_extra{};              // ... plus this
  std::optional<std::uint64_t> free;  // bytes left on the disk; absent: as the disk is
  double write_error = 0.0;           // probability that a commit fails
  friend bool operator==(const StoreCondition&, const StoreCondition&) = default;
};

/// How the push provider misbehaves; the initial values are a healthy one.
struct PushCondition {
  std::optional<double> rate;  // requests a second let through; beyond it 429; absent: rate_max
  Duration throttle_retry_after{};
  double error = 0.0;  // probability that a request fails with `answer`
  scenario::PushAnswer answer = scenario::PushAnswer::kLost;
  Duration error_retry_after{};
  friend bool operator==(const PushCondition&, const PushCondition&) = default;
};

/// A planned hand-over of a shard.
struct Move {
  std::optional<std::uint32_t> to;  // process; absent: the next of the region that can take it
  Duration handover{};              // from the old owner's last commit to the new one's start
  Duration hint{};                  // until every server knows the new place
  std::uint64_t entries = 0;        // that channels hand out again at the new owner
  friend bool operator==(const Move&, const Move&) = default;
};

struct LiveConnection {
  net::Endpoint device, gateway;
};

/// What faults may do to a world; the world implements it. Every call happens at the instant that
/// Injector::run was given, and takes effect before anything else of that instant.
class Controls {
 public:
  virtual ~Controls() = default;

  // --- who is there ---
  virtual std::uint32_t devices() const = 0;
  /// Region and access network of a device, whether it was ever online or not.
  virtual net::Endpoint device(std::uint32_t index) const = 0;
  /// Every connection both ends of which believe in it, ascending by device.
  virtual std::vector<LiveConnection> connections() const = 0;

  // --- links ---
  virtual net::Network& network() = 0;
  /// Rules changed: refresh connections, release what was held.
  virtual void links_changed(Instant at) = 0;
  /// The same for one device, whose radio was switched.
  virtual void radio_changed(std::uint32_t device, Instant at) = 0;
  /// The device's connection is reset; both sides are told.
  virtual void reset_connection(std::uint32_t device, Instant at) = 0;
  /// Bytes of the device's connection vanish from now on; nobody is told.
  virtual void half_open_connection(std::uint32_t device, Instant at) = 0;
  /// The device came back on another network: its socket is dead and it knows, the gateway does
  /// not.
  virtual void switch_network(std::uint32_t device, Instant at) = 0;

  // --- nodes: gateway, process, store, push, device ---
  /// Loses volatile state and unsynced writes. Overlapping crashes of one node are one crash.
  virtual void crash(const net::Endpoint& node, Instant at) = 0;
  virtual void restart(const net::Endpoint& node, Instant at) = 0;
  /// Stops handling anything, keeps its state; what arrives waits.
  virtual void pause(const net::Endpoint& node, Instant at) = 0;
  virtual void resume(const net::Endpoint& node, Instant at) = 0;
  /// The version of the protocol that a gateway or process speaks from its next start on.
  virtual void set_version(const net::Endpoint& node, model::Version version, Instant at) = 0;

  // --- stores and shards ---
  virtual void set_store(std::uint32_t region, const StoreCondition& condition, Instant at) = 0;
  /// Shard: role kConversation or kMailbox. The owner is not told.
  virtual void steal_lease(const model::Address& shard, Instant at) = 0;
  /// The process that runs the shard, or will.
  virtual std::uint32_t host(const model::Address& shard) const = 0;
  /// The owner stops taking frames, finishes its commits and hands the shard over. Without effect
  /// where nobody can hand over, or nobody can take it.
  virtual void move_shard(const model::Address& shard, const Move& move, Instant at) = 0;
  /// Whether the process is one of those that shards go to by themselves.
  virtual void set_member(std::uint32_t process, bool member, Instant at) = 0;
  /// Channels into the shard hand out their last `entries` entries again.
  virtual void replay(const model::Address& shard, std::uint64_t entries, Instant at) = 0;

  // --- gateways, push, phones ---
  virtual void drain_gateway(std::uint32_t gateway, Instant at) = 0;
  virtual void undrain_gateway(std::uint32_t gateway, Instant at) = 0;
  virtual void set_push(const PushCondition& condition, Instant at) = 0;
  /// The app dies with what was not durable, and stays away until revive_app.
  virtual void kill_app(std::uint32_t device, Instant at) = 0;
  virtual void revive_app(std::uint32_t device, Instant at) = 0;
  /// The device's records are gone; a new installation starts, away until revive_app.
  virtual void reinstall_app(std::uint32_t device, Instant at) = 0;
  /// Keeps a copy of what is durable on the device, under this name.
  virtual void back_up_app(std::uint32_t device, std::uint64_t backup, Instant at) = 0;
  /// The device's records are those of the backup, which is used up; a new installation starts on
  /// them, away until revive_app.
  virtual void restore_app(std::uint32_t device, std::uint64_t backup, Instant at) = 0;
};

}  // namespace greytick::faults
