// The server that holds the sockets. It forwards, and remembers nothing that a crash would hurt:
// who is connected here, and of which session.
#pragma once

#include <cstdint>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/device.h"
#include "model/ids.h"
#include "model/machine.h"
#include "model/placement.h"
#include "model/time.h"

namespace greytick::model {

struct Gateway {
  struct Config {
    GatewayId gateway;
    Version version = Version::k2;
    Placement placement;
    HeartbeatConfig heartbeat;                             // what devices were told to do
    Duration idle_margin = std::chrono::seconds(10);       // beyond every + timeout
    std::uint64_t unacked_bytes_max = 4ULL * 1024 * 1024;  // a socket; zero: no bound
    std::uint32_t requests_max = 0;                        // SENDs in one window; zero: no bound
    Duration request_window = std::chrono::seconds(1);
    friend constexpr bool operator==(const Config&, const Config&) = default;
  };

  struct Socket {
    ConnectionId connection;
    UserId user;
    Incarnation incarnation;
    SessionEpoch epoch;  // of the last WELCOME; zero: no session yet
    Instant heard_at{};
    MailboxSeq offered, acked;        // DATA written to the socket, ACK seen on it
    std::uint64_t unacked_bytes = 0;  // of DATA in (acked, offered]; an estimate
    friend constexpr bool operator==(const Socket&, const Socket&) = default;
  };

  struct State {
    Config config;
    boost::unordered_flat_map<DeviceId, Socket, std::hash<DeviceId>> sockets;  // never iterated
    Instant window_start{};
    std::uint32_t window_requests = 0;
    friend bool operator==(const State&, const State&) = default;
  };

  static ReadSet keys_of(const State& state, const Input& input);
  static Step handle(State& state, const Stimulus& t, const Input& input, View& view, Outputs& out);
};

}  // namespace greytick::model
