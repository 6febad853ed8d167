// Gateways, the push gateway, the provider behind it, and the bus between servers.
#include "model/check.h"
#include "model/wire/codec.h"
#include "sim/world/driver.h"
#include "sim/world/driver_step.h"

namespace greytick::world {

using model::Branch;

namespace {
constexpr Duration kProviderAway = std::chrono::milliseconds(20);  // one way to the provider
constexpr Duration kProviderAgain = std::chrono::seconds(10);      // to a phone without network
constexpr Duration kWakesFor = std::chrono::seconds(30);           // that a push lets an app run
}  // namespace

// ---------------------------------------------------------------- the bus

void Driver::to_server(const net::Endpoint& from, const Address& sender, engine::Origin& origin,
                       model::Send& send, std::uint32_t process) {
  const auto bytes = static_cast<std::uint32_t>(wire::encoded_size(send.frame));
  EventKind kind = EventKind::kToPush;
  net::Endpoint to = push_.endpoint;
  std::uint32_t target = 0;
  switch (send.to.role) {
    case Role::kConversation:
    case Role::kMailbox: {
      const ShardNode& s = shard_at(send.to);
      kind = EventKind::kToShard;
      if (process == kNone) process = place_known(from, s);
      to = processes_[process].endpoint;
      target = number_of(s);
      break;
    }
    case Role::kGateway:
      kind = EventKind::kToGateway;
      target = send.to.index;
      to = gateways_[target].endpoint;
      break;
    case Role::kPush:
      break;
    default:
      CHECK_MSG(false, "not a server");
  }
  if (replay_keep_ > 0) {
    if (const auto* entry = std::get_if<model::ChannelEntry>(&send.frame)) {
      auto& kept = handed_out_[channel_number(entry->source, entry->target)];
      if (kept.size() >= 2 * replay_keep_) {
        kept.erase(kept.begin(), kept.end() - static_cast<std::ptrdiff_t>(replay_keep_));
      }
      kept.push_back(*entry);
    }
  }
  const std::uint64_t corrupted = network_.counters().corrupted;
  const net::BusFate fate = network_.bus(from, to, bytes, now_);
  if (letters_.encoded() && network_.counters().corrupted != corrupted) {
    const std::uint32_t letter = letters_.write(send.frame);
    if (letter != Letters::kNone) letters_.spoil(letter);
  }
  for (std::size_t copy = fate.size(); copy-- > 0;) {
    const std::uint32_t parcel = copy == 0 ? post(sender, std::move(send.frame), process)
                                           : post(sender, model::Frame(send.frame), process);
    schedule(origin, fate[copy], EventClass::kArrival, kind, target, parcel);
  }
}

// ---------------------------------------------------------------- gateways

void Driver::gateway_parcel(GatewayNode& g, std::uint32_t parcel) {
  const auto& arrive = std::get<model::Arrive>(parcels_[parcel].input);
  if (arrive.from.role == Role::kDevice) {
    const std::uint32_t connection = arrive.from.connection.value();
    if (std::holds_alternative<model::Disconnected>(arrive.frame)) {
      if (Wire* w = find_wire(connection)) {
        if (w->gateway_end) --g.connections;
        w->gateway_end = false;
        became_sick(*w);
        forget_if_over(connection);
      }
    } else if (g.up && !g.paused) {
      const auto socket = g.machine.sockets.find(DeviceId(arrive.from.index));
      if (socket == g.machine.sockets.end() ||
          socket->second.connection != arrive.from.connection) {
        // Nobody listens there any more, and the system says so.
        Wire* w = find_wire(connection);
        if (w != nullptr && !w->gateway_end && w->device_end) {
          transmit(*w, net::Way::kDown, model::Disconnected{});
        }
      } else if (Wire* w = find_wire(connection)) {
        w->socket = &*socket;
      }
    }
  }
  if (g.up && g.paused) {
    g.waiting.push_back(parcel);
    return;
  }
  if (g.up) gateway_input(g, parcels_[parcel].input);
  parcels_.erase(parcel);
}

void Driver::gateway_input(GatewayNode& g, const Input& input) {
  const Address self{Role::kGateway, g.endpoint.index, {}};
  const auto* fired = std::get_if<model::Fired>(&input);
  step<model::Gateway>(
      g.machine, input, g.endpoint, g.entropy, nullptr, [&](model::Output& output) {
        if (auto* send = std::get_if<model::Send>(&output)) {
          switch (send->to.role) {
            case Role::kDevice: {
              Wire* w = find_wire(send->to.connection.value());
              if (w != nullptr && w->gateway_end) {
                transmit(*w, net::Way::kDown, std::move(send->frame));
              } else {
                signal(SignalKind::kFrameLost, DeviceId(send->to.index));
              }
              break;
            }
            case Role::kTransport:
              if (Wire* w = find_wire(send->to.connection.value());
                  w != nullptr && w->gateway_end) {
                end_gateway_side(*w, std::get<model::HangUp>(send->frame).retry_after, false);
              }
              break;
            default:
              to_server(g.endpoint, self, g.origin, *send);
          }
        } else if (const auto* wake = std::get_if<model::Wake>(&output)) {
          gateway_wake(g, *wake);
        } else if (const auto* note = std::get_if<model::Note>(&output)) {
          emit(note->fact);
          const auto* took = std::get_if<model::Took>(&note->fact);
          if (took != nullptr && took->branch == Branch::kHalfOpenDetected && fired != nullptr) {
            const auto device = static_cast<std::uint32_t>(fired->entity);
            const DeviceNode* n = find_node(device);
            const Wire* w = n == nullptr ? nullptr : wire_of(*n);
            if (w != nullptr && w->sick_since != model::kNever) {
              signal(SignalKind::kDetected, DeviceId(device), (now_ - w->sick_since).count());
            }
          }
        } else {
          CHECK_MSG(false, "a gateway stores nothing");
        }
        return true;
      });
}

void Driver::gateway_wake(GatewayNode& g, const model::Wake& wake) {
  const auto device = static_cast<std::uint32_t>(wake.entity);
  if (wake.at == model::kNever) {
    const auto it = g.alarms.find(device);
    if (it == g.alarms.end()) return;
    it->second.deadline = model::kNever;
    if (it->second.idle()) g.alarms.erase(it);
    return;
  }
  if (elided_) {
    const DeviceNode* n = find_node(device);
    const Wire* w = n == nullptr ? nullptr : wire_of(*n);
    if (w != nullptr && w->gateway == g.endpoint.index && w->beats_elided()) return;
  }
  if (g.alarms[device].arm(wake.at)) {
    schedule(g.origin, std::max(wake.at, now_), EventClass::kTimer, EventKind::kGatewayTimer,
             g.endpoint.index, device);
  }
}

void Driver::gateway_timer(GatewayNode& g, std::uint32_t device) {
  const auto it = g.alarms.find(device);
  if (it == g.alarms.end()) return;
  switch (it->second.ring(now_)) {
    case Alarm::Ring::kStale:
      if (it->second.idle()) g.alarms.erase(it);
      return;
    case Alarm::Ring::kEarly:
      schedule(g.origin, it->second.deadline, EventClass::kTimer, EventKind::kGatewayTimer,
               g.endpoint.index, device);
      return;
    case Alarm::Ring::kNow:
      break;
  }
  g.alarms.erase(it);
  if (!g.up) return;
  if (elided_) {
    const DeviceNode* n = find_node(device);
    const Wire* w = n == nullptr ? nullptr : wire_of(*n);
    // Well again: its beats come, only that nobody counts them.
    if (w != nullptr && w->gateway == g.endpoint.index && w->beats_elided()) return;
  }
  const Input fired{model::Fired{model::Timer::kIdle, device}};
  if (g.paused) {
    g.waiting.push_back(wrap(fired));
  } else {
    gateway_input(g, fired);
  }
}

// A draining gateway closes one more session, and says when to come back.
void Driver::drain_step(GatewayNode& g, std::uint32_t connection) {
  CHECK(g.drain_left > 0);
  --g.drain_left;
  Wire* w = find_wire(connection);
  if (g.draining && w != nullptr && w->gateway_end && g.up) {
    if (w->device_end) {
      transmit(*w, net::Way::kDown, model::Disconnected{scenario_.topology.gateways.retry_after});
    }
    lose_gateway_side(*w);
    forget_if_over(connection);
  }
  if (g.draining && g.drain_left == 0) signal(SignalKind::kGatewayDrained);
}

// ---------------------------------------------------------------- push

void Driver::push_parcel(std::uint32_t parcel) {
  if (push_.up && push_.paused) {
    push_.waiting.push_back(parcel);
    return;
  }
  if (push_.up) push_input(parcels_[parcel].input);
  parcels_.erase(parcel);
}

void Driver::push_input(const Input& input) {
  step<model::Push>(push_.machine, input, push_.endpoint, push_.entropy, nullptr,
                    [&](model::Output& output) {
                      if (auto* send = std::get_if<model::Send>(&output)) {
                        CHECK(send->to.role == Role::kProvider);
                        const auto& notify = std::get<model::Notify>(send->frame);
                        schedule(push_.origin, now_ + kProviderAway, EventClass::kArrival,
                                 EventKind::kProviderAsked, notify.device.value(), 0);
                      } else if (const auto* wake = std::get_if<model::Wake>(&output)) {
                        const auto device = static_cast<std::uint32_t>(wake->entity);
                        Alarm& alarm = push_.alarms[device];
                        if (alarm.arm(wake->at)) {
                          schedule(push_.origin, std::max(wake->at, now_), EventClass::kTimer,
                                   EventKind::kPushTimer, 0, device);
                        } else if (alarm.idle()) {
                          push_.alarms.erase(device);
                        }
                      } else if (const auto* note = std::get_if<model::Note>(&output)) {
                        emit(note->fact);
                      } else {
                        CHECK_MSG(false, "the push gateway stores nothing");
                      }
                      return true;
                    });
}

void Driver::push_timer(std::uint32_t device) {
  const auto it = push_.alarms.find(device);
  if (it == push_.alarms.end()) return;
  switch (it->second.ring(now_)) {
    case Alarm::Ring::kStale:
      if (it->second.idle()) push_.alarms.erase(it);
      return;
    case Alarm::Ring::kEarly:
      schedule(push_.origin, it->second.deadline, EventClass::kTimer, EventKind::kPushTimer, 0,
               device);
      return;
    case Alarm::Ring::kNow:
      break;
  }
  push_.alarms.erase(it);
  const Input fired{model::Fired{model::Timer::kPushRetry, device}};
  if (!push_.up) return;
  if (push_.paused) {
    push_.waiting.push_back(wrap(fired));
  } else {
    push_input(fired);
  }
}

void Driver::provider_asked(std::uint32_t device) {
  const DeviceId d(device);
  signal(SignalKind::kPush, d);
  const Provider::Answer answer = provider_.ask(device, now_);
  if (answer.outcome != model::NotifyOutcome::kAccepted) signal(SignalKind::kPushError, d);
  const std::uint32_t parcel = wrap(model::Arrive{
      {Role::kProvider, 0, {}}, model::Notified{d, answer.outcome, answer.retry_after}});
  schedule(push_.origin, now_ + kProviderAway, EventClass::kArrival, EventKind::kToPush, 0, parcel);
  if (answer.delivered_in) {
    if (answer.wakes) {
      if (DeviceNode* n = find_node(device); n != nullptr && n->woken_at == model::kNever) {
        n->woken_at = now_;
      }
    }
    schedule(push_.origin, now_ + *answer.delivered_in, EventClass::kArrival, EventKind::kNudge,
             device, answer.wakes ? 1 : 0);
  }
}

// A push arrives at the phone. It wakes the app for a while, or tells an app that believes itself
// connected that the servers do not.
void Driver::nudge(std::uint32_t device, bool wakes) {
  if (!network_.radio_up(device)) {
    // The provider keeps it until the phone is back.
    schedule(push_.origin, now_ + kProviderAgain, EventClass::kArrival, EventKind::kNudge, device,
             wakes ? 1 : 0);
    return;
  }
  const bool may_come = scenario_.population.presence.mode != scenario::PresenceMode::kScripted;
  DeviceNode* n = find_node(device);
  if (n != nullptr && n->machine.conn.in_session()) {
    n->woken_at = model::kNever;
    if (n->alive) {
      device_input(*n, model::Arrive{{Role::kProvider, 0, {}}, model::Nudge{DeviceId(device)}});
    }
    return;
  }
  if (!wakes || !may_come) return;
  if (n == nullptr) n = &node_of(device);
  if (!n->alive || n->held) return;
  emit(model::Took{Branch::kPushWokeDevice});
  if (!n->regular) {
    n->awake_until = now_ + kWakesFor;
    schedule(n->origin, n->awake_until, EventClass::kApp, EventKind::kWakeEnds, device, 0);
  }
  go_online(*n);
}

}  // namespace greytick::world
