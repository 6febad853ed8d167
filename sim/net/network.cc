#include "sim/net/network.h"

#include <algorithm>

#include "model/check.h"
#include "sim/net/correlated.h"

namespace greytick::net {
namespace {

using engine::Purpose;

constexpr std::uint64_t kPacketBytes = 1448;  // of TCP over Ethernet, with time stamps
constexpr std::uint64_t kHandshakeBytes = 512;

// Random streams of a connection's ways and of pairs of servers share purposes, not numbers.
std::uint64_t lane_key(const Connection& c, Way way) {
  return std::uint64_t{c.id.value()} << 1 | static_cast<std::uint64_t>(way);
}
std::uint64_t server_key(const Endpoint& e) {
  CHECK(e.index < std::uint32_t{1} << 28);
  return static_cast<std::uint64_t>(e.kind) << 28 | e.index;
}
std::uint64_t pair_key(const Endpoint& from, const Endpoint& to) {
  return std::uint64_t{1} << 62 | server_key(from) << 31 | server_key(to);
}

Lane& lane_of(Connection& c, Way way) { return way == Way::kUp ? c.up : c.down; }
const Lane& lane_of(const Connection& c, Way way) { return way == Way::kUp ? c.up : c.down; }

__extension__ using Wide = __int128;
constexpr Wide kNsPerSecond = 1'000'000'000;

// Time that a link of that rate needs to put the bytes on the wire.
Duration on_wire(std::uint64_t bytes, std::uint64_t bits_per_second) {
  return Duration{static_cast<std::int64_t>(Wide{bytes} * 8 * kNsPerSecond /
                                            static_cast<Wide>(bits_per_second))};
}

// How long after the first attempt the attempt number `tries` + 1 is made.
Duration backed_off(Duration rto, Duration rto_max, std::uint32_t tries) {
  Duration total{};
  Duration step = rto;
  for (std::uint32_t i = 0; i < tries; ++i) {
    total += std::min(step, rto_max);
    step = std::min(step * 2, rto_max);
  }
  return total;
}

}  // namespace

Network::Network(const scenario::Scenario& scenario, const engine::Streams& streams)
    : streams_(streams),
      tcp_(scenario.network.tcp),
      regions_(scenario.network.backbone, scenario.topology.regions,
               engine::to_duration(Law(scenario.network.backbone.within).quantile(0.5))),
      graph_(scenario.topology.regions.size(),
             regions_.lines(scenario.network.backbone, scenario.topology.regions)),
      routed_(!scenario.network.backbone.links.empty()),
      gateways_per_region_(scenario.topology.gateways.per_region),
      processes_per_region_(scenario.topology.shards.processes),
      backbone_jitter_(scenario.network.backbone.jitter),
      within_(scenario.network.backbone.within),
      backbone_loss_(scenario.network.backbone.loss.value),
      conditions_(streams) {
  for (const scenario::Access& a : scenario.network.access) {
    CHECK(a.down.bits_per_second > 0);
    CHECK(a.up.bits_per_second > 0);
    AccessLaw& made = access_.emplace_back(AccessLaw{.rtt = Law(a.rtt),
                                                     .holds = a.holds,
                                                     .correlation = a.correlation.value,
                                                     .loss = a.loss,
                                                     .down_bps = a.down.bits_per_second,
                                                     .up_bps = a.up.bits_per_second,
                                                     .stalls = {},
                                                     .handoff = {}});
    if (a.stalls) made.stalls = {.every = Law(a.stalls->every), .lasts = Law(a.stalls->lasts)};
    if (a.handoff) made.handoff = {.every = Law(a.handoff->every), .lasts = Law(a.handoff->gap)};
  }
  CHECK(!access_.empty());
}

// ---------------------------------------------------------------- one packet

Duration Network::path_delay(Connection& c, Way way, Instant leaves) {
  Lane& lane = lane_of(c, way);
  const AccessLaw& access = access_of(c);
  engine::Stream stream = streams_.stream(Purpose::kLinkDelay, lane_key(c, way), lane.delay_draws);
  double rtt = 0;
  if (access.holds > Duration{}) {
    // Both ways ask the same draw of the connection. No law takes more than kDraws.
    constexpr std::uint64_t kDraws = 64;
    const auto slot = static_cast<std::uint64_t>(leaves.time_since_epoch() / access.holds);
    engine::Stream held =
        streams_.stream(Purpose::kConnection, std::uint64_t{2} << 32 | c.id.value(), slot * kDraws);
    rtt = access.rtt.sample(held);
  } else if (access.correlation > 0) {
    const double u =
        correlated_uniform(stream, access.correlation, lane.delay_draws == 0, lane.deviate);
    rtt = access.rtt.quantile(u);
  } else {
    rtt = access.rtt.sample(stream);
  }
  Duration delay = c.wan + engine::to_duration(rtt / 2);
  if (c.device.region != c.gateway.region) delay += backbone_jitter_.sample_duration(stream);
  lane.delay_draws = static_cast<std::uint32_t>(stream.position());
  return delay;
}

bool Network::access_loses(Connection& c, Way way) {
  const scenario::Loss& loss = access_of(c).loss;
  Lane& lane = lane_of(c, way);
  if (loss.is_independent() && loss.loss_good.value == 0) return false;
  engine::Stream stream = streams_.stream(Purpose::kLoss, lane_key(c, way), lane.loss_draws);
  if (!loss.is_independent()) {
    const bool turns = stream.bernoulli(lane.bad ? loss.to_good.value : loss.to_bad.value);
    lane.bad = lane.bad != turns;
  }
  const bool lost = stream.bernoulli(lane.bad ? loss.loss_bad.value : loss.loss_good.value);
  lane.loss_draws = static_cast<std::uint32_t>(stream.position());
  return lost;
}

Instant Network::after_stall(Connection& c, Instant at) {
  const std::optional<Recurring>& stalls = access_of(c).stalls;
  if (!stalls) return at;
  while (at >= c.stall_until) {
    engine::Stream stream = streams_.stream(Purpose::kConnection, c.id.value(), c.stall_draws);
    // A law of zeros must not stop time.
    const Duration gap = std::max(stalls->every.sample_duration(stream), Duration{1});
    c.stall_from = saturating_add(c.stall_until, gap);
    c.stall_until = saturating_add(c.stall_from, stalls->lasts.sample_duration(stream));
    c.stall_draws = static_cast<std::uint32_t>(stream.position());
  }
  return at < c.stall_from ? at : c.stall_until;
}

// The bytes leave at `start` or when the link is free; every packet of them must come through.
Fate Network::deliver(Connection& c, Way way, std::uint64_t bytes, Instant start) {
  Lane& lane = lane_of(c, way);
  const AccessLaw& access = access_of(c);
  const Instant begin = after_stall(c, std::max(start, lane.free_at));
  lane.free_at = begin + on_wire(bytes, way == Way::kUp ? access.up_bps : access.down_bps);

  const Endpoint& from = way == Way::kUp ? c.device : c.gateway;
  const Endpoint& to = way == Way::kUp ? c.gateway : c.device;
  const std::uint64_t packets =
      std::max<std::uint64_t>(1, (bytes + kPacketBytes - 1) / kPacketBytes);
  std::uint32_t worst_tries = 0;
  Duration worst_rule_delay{};
  bool corrupt = false;
  for (std::uint64_t packet = 0; packet < packets; ++packet) {
    std::uint32_t tries = 0;
    for (;;) {
      ++counters_.packets;
      bool lost = access_loses(c, way);
      if (!conditions_.empty()) {
        const Verdict verdict = conditions_.judge(from, to, lane_key(c, way));
        lost |= verdict.lost;
        corrupt |= verdict.corrupt && !lost;
        // TCP hides copies; a packet that comes late holds up what follows it.
        if (verdict.duplicate) ++counters_.duplicated;
        if (!lost) worst_rule_delay = std::max(worst_rule_delay, verdict.delay);
      }
      if (!lost) break;
      ++counters_.retransmissions;
      if (++tries > tcp_.retries) {
        ++counters_.resets;
        return {Fate::Kind::kReset, lane.free_at + backed_off(c.rto, tcp_.rto_max, tries)};
      }
    }
    worst_tries = std::max(worst_tries, tries);
  }
  const Instant arrival = std::max(
      lane.last_arrival, lane.free_at + path_delay(c, way, lane.free_at) + worst_rule_delay +
                             backed_off(c.rto, tcp_.rto_max, worst_tries));
  lane.last_arrival = arrival;
  if (corrupt) ++counters_.corrupted;
  return {corrupt ? Fate::Kind::kCorrupt : Fate::Kind::kArrives, arrival};
}

// ---------------------------------------------------------------- connections

Dialled Network::dial(model::ConnectionId id, const Endpoint& device, const Endpoint& gateway,
                      Instant now) {
  CHECK(device.kind == NodeKind::kDevice);
  CHECK(gateway.kind == NodeKind::kGateway);
  CHECK(device.access < access_.size());
  Dialled dialled;
  Connection& c = dialled.connection;
  c.id = id;
  c.device = device;
  c.gateway = gateway;
  c.rto = tcp_.rto_initial;
  const AccessLaw& access = access_of(c);
  if (access.stalls) c.stall_from = c.stall_until = now;
  if (cut(device, gateway) || cut(gateway, device)) return dialled;
  if (device.region != gateway.region) c.wan = region_delay(device.region, gateway.region);

  Instant at = now;
  for (std::uint32_t round = 0; round < std::max(1U, tcp_.handshake_rtts); ++round) {
    const Instant round_began = at;
    for (const Way way : {Way::kUp, Way::kDown}) {
      const Fate fate = deliver(c, way, kHandshakeBytes, at);
      if (fate.kind != Fate::Kind::kArrives) return dialled;
      at = fate.at;
    }
    if (round == 0) {
      dialled.refused = at;
      // RFC 6298: after the first measurement R the timeout is R + 4 R/2.
      c.rto = std::clamp((at - round_began) * 3, tcp_.rto_min, tcp_.rto_max);
    }
  }
  dialled.answered = true;
  dialled.established = at;
  if (access.handoff) {
    // Entity apart from the stalls of the same connection.
    engine::Stream stream =
        streams_.stream(Purpose::kConnection, std::uint64_t{1} << 32 | id.value());
    c.handoff_at = saturating_add(at, access.handoff->every.sample_duration(stream));
    c.handoff_gap = access.handoff->lasts.sample_duration(stream);
  }
  return dialled;
}

Fate Network::send(Connection& c, Way way, std::uint64_t bytes, Instant now) {
  ++counters_.frames;
  counters_.bytes += bytes;
  if (c.half_open) return {Fate::Kind::kVanishes, model::kNever};
  Lane& lane = lane_of(c, way);
  const Endpoint& from = way == Way::kUp ? c.device : c.gateway;
  const Endpoint& to = way == Way::kUp ? c.gateway : c.device;
  if (lane.held_bytes > 0 || cut(from, to)) {
    if (lane.held_bytes == 0) lane.held_since = now;
    lane.held_bytes += bytes;
    ++counters_.held;
    return {Fate::Kind::kHeld, model::kNever};
  }
  return deliver(c, way, bytes, now);
}

Fate Network::release(Connection& c, Way way, std::uint64_t bytes, Instant now) {
  Lane& lane = lane_of(c, way);
  CHECK(lane.held_bytes >= bytes);
  CHECK(!c.half_open);
  lane.held_bytes -= bytes;
  std::uint32_t tries = 1;
  while (lane.held_since + backed_off(c.rto, tcp_.rto_max, tries) < now) {
    if (++tries > tcp_.retries) {
      ++counters_.resets;
      return {Fate::Kind::kReset, now};
    }
  }
  counters_.retransmissions += tries;
  return deliver(c, way, bytes, lane.held_since + backed_off(c.rto, tcp_.rto_max, tries));
}

bool Network::refresh(Connection& c, Instant now) {
  const bool works = !c.half_open && !cut(c.device, c.gateway) && !cut(c.gateway, c.device);
  if (works && routed_ && c.device.region != c.gateway.region) {
    c.wan = region_delay(c.device.region, c.gateway.region);
  }
  if (works == c.healthy()) return false;
  c.unhealthy_since = works ? model::kNever : now;
  return true;
}

void Network::make_half_open(Connection& c, Instant now) {
  c.half_open = true;
  refresh(c, now);
}

Instant Network::gives_up_at(const Connection& c) const {
  if (c.healthy()) return model::kNever;
  return saturating_add(c.unhealthy_since, backed_off(c.rto, tcp_.rto_max, tcp_.retries + 1));
}

std::uint64_t Network::backlog_bytes(const Connection& c, Way way, Instant now) const {
  const Lane& lane = lane_of(c, way);
  if (lane.free_at <= now) return lane.held_bytes;
  const AccessLaw& access = access_of(c);
  const std::uint64_t rate = way == Way::kUp ? access.up_bps : access.down_bps;
  const Wide bits = Wide{(lane.free_at - now).count()} * static_cast<Wide>(rate) / kNsPerSecond;
  return lane.held_bytes + static_cast<std::uint64_t>(bits / 8);
}

bool Network::cut(const Endpoint& from, const Endpoint& to) const {
  if (radios_down_count_ > 0) {
    if (from.kind == NodeKind::kDevice && !radio_up(from.index)) return true;
    if (to.kind == NodeKind::kDevice && !radio_up(to.index)) return true;
  }
  return !conditions_.empty() && (conditions_.cut(from, to) || no_way(from, to));
}

// ---------------------------------------------------------------- lines between regions

// Whether the rule stands between each server of one region and each of the other.
bool Network::parts(const Rule& rule, std::uint16_t from, std::uint16_t to) const {
  const auto every_server = [&](std::uint16_t region, const auto& holds) {
    const auto each = [&](NodeKind kind, std::uint32_t count) {
      for (std::uint32_t i = 0; i < count; ++i) {
        if (!holds(Endpoint{
                .kind = kind, .access = 0, .region = region, .index = region * count + i})) {
          return false;
        }
      }
      return true;
    };
    return each(NodeKind::kGateway, gateways_per_region_) &&
           each(NodeKind::kProcess, processes_per_region_) && each(NodeKind::kStore, 1);
  };
  return every_server(from, [&](const Endpoint& a) {
    return every_server(to, [&](const Endpoint& b) { return rule.matches(a, b); });
  });
}

std::vector<RegionGraph::Up> Network::lines_left(const Rule& rule) const {
  std::vector<RegionGraph::Up> up;
  for (const RegionLink& line : graph_.links()) {
    up.push_back({.there = !parts(rule, line.a, line.b), .back = !parts(rule, line.b, line.a)});
  }
  return up;
}

RuleId Network::add_rule(Rule rule) {
  std::vector<RegionGraph::Up> up;
  if (rule.effect == Effect::kPartition && rule.with.share.value >= 1) up = lines_left(rule);
  const bool takes_lines = std::ranges::any_of(
      up, [](const RegionGraph::Up& line) { return !line.there || !line.back; });
  rule.lines_only = routed_ && takes_lines && !rule.inside;
  const RuleId id = conditions_.add(std::move(rule));
  if (takes_lines) {
    partings_.push_back({.rule = id, .up = std::move(up)});
    renew_lines();
  }
  return id;
}

void Network::remove_rule(RuleId id) {
  conditions_.remove(id);
  if (std::erase_if(partings_, [id](const Parting& p) { return p.rule == id; }) > 0) renew_lines();
}

void Network::renew_lines() {
  std::vector<RegionGraph::Up> up(graph_.links().size());
  for (const Parting& parting : partings_) {
    for (std::size_t i = 0; i < up.size(); ++i) {
      up[i].there = up[i].there && parting.up[i].there;
      up[i].back = up[i].back && parting.up[i].back;
    }
  }
  graph_.set_up(std::move(up));
}

void Network::set_radio(std::uint32_t device, bool up) {
  if (radio_up(device) == up) return;
  if (radios_down_.size() <= device / 64) radios_down_.resize(device / 64 + 1);
  radios_down_[device / 64] ^= std::uint64_t{1} << (device % 64);
  radios_down_count_ += up ? std::uint64_t(-1) : 1;
}

bool Network::radio_up(std::uint32_t device) const {
  return device / 64 >= radios_down_.size() ||
         (radios_down_[device / 64] >> (device % 64) & 1) == 0;
}

// ---------------------------------------------------------------- servers

BusFate Network::bus(const Endpoint& from, const Endpoint& to, std::uint64_t bytes, Instant now) {
  ++counters_.frames;
  counters_.bytes += bytes;
  const std::uint64_t key = pair_key(from, to);
  Verdict verdict;
  if (!conditions_.empty()) {
    if (conditions_.cut(from, to) || no_way(from, to)) {
      ++counters_.dropped;
      return {};
    }
    verdict = conditions_.judge(from, to, key);
    // A damaged frame fails its checksum; the servers send again what matters.
    if (verdict.corrupt) ++counters_.corrupted;
    if (verdict.lost || verdict.corrupt) {
      ++counters_.dropped;
      return {};
    }
  }
  Pair& pair = pairs_[key];
  engine::Stream stream = streams_.stream(Purpose::kLinkDelay, key, pair.draws);
  const auto trip = [&] {
    if (from.region == to.region) return within_.sample_duration(stream) / 2;
    return region_delay(from.region, to.region) + backbone_jitter_.sample_duration(stream);
  };
  Duration delay = trip() + verdict.delay;
  // What the backbone loses, the transport between the servers repairs after one timeout.
  if (backbone_loss_ > 0 && stream.bernoulli(backbone_loss_)) {
    ++counters_.retransmissions;
    delay += tcp_.rto_min;
  }
  BusFate fate;
  if (verdict.late) {
    fate.push_back(now + delay);
  } else {
    pair.last_arrival = std::max(pair.last_arrival, now + delay);
    fate.push_back(pair.last_arrival);
  }
  if (verdict.duplicate) {
    ++counters_.duplicated;
    fate.push_back(fate.front() + trip());
  }
  pair.draws = static_cast<std::uint32_t>(stream.position());
  return fate;
}

}  // namespace greytick::net
