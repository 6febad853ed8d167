#include "sim/world/store.h"

#include <deque>
#include <map>

#include <gtest/gtest.h>

#include "sim/engine/random.h"

namespace greytick::world {
namespace {

using model::Mailbox;
using model::MailboxSeq;

TEST(Store, ACrashTakesBackExactlyTheUnsyncedSuffix) {
  engine::Stream draw = engine::Streams(3).stream(engine::Purpose::kTest, 1);
  Store store;
  std::map<std::uint32_t, std::uint64_t> now, durable;  // device -> tail
  std::deque<Undo> unsynced;
  std::deque<std::map<std::uint32_t, std::uint64_t>> after;  // each unsynced transaction
  for (int step = 0; step < 20'000; ++step) {
    switch (draw.uniform_below(8)) {
      case 0:  // the oldest transaction becomes durable
        if (unsynced.empty()) break;
        unsynced.pop_front();
        durable = after.front();
        after.pop_front();
        break;
      case 1:
        if (draw.uniform_below(10) != 0) break;
        for (; !unsynced.empty(); unsynced.pop_back()) store.rollback(unsynced.back());
        after.clear();
        now = durable;
        break;
      default: {
        std::vector<model::Write> writes;
        for (std::uint64_t n = 0; n <= draw.uniform_below(3); ++n) {
          const auto device = static_cast<std::uint32_t>(draw.uniform_below(20));
          if (draw.uniform_below(4) == 0) {
            writes.push_back({model::mailbox_key(model::DeviceId(device)), std::nullopt});
            now.erase(device);
          } else {
            Mailbox m;
            m.tail = MailboxSeq(draw.uniform_below(1000));
            writes.push_back({model::mailbox_key(model::DeviceId(device)), model::Record(m)});
            now[device] = m.tail.value();
          }
        }
        unsynced.emplace_back();
        store.apply(writes, unsynced.back());
        after.push_back(now);
      }
    }
    ASSERT_EQ(store.rows(), now.size());
    for (std::uint32_t device = 0; device < 20; ++device) {
      const auto* m = store.get<Mailbox>(model::mailbox_key(model::DeviceId(device)));
      const auto it = now.find(device);
      ASSERT_EQ(m != nullptr, it != now.end());
      if (m != nullptr) {
        ASSERT_EQ(m->tail.value(), it->second);
      }
    }
  }
  EXPECT_EQ(store.bytes(), store.rows() * Store::row_bytes(model::Table::kMailbox));
}

}  // namespace
}  // namespace greytick::world
