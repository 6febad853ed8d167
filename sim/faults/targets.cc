#include "sim/faults/targets.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <span>

#include "model/check.h"

namespace greytick::faults {
namespace {

using model::Role;
using net::Endpoint;
using net::NodeKind;
using scenario::Selector;
using scenario::TargetKind;
using scenario::TargetMode;

constexpr std::array kEveryKind = {NodeKind::kGateway, NodeKind::kProcess, NodeKind::kStore,
                                   NodeKind::kPush, NodeKind::kDevice};

// Keeps what the mode says of the candidates, in their order.
void narrow(const Selector& selector, engine::Stream& stream, std::vector<std::uint32_t>& all) {
  std::uint64_t wanted = all.size();
  switch (selector.mode) {
    case TargetMode::kAll:
      return;
    case TargetMode::kIndex:
      CHECK(selector.index < all.size());
      all = {all[selector.index]};
      return;
    case TargetMode::kOne:
      wanted = 1;
      break;
    case TargetMode::kFixed:
      wanted = selector.count;
      break;
    case TargetMode::kPercent: {
      // Rounded up; the slack keeps 30% of 10 from being 4 by a last bit.
      const double exact = selector.share.value * static_cast<double>(all.size());
      wanted = static_cast<std::uint64_t>(exact);
      if (exact - static_cast<double>(wanted) > 1e-9) ++wanted;
      break;
    }
  }
  wanted = std::min<std::uint64_t>(wanted, all.size());
  // The first steps of a Fisher-Yates shuffle.
  for (std::uint64_t i = 0; i < wanted; ++i) {
    std::swap(all[i], all[i + stream.uniform_below(all.size() - i)]);
  }
  all.resize(wanted);
  std::ranges::sort(all);
}

std::optional<NodeKind> server_kind(TargetKind kind) {
  switch (kind) {
    case TargetKind::kGateway:
      return NodeKind::kGateway;
    case TargetKind::kProcess:
      return NodeKind::kProcess;
    case TargetKind::kStore:
      return NodeKind::kStore;
    case TargetKind::kPush:
      return NodeKind::kPush;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::uint32_t Targets::per_region(NodeKind kind) const {
  switch (kind) {
    case NodeKind::kGateway:
      return scenario_.topology.gateways.per_region;
    case NodeKind::kProcess:
      return scenario_.topology.shards.processes;
    default:
      return 1;
  }
}

std::vector<std::uint32_t> Targets::regions(const Selector& selector,
                                            engine::Stream& stream) const {
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = 0; i < scenario_.topology.regions.size(); ++i) {
    if (selector.region.empty() || scenario_.topology.regions[i].name == selector.region) {
      all.push_back(i);
    }
  }
  CHECK(!all.empty());
  if (selector.kind == TargetKind::kRegion) narrow(selector, stream, all);
  return all;
}

// Indices 0 .. count-1 of each of the regions, numbered over all regions.
std::vector<std::uint32_t> Targets::within(std::span<const std::uint32_t> regions,
                                           std::uint32_t count) {
  std::vector<std::uint32_t> all;
  for (const std::uint32_t region : regions) {
    for (std::uint32_t i = 0; i < count; ++i) all.push_back(region * count + i);
  }
  return all;
}

Endpoint Targets::endpoint(NodeKind kind, std::uint32_t index) const {
  if (kind == NodeKind::kDevice) return controls_.device(index);
  return {.kind = kind,
          .access = 0,
          .region = static_cast<std::uint16_t>(index / per_region(kind)),
          .index = index};
}

std::vector<Endpoint> Targets::servers(const Selector& selector, engine::Stream& stream) const {
  std::vector<Endpoint> out;
  const std::vector<std::uint32_t> where = regions(selector, stream);
  if (const auto kind = server_kind(selector.kind)) {
    auto indices =
        *kind == NodeKind::kPush ? std::vector<std::uint32_t>{0} : within(where, per_region(*kind));
    narrow(selector, stream, indices);
    for (const std::uint32_t i : indices) out.push_back(endpoint(*kind, i));
    return out;
  }
  CHECK(selector.kind == TargetKind::kRegion || selector.kind == TargetKind::kService);
  for (const NodeKind kind : {NodeKind::kGateway, NodeKind::kProcess, NodeKind::kStore}) {
    for (const std::uint32_t i : within(where, per_region(kind))) out.push_back(endpoint(kind, i));
  }
  if (where.front() == 0) out.push_back(endpoint(NodeKind::kPush, 0));
  return out;
}

std::vector<model::Address> Targets::shards(const Selector& selector,
                                            engine::Stream& stream) const {
  const scenario::Shards& shards = scenario_.topology.shards;
  std::vector<model::Address> out;
  const auto count_of = [&](Role role) {
    return role == Role::kConversation ? shards.conversation : shards.mailbox;
  };
  if (selector.kind == TargetKind::kProcess) {
    for (const Endpoint& process : servers(selector, stream)) {
      for (const Role role : {Role::kConversation, Role::kMailbox}) {
        const std::uint32_t count = count_of(role);
        for (std::uint32_t slot = 0; slot < count; ++slot) {
          const model::Address shard{role, process.region * count + slot, {}};
          if (controls_.host(shard) == process.index) out.push_back(shard);
        }
      }
    }
    return out;
  }
  CHECK(selector.kind == TargetKind::kConversationShard ||
        selector.kind == TargetKind::kMailboxShard);
  const Role role =
      selector.kind == TargetKind::kConversationShard ? Role::kConversation : Role::kMailbox;
  auto indices = within(regions(selector, stream), count_of(role));
  narrow(selector, stream, indices);
  for (const std::uint32_t i : indices) out.push_back({role, i, {}});
  return out;
}

std::vector<std::uint32_t> Targets::devices(const Selector& selector,
                                            engine::Stream& stream) const {
  const std::vector<std::uint32_t> where = regions(selector, stream);
  const auto access = access_index(selector);
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 0; i < controls_.devices(); ++i) {
    const Endpoint device = controls_.device(i);
    if (std::ranges::binary_search(where, device.region) && (!access || *access == device.access)) {
      out.push_back(i);
    }
  }
  if (selector.kind == TargetKind::kDevice) narrow(selector, stream, out);
  return out;
}

net::NodeSet Targets::nodes(const Selector& selector, engine::Stream& stream) const {
  net::NodeSet set;
  const bool device = selector.kind == TargetKind::kDevice;
  if (selector.kind == TargetKind::kService ||
      (device && selector.mode == TargetMode::kAll && selector.region.empty())) {
    for (const NodeKind kind : kEveryKind) {
      if (device && kind != NodeKind::kDevice) continue;
      set.add_all(kind, {}, device ? access_index(selector) : std::nullopt);
    }
    return set;
  }
  if (!device && selector.kind != TargetKind::kRegion) {
    for (const Endpoint& e : servers(selector, stream)) set.add(e.kind, e.index);
    return set;
  }
  if (device) {
    for (const std::uint32_t i : devices(selector, stream)) set.add(NodeKind::kDevice, i);
    return set;
  }
  const std::vector<std::uint32_t> where = regions(selector, stream);
  if (where.size() == 1) {
    for (const NodeKind kind : kEveryKind) {
      set.add_all(kind, static_cast<std::uint16_t>(where.front()));
    }
    return set;
  }
  // The regions are drawn once; their servers and devices go together.
  Selector drawn{.kind = TargetKind::kRegion};
  for (const std::uint32_t region : where) {
    drawn.region = scenario_.topology.regions[region].name;
    for (const Endpoint& e : servers(drawn, stream)) set.add(e.kind, e.index);
    for (const std::uint32_t i : devices(drawn, stream)) set.add(NodeKind::kDevice, i);
  }
  return set;
}

std::optional<std::uint8_t> Targets::access_index(const Selector& selector) const {
  if (selector.access.empty()) return std::nullopt;
  const auto& access = scenario_.network.access;
  const auto it = std::ranges::find(access, selector.access, &scenario::Access::name);
  CHECK(it != access.end());
  return static_cast<std::uint8_t>(it - access.begin());
}

}  // namespace greytick::faults
