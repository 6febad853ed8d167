#include "sim/engine/event_queue.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/engine/random.h"

namespace greytick::engine {
namespace {

using namespace model::literals;

TEST(HeapQueue, PopsInOrderAgainstASortedVector) {
  Stream random(11, Purpose::kTest, 0);
  HeapQueue queue;
  std::vector<Event> expected;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const Event event(model::from_ns(random.uniform_between(0, 400)),
                      static_cast<EventClass>(random.uniform_below(5)), random.uniform_below(10), i,
                      0, 0, 0);
    queue.push(event);
    expected.push_back(event);
  }
  std::sort(expected.begin(), expected.end());
  for (const Event& event : expected) {
    ASSERT_EQ(queue.top(), event);
    ASSERT_EQ(queue.pop(), event);
  }
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueueDeathTest, PoppingNothingAborts) {
  HeapQueue heap;
  BucketQueue buckets;
  EXPECT_DEATH(heap.pop(), "empty");
  EXPECT_DEATH(buckets.pop(), "size_ > 0");
  EXPECT_DEATH(buckets.top(), "size_ > 0");
}

/// Both queues hold `pending` events; each step pops one and pushes one `delay` later, as a
/// simulator does. The queues must agree at each step and on what is left.
void hold_and_compare(std::size_t pending, std::size_t steps, int tick_log2,
                      const std::function<Duration(Stream&)>& delay) {
  Stream random(13, Purpose::kTest, pending);
  HeapQueue heap;
  BucketQueue buckets(tick_log2);
  std::uint64_t seq = 0;
  const auto push = [&](Instant at) {
    const Event event(at, static_cast<EventClass>(random.uniform_below(5)),
                      random.uniform_below(64), seq++, 0, 0, 0);
    heap.push(event);
    buckets.push(event);
  };
  for (std::size_t i = 0; i < pending; ++i) {
    push(Instant{} + delay(random));
  }
  for (std::size_t i = 0; i < steps; ++i) {
    ASSERT_EQ(heap.size(), buckets.size());
    if (i % 3 == 0) {
      ASSERT_EQ(heap.top(), buckets.top()) << "step " << i;
    }
    const Event event = heap.pop();
    ASSERT_EQ(event, buckets.pop()) << "step " << i;
    push(event.at() + delay(random));
  }
  while (!heap.empty()) {
    ASSERT_EQ(heap.pop(), buckets.pop());
  }
  ASSERT_TRUE(buckets.empty());
}

Duration below(Stream& random, Duration bound) {
  return Duration{
      static_cast<Duration::rep>(random.uniform_below(static_cast<std::uint64_t>(bound.count())))};
}

struct Case {
  const char* name;
  std::size_t pending;
  std::function<Duration(Stream&)> delay;
};

TEST(BucketQueue, AgreesWithTheHeapOnEveryShapeOfDelay) {
  const std::vector<Case> cases = {
      {"one event at a time", 1, [](Stream& r) { return below(r, 10s); }},
      {"short uniform delays", 3000, [](Stream& r) { return below(r, 20ms); }},
      {"bimodal: hops and heartbeats", 3000,
       [](Stream& r) { return r.bernoulli(0.8) ? below(r, 2ms) : 30s + below(r, 1s); }},
      {"zero lookahead", 500,
       [](Stream& r) { return r.bernoulli(0.5) ? Duration{0} : below(r, 1ms); }},
      {"all at once", 5000, [](Stream&) { return Duration{1s}; }},
      {"30-day timers", 2000,
       [](Stream& r) { return r.bernoulli(0.5) ? 30 * 24h : below(r, 48h); }},
      {"decades", 200, [](Stream& r) { return r.bernoulli(0.05) ? 24h * 3650 : below(r, 1h); }},
      {"whole ticks", 2000,
       [](Stream& r) { return Duration{1 << 18} * r.uniform_between(0, 9000); }},
      {"log-uniform over 50 octaves", 3000,
       [](Stream& r) { return below(r, Duration{std::int64_t{1} << r.uniform_between(1, 50)}); }},
  };
  for (const Case& c : cases) {
    for (const int tick_log2 : {16, BucketQueue::kDefaultTickLog2, 22}) {
      SCOPED_TRACE(testing::Message() << c.name << ", tick 2^" << tick_log2);
      ASSERT_NO_FATAL_FAILURE(hold_and_compare(c.pending, 20'000, tick_log2, c.delay));
    }
  }
}

TEST(BucketQueue, TakesEveryInstantFromTheLeastToNever) {
  HeapQueue heap;
  BucketQueue buckets;
  const std::vector<Instant> instants = {
      Instant::max(),       Instant::min(),       Instant{},       Instant{} - 1s,
      Instant::max() - 1ns, Instant{} + 30 * 24h, Instant{} + 1ns, Instant::min() + 1ns};
  std::uint64_t seq = 0;
  for (const Instant at : instants) {
    const Event event(at, EventClass::kTimer, 0, seq++, 0, 0, 0);
    heap.push(event);
    buckets.push(event);
  }
  while (!heap.empty()) {
    ASSERT_EQ(heap.pop(), buckets.pop());
  }
}

TEST(BucketQueue, TakesEventsBeforeTheOneItLookedAt) {
  BucketQueue queue;
  queue.push(Event(Instant{} + 1h, EventClass::kTimer, 0, 0, 0, 0, 0));
  EXPECT_EQ(queue.top().at(), Instant{} + 1h);
  queue.push(Event(Instant{} + 1s, EventClass::kTimer, 0, 1, 0, 0, 0));
  queue.push(Event(Instant{} + 2h, EventClass::kTimer, 0, 2, 0, 0, 0));
  EXPECT_EQ(queue.pop().at(), Instant{} + 1s);
  EXPECT_EQ(queue.pop().at(), Instant{} + 1h);
  EXPECT_EQ(queue.pop().at(), Instant{} + 2h);
}

TEST(BucketQueue, GivesMemoryBackToThePoolForTheNextBurst) {
  BucketQueue queue;
  std::uint64_t seq = 0;
  const auto burst = [&](Instant from) {
    for (int i = 0; i < 100'000; ++i) {
      queue.push(Event(from + i * 10us, EventClass::kTimer, 0, seq++, 0, 0, 0));
    }
    while (!queue.empty()) {
      queue.pop();
    }
  };
  burst(Instant{} + 1s);
  const std::size_t after_first = queue.bytes();
  EXPECT_LT(after_first, std::size_t{100'000} * 32 * 3)
      << "peak, not the sum of all buckets' peaks";
  for (int i = 1; i < 20; ++i) {
    burst(Instant{} + i * 1h);
  }
  // The first chunk of each bucket may fall differently; a leak would be twentyfold.
  EXPECT_LT(queue.bytes(), after_first * 3 / 2);
}

RC_GTEST_PROP(BucketQueue, AgreesWithTheHeapOnAnySequenceOfPushesAndPops, ()) {
  const auto steps = *rc::gen::container<std::vector<std::pair<std::uint8_t, std::uint64_t>>>(
      rc::gen::pair(rc::gen::inRange<std::uint8_t>(0, 64), rc::gen::arbitrary<std::uint64_t>()));
  HeapQueue heap;
  BucketQueue buckets(static_cast<int>(*rc::gen::inRange(16, 31)));
  std::uint64_t seq = 0;
  for (const auto& [shift, bits] : steps) {
    if (bits % 3 == 0 && !heap.empty()) {
      RC_ASSERT(heap.pop() == buckets.pop());
      continue;
    }
    const Event event(model::from_ns(static_cast<std::int64_t>(bits >> shift)),
                      static_cast<EventClass>(bits % 5), bits % 7, seq++, 1, 2, 3);
    heap.push(event);
    buckets.push(event);
    RC_ASSERT(heap.top() == buckets.top());
  }
  while (!heap.empty()) {
    RC_ASSERT(heap.pop() == buckets.pop());
  }
  RC_ASSERT(buckets.empty());
}

}  // namespace
}  // namespace greytick::engine
