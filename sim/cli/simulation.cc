#include "sim/cli/simulation.h"

#include "sim/world/naive.h"
#include "sim/world/world.h"

namespace greytick::cli {
namespace {

class Naive final : public Simulation {
 public:
  Naive(const scenario::Scenario& scenario, world::FactSink& facts) : world_(scenario, facts) {}
  void run_until(model::Instant end) override { world_.run_until(end); }
  void begin_drain() override { world_.begin_drain(); }
  bool drained() const override { return world_.drained(); }
  std::uint64_t fingerprint() const override { return world_.fingerprint(); }
  std::uint64_t events() const override { return world_.events(); }

 private:
  world::NaiveWorld world_;
};

class Real final : public Simulation {
 public:
  Real(const scenario::Scenario& scenario, world::FactSink& facts) : world_(scenario, facts) {}
  void run_until(model::Instant end) override { world_.run_until(end); }
  void begin_drain() override { world_.begin_drain(); }
  bool drained() const override { return world_.drained(); }
  std::uint64_t fingerprint() const override { return world_.fingerprint(); }
  std::uint64_t events() const override { return world_.events(); }

 private:
  world::World world_;
};

}  // namespace

std::expected<std::unique_ptr<Simulation>, std::string> make_simulation(
    const scenario::Scenario& scenario, world::FactSink& facts) {
  if (scenario.pipeline.kind == scenario::PipelineKind::kNaive) {
    if (auto reason = world::naive_cannot_run(scenario)) return std::unexpected(*reason);
    return std::make_unique<Naive>(scenario, facts);
  }
  return std::make_unique<Real>(scenario, facts);
}

model::PayloadKey payload_key(const scenario::Scenario& scenario) {
  return world::naive_payload_key(scenario);
}

}  // namespace greytick::cli
