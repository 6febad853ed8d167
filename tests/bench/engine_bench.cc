// What the event kernel costs: the queues under the hold model, Philox, the distributions.

#include <array>
#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include "sim/engine/detmath.h"
#include "sim/engine/distributions.h"
#include "sim/engine/event_queue.h"
#include "sim/engine/fingerprint.h"
#include "sim/engine/random.h"

namespace greytick::engine {
namespace {

// Delays are drawn beforehand, so that only the queue is timed.
constexpr std::size_t kDelays = 1 << 16;

std::vector<Duration> draw_delays(const Distribution& law) {
  Stream stream(1, Purpose::kTest, 0);
  std::vector<Duration> delays(kDelays);
  for (Duration& delay : delays) {
    delay = law.sample_duration(stream);
  }
  return delays;
}

// One pop and one push an iteration over a constant number of pending events.
// Source: Jones, "An empirical comparison of priority-queue implementations", CACM 29(4), 1986.
template <EventQueue Q>
void hold(benchmark::State& state, const std::vector<Duration>& delays) {
  Q queue;
  Origin origin(1);
  std::size_t next = 0;
  const auto push = [&](Instant now) {
    queue.push(origin.make(now + delays[next++ % kDelays], EventClass::kTimer, 0, 0, 0));
  };
  const auto pending = static_cast<std::size_t>(state.range(0));
  for (std::size_t i = 0; i < pending; ++i) {
    push(Instant{});
  }
  // Into the steady state, where the pending events are spread as the residual delays are.
  for (std::size_t i = 0; i < 2 * pending; ++i) {
    push(queue.pop().at());
  }
  for ([[maybe_unused]] auto _ : state) {
    push(queue.pop().at());
  }
  state.SetItemsProcessed(state.iterations());
}

template <EventQueue Q>
void hold_exponential(benchmark::State& state) {
  // Mean 1 s whatever the size: a million pending are a million events a second of simulated time.
  hold<Q>(state, draw_delays(Distribution::exponential(1e9)));
}
BENCHMARK(hold_exponential<HeapQueue>)->RangeMultiplier(10)->Range(1000, 1'000'000);
BENCHMARK(hold_exponential<BucketQueue>)->RangeMultiplier(10)->Range(1000, 1'000'000);

// The load of the simulator: a share of far timers that seldom fire, and hops of 0.2 to 60 ms.
template <EventQueue Q>
void hold_messenger(benchmark::State& state) {
  Stream stream(2, Purpose::kTest, 0);
  const Distribution hop = Distribution::lognormal(16.0, 1.0);  // Median 8.9 ms.
  std::vector<Duration> delays(kDelays);
  for (Duration& delay : delays) {
    delay = stream.bernoulli(0.9) ? hop.sample_duration(stream)
                                  : to_duration(30e9 * (1.0 + stream.uniform01()));
  }
  hold<Q>(state, delays);
}
BENCHMARK(hold_messenger<HeapQueue>)->Arg(1'000'000);
BENCHMARK(hold_messenger<BucketQueue>)->Arg(1'000'000);

void philox_draw(benchmark::State& state) {
  Stream stream(1, Purpose::kTest, 0);
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(stream.next_u64());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(philox_draw);

void uniform_below(benchmark::State& state) {
  Stream stream(1, Purpose::kTest, 0);
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(stream.uniform_below(1000));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(uniform_below);

void sample(benchmark::State& state, const Distribution& law) {
  Stream stream(1, Purpose::kTest, 0);
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(law.sample_duration(stream));
  }
  state.SetItemsProcessed(state.iterations());
}
constexpr std::array<QuantilePoint, 5> kTable = {
    {{0.0, 1e6}, {0.5, 5e6}, {0.9, 2e7}, {0.99, 9e7}, {1.0, 1e9}}};
BENCHMARK_CAPTURE(sample, uniform, Distribution::uniform(1e6, 2e6));
BENCHMARK_CAPTURE(sample, exponential, Distribution::exponential(1e6));
BENCHMARK_CAPTURE(sample, lognormal, Distribution::lognormal(16, 1));
BENCHMARK_CAPTURE(sample, weibull, Distribution::weibull(0.6, 1e6));
BENCHMARK_CAPTURE(sample, pareto, Distribution::pareto(1e6, 2));
BENCHMARK_CAPTURE(sample, gamma, Distribution::gamma(2.04, 1e5));
BENCHMARK_CAPTURE(sample, empirical, Distribution::empirical(kTable));

void chain_absorb_event(benchmark::State& state) {
  Chain chain(1);
  std::uint64_t at = 0;
  for ([[maybe_unused]] auto _ : state) {
    chain.absorb(at++, std::uint64_t{7}, std::uint64_t{9});
    benchmark::DoNotOptimize(chain);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(chain_absorb_event);

}  // namespace
}  // namespace greytick::engine
