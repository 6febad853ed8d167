#include "sim/world/commit.h"

#include <deque>
#include <map>

#include <gtest/gtest.h>

#include "sim/engine/random.h"

namespace greytick::world {
namespace {

using namespace model::literals;
using model::Instant;

// One machine that writes, syncs and crashes at random, beside two plain maps: what it has written,
// and what it had written when each batch closed.
TEST(Pending, ACrashLosesTheBatchesThatAreNotDurableAndNothingElse) {
  engine::Stream draw(7, engine::Purpose::kTest, 1);
  Store store;
  BatchPool pool;
  Pending pending;
  std::map<std::uint64_t, std::uint64_t> now_there, durable;  // device -> position in its log
  std::deque<std::map<std::uint64_t, std::uint64_t>> after;   // each pending batch
  Instant now{};
  for (int step = 0; step < 20'000; ++step) {
    now += std::chrono::microseconds(draw.uniform_between(0, 2000));
    while (!pending.empty() && pending.front()->durable <= now) {
      pool.give(pending.pop());
      durable = after.front();
      after.pop_front();
    }
    if (draw.uniform_below(40) == 0) {
      pending.lose(store, pool);
      now_there = durable;
      after.clear();
      ASSERT_EQ(pool.in_use(), 0);
    } else {
      Batch* batch = pending.open_at(now);
      if (batch == nullptr) {
        batch = pool.take();
        batch->opened = now;
        batch->closes = closing_time(pending, now, 5ms);
        batch->durable = batch->closes + std::chrono::microseconds(draw.uniform_between(1, 9000));
        pending.push(batch);
        after.emplace_back();
      }
      const std::uint64_t device = draw.uniform_below(15);
      std::vector<model::Write> writes;
      const model::Key key = model::identity_key(model::DeviceId(static_cast<uint32_t>(device)));
      if (draw.uniform_below(4) == 0) {
        writes.push_back({key, std::nullopt});
        now_there.erase(device);
      } else {
        model::Identity identity;
        identity.cursor = model::MailboxSeq(draw.uniform_below(1000));
        now_there[device] = identity.cursor.value();
        writes.push_back({key, model::Record(identity)});
      }
      store.apply(writes, batch->undo);
      after.back() = now_there;
    }
    ASSERT_EQ(store.rows(), now_there.size());
    for (const auto& [device, cursor] : now_there) {
      const auto* row = store.get<model::Identity>(
          model::identity_key(model::DeviceId(static_cast<uint32_t>(device))));
      ASSERT_NE(row, nullptr);
      ASSERT_EQ(row->cursor.value(), cursor);
    }
  }
}

TEST(Pending, ABatchClosesAtTheNextBeatButNeverBeforeTheOneAheadIsDurable) {
  Pending pending;
  EXPECT_EQ(closing_time(pending, Instant{3ms}, 5ms), Instant{5ms});
  EXPECT_EQ(closing_time(pending, Instant{5ms}, 5ms), Instant{10ms});
  EXPECT_EQ(closing_time(pending, Instant{7ms}, 0ms), Instant{7ms});
  Batch ahead;
  ahead.closes = Instant{5ms};
  ahead.durable = Instant{23ms};
  pending.push(&ahead);
  EXPECT_EQ(pending.open_at(Instant{4ms}), &ahead);
  EXPECT_EQ(pending.open_at(Instant{5ms}), nullptr);
  EXPECT_EQ(closing_time(pending, Instant{6ms}, 5ms), Instant{23ms});
  EXPECT_EQ(closing_time(pending, Instant{22ms}, 5ms), Instant{25ms});
}

}  // namespace
}  // namespace greytick::world
