#include "sim/world/alarm.h"

#include <set>

#include <gtest/gtest.h>

#include "sim/engine/random.h"

namespace greytick::world {
namespace {

using namespace model::literals;
using model::Instant;
using model::kNever;

// An event queue that never takes anything back, and one timer over it.
struct Bench {
  Alarm alarm;
  std::multiset<Instant> events;
  void arm(Instant at) {
    if (alarm.arm(at)) events.insert(at);
  }
  /// Handles events up to `end`; the times at which the timer rang.
  std::vector<Instant> until(Instant end) {
    std::vector<Instant> rang;
    while (!events.empty() && *events.begin() <= end) {
      const Instant at = *events.begin();
      events.erase(events.begin());
      const Alarm::Ring ring = alarm.ring(at);
      if (ring == Alarm::Ring::kEarly) events.insert(alarm.deadline);
      if (ring == Alarm::Ring::kNow) rang.push_back(at);
    }
    return rang;
  }
};

TEST(Alarm, RingsOnceAtItsDeadline) {
  Bench bench;
  bench.arm(Instant{5s});
  EXPECT_EQ(bench.until(Instant{1h}), std::vector{Instant{5s}});
  EXPECT_TRUE(bench.alarm.idle());
}

TEST(Alarm, ArmedAgainItRingsAtTheNewTimeAlone) {
  Bench bench;
  bench.arm(Instant{5s});
  bench.arm(Instant{9s});
  EXPECT_EQ(bench.events.size(), 1) << "a later deadline needs no event of its own yet";
  bench.arm(Instant{2s});
  EXPECT_EQ(bench.until(Instant{1h}), std::vector{Instant{2s}});
}

TEST(Alarm, CancelledItDoesNotRing) {
  Bench bench;
  bench.arm(Instant{5s});
  bench.arm(kNever);
  EXPECT_TRUE(bench.until(Instant{1h}).empty());
  bench.arm(Instant{2h});
  EXPECT_EQ(bench.until(Instant{3h}), std::vector{Instant{2h}});
}

TEST(Alarm, RingsExactlyWhenTheLastOrderSays) {
  engine::Stream draw(3, engine::Purpose::kTest, 1);
  for (int run = 0; run < 500; ++run) {
    Bench bench;
    Instant now{};
    Instant deadline = kNever;
    for (int step = 0; step < 40; ++step) {
      if (draw.bernoulli(0.2)) {
        deadline = kNever;
      } else {
        deadline = now + std::chrono::seconds(draw.uniform_between(1, 20));
      }
      bench.arm(deadline);
      const Instant next = now + std::chrono::seconds(draw.uniform_between(1, 10));
      const auto rang = bench.until(next);
      if (deadline <= next) {
        ASSERT_EQ(rang, std::vector{deadline});
      } else {
        ASSERT_TRUE(rang.empty());
      }
      now = next;
    }
  }
}

}  // namespace
}  // namespace greytick::world
