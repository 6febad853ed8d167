// The phone: a durable outbox, a cursor, and a connection that comes and goes (docs/protocol.md 3).
#pragma once

#include <cstdint>

#include <boost/container/small_vector.hpp>

#include "model/backoff.h"
#include "model/connection.h"
#include "model/ids.h"
#include "model/machine.h"
#include "model/payload.h"
#include "model/placement.h"
#include "model/time.h"

namespace greytick::model {

/// `every` zero: no heartbeats.
struct HeartbeatConfig {
  Duration every = std::chrono::seconds(30);
  Duration timeout = std::chrono::seconds(20);
  friend constexpr bool operator==(const HeartbeatConfig&, const HeartbeatConfig&) = default;
};

struct Device {
  struct Config {
    DeviceId device;
    UserId user;
    PayloadKey key;
    Placement placement;
    Version version = Version::k2;  // of the app
    HeartbeatConfig heartbeat;
    BackoffPolicy backoff;
    Duration ack_timeout = std::chrono::seconds(8);  // SEND or READ unanswered: sent again
    Duration hello_timeout = std::chrono::seconds(10);
    Duration connect_timeout = std::chrono::seconds(20);
    std::uint32_t send_window = kResponseRing;  // of one conversation; at most kResponseRing
    std::uint32_t max_in_flight = 64;           // of all conversations
    friend constexpr bool operator==(const Config&, const Config&) = default;
  };

  /// A SEND without its definite response. Sent again at `due`.
  struct InFlight {
    ConversationId conversation;
    ClientSeq cseq;
    Instant sent_at, due;
    bool held = false;  // refused for now: nothing later of its conversation goes before it
    friend constexpr bool operator==(const InFlight&, const InFlight&) = default;
  };

  /// Volatile, but for what Start reads back: incarnation and install_id are copies of the stored
  /// Identity. Invariants: `epoch` is zero unless conn.in_session(); in_flight is empty outside a
  /// session and never longer than max_in_flight.
  struct State {
    Config config;
    Incarnation incarnation;  // zero: unknown, or registration pending
    std::uint64_t install_id = 0;
    Connection conn;
    Backoff backoff;
    HelloSeq hello_seq;  // of the HELLO last sent
    Nonce nonce;
    SessionEpoch epoch;
    Instant heard_at{};   // last frame of the connection
    Instant pinged_at{};  // last ping
    boost::container::small_vector<InFlight, 2> in_flight;
    bool backlog = false;          // the windows left something in the outbox unsent
    bool leaving = false;          // to be logged out
    bool wiping = false;           // rows of an older incarnation are being erased
    Instant reads_due = kNever;    // a READ is unanswered, and sent again then
    Instant changes_due = kNever;  // so is a wish to join or leave
    Instant retry_at = kNever;     // when kRetry will fire
    friend bool operator==(const State&, const State&) = default;
  };

  static ReadSet keys_of(const State& state, const Input& input);
  static Step handle(State& state, const Stimulus& t, const Input& input, View& view, Outputs& out);
};

}  // namespace greytick::model
