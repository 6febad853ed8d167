#include "sim/engine/event.h"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace greytick::engine {
namespace {

using namespace model::literals;

TEST(Event, KeepsEveryFieldAtItsBounds) {
  const Event event(Instant::max(), EventClass::kApp, kOriginMax, kOriginSeqMax, 0xffff'ffff, 0xff,
                    0xffff'fffe);
  EXPECT_EQ(event.at(), Instant::max());
  EXPECT_EQ(event.event_class(), EventClass::kApp);
  EXPECT_EQ(event.origin(), kOriginMax);
  EXPECT_EQ(event.origin_seq(), kOriginSeqMax);
  EXPECT_EQ(event.target(), 0xffff'ffff);
  EXPECT_EQ(event.kind(), 0xff);
  EXPECT_EQ(event.body(), 0xffff'fffe);
  static_assert(kOriginMax >= (std::uint64_t{1} << 37) - 1);
  static_assert(kOriginSeqMax >= (std::uint64_t{1} << 40) - 1);
}

TEST(EventDeathTest, RefusesAnOriginOrSequenceThatDoesNotFit) {
  EXPECT_DEATH(Event(Instant{}, EventClass::kTimer, kOriginMax + 1, 0, 0, 0, 0), "kOriginMax");
  EXPECT_DEATH(Event(Instant{}, EventClass::kTimer, 0, kOriginSeqMax + 1, 0, 0, 0),
               "kOriginSeqMax");
}

TEST(Event, AtOneInstantFaultsComeBeforeArrivalsDurableTimersAndTheApp) {
  const std::vector<EventClass> order = {EventClass::kFault, EventClass::kArrival,
                                         EventClass::kDurable, EventClass::kTimer,
                                         EventClass::kApp};
  for (std::size_t i = 1; i < order.size(); ++i) {
    // The origin and the sequence would order them the other way.
    const Event before(Instant{} + 1ms, order[i - 1], 9, 9, 0, 9, 0);
    const Event after(Instant{} + 1ms, order[i], 1, 1, 0, 1, 0);
    EXPECT_LT(before, after);
    EXPECT_FALSE(after < before);
  }
}

RC_GTEST_PROP(Event, OrderIsThatOfTheTupleOfTimeClassOriginAndSequence, ()) {
  const auto make = [] {
    return Event(model::from_ns(*rc::gen::inRange<std::int64_t>(-2, 3)),
                 static_cast<EventClass>(*rc::gen::inRange(0, 5)),
                 *rc::gen::inRange<std::uint64_t>(0, 3), *rc::gen::inRange<std::uint64_t>(0, 3),
                 *rc::gen::arbitrary<std::uint32_t>(), 7, *rc::gen::arbitrary<std::uint32_t>());
  };
  const auto key = [](const Event& event) {
    return std::tuple(event.at(), event.event_class(), event.origin(), event.origin_seq());
  };
  const Event a = make();
  const Event b = make();
  RC_ASSERT((a < b) == (key(a) < key(b)));
}

TEST(Origin, NumbersItsEventsFromZeroWithoutGaps) {
  Origin origin(42);
  for (std::uint64_t i = 0; i < 5; ++i) {
    const Event event = origin.make(Instant{}, EventClass::kArrival, 1, 2, 3);
    EXPECT_EQ(event.origin(), 42U);
    EXPECT_EQ(event.origin_seq(), i);
  }
  EXPECT_EQ(origin.events_made(), 5U);
}

}  // namespace
}  // namespace greytick::engine
