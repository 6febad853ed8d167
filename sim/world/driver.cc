#include "sim/world/driver.h"

#include <algorithm>
#include <type_traits>

#include "model/check.h"
#include "sim/scenario/sorted.h"
#include "sim/world/group_trace.h"

namespace greytick::world {
namespace {

using model::Placement;

model::BackoffPolicy backoff_of(const scenario::Backoff& b) {
  static constexpr std::array kJitter = {model::Jitter::kNone, model::Jitter::kEqual,
                                         model::Jitter::kFull, model::Jitter::kDecorrelated};
  return {.jitter = kJitter[static_cast<std::size_t>(b.jitter)],
          .base = b.base,
          .factor_permille = static_cast<std::uint32_t>(std::max(b.factor * 1000 + 0.5, 1000.0)),
          .max = std::max(b.max, b.base),
          .reset_after = b.reset_after,
          .initial_spread = b.initial_spread};
}

// What a fact says, in words for a fingerprint.
struct Words {
  engine::Chain& chain;
  void operator()(const model::Created& f) const {
    absorb(f.stream, f.cseq.value(), f.content.tag[0]);
  }
  void operator()(const model::Answered& f) const {
    absorb(f.stream, f.cseq.value(), f.position.value() ^ f.hash);
  }
  void operator()(const model::TurnedAway& f) const { absorb(f.stream, f.cseq.value(), 0); }
  void operator()(const model::Applied& f) const {
    absorb(f.message.stream, f.mseq.value(), f.message.position.value());
    chain.absorb(f.device.value());
  }
  void operator()(const model::Displayed& f) const {
    chain.absorb(f.device.value(), f.conversation.value(), f.position.value());
  }
  void operator()(const model::GapShown& f) const {
    chain.absorb(f.device.value(), f.mseq.value(), static_cast<std::uint8_t>(f.cause));
  }
  void operator()(const model::Opened& f) const {
    chain.absorb(f.device.value(), f.conversation.value(), f.upto.value());
  }
  void operator()(const model::SentShown& f) const {
    chain.absorb(f.device.value(), f.conversation.value(), f.sent.value());
  }
  void operator()(const model::TicksShown& f) const {
    chain.absorb(f.device.value(), f.conversation.value(), f.recipient.value(), f.delivered.value(),
                 f.read.value());
  }
  void operator()(const model::AggregateShown& f) const {
    chain.absorb(f.device.value(), f.conversation.value(), f.position.value(), f.read ? 1U : 0U);
  }
  void operator()(const model::FailureShown& f) const {
    chain.absorb(f.device.value(), f.conversation.value(), f.from.value(), f.to.value(),
                 static_cast<std::uint8_t>(f.cause));
  }
  void operator()(const model::SessionAdopted& f) const {
    chain.absorb(f.device.value(), f.incarnation.value(), f.epoch.value());
  }
  void operator()(const model::IncarnationAdopted& f) const {
    chain.absorb(f.device.value(), f.incarnation.value());
  }
  void operator()(const model::Committed& f) const {
    absorb(f.message.stream, f.message.cseq.value(), f.message.position.value());
  }
  void operator()(const model::MemberChanged& f) const {
    absorb(f.message.stream, f.message.number.value(), f.message.position.value());
    chain.absorb(static_cast<std::uint8_t>(f.message.kind), f.recipients.size());
  }
  void operator()(const model::JoinTurnedAway& f) const {
    chain.absorb(f.conversation.value(), f.user.value());
  }
  void operator()(const model::RejectedForGood& f) const { absorb(f.stream, f.cseq.value(), 0); }
  void operator()(const model::Settled& f) const {
    absorb(f.message.stream, f.mseq.value(), static_cast<std::uint8_t>(f.cause));
    chain.absorb(f.device.value());
  }
  void operator()(const model::Corrected& f) const {
    absorb(f.message.stream, f.mseq.value(), f.message.position.value());
    chain.absorb(f.device.value());
  }
  void operator()(const model::Retired& f) const {
    chain.absorb(f.device.value(), f.incarnation.value());
  }
  void operator()(const model::Took& f) const { chain.absorb(static_cast<std::uint8_t>(f.branch)); }
  void operator()(const model::LeaseCommitted& f) const {
    chain.absorb(f.shard.index, f.epoch.value());
  }
  void operator()(const model::ShardCrashed& f) const { chain.absorb(f.shard.index); }
  void operator()(const model::DeviceCrashed& f) const { chain.absorb(f.device.value()); }
  void operator()(const model::OutcomeUnknown& f) const { absorb(f.stream, f.cseq.value(), 0); }
  void operator()(const model::BackupRestored& f) const { chain.absorb(f.device.value()); }
  void operator()(const model::Footprint& f) const {
    chain.absorb(f.device.value(), f.bytes, f.waiting);
  }

 private:
  void absorb(const model::StreamId& s, std::uint64_t a, std::uint64_t b) const {
    chain.absorb(s.device.value(), s.conversation.value(), a, b);
  }
};

bool bends_clocks(const scenario::Scenario& scenario) {
  return std::ranges::any_of(scenario.faults, [](const scenario::Fault& f) {
    return f.kind == scenario::FaultKind::kClockSkew || f.kind == scenario::FaultKind::kClockJump;
  });
}

// The actions that link a device which no action has touched before.
std::vector<scenario::ScriptAction> links_first(const scenario::Scenario& scenario) {
  const auto actions = scenario::sorted_stably(
      scenario.script, [](const scenario::ScriptAction& a) { return a.at; });
  std::vector<scenario::ScriptAction> links;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const scenario::ScriptAction& a = actions[i];
    if (a.verb != scenario::ScriptVerb::kLink) continue;
    const auto touches = [&a](const scenario::ScriptAction& earlier) {
      return earlier.device <= a.through.value_or(a.device) &&
             a.device <= earlier.through.value_or(earlier.device);
    };
    if (std::none_of(actions.begin(), actions.begin() + static_cast<std::ptrdiff_t>(i), touches)) {
      links.push_back(a);
    }
  }
  return links;
}

}  // namespace

Driver::Driver(const scenario::Scenario& scenario, FactSink& facts)
    : scenario_(scenario),
      facts_(facts),
      streams_(scenario.seed),
      people_(scenario, streams_),
      workload_(scenario, streams_),
      network_(scenario, streams_),
      wall_clocks_(bends_clocks(scenario)),
      elided_(scenario.client.heartbeat.mode == scenario::HeartbeatMode::kElided),
      horizon_(scenario.horizon),
      letters_(scenario.wire == scenario::WireMode::kEncoded, streams_),
      node_of_(people_.devices(), kNone),
      provisioned_(people_.devices()),
      device_commit_(scenario.client.commit),
      sync_(scenario.topology.store.sync),
      push_(streams_),
      provider_(scenario.topology.push, streams_),
      session_(scenario.population.presence.session),
      away_(scenario.population.presence.away),
      read_after_(scenario.traffic.read_after),
      regular_bits_(people_.devices() / 64 + 1),
      flush_bits_(people_.devices() / 64 + 1),
      connect_planned_(people_.devices() / 64 + 1) {
  const scenario::Topology& topology = scenario.topology;
  const auto regions = static_cast<std::uint32_t>(topology.regions.size());
  placement_ = {regions, topology.shards.conversation, topology.shards.mailbox};
  injector_ = std::make_unique<faults::Injector>(scenario_, streams_, *this);
  for (std::uint32_t r = 0; r < regions; ++r) chains_.emplace_back(r);
  chain_ = &chains_.front();
  for (const scenario::Fault& f : scenario.faults) {
    if (f.kind == scenario::FaultKind::kReplay || f.kind == scenario::FaultKind::kRebalance) {
      replay_keep_ = std::max(replay_keep_, f.with.entries);
    }
  }

  for (const scenario::ScriptAction& first : links_first(scenario)) {
    const auto upto = static_cast<std::uint32_t>(first.through.value_or(first.device));
    for (auto d = static_cast<std::uint32_t>(first.device); d <= upto; ++d) unlinked_.insert(d);
  }

  const scenario::Client& client = scenario.client;
  device_config_.key = People::payload_key(scenario.seed);
  device_config_.placement = placement_;
  device_config_.heartbeat = {client.heartbeat.every, client.heartbeat.timeout};
  device_config_.backoff = backoff_of(client.backoff);
  device_config_.ack_timeout = client.retry.ack_timeout;
  device_config_.hello_timeout = client.retry.hello_timeout;
  device_config_.connect_timeout = client.connect_timeout;
  device_config_.send_window = std::min<std::uint32_t>(client.windows.send, model::kResponseRing);

  const auto version = static_cast<model::Version>(topology.version);
  disks_.resize(regions);
  for (DiskNode& disk : disks_) disk.limit = topology.store.disk.value;
  for (std::uint32_t r = 0; r < regions; ++r) {
    for (std::uint32_t i = 0; i < topology.shards.processes; ++i) {
      processes_.push_back({.endpoint = {net::NodeKind::kProcess, 0, static_cast<std::uint16_t>(r),
                                         r * topology.shards.processes + i},
                            .version = version});
    }
  }
  gateways_.reserve(std::size_t{regions} * topology.gateways.per_region);
  for (std::uint32_t r = 0; r < regions; ++r) {
    for (std::uint32_t i = 0; i < topology.gateways.per_region; ++i) {
      const std::uint32_t index = r * topology.gateways.per_region + i;
      GatewayNode& g = gateways_.emplace_back(
          net::Endpoint{net::NodeKind::kGateway, 0, static_cast<std::uint16_t>(r), index},
          streams_);
      g.machine.config.gateway = model::GatewayId(index);
      g.machine.config.version = version;
      g.machine.config.placement = placement_;
      g.machine.config.heartbeat = device_config_.heartbeat;
      g.machine.config.requests_max = static_cast<std::uint32_t>(
          std::min<std::uint64_t>(topology.gateways.request_queue, 0xffff'ffffU));
      g.machine.config.unacked_bytes_max =
          std::max(g.machine.config.unacked_bytes_max, 4 * client.windows.deliver_bytes.value);
    }
  }
  first_mailbox_ = regions * topology.shards.conversation;
  shards_.reserve(first_mailbox_ + regions * topology.shards.mailbox);
  for (const Role role : {Role::kConversation, Role::kMailbox}) {
    const std::uint32_t count =
        role == Role::kConversation ? topology.shards.conversation : topology.shards.mailbox;
    for (std::uint32_t r = 0; r < regions; ++r) {
      for (std::uint32_t slot = 0; slot < count; ++slot) {
        shards_.emplace_back(Address{role, r * count + slot, {}}, static_cast<std::uint16_t>(r),
                             r * topology.shards.processes + slot % topology.shards.processes,
                             streams_);
      }
    }
  }
  if (scenario.traffic.trace) trace_ = read_trace(scenario.traffic.trace->file.path);
  if (scenario.traffic.group_trace) {
    const auto named = static_cast<std::uint32_t>(scenario.groups.size());
    const std::vector<Recorded> chats = recorded_chats(
        read_group_trace(*scenario.traffic.group_trace), named, scenario.traffic.from);
    trace_.insert(trace_.end(), chats.begin(), chats.end());
    trace_ = scenario::sorted_stably(trace_, [](const Recorded& r) { return r.at; });
  }
}

void Driver::run_until(Instant end) {
  if (!started_) {
    started_ = true;
    for (ShardNode& s : shards_) start_shard(s);
    schedule_faults();
    begin_presence();
    begin_load();
  }
  while (!queue_.empty() && queue_.top().at() < end) {
    const engine::Event event = queue_.pop();
    look_ahead();
    CHECK(event.at() >= now_);
    now_ = event.at();
    ++events_;
    ++by_kind_[event.kind()];
    handle(event);
  }
  now_ = std::max(now_, end);
  // Only at whole seconds of the drain: wherever else the caller stops to look is no part of the
  // run.
  const bool whole_second = (now_ - drain_from_) % std::chrono::seconds(1) == Duration{};
  if (draining_ && !footprints_told_ && whole_second && drained()) tell_footprints();
}

void Driver::handle(const engine::Event& event) {
  const auto kind = static_cast<EventKind>(event.kind());
  const std::uint32_t target = event.target();
  const std::uint32_t body = event.body();
  DeviceNode* device = nullptr;
  std::uint16_t region = 0;
  switch (kind) {
    case EventKind::kToDevice:
    case EventKind::kDeviceDurable:
    case EventKind::kDeviceTimer:
    case EventKind::kRead:
      device = &devices_[target];
      region = device->endpoint.region;
      break;
    case EventKind::kToGateway:
    case EventKind::kGatewayTimer:
    case EventKind::kDrainStep:
      region = gateways_[target].endpoint.region;
      break;
    case EventKind::kToShard:
    case EventKind::kShardDurable:
    case EventKind::kShardStart:
    case EventKind::kFencedEnds:
    case EventKind::kShardTimer:
      region = shards_[target].region;
      break;
    default:
      break;
  }
  chain_ = &chains_[region];
  chain_->absorb(model::to_ns(event.at()),
                 event.origin() << 3 | static_cast<std::uint64_t>(event.event_class()),
                 event.origin_seq() << 8 | event.kind());
  switch (kind) {
    case EventKind::kFault:
      if (now_ != fault_at_) break;  // a nearer one was found meanwhile
      fault_at_ = model::kNever;
      injector_->run(now_);
      schedule_faults();
      break;
    case EventKind::kToDevice:
      open(body);
      device_parcel(*device, body);
      break;
    case EventKind::kToGateway:
      open(body);
      gateway_parcel(gateways_[target], body);
      break;
    case EventKind::kToShard:
      open(body);
      shard_parcel(shards_[target], body);
      break;
    case EventKind::kToPush:
      open(body);
      push_parcel(body);
      break;
    case EventKind::kEstablished:
      established(body);
      break;
    case EventKind::kWireReset:
      reset(body);
      break;
    case EventKind::kWireGiveUp:
      give_up(body);
      break;
    case EventKind::kHandoff:
      handoff(body);
      break;
    case EventKind::kRadioBack:
      network_.set_radio(target, true);
      switch_network(target, now_);
      break;
    case EventKind::kDrainStep:
      drain_step(gateways_[target], body);
      break;
    case EventKind::kShardDurable:
      shard_durable(shards_[target], body);
      break;
    case EventKind::kDeviceDurable:
      if (device->life != body) break;  // lost in a crash
      if (device->paused) {
        ++device->late_durables;
      } else {
        device_durable(*device);
      }
      break;
    case EventKind::kShardStart: {
      ShardNode& s = shards_[target];
      if (s.token != body || !processes_[s.process].up || !disks_[s.region].up) break;
      start_shard(s);
      break;
    }
    case EventKind::kLeaseExpired:
      lease_expired(target, body);
      break;
    case EventKind::kFencedEnds: {
      ShardNode& s = shards_[target];
      if (s.instance == nullptr || s.instance->serial != body) break;
      if (processes_[s.instance->process].paused) break;
      emit(model::Took{model::Branch::kLeaseLost});
      crash_shard(s);
      break;
    }
    case EventKind::kDeviceTimer:
      device_timer(*device, static_cast<model::Timer>(body));
      break;
    case EventKind::kGatewayTimer:
      gateway_timer(gateways_[target], body);
      break;
    case EventKind::kShardTimer:
      shard_timer(shards_[target], body);
      break;
    case EventKind::kPushTimer:
      push_timer(body);
      break;
    case EventKind::kProviderAsked:
      provider_asked(target);
      break;
    case EventKind::kNudge:
      nudge(target, body != 0);
      break;
    case EventKind::kOnline:
      come(target, body != 0);
      break;
    case EventKind::kOffline:
      leave(target);
      break;
    case EventKind::kWakeEnds:
      wake_ends(target);
      break;
    case EventKind::kTalk:
      talk(body);
      break;
    case EventKind::kArrival:
      arrival();
      break;
    case EventKind::kRecorded:
      recorded();
      break;
    case EventKind::kRead:
      read_due(*device, body);
      break;
    case EventKind::kScript:
      act(target, body);
      break;
    case EventKind::kDrainConnect:
      drain_connect(target);
      break;
  }
}

void Driver::emit(const model::Fact& fact) {
  chain_->absorb(fact.index());
  std::visit(Words{*chain_}, fact);
  facts_.on_fact(now_, fact);
}

std::uint32_t Driver::post_letter(const Address& from, model::Frame&& frame,
                                  std::uint32_t process) {
  const std::uint32_t letter = letters_.write(frame);
  if (letter == Letters::kNone) return wrap(from, std::move(frame), process);
  facts_.on_bytes(now_, from, letters_.bytes(letter));
  const std::uint32_t parcel = wrap(from, model::Ping{}, process);
  parcels_[parcel].letter = letter;
  return parcel;
}

void Driver::open(std::uint32_t parcel) {
  Parcel& p = parcels_[parcel];
  if (p.letter == Letters::kNone) return;
  std::get<model::Arrive>(p.input).frame = letters_.read(p.letter);
  p.letter = Letters::kNone;
}

void Driver::schedule_faults() {
  const Instant at = injector_->next();
  if (at == model::kNever || at >= fault_at_) return;
  fault_at_ = at;
  schedule(world_origin_, std::max(at, now_), EventClass::kFault, EventKind::kFault, 0, 0);
}

std::uint64_t Driver::fingerprint() const {
  engine::Fingerprint sum;
  for (const engine::Chain& chain : chains_) sum.add(chain);
  return sum.value();
}

Stats Driver::stats() const {
  Stats stats;
  stats.events = events_;
  stats.by_kind = by_kind_;
  stats.queue_peak = queue_peak_;
  stats.devices = devices_.size();
  stats.connections = wires_.size();
  stats.shard_transactions = shard_transactions_;
  stats.device_transactions = device_transactions_;
  stats.composed = composed_;
  for (const DiskNode& disk : disks_) {
    stats.store_bytes += disk.bytes;
    stats.store_bytes_peak += disk.peak;
  }
  stats.network = network_.counters();
  stats.parted = parted_;
  stats.letters = letters_.counts();
  return stats;
}

}  // namespace greytick::world
