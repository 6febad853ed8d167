// What faults do to the world. Every call comes from the injector, at the instant of the event
// being handled, or from the drain.
#include <algorithm>
#include <utility>

#include "model/check.h"
#include "sim/world/driver.h"

namespace greytick::world {

using net::Endpoint;
using net::NodeKind;

namespace {

// Hands what waited to a node that goes on, in its order.
template <class Node, class F>
void hand_over(Node& node, F&& f) {
  for (const std::uint32_t parcel : std::exchange(node.waiting, {})) f(parcel);
}

}  // namespace

// ---------------------------------------------------------------- links and connections

template <class F>
std::vector<std::uint32_t> Driver::wires_where(F&& test) {
  std::vector<std::uint32_t> found;
  wires_.for_each([&](std::uint32_t, Wire& w) {
    if (test(w)) found.push_back(w.net.id.value());
  });
  std::ranges::sort(found);
  return found;
}

std::vector<faults::LiveConnection> Driver::connections() const {
  std::vector<faults::LiveConnection> live;
  for (const std::uint32_t handle : node_of_) {
    if (handle == kNone) continue;
    const DeviceNode& n = devices_[handle];
    if (n.wire == kNone) continue;
    const Wire& w = wires_[n.wire];
    if (w.device_end && w.gateway_end) live.push_back({n.endpoint, gateways_[w.gateway].endpoint});
  }
  return live;
}

void Driver::links_changed(Instant at) {
  const net::Components now = network_.components();
  const bool as_before = parted_.empty() ? now.size() == 1 : now == parted_.back().components;
  if (!as_before) parted_.push_back({.at = at, .components = now});
  const auto open = wires_where([](const Wire& w) { return w.device_end || w.gateway_end; });
  for (const std::uint32_t connection : open) {
    if (Wire* w = find_wire(connection)) refresh(*w);
  }
}

void Driver::radio_changed(std::uint32_t device, Instant) {
  DeviceNode* n = find_node(device);
  if (n == nullptr) return;
  if (Wire* w = wire_of(*n)) refresh(*w);
}

void Driver::reset_connection(std::uint32_t device, Instant) {
  const DeviceNode* n = find_node(device);
  if (n == nullptr) return;
  if (const Wire* w = wire_of(*n)) reset(w->net.id.value());
}

void Driver::half_open_connection(std::uint32_t device, Instant) {
  DeviceNode* n = find_node(device);
  Wire* w = n == nullptr ? nullptr : wire_of(*n);
  if (w == nullptr) return;
  network_.make_half_open(w->net, now_);
  became_sick(*w);
}

void Driver::switch_network(std::uint32_t device, Instant) {
  DeviceNode* n = find_node(device);
  if (n == nullptr) return;
  Wire* w = wire_of(*n);
  if (w == nullptr || !w->device_end) return;
  const std::uint32_t connection = w->net.id.value();
  signal(SignalKind::kConnectionLost, DeviceId(device));
  network_.make_half_open(w->net, now_);
  lose_device_side(*w, {});
  forget_if_over(connection);
}

// ---------------------------------------------------------------- nodes

void Driver::crash_gateway(GatewayNode& g) {
  g.up = false;
  for (const std::uint32_t parcel : g.waiting) parcels_.erase(parcel);
  g.waiting.clear();
  g.alarms.clear();
  g.machine.sockets.clear();
  g.accept_free = {};
  const std::uint32_t index = g.endpoint.index;
  const auto its = wires_where([&](const Wire& w) { return w.gateway_end && w.gateway == index; });
  for (const std::uint32_t connection : its) {
    Wire* w = find_wire(connection);
    signal(SignalKind::kConnectionLost, DeviceId(w->device));
    // The host's system closes the sockets of a process that died; whether a phone hears of it is
    // the network's matter.
    end_gateway_side(*w, {}, false);
  }
}

void Driver::crash(const Endpoint& node, Instant) {
  switch (node.kind) {
    case NodeKind::kGateway:
      if (gateways_[node.index].up) crash_gateway(gateways_[node.index]);
      return;
    case NodeKind::kProcess: {
      ProcessNode& p = processes_[node.index];
      p.up = false;
      const std::uint32_t outage = ++p.outage;
      for (ShardNode& s : shards_) {
        if (s.instance != nullptr && s.instance->process == node.index) crash_shard(s);
      }
      schedule(world_origin_, now_ + scenario_.topology.lease.duration, EventClass::kTimer,
               EventKind::kLeaseExpired, node.index, outage);
      return;
    }
    case NodeKind::kStore:
      disks_[node.index].up = false;
      for (ShardNode& s : shards_) {
        if (s.region == node.index) crash_shard(s);
      }
      return;
    case NodeKind::kPush:
      push_.up = false;
      push_.alarms.clear();
      for (const std::uint32_t parcel : push_.waiting) parcels_.erase(parcel);
      push_.waiting.clear();
      push_.machine.wanted.clear();
      return;
    case NodeKind::kDevice:
      if (DeviceNode* n = find_node(node.index)) {
        n->held = true;
        stop_app(*n, true);
      }
      return;
  }
}

void Driver::restart(const Endpoint& node, Instant at) {
  switch (node.kind) {
    case NodeKind::kGateway: {
      GatewayNode& g = gateways_[node.index];
      g.up = true;
      gateway_input(g, model::Start{});
      return;
    }
    case NodeKind::kProcess:
      processes_[node.index].up = true;
      ++processes_[node.index].outage;
      for (ShardNode& s : shards_) {
        if (s.process == node.index && s.instance == nullptr) {
          schedule_start(s, scenario_.topology.shards.restart);
        }
      }
      return;
    case NodeKind::kStore:
      disks_[node.index].up = true;
      for (ShardNode& s : shards_) {
        if (s.region == node.index && s.instance == nullptr) {
          schedule_start(s, scenario_.topology.shards.restart);
        }
      }
      return;
    case NodeKind::kPush:
      push_.up = true;
      push_input(model::Start{});
      return;
    case NodeKind::kDevice:
      revive_app(node.index, at);
      return;
  }
}

void Driver::pause(const Endpoint& node, Instant) {
  const auto freeze = [&](auto&& test) {
    for (const std::uint32_t connection : wires_where(test)) {
      Wire* w = find_wire(connection);
      w->frozen = true;
      became_sick(*w);
    }
  };
  switch (node.kind) {
    case NodeKind::kGateway:
      gateways_[node.index].paused = true;
      freeze([&](const Wire& w) {
        return (w.device_end || w.gateway_end) && w.gateway == node.index;
      });
      return;
    case NodeKind::kProcess: {
      ProcessNode& p = processes_[node.index];
      p.paused = true;
      schedule(world_origin_, now_ + scenario_.topology.lease.duration, EventClass::kTimer,
               EventKind::kLeaseExpired, node.index, ++p.outage);
      return;
    }
    case NodeKind::kStore:
      disks_[node.index].paused = true;  // its shards wait for it
      return;
    case NodeKind::kPush:
      push_.paused = true;
      return;
    case NodeKind::kDevice:
      if (DeviceNode* n = find_node(node.index)) {
        n->paused = true;
        freeze([&](const Wire& w) {
          return (w.device_end || w.gateway_end) && w.device == node.index;
        });
      }
      return;
  }
}

void Driver::resume(const Endpoint& node, Instant) {
  const auto thaw = [&](auto&& test) {
    for (const std::uint32_t connection : wires_where(test)) {
      Wire* w = find_wire(connection);
      w->frozen = false;
      if (!w->sick()) w->sick_since = model::kNever;
    }
  };
  switch (node.kind) {
    case NodeKind::kGateway: {
      GatewayNode& g = gateways_[node.index];
      g.paused = false;
      thaw([&](const Wire& w) { return w.gateway == node.index; });
      hand_over(g, [&](std::uint32_t parcel) {
        if (g.up) gateway_input(g, parcels_[parcel].input);
        parcels_.erase(parcel);
      });
      return;
    }
    case NodeKind::kProcess: {
      ProcessNode& p = processes_[node.index];
      p.paused = false;
      ++p.outage;
      for (ShardNode& s : shards_) {
        if (s.instance == nullptr || s.instance->process != node.index) continue;
        const std::uint32_t serial = s.instance->serial;
        const auto goes_on = [&] { return s.instance != nullptr && s.instance->serial == serial; };
        for (std::uint32_t left = std::exchange(s.instance->late_durables, 0U);
             left > 0 && goes_on(); --left) {
          shard_durable(s, serial);
        }
        if (!goes_on()) continue;
        hand_over(*s.instance, [&](std::uint32_t parcel) {
          if (goes_on()) shard_input(s, parcels_[parcel].input);
          parcels_.erase(parcel);
        });
        if (goes_on() && s.instance->fenced) {
          schedule(s.origin, now_ + scenario_.topology.lease.renew, EventClass::kTimer,
                   EventKind::kFencedEnds, number_of(s), serial);
        }
      }
      return;
    }
    case NodeKind::kStore:
      disks_[node.index].paused = false;
      return;
    case NodeKind::kPush:
      push_.paused = false;
      hand_over(push_, [&](std::uint32_t parcel) {
        push_input(parcels_[parcel].input);
        parcels_.erase(parcel);
      });
      return;
    case NodeKind::kDevice: {
      DeviceNode* n = find_node(node.index);
      if (n == nullptr || !n->paused) return;
      n->paused = false;
      thaw([&](const Wire& w) { return w.device == node.index; });
      for (std::uint32_t left = std::exchange(n->late_durables, 0U); left > 0; --left) {
        device_durable(*n);
      }
      hand_over(*n, [&](std::uint32_t parcel) {
        if (n->alive) device_input(*n, parcels_[parcel].input);
        parcels_.erase(parcel);
      });
      return;
    }
  }
}

void Driver::set_version(const Endpoint& node, model::Version version, Instant) {
  if (node.kind == NodeKind::kGateway) {
    gateways_[node.index].machine.config.version = version;
  } else {
    processes_[node.index].version = version;
  }
}

// ---------------------------------------------------------------- stores and shards

void Driver::set_store(std::uint32_t region, const faults::StoreCondition& condition, Instant) {
  DiskNode& disk = disks_[region];
  const bool changes_room = disk.condition.free != condition.free;
  const bool faster = condition.sync_factor < disk.condition.sync_factor ||
                      condition.sync_extra < disk.condition.sync_extra;
  disk.condition = condition;
  if (faster) {
    for (ShardNode& s : shards_) {
      if (s.region == region) hasten_commits(s);
    }
  }
  if (!changes_room) return;
  disk.limit = condition.free ? disk.bytes + *condition.free : scenario_.topology.store.disk.value;
  look_at_room(static_cast<std::uint16_t>(region));
}

void Driver::steal_lease(const Address& shard, Instant) { take_over(shard_at(shard)); }

void Driver::replay(const Address& shard, std::uint64_t entries, Instant) {
  hand_out_again(shard, entries, kNone);
}

void Driver::hand_out_again(const Address& shard, std::uint64_t entries, std::uint32_t process) {
  const std::uint64_t keep = std::exchange(replay_keep_, 0U);  // what is replayed is not news
  for (ShardNode& source : shards_) {
    const auto it = handed_out_.find(channel_number(source.address, shard));
    if (it == handed_out_.end()) continue;
    const auto& kept = it->second;
    const std::size_t count = std::min<std::size_t>(entries, kept.size());
    for (std::size_t i = kept.size() - count; i < kept.size(); ++i) {
      model::Send send{shard, kept[i]};
      to_server(host(source), source.address, source.origin, send, process);
    }
  }
  replay_keep_ = keep;
}

// ---------------------------------------------------------------- gateways and push

void Driver::drain_gateway(std::uint32_t gateway, Instant) {
  GatewayNode& g = gateways_[gateway];
  g.draining = true;
  auto its = wires_where([&](const Wire& w) { return w.gateway_end && w.gateway == gateway; });
  const auto count = static_cast<std::int64_t>(its.size());
  if (count == 0) signal(SignalKind::kGatewayDrained);
  for (std::int64_t i = 0; i < count; ++i) {
    ++g.drain_left;
    schedule(g.origin, now_ + scenario_.topology.gateways.drain * (i + 1) / count,
             EventClass::kFault, EventKind::kDrainStep, gateway, its[static_cast<std::size_t>(i)]);
  }
}

void Driver::undrain_gateway(std::uint32_t gateway, Instant) {
  gateways_[gateway].draining = false;
}

void Driver::set_push(const faults::PushCondition& condition, Instant) { provider_.set(condition); }

// ---------------------------------------------------------------- apps

void Driver::kill_app(std::uint32_t device, Instant) {
  DeviceNode& n = node_of(device);
  n.held = true;
  stop_app(n, false);
}

void Driver::revive_app(std::uint32_t device, Instant) {
  DeviceNode* n = find_node(device);
  if (n == nullptr || !n->held) return;
  n->held = false;
  start_app(*n);
  if (n->wants) go_online(*n);
}

void Driver::reinstall_app(std::uint32_t device, Instant) {
  DeviceNode& n = node_of(device);
  n.held = true;
  stop_app(n, false);
  phones_.forget_device(DeviceId(device));
  ++n.installs;
  n.unread.clear();
}

void Driver::back_up_app(std::uint32_t device, std::uint64_t backup, Instant) {
  provision_user(people_.user_of(device));  // nobody may have touched it yet
  DiskCopy copy = phones_.copy_device(DeviceId(device));
  if (const DeviceNode* n = find_node(device)) n->pending.lose_in(copy);
  backups_.insert_or_assign({backup, device}, std::move(copy));
}

void Driver::restore_app(std::uint32_t device, std::uint64_t backup, Instant at) {
  const auto copy = backups_.find({backup, device});
  CHECK(copy != backups_.end());
  reinstall_app(device, at);
  for (const auto& [key, record] : copy->second) phones_.provision(key, record);
  backups_.erase(copy);
  emit(model::BackupRestored{DeviceId(device)});
}

}  // namespace greytick::world
