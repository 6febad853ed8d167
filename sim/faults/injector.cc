#include "sim/faults/injector.h"

#include <algorithm>
#include <utility>

#include "model/check.h"
#include "sim/engine/fingerprint.h"
#include "sim/scenario/sorted.h"

namespace greytick::faults {
namespace {

using engine::Purpose;
using scenario::Fault;
using scenario::FaultKind;
using scenario::TargetKind;
using scenario::TargetMode;

// Names an occurrence: its random stream, its rule, its clock error, its churn.
std::uint64_t token_of(const Occurrence& o) {
  return static_cast<std::uint64_t>(o.fault) << 32 | o.number;
}

bool is_store_fault(FaultKind kind) {
  return kind == FaultKind::kSlowDisk || kind == FaultKind::kDiskFull ||
         kind == FaultKind::kWriteError;
}

bool is_push_fault(FaultKind kind) {
  return kind == FaultKind::kPushThrottle || kind == FaultKind::kPushError;
}

net::Effect effect_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::kDrop:
      return net::Effect::kDrop;
    case FaultKind::kLatency:
      return net::Effect::kLatency;
    case FaultKind::kDuplicate:
      return net::Effect::kDuplicate;
    case FaultKind::kReorder:
      return net::Effect::kReorder;
    case FaultKind::kCorrupt:
      return net::Effect::kCorrupt;
    default:
      CHECK(kind == FaultKind::kPartition);
      return net::Effect::kPartition;
  }
}

}  // namespace

Injector::Injector(const scenario::Scenario& scenario, const engine::Streams& streams,
                   Controls& controls)
    : scenario_(scenario),
      streams_(streams),
      controls_(controls),
      targets_(scenario, controls),
      plan_(occurrences(scenario)),
      assignment_(scenario.topology),
      churn_(streams, controls),
      stores_(scenario.topology.regions.size()) {
  for (const Occurrence& o : plan_) {
    if (!o.region) continue;
    Fault fault = scenario.faults[o.fault];
    fault.target.region = scenario.topology.regions[*o.region].name;
    local_.emplace(std::pair(o.fault, *o.region), std::move(fault));
  }
  plan_backups();
}

// Older than the run is as old as the run: there was nothing on these phones before.
void Injector::plan_backups() {
  for (const Occurrence& o : plan_) {
    const Fault& fault = fault_of(o);
    if (fault.kind != FaultKind::kRestoreBackup) continue;
    const Duration since = o.start.time_since_epoch();
    backups_.push_back({o, Instant{since - std::min(since, fault.with.backup_age)}});
  }
  backups_ = scenario::sorted_stably(backups_, [](const Backup& b) { return b.at; });
}

// The same draw as when it strikes, so the same phones.
void Injector::back_up(const Backup& backup) {
  const std::uint64_t token = token_of(backup.occurrence);
  engine::Stream stream = streams_.stream(Purpose::kFault, token);
  for (const std::uint32_t device : targets_.devices(fault_of(backup.occurrence).target, stream)) {
    controls_.back_up_app(device, token, backup.at);
  }
}

Instant Injector::next() {
  Instant due = churn_.next();
  if (started_ < plan_.size()) due = std::min(due, plan_[started_].start);
  if (backed_up_ < backups_.size()) due = std::min(due, backups_[backed_up_].at);
  for (const Active& active : active_) due = std::min(due, active.occurrence.end);
  return std::min(due, next_step());
}

void Injector::run(Instant at) {
  CHECK(at >= last_);
  last_ = at;
  for (Instant due = next(); due <= at && due != model::kNever; due = next()) {
    for (std::size_t i = 0; i < active_.size();) {
      if (active_[i].occurrence.end > due) {
        ++i;
        continue;
      }
      const Active healed = std::move(active_[i]);
      active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(i));
      heal(healed, due);
    }
    take_steps(due);
    while (backed_up_ < backups_.size() && backups_[backed_up_].at <= due) {
      back_up(backups_[backed_up_++]);
    }
    while (started_ < plan_.size() && plan_[started_].start <= due) start(plan_[started_++]);
    churn_.run(due);
  }
}

void Injector::heal_all(Instant at) {
  CHECK(at >= last_);
  last_ = at;
  started_ = plan_.size();
  backed_up_ = backups_.size();
  while (!active_.empty()) {
    const Active healed = std::move(active_.front());
    active_.erase(active_.begin());
    heal(healed, at);
  }
}

std::vector<std::uint32_t> Injector::in_force() const {
  std::vector<std::uint32_t> faults;
  faults.reserve(active_.size());
  for (const Active& active : active_) faults.push_back(active.occurrence.fault);
  std::ranges::sort(faults);
  faults.erase(std::ranges::unique(faults).begin(), faults.end());
  return faults;
}

void Injector::start(const Occurrence& occurrence) {
  const Fault& fault = fault_of(occurrence);
  const Instant at = occurrence.start;
  engine::Stream stream = streams_.stream(Purpose::kFault, token_of(occurrence));
  Active active{.occurrence = occurrence};
  switch (fault.kind) {
    case FaultKind::kDrop:
    case FaultKind::kLatency:
    case FaultKind::kDuplicate:
    case FaultKind::kReorder:
    case FaultKind::kCorrupt:
    case FaultKind::kPartition:
      start_link(active, stream);
      break;
    case FaultKind::kResetPeer:
    case FaultKind::kHalfOpen:
    case FaultKind::kReconnectStorm:
      strike_connections(occurrence, stream);
      return;
    case FaultKind::kCrash:
    case FaultKind::kPowerLoss:
    case FaultKind::kPause:
    case FaultKind::kDrain:
      start_nodes(active, stream);
      break;
    case FaultKind::kClockSkew:
      clocks_.add(token_of(occurrence), targets_.nodes(fault.target, stream), fault.with.offset,
                  fault.with.drift.value, at);
      break;
    case FaultKind::kClockJump:
      clocks_.add(token_of(occurrence), targets_.nodes(fault.target, stream), fault.with.jump, 0.0,
                  at);
      break;
    case FaultKind::kSlowDisk:
    case FaultKind::kDiskFull:
    case FaultKind::kWriteError:
      active.nodes = targets_.servers(fault.target, stream);
      break;
    case FaultKind::kLeaseSteal:
      for (const model::Address& shard : targets_.shards(fault.target, stream)) {
        controls_.steal_lease(shard, at);
      }
      return;
    case FaultKind::kRebalance:
      active.nodes = targets_.servers(fault.target, stream);
      rebalance(active.nodes, fault.with, false, at);
      break;
    case FaultKind::kRollingDeploy:
      active.steps =
          deploy_steps(scenario_.topology, fault, targets_.servers(fault.target, stream), at);
      break;
    case FaultKind::kShardMove:
      move_shards(fault, stream, at);
      return;
    case FaultKind::kReplay:
      for (const model::Address& shard : targets_.shards(fault.target, stream)) {
        controls_.replay(shard, fault.with.entries, at);
      }
      return;
    case FaultKind::kChurn:
      start_churn(occurrence, stream);
      break;
    case FaultKind::kPushThrottle:
    case FaultKind::kPushError:
      break;
    case FaultKind::kAppKill:
    case FaultKind::kReinstall:
    case FaultKind::kRestoreBackup:
      start_apps(active, stream);
      break;
  }
  active_.push_back(std::move(active));
  if (is_store_fault(fault.kind)) apply_stores(at);
  if (is_push_fault(fault.kind)) apply_push(at);
}

void Injector::heal(const Active& active, Instant at) {
  const Fault& fault = fault_of(active.occurrence);
  switch (fault.kind) {
    case FaultKind::kDrop:
    case FaultKind::kLatency:
    case FaultKind::kDuplicate:
    case FaultKind::kReorder:
    case FaultKind::kCorrupt:
    case FaultKind::kPartition:
      controls_.network().remove_rule(active.rule);
      controls_.links_changed(at);
      return;
    case FaultKind::kCrash:
    case FaultKind::kPowerLoss:
      for (const net::Endpoint& node : active.nodes) {
        if (down_.give_back(node)) controls_.restart(node, at);
      }
      return;
    case FaultKind::kPause:
      for (const net::Endpoint& node : active.nodes) {
        if (paused_.give_back(node)) controls_.resume(node, at);
      }
      return;
    case FaultKind::kDrain:
      for (const net::Endpoint& node : active.nodes) {
        if (draining_.give_back(node)) controls_.undrain_gateway(node.index, at);
      }
      return;
    case FaultKind::kRebalance:
      rebalance(active.nodes, fault.with, true, at);
      return;
    case FaultKind::kRollingDeploy:
      end_deploy(active, at);
      return;
    case FaultKind::kClockSkew:
    case FaultKind::kClockJump:
      clocks_.remove(token_of(active.occurrence));
      return;
    case FaultKind::kSlowDisk:
    case FaultKind::kDiskFull:
    case FaultKind::kWriteError:
      apply_stores(at);
      return;
    case FaultKind::kChurn:
      churn_.stop(token_of(active.occurrence), at);
      return;
    case FaultKind::kPushThrottle:
    case FaultKind::kPushError:
      apply_push(at);
      return;
    case FaultKind::kAppKill:
    case FaultKind::kReinstall:
    case FaultKind::kRestoreBackup:
      for (const std::uint32_t device : active.devices) {
        if (away_.give_back(device)) controls_.revive_app(device, at);
      }
      return;
    case FaultKind::kResetPeer:
    case FaultKind::kHalfOpen:
    case FaultKind::kReconnectStorm:
    case FaultKind::kLeaseSteal:
    case FaultKind::kShardMove:
    case FaultKind::kReplay:
      CHECK_MSG(false, "a momentary fault is never in force");
  }
}

void Injector::start_link(Active& active, engine::Stream& stream) {
  const Fault& fault = fault_of(active.occurrence);
  net::Rule rule{.effect = effect_of(fault.kind),
                 .target = targets_.nodes(fault.target, stream),
                 .other = {},
                 .direction = fault.direction,
                 .inside = fault.target.kind == TargetKind::kService,
                 .key = token_of(active.occurrence),
                 .with = fault.with};
  if (fault.other) rule.other = targets_.nodes(*fault.other, stream);
  active.rule = controls_.network().add_rule(std::move(rule));
  controls_.links_changed(active.occurrence.start);
}

void Injector::start_nodes(Active& active, engine::Stream& stream) {
  const Fault& fault = fault_of(active.occurrence);
  const Instant at = active.occurrence.start;
  if (fault.target.kind == TargetKind::kDevice) {
    const std::vector<std::uint32_t> devices = targets_.devices(fault.target, stream);
    active.nodes.reserve(devices.size());
    for (const std::uint32_t i : devices) active.nodes.push_back(controls_.device(i));
  } else {
    active.nodes = targets_.servers(fault.target, stream);
  }
  for (const net::Endpoint& node : active.nodes) {
    if (fault.kind == FaultKind::kPause) {
      if (paused_.take(node)) controls_.pause(node, at);
    } else if (fault.kind == FaultKind::kDrain) {
      if (draining_.take(node)) controls_.drain_gateway(node.index, at);
    } else if (down_.take(node)) {
      controls_.crash(node, at);
    }
  }
}

void Injector::strike_connections(const Occurrence& occurrence, engine::Stream& stream) {
  const Fault& fault = fault_of(occurrence);
  const net::NodeSet hit = targets_.nodes(fault.target, stream);
  for (const LiveConnection& c : controls_.connections()) {
    if (!hit.has(c.device) && !hit.has(c.gateway)) continue;
    if (!device_draw(occurrence, c.device.index)) continue;
    if (fault.kind == FaultKind::kHalfOpen) {
      controls_.half_open_connection(c.device.index, occurrence.start);
    } else {
      controls_.reset_connection(c.device.index, occurrence.start);
    }
  }
}

// Whether a device is in the share that the fault hits: a stream for each, so that one connection
// more or less changes nothing for the others.
bool Injector::device_draw(const Occurrence& occurrence, std::uint32_t device) const {
  const std::uint64_t entity = engine::mix64(token_of(occurrence) + 1) ^ device;
  return streams_.stream(Purpose::kFault, entity | std::uint64_t{1} << 63)
      .bernoulli(fault_of(occurrence).with.share.value);
}

void Injector::move_shards(const Fault& fault, engine::Stream& stream, Instant at) {
  const std::uint32_t processes = scenario_.topology.shards.processes;
  for (const model::Address& shard : targets_.shards(fault.target, stream)) {
    Move move{.to = {}, .handover = fault.with.handover, .hint = fault.with.hint, .entries = 0};
    if (fault.with.to) {
      const std::uint32_t first = controls_.host(shard) / processes * processes;
      move.to = first + static_cast<std::uint32_t>(*fault.with.to);
    }
    controls_.move_shard(shard, move, at);
  }
}

void Injector::start_churn(const Occurrence& occurrence, engine::Stream& stream) {
  const Fault& fault = fault_of(occurrence);
  std::vector<std::uint32_t> devices = targets_.devices(fault.target, stream);
  std::erase_if(devices, [&](std::uint32_t device) { return !device_draw(occurrence, device); });
  churn_.start(token_of(occurrence), devices, fault.with, occurrence.start);
}

void Injector::start_apps(Active& active, engine::Stream& stream) {
  const Fault& fault = fault_of(active.occurrence);
  active.devices = targets_.devices(fault.target, stream);
  for (const std::uint32_t device : active.devices) {
    away_.take(device);
    if (fault.kind == FaultKind::kReinstall) {
      controls_.reinstall_app(device, active.occurrence.start);
    } else if (fault.kind == FaultKind::kRestoreBackup) {
      controls_.restore_app(device, token_of(active.occurrence), active.occurrence.start);
    } else {
      controls_.kill_app(device, active.occurrence.start);
    }
  }
}

// Overlapping faults of one store add up: factors multiply, delays add, the least room and the
// greatest probability count.
void Injector::apply_stores(Instant at) {
  std::vector<StoreCondition> wanted(stores_.size());
  for (const Active& active : active_) {
    const Fault& fault = fault_of(active.occurrence);
    if (!is_store_fault(fault.kind)) continue;
    for (const net::Endpoint& node : active.nodes) {
      StoreCondition& store = wanted[node.index];
      if (fault.kind == FaultKind::kSlowDisk) {
        store.sync_factor *= fault.with.factor;
        store.sync_extra += fault.with.latency;
      } else if (fault.kind == FaultKind::kDiskFull) {
        store.free = std::min(store.free.value_or(fault.with.free.value), fault.with.free.value);
      } else {
        store.write_error = std::max(store.write_error, fault.with.probability.value);
      }
    }
  }
  for (std::uint32_t region = 0; region < wanted.size(); ++region) {
    if (wanted[region] == stores_[region]) continue;
    stores_[region] = wanted[region];
    controls_.set_store(region, wanted[region], at);
  }
}

// The tightest throttle counts, and of errors the one that started last.
void Injector::apply_push(Instant at) {
  PushCondition wanted;
  for (const Active& active : active_) {
    const Fault& fault = fault_of(active.occurrence);
    if (fault.kind == FaultKind::kPushThrottle) {
      if (!wanted.rate || fault.with.rate.per_second < *wanted.rate) {
        wanted.rate = fault.with.rate.per_second;
        wanted.throttle_retry_after = fault.with.retry_after;
      }
    } else if (fault.kind == FaultKind::kPushError) {
      wanted.error = fault.with.probability.value;
      wanted.answer = fault.with.answer;
      wanted.error_retry_after = fault.with.retry_after;
    }
  }
  if (wanted == push_) return;
  push_ = wanted;
  controls_.set_push(wanted, at);
}

}  // namespace greytick::faults
