// Connections, from the dial until neither end believes in them.
#include <algorithm>

#include "model/check.h"
#include "model/wire/codec.h"
#include "sim/engine/distributions.h"
#include "sim/world/driver.h"

namespace greytick::world {

using model::kNever;
using net::Way;

namespace {
constexpr std::uint64_t kGatewayChoice = std::uint64_t{1} << 40;  // users' streams come below
constexpr std::int64_t kWorthTelling = 16 * 1024;                 // bytes of an unsent queue
}  // namespace

// The balancer in front of the gateways: any of the region that takes logins. It learns of drains,
// not of crashes: a dial may find nobody there.
std::optional<std::uint32_t> Driver::choose_gateway(const DeviceNode& n,
                                                    std::uint32_t connection) const {
  const std::uint32_t count = scenario_.topology.gateways.per_region;
  const std::uint32_t first = n.endpoint.region * count;
  boost::container::small_vector<std::uint32_t, 32> open;
  for (std::uint32_t i = first; i < first + count; ++i) {
    if (!gateways_[i].draining) open.push_back(i);
  }
  if (open.empty()) return std::nullopt;
  engine::Stream stream = streams_.stream(engine::Purpose::kPlacement, kGatewayChoice | connection);
  return open[stream.uniform_below(open.size())];
}

void Driver::dial(DeviceNode& n) {
  const DeviceId d(n.number);
  n.attempt_at = now_;
  signal(SignalKind::kAttempt, d);
  const std::uint32_t handle = wires_.emplace();
  const std::uint32_t id = wire_book_.add(handle);
  CHECK(id < kNone);
  const std::optional<std::uint32_t> chosen = choose_gateway(n, id);
  const std::uint32_t first = n.endpoint.region * scenario_.topology.gateways.per_region;
  const std::uint32_t gateway = chosen.value_or(first);
  GatewayNode& g = gateways_[gateway];
  const net::Dialled dialled = network_.dial(model::ConnectionId(id), n.endpoint, g.endpoint, now_);
  Wire& w = wires_[handle];
  w.net = dialled.connection;
  w.node = node_of_[n.number];
  w.device = n.number;
  w.gateway = gateway;
  w.life = n.life;
  // Where nothing answers, the phone's own timeout is all it gets.
  if (!dialled.answered || g.paused) return forget_if_over(id);
  const auto& limits = scenario_.topology.gateways;
  if (!chosen || !g.up || g.connections >= limits.sessions_max) {
    refuse(n, gateway, id, dialled.refused, chosen ? Duration{} : limits.retry_after);
    return forget_if_over(id);
  }
  schedule(g.origin, dialled.established, EventClass::kArrival, EventKind::kEstablished, gateway,
           id);
}

void Driver::refuse(DeviceNode& n, std::uint32_t gateway, std::uint32_t connection, Instant at,
                    Duration retry_after) {
  signal(SignalKind::kRefused, DeviceId(n.number));
  const std::uint32_t parcel = wrap(model::Arrive{
      {Role::kTransport, gateway, model::ConnectionId(connection)}, model::Refused{retry_after}});
  schedule(gateways_[gateway].origin, at, EventClass::kArrival, EventKind::kToDevice,
           node_of_[n.number], parcel);
}

// One login after the other. False when this one has to wait for its turn, or finds too many ahead.
bool Driver::accepted(Wire& w) {
  GatewayNode& g = gateways_[w.gateway];
  const double rate = scenario_.topology.gateways.accept_rate.per_second;
  if (w.queued || rate <= 0) return true;
  w.queued = true;
  const Duration each = std::max(engine::to_duration(1e9 / rate), Duration{1});
  const Instant turn = std::max(now_, g.accept_free);
  const auto ahead = static_cast<std::uint64_t>((turn - now_) / each);
  if (ahead > scenario_.topology.gateways.accept_queue) {
    refuse(devices_[w.node], w.gateway, w.net.id.value(), now_ + w.net.wan, {});
    forget_if_over(w.net.id.value());
    return false;
  }
  g.accept_free = turn + each;
  if (turn == now_) return true;
  schedule(g.origin, turn, EventClass::kArrival, EventKind::kEstablished, w.gateway,
           w.net.id.value());
  return false;
}

Wire* Driver::find_wire(std::uint32_t connection) {
  const std::uint32_t handle = wire_book_.find(connection);
  return handle == kNone ? nullptr : &wires_[handle];
}

void Driver::established(std::uint32_t connection) {
  Wire* w = find_wire(connection);
  if (w == nullptr) return;
  DeviceNode& n = devices_[w->node];
  GatewayNode& g = gateways_[w->gateway];
  const bool cut = network_.cut(n.endpoint, g.endpoint) || network_.cut(g.endpoint, n.endpoint);
  if (cut || !g.up || g.paused || !n.alive || n.life != w->life) {
    forget_if_over(connection);
    return;
  }
  if (!accepted(*w)) return;
  w->device_end = w->gateway_end = true;
  w->frozen = n.paused;
  ++g.connections;
  const model::ConnectionId current = n.machine.conn.gateway.connection;
  n.wire = wire_book_.find(connection);
  if (w->net.handoff_at != kNever) {
    schedule(n.origin, std::max(w->net.handoff_at, now_), EventClass::kFault, EventKind::kHandoff,
             w->gateway, connection);
  }
  const model::Connected hello{DeviceId(n.number), model::GatewayId(g.endpoint.index)};
  const Address from_device = device_address(*w);
  const Address from_gateway = gateway_address(*w);
  const bool busy = n.machine.conn.connected();
  gateway_input(g, model::Arrive{from_device, hello});
  device_input(n, model::Arrive{from_gateway, hello});
  // A dial that was given up came through after all: the phone stays with the connection it has.
  if (busy && n.machine.conn.connected() && n.machine.conn.gateway.connection == current) {
    n.wire = wire_book_.find(current.value());
  }
}

void Driver::transmit(Wire& w, Way way, model::Frame&& frame) {
  const auto bytes = static_cast<std::uint32_t>(wire::encoded_size(frame));
  if (way == Way::kDown) {
    const std::uint64_t unsent = network_.backlog_bytes(w.net, way, now_);
    if (unsent > scenario_.topology.gateways.session_queue.value) {
      if (!w.gateway_end) return;
      // Too slow a reader: its socket is cut, so that others keep their memory.
      emit(model::Took{model::Branch::kSlowConsumerCut});
      schedule(gateways_[w.gateway].origin, now_, EventClass::kArrival, EventKind::kWireReset,
               w.gateway, w.net.id.value());
      return;
    }
    if (static_cast<std::int64_t>(unsent + bytes) > kWorthTelling) {
      signal(SignalKind::kSessionBytes, DeviceId(w.device),
             static_cast<std::int64_t>(unsent + bytes));
    }
  }
  const Address from = way == Way::kUp ? device_address(w) : gateway_address(w);
  const net::Fate fate = network_.send(w.net, way, bytes, now_);
  if (fate.kind == net::Fate::Kind::kVanishes) {
    signal(SignalKind::kFrameLost, DeviceId(w.device));
    return;
  }
  const std::uint32_t parcel = post(from, std::move(frame));
  if (fate.kind == net::Fate::Kind::kHeld) {
    w.held[static_cast<std::size_t>(way)].push_back({parcel, bytes});
    if (w.net.healthy()) refresh(w);
    if (!w.giving_up && !w.net.healthy()) {
      w.giving_up = true;
      schedule(devices_[w.node].origin, std::max(network_.gives_up_at(w.net), now_),
               EventClass::kTimer, EventKind::kWireGiveUp, w.gateway, w.net.id.value());
    }
    return;
  }
  meet(w, way, parcel, fate);
}

// What becomes of a parcel that the network has taken.
void Driver::meet(Wire& w, Way way, std::uint32_t parcel, const net::Fate& fate) {
  engine::Origin& origin = way == Way::kUp ? devices_[w.node].origin : gateways_[w.gateway].origin;
  switch (fate.kind) {
    case net::Fate::Kind::kArrives:
      if (elided_ && !w.late && fate.at - now_ > device_config_.heartbeat.timeout / 2) {
        // What follows waits behind these bytes, beats and their answers too.
        w.late = true;
        if (!w.sick()) explicit_beats(w);
      }
      if (way == Way::kUp) {
        schedule(origin, fate.at, EventClass::kArrival, EventKind::kToGateway, w.gateway, parcel);
      } else {
        schedule(origin, fate.at, EventClass::kArrival, EventKind::kToDevice, w.node, parcel);
      }
      return;
    case net::Fate::Kind::kCorrupt:
    case net::Fate::Kind::kReset:
      if (const std::uint32_t letter = parcels_[parcel].letter; letter != Letters::kNone) {
        if (fate.kind == net::Fate::Kind::kCorrupt) {
          letters_.spoil(letter);
        } else {
          letters_.lose(letter);
        }
      }
      parcels_.erase(parcel);
      signal(SignalKind::kFrameLost, DeviceId(w.device));
      schedule(origin, fate.at, EventClass::kArrival, EventKind::kWireReset, w.gateway,
               w.net.id.value());
      return;
    case net::Fate::Kind::kHeld:
    case net::Fate::Kind::kVanishes:
      CHECK_MSG(false, "bytes are held or vanish before they are met");
  }
}

// The network under the connection may have changed.
void Driver::refresh(Wire& w) {
  if (!network_.refresh(w.net, now_)) return;
  if (!w.net.healthy()) {
    became_sick(w);
    return;
  }
  if (!w.sick()) w.sick_since = kNever;
  for (const Way way : {Way::kUp, Way::kDown}) {
    auto& held = w.held[static_cast<std::size_t>(way)];
    for (const Wire::Held& h : held) {
      meet(w, way, h.parcel, network_.release(w.net, way, h.bytes, now_));
    }
    held.clear();
  }
}

void Driver::became_sick(Wire& w) {
  // Once: what ails it further must not push out the time at which its ends find out.
  if (w.sick_since != kNever) return;
  w.sick_since = now_;
  if (elided_ && !w.late) explicit_beats(w);
}

// From now on the heartbeats of this connection matter: what was elided is scheduled at the times
// at which it would have happened.
void Driver::explicit_beats(Wire& w) {
  const Duration every = device_config_.heartbeat.every;
  if (every <= Duration{}) return;
  DeviceNode& n = devices_[w.node];
  GatewayNode& g = gateways_[w.gateway];
  Instant heard = now_;
  const bool current = w.device_end && n.alive && wire_of(n) == &w;
  Alarm& beat = n.alarms[static_cast<std::size_t>(model::Timer::kHeartbeat)];
  if (current && n.machine.conn.in_session() && beat.deadline != kNever &&
      beat.scheduled == kNever) {
    Instant next = beat.deadline;
    if (next < now_) next += ((now_ - next + every - Duration{1}) / every) * every;
    heard = next - every;  // of the beat before, which the gateway has heard
    if (beat.arm(next)) {
      schedule(n.origin, next, EventClass::kTimer, EventKind::kDeviceTimer, w.node,
               static_cast<std::uint32_t>(model::Timer::kHeartbeat));
    }
  }
  if (!w.gateway_end || !g.up) return;
  const auto socket = g.machine.sockets.find(DeviceId(w.device));
  if (socket == g.machine.sockets.end() || socket->second.connection != w.net.id) return;
  const Duration patience = every + device_config_.heartbeat.timeout + g.machine.config.idle_margin;
  const Instant at = std::max({now_, heard + patience, socket->second.heard_at + patience});
  if (g.alarms[w.device].arm(at)) {
    schedule(g.origin, at, EventClass::kTimer, EventKind::kGatewayTimer, w.gateway, w.device);
  }
}

// The phone closes its end. silent: not even its system says so.
void Driver::end_device_side(Wire& w, bool silent) {
  const std::uint32_t id = w.net.id.value();
  if (!silent && w.gateway_end) transmit(w, Way::kUp, model::Disconnected{});
  w.device_end = false;
  became_sick(w);
  forget_if_over(id);
}

void Driver::end_gateway_side(Wire& w, Duration retry_after, bool silent) {
  const std::uint32_t id = w.net.id.value();
  if (!silent && w.device_end) transmit(w, Way::kDown, model::Disconnected{retry_after});
  if (w.gateway_end) --gateways_[w.gateway].connections;
  w.gateway_end = false;
  became_sick(w);
  forget_if_over(id);
}

// Both ends learn at once.
void Driver::reset(std::uint32_t connection) {
  Wire* w = find_wire(connection);
  if (w == nullptr) return;
  if (w->device_end || w->gateway_end) signal(SignalKind::kConnectionLost, DeviceId(w->device));
  if (w->gateway_end) lose_gateway_side(*w);
  // The step of one end may have been the end of the other.
  w = find_wire(connection);
  if (w != nullptr && w->device_end) lose_device_side(*w, {});
  forget_if_over(connection);
}

void Driver::lose_device_side(Wire& w, Duration retry_after) {
  DeviceNode& n = devices_[w.node];
  const Address from = gateway_address(w);
  w.device_end = false;
  became_sick(w);
  if (!n.alive) return;
  const model::Arrive lost{from, model::Disconnected{retry_after}};
  if (n.paused) {
    n.waiting.push_back(wrap(lost));
  } else {
    device_input(n, lost);
  }
}

void Driver::lose_gateway_side(Wire& w) {
  GatewayNode& g = gateways_[w.gateway];
  const Address from = device_address(w);
  w.gateway_end = false;
  --g.connections;
  became_sick(w);
  if (!g.up) return;
  const model::Arrive lost{from, model::Disconnected{}};
  if (g.paused) {
    g.waiting.push_back(wrap(lost));
  } else {
    gateway_input(g, lost);
  }
}

void Driver::forget_if_over(std::uint32_t connection) {
  const std::uint32_t handle = wire_book_.find(connection);
  if (handle == kNone) return;
  Wire& w = wires_[handle];
  if (w.device_end || w.gateway_end) return;
  for (const auto& held : w.held) {
    for (const Wire::Held& h : held) {
      open(h.parcel);
      const auto& arrive = std::get<model::Arrive>(parcels_[h.parcel].input);
      if (!std::holds_alternative<model::Disconnected>(arrive.frame)) {
        signal(SignalKind::kFrameLost, DeviceId(w.device));
      }
      parcels_.erase(h.parcel);
    }
  }
  DeviceNode& n = devices_[w.node];
  if (n.wire == handle) n.wire = kNone;
  wires_.erase(handle);
  wire_book_.set(connection, kNone);
}

void Driver::give_up(std::uint32_t connection) {
  Wire* w = find_wire(connection);
  if (w == nullptr) return;
  w->giving_up = false;
  const bool waits = !w->held[0].empty() || !w->held[1].empty();
  if (!waits || w->net.healthy()) return;
  const Instant at = network_.gives_up_at(w->net);
  if (at <= now_) return reset(connection);
  w->giving_up = true;
  schedule(devices_[w->node].origin, at, EventClass::kTimer, EventKind::kWireGiveUp, w->gateway,
           connection);
}

// The phone walks out of its network, and some time later into another.
void Driver::handoff(std::uint32_t connection) {
  const Wire* w = find_wire(connection);
  if (w == nullptr || !w->device_end || draining_) return;
  DeviceNode& n = devices_[w->node];
  if (!network_.radio_up(n.number)) return;  // somebody else has its radio
  const Duration gap = w->net.handoff_gap;
  network_.set_radio(n.number, false);
  radio_changed(n.number, now_);
  schedule(n.origin, now_ + gap, EventClass::kFault, EventKind::kRadioBack, n.number, connection);
}

}  // namespace greytick::world
