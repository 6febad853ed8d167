// The service and its users, driven through simulated time: the machines of model/, the network
// between them, the stores under them, the people before them, and the faults that strike them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "model/payload.h"
#include "model/time.h"
#include "sim/net/endpoint.h"
#include "sim/net/network.h"
#include "sim/scenario/scenario.h"
#include "sim/world/event_kind.h"
#include "sim/world/fact_sink.h"
#include "sim/world/letters.h"

namespace greytick::world {

/// The regions that reach each other, from that instant on.
struct Parted {
  model::Instant at;
  net::Components components;
  friend bool operator==(const Parted&, const Parted&) = default;
};

struct Stats {
  std::uint64_t events = 0;
  std::array<std::uint64_t, kEventKinds> by_kind{};  // see event_name()
  std::uint64_t queue_peak = 0;                      // pending events
  std::uint64_t devices = 0;                         // touched so far
  std::uint64_t connections = 0;                     // open now, half-open ones included
  std::uint64_t shard_transactions = 0;              // that machines wrote, synced or not
  std::uint64_t device_transactions = 0;
  std::uint64_t composed = 0;                           // messages that people wrote
  std::uint64_t store_bytes = 0, store_bytes_peak = 0;  // of all server stores
  net::Counters network;
  std::vector<Parted> parted;  // each change of what partitions leave; empty while all is one
  LetterCounts letters;        // zeros with `wire: struct`
};

class World {
 public:
  /// A scenario of the real pipeline, as loaded. Both arguments outlive the world; facts and
  /// signals go to `facts` while run_until runs.
  World(const scenario::Scenario& scenario, FactSink& facts);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Handles every event before `end`.
  void run_until(model::Instant end);
  /// Load stops, faults heal, and devices with a backlog connect at drain.connect_rate. Called
  /// once, at the horizon; run_until then goes on until drained() or drain.limit.
  void begin_drain();
  /// Nothing is on its way any more: outboxes, mailboxes, channels and ticks are empty.
  [[nodiscard]] bool drained() const;
  [[nodiscard]] model::Instant reached() const;

  /// Region and access network of a device, whether it was ever online or not.
  [[nodiscard]] net::Endpoint home(model::DeviceId device) const;

  /// Of everything handled and told so far: equal for equal scenarios, on any machine.
  [[nodiscard]] std::uint64_t fingerprint() const;
  [[nodiscard]] Stats stats() const;
  [[nodiscard]] std::uint64_t events() const { return stats().events; }
  /// Faults in force, by index into scenario.faults, ascending.
  [[nodiscard]] std::vector<std::uint32_t> faults_in_force() const;

  /// The secret that the contents of a run are sealed under; judges are told.
  [[nodiscard]] static model::PayloadKey payload_key(const scenario::Scenario& scenario);

 private:
  std::unique_ptr<class Driver> driver_;
};

}  // namespace greytick::world
