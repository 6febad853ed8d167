#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <boost/container/static_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include "sim/engine/random.h"
#include "sim/net/conditions.h"
#include "sim/net/connection.h"
#include "sim/net/endpoint.h"
#include "sim/net/law.h"
#include "sim/net/region_delays.h"
#include "sim/net/region_graph.h"
#include "sim/net/rule.h"
#include "sim/scenario/scenario.h"

namespace greytick::net {

/// What becomes of bytes given to a connection.
struct Fate {
  enum class Kind : std::uint8_t {
    kArrives,   // at `at`, after everything sent before
    kHeld,      // the way is cut: the sender keeps them, in order, and gives them to release() when
                // refresh() says that the connection is healthy again
    kVanishes,  // half-open: nobody will ever know
    kCorrupt,   // damaged: the receiver sees it at `at`, and the connection is reset then
    kReset,     // lost too often: the connection is reset at `at`, both sides are told
  };
  Kind kind = Kind::kArrives;
  Instant at{};
  friend bool operator==(const Fate&, const Fate&) = default;
};

/// When the copies of one frame between servers arrive: none, one, or two.
using BusFate = boost::container::static_vector<Instant, 2>;

struct Dialled {
  bool answered = false;  // false: the way is cut; the device's own connect timeout is all it gets
  Instant established{};  // when handshakes are over, if the gateway accepts
  Instant refused{};      // when a refusal reaches the device
  Connection connection;
};

struct Counters {
  std::uint64_t frames = 0, bytes = 0;
  std::uint64_t packets = 0, retransmissions = 0;  // on connections
  std::uint64_t dropped = 0;                       // frames between servers
  std::uint64_t duplicated = 0, corrupted = 0, held = 0, resets = 0;
};

/// Decides when and whether bytes arrive. It holds no events and knows no frames: the world keeps
/// those. Everything is a function of the seed, the rules in force, and the order of the calls for
/// one connection or one pair of servers; other connections and pairs do not matter.
class Network {
 public:
  /// CHECKs what the scenario's loader has checked: that files are there and name the locations.
  Network(const scenario::Scenario& scenario, const engine::Streams& streams);

  // --- connections of devices ---

  /// id: never used before in this run; it names the random streams of the connection.
  Dialled dial(model::ConnectionId id, const Endpoint& device, const Endpoint& gateway,
               Instant now);

  /// Bytes written to the connection at `now`; calls for one way ascend in time.
  Fate send(Connection& c, Way way, std::uint64_t bytes, Instant now);

  /// The same for bytes that send() held, once the way is open: TCP tries again only when its
  /// retransmission timer next fires. In the order in which they were held.
  Fate release(Connection& c, Way way, std::uint64_t bytes, Instant now);

  /// Takes notice of rules and radios as they are now. True when `healthy()` changed.
  bool refresh(Connection& c, Instant now);

  /// From now on bytes vanish.
  void make_half_open(Connection& c, Instant now);

  /// When TCP resets a connection that has been unhealthy without a break and has bytes to send;
  /// kNever while it is healthy.
  [[nodiscard]] Instant gives_up_at(const Connection& c) const;

  /// Bytes not yet on the wire: the unsent queue of that way.
  [[nodiscard]] std::uint64_t backlog_bytes(const Connection& c, Way way, Instant now) const;

  [[nodiscard]] bool cut(const Endpoint& from, const Endpoint& to) const;

  // --- servers ---

  /// One frame from server to server. In order for a pair, unless a reorder rule acts.
  BusFate bus(const Endpoint& from, const Endpoint& to, std::uint64_t bytes, Instant now);

  /// One way between two regions, or two servers of one region, without jitter: straight, or, where
  /// the scenario names lines, the shortest way over those that are up. CHECKs that there is a way.
  [[nodiscard]] Duration region_delay(std::uint16_t from, std::uint16_t to) const {
    return routed_ && from != to ? graph_.one_way(from, to) : regions_.one_way(from, to);
  }

  /// Which regions reach each other while partitions are in force that part all servers of some
  /// from all of others.
  [[nodiscard]] Components components() const { return graph_.components(); }

  // --- conditions ---

  /// After a change here the world calls refresh() for its connections.
  ///
  /// A partition that parts all servers of a region from all of another takes the line between the
  /// two down. Where the scenario names lines, that is all it does: frames go another way if there
  /// is one. Where it names none, no frame goes a way round, and the servers are apart.
  RuleId add_rule(Rule rule);
  void remove_rule(RuleId id);
  [[nodiscard]] bool rules_in_force() const { return !conditions_.empty(); }
  void set_radio(std::uint32_t device, bool up);
  [[nodiscard]] bool radio_up(std::uint32_t device) const;

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Recurring {
    Law every, lasts;
  };
  struct AccessLaw {
    Law rtt;
    Duration holds;
    double correlation;
    scenario::Loss loss;
    std::uint64_t down_bps, up_bps;
    std::optional<Recurring> stalls, handoff;
  };
  struct Pair {
    Instant last_arrival{};
    std::uint32_t draws = 0;
  };
  // A rule in force that takes lines down.
  struct Parting {
    RuleId rule;
    std::vector<RegionGraph::Up> up;  // by line
  };
  std::vector<RegionGraph::Up> lines_left(const Rule& rule) const;
  bool parts(const Rule& rule, std::uint16_t from, std::uint16_t to) const;
  void renew_lines();
  [[nodiscard]] bool no_way(const Endpoint& from, const Endpoint& to) const {
    return routed_ && from.region != to.region && !graph_.reaches(from.region, to.region);
  }
  Fate deliver(Connection& c, Way way, std::uint64_t bytes, Instant start);
  Duration path_delay(Connection& c, Way way, Instant leaves);
  bool access_loses(Connection& c, Way way);
  Instant after_stall(Connection& c, Instant at);
  [[nodiscard]] const AccessLaw& access_of(const Connection& c) const {
    return access_[c.device.access];
  }

  engine::Streams streams_;
  scenario::Tcp tcp_;
  std::vector<AccessLaw> access_;
  RegionDelays regions_;
  RegionGraph graph_;
  bool routed_;  // the scenario names lines
  std::vector<Parting> partings_;
  std::uint32_t gateways_per_region_, processes_per_region_;
  Law backbone_jitter_;
  Law within_;
  double backbone_loss_;
  Conditions conditions_;
  boost::unordered_flat_map<std::uint64_t, Pair> pairs_;  // looked up only, never walked
  std::vector<std::uint64_t> radios_down_;                // bit a device
  std::uint64_t radios_down_count_ = 0;
  Counters counters_;
};

}  // namespace greytick::net
