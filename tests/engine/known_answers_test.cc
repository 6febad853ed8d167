// Models whose answers are known without a simulator: the engine is tried on them before it is
// trusted on ours.

#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "sim/engine/distributions.h"
#include "sim/engine/event_queue.h"
#include "sim/engine/fingerprint.h"
#include "sim/engine/random.h"

namespace greytick::engine {
namespace {

using namespace model::literals;

// PHOLD: each of n processes starts with one event; handling one schedules one at a random process.
// Source: Fujimoto, "Performance of Time Warp under synthetic workloads", SCS 1990.
struct PholdResult {
  std::uint64_t events = 0;
  std::uint64_t fingerprint = 0;

  friend bool operator==(const PholdResult&, const PholdResult&) = default;
};

template <EventQueue Q>
PholdResult run_phold(std::uint32_t processes, const Distribution& delay, Duration horizon) {
  const Streams streams(42);
  std::vector<Stream> random;
  std::vector<Origin> origins;
  std::vector<Chain> chains;
  Q queue;
  const auto schedule = [&](std::uint32_t from, Instant now) {
    const auto to = static_cast<std::uint32_t>(random[from].uniform_below(processes));
    const Instant at = now + delay.sample_duration(random[from]);
    queue.push(origins[from].make(at, EventClass::kArrival, to, 0, 0));
  };
  for (std::uint32_t lp = 0; lp < processes; ++lp) {
    random.push_back(streams.stream(Purpose::kWorkload, lp));
    origins.emplace_back(lp);
    chains.emplace_back(lp);
    schedule(lp, Instant{});
  }
  PholdResult result;
  Instant now{};
  while (queue.top().at() <= Instant{} + horizon) {
    const Event event = queue.pop();
    EXPECT_GE(event.at(), now);
    now = event.at();
    ++result.events;
    chains[event.target()].absorb(model::to_ns(now), event.origin(), event.origin_seq());
    schedule(event.target(), now);
  }
  Fingerprint fingerprint;
  for (const Chain& chain : chains) {
    fingerprint.add(chain);
  }
  result.fingerprint = fingerprint.value();
  return result;
}

TEST(Phold, ConstantDelayGivesProcessesTimesStepsEvents) {
  // All 100 events meet at each whole second: the order is decided by origin and sequence alone.
  const PholdResult heap = run_phold<HeapQueue>(100, Distribution::constant(1e9), 50s);
  EXPECT_EQ(heap.events, 5000U);
  EXPECT_EQ(heap, run_phold<BucketQueue>(100, Distribution::constant(1e9), 50s));
}

TEST(Phold, ExponentialDelayGivesAPoissonCountAndOneFingerprintForBothQueues) {
  // Each pending event renews at rate 1/s, so the count is Poisson with mean 1000 * 60.
  const PholdResult heap = run_phold<HeapQueue>(1000, Distribution::exponential(1e9), 60s);
  EXPECT_NEAR(static_cast<double>(heap.events), 60'000, 4 * std::sqrt(60'000));
  EXPECT_EQ(heap, run_phold<BucketQueue>(1000, Distribution::exponential(1e9), 60s));
  // The known answer itself, for every compiler and level. A change here changes all fingerprints.
  EXPECT_EQ(heap.events, 60'218U);
  EXPECT_EQ(to_hex(heap.fingerprint), "0e57d03fdadffb37");
}

TEST(Phold, AnotherDelayGivesAnotherFingerprint) {
  const PholdResult one = run_phold<BucketQueue>(100, Distribution::exponential(1e9), 20s);
  const PholdResult two = run_phold<BucketQueue>(100, Distribution::exponential(1.0000001e9), 20s);
  EXPECT_NE(one.fingerprint, two.fingerprint);
}

// One server, Poisson arrivals, exponential service, first come first served.
struct QueueResult {
  std::vector<double> waits_s;        // Of each customer, in order of arrival.
  std::int64_t area_customer_ns = 0;  // Integral of the number in the system.
  std::int64_t sojourns_ns = 0;       // Sum over customers.
  std::int64_t busy_ns = 0;
  Instant end{};
};

template <EventQueue Q>
QueueResult run_mm1(double arrivals_per_s, double services_per_s, std::size_t customers) {
  enum Kind : std::uint8_t { kArrive, kDepart };
  const Streams streams(7);
  Stream gaps = streams.stream(Purpose::kWorkload, 0);
  Stream services = streams.stream(Purpose::kService, 0);
  Origin source(0);
  Origin server(1);
  Q queue;
  QueueResult result;
  std::vector<Instant> arrived;
  std::size_t served = 0;
  const auto start_service = [&](Instant now) {
    result.waits_s.push_back(std::chrono::duration<double>(now - arrived[served]).count());
    const Duration service = poisson_gap(services, services_per_s);
    result.busy_ns += service.count();
    queue.push(server.make(now + service, EventClass::kTimer, 1, kDepart, 0));
  };
  queue.push(source.make(Instant{} + poisson_gap(gaps, arrivals_per_s), EventClass::kArrival, 1,
                         kArrive, 0));
  while (!queue.empty()) {
    const Event event = queue.pop();
    const auto in_system = static_cast<std::int64_t>(arrived.size() - served);
    result.area_customer_ns += in_system * (event.at() - result.end).count();
    result.end = event.at();
    if (event.kind() == kArrive) {
      arrived.push_back(event.at());
      if (arrived.size() < customers) {
        queue.push(source.make(event.at() + poisson_gap(gaps, arrivals_per_s), EventClass::kArrival,
                               1, kArrive, 0));
      }
      if (in_system == 0) {
        start_service(event.at());
      }
    } else {
      result.sojourns_ns += (event.at() - arrived[served]).count();
      ++served;
      if (served < arrived.size()) {
        start_service(event.at());
      }
    }
  }
  return result;
}

TEST(Mm1, WaitingTimeIsWithinItsConfidenceIntervalOfTheory) {
  constexpr double kArrivals = 70;
  constexpr double kServices = 100;
  constexpr std::size_t kBatches = 30;
  constexpr std::size_t kBatch = 20'000;
  const QueueResult run = run_mm1<BucketQueue>(kArrivals, kServices, kBatches * kBatch);
  ASSERT_EQ(run.waits_s.size(), kBatches * kBatch);
  double sum = 0;
  double squares = 0;
  for (std::size_t batch = 0; batch < kBatches; ++batch) {
    double mean = 0;
    for (std::size_t i = 0; i < kBatch; ++i) {
      mean += run.waits_s[batch * kBatch + i] / kBatch;
    }
    sum += mean;
    squares += mean * mean;
  }
  const double mean = sum / kBatches;
  const double deviation =
      std::sqrt((squares / kBatches - mean * mean) * kBatches / (kBatches - 1));
  const double half_width =
      3.66 * deviation / std::sqrt(kBatches);  // Student t, 29 degrees, 0.999.
  const double theory = kArrivals / kServices / (kServices - kArrivals);
  EXPECT_NEAR(mean, theory, half_width);
  EXPECT_LT(half_width, 0.05 * theory) << "an interval that wide would accept anything";
  // The server is busy a share rho of the time.
  const double busy = static_cast<double>(run.busy_ns) / static_cast<double>(model::to_ns(run.end));
  EXPECT_NEAR(busy, kArrivals / kServices, 0.005);
}

TEST(Mm1, LittlesLawHoldsToTheNanosecond) {
  // From empty to empty, the integral of the number in the system is the sum of the sojourns
  // exactly.
  const QueueResult run = run_mm1<BucketQueue>(90, 100, 50'000);
  EXPECT_EQ(run.area_customer_ns, run.sojourns_ns);
  EXPECT_GT(run.sojourns_ns, 0);
}

TEST(Mm1, BothQueuesGiveTheSameRun) {
  const QueueResult heap = run_mm1<HeapQueue>(90, 100, 20'000);
  const QueueResult buckets = run_mm1<BucketQueue>(90, 100, 20'000);
  EXPECT_EQ(heap.waits_s, buckets.waits_s);
  EXPECT_EQ(heap.end, buckets.end);
}

}  // namespace
}  // namespace greytick::engine
