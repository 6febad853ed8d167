#include "sim/world/provider.h"

#include <gtest/gtest.h>

namespace greytick::world {
namespace {

using namespace model::literals;
using model::Instant;
using model::NotifyOutcome;

scenario::Push calm() {
  scenario::Push push;
  push.rate_max = {100.0};
  push.delay = scenario::DistSpec::constant(1s);
  push.wake = {1.0};
  return push;
}

TEST(Provider, DeliversAfterItsDelayAndWakes) {
  Provider provider(calm(), engine::Streams(1));
  const Provider::Answer answer = provider.ask(3, Instant{1s});
  EXPECT_EQ(answer.outcome, NotifyOutcome::kAccepted);
  EXPECT_EQ(answer.delivered_in, 1s);
  EXPECT_TRUE(answer.wakes);
}

TEST(Provider, LetsThroughItsRateAndThrottlesTheRest) {
  Provider provider(calm(), engine::Streams(1));
  int accepted = 0;
  for (int i = 0; i < 10'000; ++i) {  // 1,000 a second for 10 s
    const Instant now = Instant{1s} + std::chrono::milliseconds(i);
    const Provider::Answer answer = provider.ask(static_cast<std::uint32_t>(i), now);
    if (answer.outcome == NotifyOutcome::kAccepted) {
      ++accepted;
    } else {
      EXPECT_EQ(answer.outcome, NotifyOutcome::kThrottled);
      EXPECT_GT(answer.retry_after, 0ms);
    }
  }
  EXPECT_NEAR(accepted, 100 * 10 + 100, 5);  // and the bucket, which was empty at first
}

TEST(Provider, FaultsChangeItsAnswersAndHeal) {
  Provider provider(calm(), engine::Streams(1));
  faults::PushCondition condition;
  condition.error = 1.0;
  condition.answer = scenario::PushAnswer::kUnavailable503;
  condition.error_retry_after = 7s;
  provider.set(condition);
  EXPECT_EQ(provider.ask(1, Instant{1s}).outcome, NotifyOutcome::kUnavailable);
  EXPECT_EQ(provider.ask(1, Instant{1s}).retry_after, 7s);
  condition.answer = scenario::PushAnswer::kExpiredToken410;
  provider.set(condition);
  EXPECT_EQ(provider.ask(1, Instant{2s}).outcome, NotifyOutcome::kTokenExpired);
  condition.answer = scenario::PushAnswer::kLost;
  provider.set(condition);
  EXPECT_EQ(provider.ask(1, Instant{3s}).outcome, NotifyOutcome::kAccepted);
  EXPECT_FALSE(provider.ask(1, Instant{3s}).delivered_in.has_value());
  condition = {};
  condition.rate = 0.0;
  condition.throttle_retry_after = 30s;
  provider.set(condition);
  EXPECT_EQ(provider.ask(1, Instant{4s}).outcome, NotifyOutcome::kThrottled);
  EXPECT_EQ(provider.ask(1, Instant{4s}).retry_after, 30s);
  provider.set({});
  EXPECT_TRUE(provider.ask(1, Instant{5s}).delivered_in.has_value());
}

}  // namespace
}  // namespace greytick::world
