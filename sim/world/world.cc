#include "sim/world/world.h"

#include "model/check.h"
#include "sim/world/driver.h"

namespace greytick::world {

World::World(const scenario::Scenario& scenario, FactSink& facts) {
  CHECK(scenario.pipeline.kind == scenario::PipelineKind::kReal);
  driver_ = std::make_unique<Driver>(scenario, facts);
}

World::~World() = default;

void World::run_until(model::Instant end) { driver_->run_until(end); }

void World::begin_drain() { driver_->begin_drain(); }

bool World::drained() const { return driver_->drained(); }

model::Instant World::reached() const { return driver_->reached(); }

net::Endpoint World::home(model::DeviceId device) const {
  return driver_->device(static_cast<std::uint32_t>(device.value()));
}

std::uint64_t World::fingerprint() const { return driver_->fingerprint(); }

Stats World::stats() const { return driver_->stats(); }

std::vector<std::uint32_t> World::faults_in_force() const { return driver_->injector().in_force(); }

model::PayloadKey World::payload_key(const scenario::Scenario& scenario) {
  return People::payload_key(scenario.seed);
}

std::string_view event_name(EventKind kind) {
  static constexpr std::array<std::string_view, kEventKinds> kNames = {
      "fault",          "to_device",     "to_gateway",     "to_shard",    "to_push",
      "established",    "wire_reset",    "wire_give_up",   "handoff",     "radio_back",
      "drain_step",     "shard_durable", "device_durable", "shard_start", "lease_expired",
      "fenced_ends",    "device_timer",  "gateway_timer",  "shard_timer", "push_timer",
      "provider_asked", "nudge",         "online",         "offline",     "wake_ends",
      "talk",           "arrival",       "recorded",       "read",        "script",
      "drain_connect"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace greytick::world
