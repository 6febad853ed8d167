// Shards: processes that run them, leases that say which, and the disks under them.
#include <algorithm>
#include <utility>

#include "model/check.h"
#include "sim/world/driver.h"
#include "sim/world/driver_step.h"

namespace greytick::world {

using model::Branch;
using model::Timer;

namespace {

constexpr Duration kDiskRetry = std::chrono::milliseconds(100);  // of a full or stopped disk

// A timer of a shard in 32 bits: 4 of the timer, 28 of its entity; shards are told apart by role.
constexpr std::uint32_t kEntityBits = 28;
constexpr std::uint32_t kMailboxBit = std::uint32_t{1} << (kEntityBits - 1);

bool of_a_shard(Timer timer) { return timer == Timer::kResend || timer == Timer::kAckDue; }

std::uint32_t pack(Timer timer, std::uint64_t entity) {
  auto low = static_cast<std::uint32_t>(entity);
  if (of_a_shard(timer)) {
    const Address a = model::shard_of_entity(entity);
    low = a.index | (a.role == Role::kMailbox ? kMailboxBit : 0);
  }
  CHECK(low < std::uint32_t{1} << kEntityBits);
  return static_cast<std::uint32_t>(timer) << kEntityBits | low;
}

model::Fired unpack(std::uint32_t body) {
  const auto timer = static_cast<Timer>(body >> kEntityBits);
  std::uint64_t entity = body & ((std::uint32_t{1} << kEntityBits) - 1);
  if (of_a_shard(timer)) {
    const bool mailbox = (entity & kMailboxBit) != 0;
    const auto index = static_cast<std::uint32_t>(entity & ~std::uint64_t{kMailboxBit});
    entity = model::entity_of({mailbox ? Role::kMailbox : Role::kConversation, index, {}});
  }
  return {timer, entity};
}

}  // namespace

// ---------------------------------------------------------------- owners

void Driver::start_shard(ShardNode& s) {
  CHECK(s.instance == nullptr || s.instance->fenced);
  if (s.instance != nullptr) {
    // The renewal that would have told the old owner comes too late to matter.
    emit(model::Took{Branch::kLeaseLost});
    crash_shard(s);
  }
  const scenario::Topology& topology = scenario_.topology;
  s.lease = s.lease.next();
  s.instance = std::make_unique<Instance>();
  Instance& i = *s.instance;
  i.serial = ++last_instance_;
  i.process = s.process;
  i.lease = s.lease;
  if (s.address.role == Role::kConversation) {
    i.conversations = std::make_unique<model::ConversationShard::State>();
    i.conversations->config.version = processes_[s.process].version;
    i.conversations->config.channel_max = topology.shards.channel_max;
    i.conversations->config.members_max = topology.members_max;
    i.conversations->config.bytes_reserve = topology.store.reserve.value;
    i.conversations->placement = placement_;
    i.conversations->self = s.address;
  } else {
    i.mailboxes = std::make_unique<model::MailboxShard::State>();
    i.mailboxes->config.version = processes_[s.process].version;
    i.mailboxes->config.window = scenario_.client.windows.deliver;
    i.mailboxes->config.deliver_bytes = scenario_.client.windows.deliver_bytes.value;
    i.mailboxes->config.mailbox_max = topology.shards.mailbox_max;
    i.mailboxes->config.retention = topology.retention;
    i.mailboxes->config.settle = topology.settle;
    i.mailboxes->placement = placement_;
    i.mailboxes->self = s.address;
  }
  model::Start start;
  start.lease = s.lease;
  start.store_clock = now_;
  shard_input(s, start);
  if (disks_[s.region].short_of_room && s.instance != nullptr) {
    shard_input(s, model::Pressure{room(s.region)});
  }
  // The bus begins with what it handed out last, and it asks nobody where the new owner is.
  if (const std::uint64_t entries = std::exchange(s.replay_at_start, 0U); entries > 0) {
    hand_out_again(s.address, entries, s.process);
  }
}

void Driver::schedule_start(ShardNode& s, Duration delay) {
  ++s.token;
  schedule(s.origin, now_ + delay, EventClass::kTimer, EventKind::kShardStart, number_of(s),
           s.token);
}

void Driver::crash_shard(ShardNode& s) {
  if (s.instance == nullptr) return;
  const std::uint64_t before = s.store.bytes();
  s.instance->pending.lose(s.store, pool_);
  count_bytes(s, before);
  for (const std::uint32_t parcel : s.instance->waiting) parcels_.erase(parcel);
  s.instance.reset();
  emit(model::ShardCrashed{s.address});
}

// Another process of the region that could run the shard.
std::optional<std::uint32_t> Driver::next_host(const ShardNode& s) const {
  const std::uint32_t hosts = scenario_.topology.shards.processes;
  const std::uint32_t first = s.region * hosts;
  std::optional<std::uint32_t> stranger;  // better than nobody
  for (std::uint32_t i = 1; i < hosts; ++i) {
    const std::uint32_t next = first + (s.process - first + i) % hosts;
    if (!serves(processes_[next])) continue;
    if (processes_[next].member) return next;
    if (!stranger) stranger = next;
  }
  return stranger;
}

// The lease goes to another process. The old owner is not told; what it has not committed never
// will be.
void Driver::take_over(ShardNode& s) {
  const std::uint32_t old = s.process;
  s.process = next_host(s).value_or(old);
  if (s.process == old && !serves(processes_[old])) return;
  s.old_place = {};
  signal(SignalKind::kLeaseChange);
  if (s.instance != nullptr) {
    if (s.instance->pending.empty()) {
      s.instance->fenced = true;
      schedule(s.origin, now_ + scenario_.topology.lease.renew, EventClass::kTimer,
               EventKind::kFencedEnds, number_of(s), s.instance->serial);
    } else {
      // A commit is under way, so it is refused now rather than at its sync.
      emit(model::Took{Branch::kLeaseLost});
      crash_shard(s);
    }
  }
  schedule_start(s, scenario_.topology.shards.restart);
}

void Driver::lease_expired(std::uint32_t process, std::uint32_t outage) {
  const ProcessNode& p = processes_[process];
  if (p.outage != outage || (p.up && !p.paused)) return;
  for (ShardNode& s : shards_) {
    if (s.process == process) take_over(s);
  }
}

// ---------------------------------------------------------------- steps

void Driver::shard_parcel(ShardNode& s, std::uint32_t parcel) {
  Instance* i = s.instance.get();
  if (i == nullptr || parcels_[parcel].process != i->process || i->leaving) {
    // To a process that does not run this shard, not yet or not any more.
    if (parcels_[parcel].process != s.process) signal(SignalKind::kMisrouted);
    parcels_.erase(parcel);
    return;
  }
  if (processes_[i->process].paused) {
    i->waiting.push_back(parcel);
    return;
  }
  shard_input(s, parcels_[parcel].input);
  parcels_.erase(parcel);
}

void Driver::shard_input(ShardNode& s, const Input& input) {
  Instance& i = *s.instance;
  const auto on = [&](model::Output& output) { return shard_out(s, output); };
  if (i.conversations != nullptr) {
    step<model::ConversationShard>(*i.conversations, input, processes_[i.process].endpoint,
                                   s.entropy, &s.store, on);
  } else {
    step<model::MailboxShard>(*i.mailboxes, input, processes_[i.process].endpoint, s.entropy,
                              &s.store, on);
  }
  if (i.fenced && i.serial == 0) crash_shard(s);
}

// False when the instance is dead: a persist was refused.
bool Driver::shard_out(ShardNode& s, model::Output& output) {
  Instance& i = *s.instance;
  if (const auto* persist = std::get_if<model::Persist>(&output)) {
    if (i.fenced) {
      emit(model::Took{Branch::kLeaseLost});
      i.serial = 0;  // Dies when its step is over.
      return false;
    }
    shard_persist(s, std::span(out_.writes).subspan(persist->first, persist->count));
  } else if (const auto* wake = std::get_if<model::Wake>(&output)) {
    shard_wake(s, *wake);
  } else if (i.pending.empty()) {
    shard_release(s, output);
  } else {
    i.pending.back()->held.push_back(std::move(output));
  }
  return true;
}

void Driver::shard_release(ShardNode& s, model::Output& output) {
  if (auto* send = std::get_if<model::Send>(&output)) {
    to_server(host(s), s.address, s.origin, *send);
  } else {
    emit(std::get<model::Note>(output).fact);
  }
}

Duration Driver::sync_time(ShardNode& s) {
  const faults::StoreCondition& condition = disks_[s.region].condition;
  Duration sync = sync_.sample_duration(s.disk);
  if (condition.sync_factor != 1.0) {
    sync = engine::to_duration(static_cast<double>(sync.count()) * condition.sync_factor);
  }
  return sync + condition.sync_extra;
}

// The disk is faster from now on, and so is what it has begun.
void Driver::hasten_commits(ShardNode& s) {
  if (s.instance == nullptr) return;
  Instant before{};
  for (Batch* batch = s.instance->pending.front(); batch != nullptr; batch = batch->next) {
    if (before > Instant{}) batch->closes = std::min(batch->closes, std::max(before, now_));
    const Instant durable = std::max(batch->closes, now_) + sync_time(s);
    if (durable < batch->durable) {
      batch->durable = durable;
      schedule(s.origin, durable, EventClass::kDurable, EventKind::kShardDurable, number_of(s),
               s.instance->serial);
    }
    before = batch->durable;
  }
}

void Driver::shard_persist(ShardNode& s, std::span<model::Write> writes) {
  Instance& i = *s.instance;
  Batch* batch = i.pending.open_at(now_);
  if (batch == nullptr) {
    batch = pool_.take();
    batch->opened = now_;
    batch->closes = closing_time(i.pending, now_, scenario_.topology.store.commit_every);
    batch->durable = batch->closes + sync_time(s);
    i.pending.push(batch);
    schedule(s.origin, batch->durable, EventClass::kDurable, EventKind::kShardDurable, number_of(s),
             i.serial);
  }
  watch_writes(writes);
  if (letters_.encoded()) {
    letters_.store(writes, [&](auto bytes) { facts_.on_bytes(now_, s.address, bytes); });
  }
  const std::uint64_t before = s.store.bytes();
  s.store.apply(writes, batch->undo);
  ++shard_transactions_;
  count_bytes(s, before);
}

// What metrics and the drain want to know of a transaction.
void Driver::watch_writes(std::span<const model::Write> writes) {
  bool grew = false;
  for (const model::Write& w : writes) {
    if (!w.record) continue;
    const auto device = static_cast<std::uint32_t>(w.key.entity);
    if (w.key.table == model::Table::kEntry) {
      grew = true;
      if (draining_) plan_connect(device);
    } else if (w.key.table == model::Table::kTickSlot) {
      if (draining_) plan_connect(device);
    } else if (w.key.table == model::Table::kMailbox) {
      const auto& m = std::get<model::Mailbox>(*w.record);
      const bool flushing = (flush_bits_[device / 64] >> (device % 64) & 1) != 0;
      if (flushing && m.tail == m.acked) {
        flush_bits_[device / 64] &= ~(std::uint64_t{1} << (device % 64));
        DeviceNode* n = find_node(device);
        if (n != nullptr && n->flush_since != model::kNever && m.session_open) {
          signal(SignalKind::kFlushed, DeviceId(device), (now_ - n->flush_since).count());
          n->flush_since = model::kNever;
        }
      }
      if (grew) {
        signal(SignalKind::kMailboxDepth, DeviceId(device),
               static_cast<std::int64_t>(m.tail - m.acked));
        grew = false;
      }
    } else if (w.key.table == model::Table::kChannelOut) {
      const auto& c = std::get<model::ChannelOut>(*w.record);
      signal(SignalKind::kChannelDepth, {}, static_cast<std::int64_t>(c.last - c.acked));
    }
  }
}

void Driver::shard_durable(ShardNode& s, std::uint32_t serial) {
  Instance* i = s.instance.get();
  if (i == nullptr || i->serial != serial) return;  // lost in a crash
  // Of a commit that was hastened, and is over.
  if (i->pending.empty() || i->pending.front()->durable > now_) return;
  if (processes_[i->process].paused) {
    ++i->late_durables;
    return;
  }
  DiskNode& disk = disks_[s.region];
  if (disk.paused || disk.bytes > disk.limit) {
    schedule(s.origin, now_ + kDiskRetry, EventClass::kDurable, EventKind::kShardDurable,
             number_of(s), serial);
    return;
  }
  if (disk.condition.write_error > 0 && s.disk.bernoulli(disk.condition.write_error)) {
    // Fail-stop: what is not durable is lost, and the shard starts again from its store.
    crash_shard(s);
    schedule_start(s, scenario_.topology.shards.restart);
    return;
  }
  Batch* batch = i->pending.pop();
  emit(model::LeaseCommitted{s.address, i->lease});
  signal(SignalKind::kSynced, {}, (now_ - batch->opened).count());
  signal(SignalKind::kStoreBytes, {}, static_cast<std::int64_t>(disk.bytes));
  for (std::size_t at = 0; at < batch->held.size(); ++at) {
    if (at + 8 < batch->held.size()) foresee(batch->held[at + 8], false);
    if (at + 4 < batch->held.size()) foresee(batch->held[at + 4], true);
    shard_release(s, batch->held[at]);
  }
  pool_.give(batch);
  if (i->leaving && i->pending.empty()) pass_on(s);
  look_at_room(s.region);
}

// ---------------------------------------------------------------- timers

void Driver::shard_wake(ShardNode& s, const model::Wake& wake) {
  Instance& i = *s.instance;
  const std::uint32_t body = pack(wake.timer, wake.entity);
  if (wake.at == model::kNever) {
    const auto it = i.alarms.find(body);
    if (it == i.alarms.end()) return;
    it->second.deadline = model::kNever;
    if (it->second.idle()) i.alarms.erase(it);
    return;
  }
  if (i.alarms[body].arm(wake.at)) {
    schedule(s.origin, std::max(wake.at, now_), EventClass::kTimer, EventKind::kShardTimer,
             number_of(s), body);
  }
}

void Driver::shard_timer(ShardNode& s, std::uint32_t body) {
  Instance* i = s.instance.get();
  if (i == nullptr) return;
  const auto it = i->alarms.find(body);
  if (it == i->alarms.end()) return;
  switch (it->second.ring(now_)) {
    case Alarm::Ring::kStale:
      if (it->second.idle()) i->alarms.erase(it);
      return;
    case Alarm::Ring::kEarly:
      schedule(s.origin, it->second.deadline, EventClass::kTimer, EventKind::kShardTimer,
               number_of(s), body);
      return;
    case Alarm::Ring::kNow:
      break;
  }
  i->alarms.erase(it);
  if (i->leaving) return;
  const Input fired{unpack(body)};
  if (processes_[i->process].paused) {
    i->waiting.push_back(wrap(fired, i->process));
  } else {
    shard_input(s, fired);
  }
}

// ---------------------------------------------------------------- disks

std::uint64_t Driver::room(std::uint16_t region) const {
  const DiskNode& disk = disks_[region];
  return disk.limit > disk.bytes ? disk.limit - disk.bytes : 0;
}

void Driver::count_bytes(const ShardNode& s, std::uint64_t before) {
  DiskNode& disk = disks_[s.region];
  disk.bytes += s.store.bytes() - before;
  disk.peak = std::max(disk.peak, disk.bytes);
}

// Shards are told when room gets short, and when there is plenty again.
void Driver::look_at_room(std::uint16_t region) {
  DiskNode& disk = disks_[region];
  const std::uint64_t reserve = scenario_.topology.store.reserve.value;
  const std::uint64_t left = room(region);
  const bool now_short = disk.short_of_room ? left < 2 * reserve : left < reserve;
  if (now_short == disk.short_of_room) return;
  disk.short_of_room = now_short;
  for (ShardNode& s : shards_) {
    if (s.region != region || s.instance == nullptr || s.instance->leaving) continue;
    const Input pressure{model::Pressure{left}};
    if (processes_[s.instance->process].paused) {
      s.instance->waiting.push_back(wrap(pressure, s.instance->process));
    } else {
      shard_input(s, pressure);
    }
  }
}

}  // namespace greytick::world
