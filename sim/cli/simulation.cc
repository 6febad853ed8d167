#include "sim/cli/simulation.h"

#include <type_traits>

#include "sim/world/naive.h"
#include "sim/world/world.h"

namespace greytick::cli {
namespace {

// Both pipelines offer the same calls and share no base.
template <class World>
class Adapter final : public Simulation {
 public:
  Adapter(const scenario::Scenario& scenario, world::FactSink& facts) : world_(scenario, facts) {}
  void run_until(model::Instant end) override { world_.run_until(end); }
  void begin_drain() override { world_.begin_drain(); }
  bool drained() const override { return world_.drained(); }
  results::Place place(model::DeviceId device) const override {
    if constexpr (requires { world_.home(device); }) {
      const net::Endpoint home = world_.home(device);
      return {.region = home.region, .access = home.access};
    } else {
      return {};  // the textbook pipeline has no places
    }
  }
  std::uint64_t fingerprint() const override { return world_.fingerprint(); }
  std::uint64_t events() const override { return world_.events(); }
  results::Cost cost() const override {
    results::Cost cost{.events = world_.events()};
    if constexpr (std::is_same_v<World, world::World>) {
      const world::Stats stats = world_.stats();
      cost.shard_transactions = stats.shard_transactions;
      cost.device_transactions = stats.device_transactions;
      cost.frames = stats.network.frames;
      cost.bytes = stats.network.bytes;
      cost.packets = stats.network.packets;
      for (std::size_t i = 0; i < world::kEventKinds; ++i) {
        cost.by_kind.emplace_back(world::event_name(static_cast<world::EventKind>(i)),
                                  stats.by_kind[i]);
      }
    }
    return cost;  // the naive pipeline has no network of its own and no transactions
  }
  std::vector<world::Parted> parted() const override {
    if constexpr (std::is_same_v<World, world::World>) return world_.stats().parted;
    return {};  // the naive pipeline has no regions
  }

 private:
  World world_;
};

}  // namespace

std::unique_ptr<Simulation> make_simulation(const scenario::Scenario& scenario,
                                            world::FactSink& facts) {
  if (scenario.pipeline.kind == scenario::PipelineKind::kNaive) {
    return std::make_unique<Adapter<world::NaiveWorld>>(scenario, facts);
  }
  return std::make_unique<Adapter<world::World>>(scenario, facts);
}

model::PayloadKey payload_key(const scenario::Scenario& scenario) {
  return scenario.pipeline.kind == scenario::PipelineKind::kNaive
             ? world::naive_payload_key(scenario)
             : world::World::payload_key(scenario);
}

}  // namespace greytick::cli
