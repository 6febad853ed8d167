#pragma once

#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "sim/faults/controls.h"
#include "tests/net/scenario.h"

namespace greytick::faults {

/// A world that only writes down what is asked of it, over a real network. Device i is homed in
/// region i mod regions; connections are those a test lists.
class RecordedControls : public Controls {
 public:
  RecordedControls(const scenario::Scenario& scenario, std::uint32_t devices)
      : network_(scenario, engine::Streams(scenario.seed)),
        shards_(scenario.topology.shards),
        regions_(static_cast<std::uint32_t>(scenario.topology.regions.size())),
        devices_(devices) {}

  std::vector<std::string> calls;
  std::vector<LiveConnection> live;

  std::uint32_t devices() const override { return devices_; }
  net::Endpoint device(std::uint32_t index) const override {
    return net::device(index, static_cast<std::uint16_t>(index % regions_));
  }
  std::vector<LiveConnection> connections() const override { return live; }
  net::Network& network() override { return network_; }

  void links_changed(Instant at) override { note(at, "links"); }
  void radio_changed(std::uint32_t device, Instant at) override {
    note(at, fmt::format("radio {} {}", device, network_.radio_up(device) ? "up" : "down"));
  }
  void reset_connection(std::uint32_t device, Instant at) override {
    note(at, fmt::format("reset {}", device));
  }
  void half_open_connection(std::uint32_t device, Instant at) override {
    note(at, fmt::format("half-open {}", device));
  }
  void switch_network(std::uint32_t device, Instant at) override {
    note(at, fmt::format("switch {}", device));
  }
  void crash(const net::Endpoint& node, Instant at) override { note(at, "crash " + name(node)); }
  void restart(const net::Endpoint& node, Instant at) override {
    note(at, "restart " + name(node));
  }
  void pause(const net::Endpoint& node, Instant at) override { note(at, "pause " + name(node)); }
  void resume(const net::Endpoint& node, Instant at) override { note(at, "resume " + name(node)); }
  void set_version(const net::Endpoint& node, model::Version version, Instant at) override {
    note(at, fmt::format("{} gets version {}", name(node), static_cast<int>(version)));
  }
  void set_store(std::uint32_t region, const StoreCondition& c, Instant at) override {
    note(at, fmt::format("store {} x{} +{}ms free {} error {}", region, c.sync_factor,
                         c.sync_extra.count() / 1'000'000,
                         c.free ? fmt::format("{}", *c.free) : "all", c.write_error));
  }
  void steal_lease(const model::Address& shard, Instant at) override {
    note(at, "steal " + name(shard));
  }
  /// As they are dealt at the start, or were moved since.
  std::uint32_t host(const model::Address& shard) const override {
    const std::uint32_t count =
        shard.role == model::Role::kConversation ? shards_.conversation : shards_.mailbox;
    if (const auto it = moved_.find(name(shard)); it != moved_.end()) return it->second;
    return shard.index / count * shards_.processes + shard.index % count % shards_.processes;
  }
  void set_member(std::uint32_t process, bool member, Instant at) override {
    note(at, fmt::format("process {} {}", process, member ? "joins" : "leaves"));
  }
  void move_shard(const model::Address& shard, const Move& move, Instant at) override {
    if (move.to) moved_[name(shard)] = *move.to;
    note(at, fmt::format("move {} to {} in {}ms, known in {}ms", name(shard),
                         move.to ? fmt::format("{}", *move.to) : "the next",
                         move.handover.count() / 1'000'000, move.hint.count() / 1'000'000));
  }
  void replay(const model::Address& shard, std::uint64_t entries, Instant at) override {
    note(at, fmt::format("replay {} {}", name(shard), entries));
  }
  void drain_gateway(std::uint32_t gateway, Instant at) override {
    note(at, fmt::format("drain {}", gateway));
  }
  void undrain_gateway(std::uint32_t gateway, Instant at) override {
    note(at, fmt::format("undrain {}", gateway));
  }
  void set_push(const PushCondition& c, Instant at) override {
    note(at,
         fmt::format("push rate {} error {} answer {}", c.rate ? fmt::format("{}", *c.rate) : "max",
                     c.error, static_cast<int>(c.answer)));
  }
  void kill_app(std::uint32_t device, Instant at) override {
    note(at, fmt::format("kill {}", device));
  }
  void revive_app(std::uint32_t device, Instant at) override {
    note(at, fmt::format("revive {}", device));
  }
  void reinstall_app(std::uint32_t device, Instant at) override {
    note(at, fmt::format("reinstall {}", device));
  }
  void back_up_app(std::uint32_t device, std::uint64_t backup, Instant at) override {
    note(at, fmt::format("back up {} as {}", device, backup));
  }
  void restore_app(std::uint32_t device, std::uint64_t backup, Instant at) override {
    note(at, fmt::format("restore {} from {}", device, backup));
  }

 private:
  static std::string name(const net::Endpoint& node) {
    static constexpr const char* kNames[] = {"gateway", "process", "store", "push", "device"};
    return fmt::format("{} {}", kNames[static_cast<std::size_t>(node.kind)], node.index);
  }
  static std::string name(const model::Address& shard) {
    return fmt::format("{} {}",
                       shard.role == model::Role::kConversation ? "conversation" : "mailbox",
                       shard.index);
  }
  void note(Instant at, const std::string& what) {
    calls.push_back(fmt::format("{}ms {}", model::to_ns(at) / 1'000'000, what));
  }

  std::map<std::string, std::uint32_t> moved_;
  net::Network network_;
  scenario::Shards shards_;
  std::uint32_t regions_;
  std::uint32_t devices_;
};

/// Two regions of 2 gateways, 2 processes, 4 conversation and 4 mailbox shards each; horizon 100 s.
inline scenario::Scenario small_scenario() {
  using namespace model::literals;  // NOLINT(google-build-using-namespace)
  scenario::Scenario s = net::plain_scenario();
  s.horizon = 100s;
  s.topology.gateways.per_region = 2;
  s.topology.shards.processes = 2;
  s.topology.shards.conversation = 4;
  s.topology.shards.mailbox = 4;
  return s;
}

}  // namespace greytick::faults
