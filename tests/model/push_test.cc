#include "model/push.h"

#include <cstdint>

#include <gtest/gtest.h>

#include "tests/model/step.h"

namespace greytick::model {
namespace {

using namespace literals;

constexpr DeviceId kPhone(5);
constexpr Address kShard{Role::kMailbox, 0, ConnectionId{}};
constexpr Address kProvider{Role::kProvider, 0, ConnectionId{}};

class Pushes : public testing::Test {
 protected:
  Pushes() : bench(Push::State{}) {
    bench.state.config.backoff.jitter = Jitter::kNone;
    bench.step(Start{});
  }
  void wake_up(DeviceId device = kPhone) { bench.arrive(kShard, WakeUp{device, UserId(1)}); }
  void answer(NotifyOutcome outcome, Duration retry_after = {}) {
    bench.arrive(kProvider, Notified{kPhone, outcome, retry_after});
  }
  std::size_t notifies() const { return bench.sent<Notify>().size(); }

 public:
  Bench<Push> bench;
};

TEST_F(Pushes, ManyWakeUpsAreOneRequest) {
  for (int i = 0; i < 10; ++i) wake_up();
  EXPECT_EQ(notifies(), 1U);
}

TEST_F(Pushes, AfterAnAcceptedOneTheNextIsSentAtOnce) {
  wake_up();
  answer(NotifyOutcome::kAccepted);
  EXPECT_TRUE(bench.state.wanted.empty());
  wake_up();
  EXPECT_EQ(notifies(), 2U);
}

TEST_F(Pushes, AThrottledOneWaitsAsLongAsItWasTold) {
  wake_up();
  answer(NotifyOutcome::kThrottled, 30s);
  EXPECT_EQ(bench.took(Branch::kPushThrottled), 1U);
  bench.advance(30s);
  wake_up();
  EXPECT_EQ(notifies(), 1U);
  bench.advance(1s);
  EXPECT_EQ(notifies(), 2U);
}

TEST_F(Pushes, AnUnavailableProviderIsAskedEverLater) {
  wake_up();
  answer(NotifyOutcome::kUnavailable);
  bench.advance(1s);
  EXPECT_EQ(notifies(), 2U);
  answer(NotifyOutcome::kUnavailable);
  bench.advance(1s);
  EXPECT_EQ(notifies(), 2U);
  bench.advance(1s);
  EXPECT_EQ(notifies(), 3U);
}

TEST_F(Pushes, AnAnswerThatNeverComesIsAFailure) {
  wake_up();
  bench.advance(31s);
  EXPECT_EQ(notifies(), 2U);
}

TEST_F(Pushes, GivesUpInTheEndAndStartsAfreshWhenAskedAgain) {
  bench.state.config.attempts_max = 3;
  wake_up();
  bench.advance(24h);
  EXPECT_EQ(notifies(), 4U);
  EXPECT_TRUE(bench.state.wanted.empty());
  EXPECT_TRUE(bench.timers.empty());
  wake_up();
  EXPECT_EQ(notifies(), 5U);
}

TEST_F(Pushes, AnExpiredTokenIsForgotten) {
  wake_up();
  answer(NotifyOutcome::kTokenExpired);
  EXPECT_TRUE(bench.state.wanted.empty());
  EXPECT_TRUE(bench.timers.empty());
}

TEST_F(Pushes, ItsTableIsBounded) {
  bench.state.config.devices_max = 2;
  for (std::uint32_t d = 0; d < 10; ++d) wake_up(DeviceId(d));
  EXPECT_EQ(notifies(), 2U);
  EXPECT_EQ(bench.state.wanted.size(), 2U);
}

}  // namespace
}  // namespace greytick::model
