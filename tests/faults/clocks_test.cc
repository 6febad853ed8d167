#include "sim/faults/clocks.h"

#include <gtest/gtest.h>

#include "tests/net/scenario.h"

namespace greytick::faults {
namespace {

using namespace model::literals;
using model::Instant;

net::NodeSet only(const net::Endpoint& node) {
  net::NodeSet set;
  set.add(node.kind, node.index);
  return set;
}

TEST(Clocks, ShowTrueTimeUntilAFaultAndAfterIt) {
  Clocks clocks;
  const Instant now{100s};
  clocks.add(1, only(net::process(0)), 31 * 24h, 0, Instant{50s});
  EXPECT_EQ(clocks.wall(net::process(0), now), now + 31 * 24h);
  EXPECT_EQ(clocks.wall(net::process(1), now), now);
  clocks.remove(1);
  EXPECT_EQ(clocks.wall(net::process(0), now), now);
}

TEST(Clocks, OffsetsAndDriftsOfSeveralFaultsAddUp) {
  Clocks clocks;
  clocks.add(1, only(net::process(0)), -2h, 0, Instant{50s});
  clocks.add(2, only(net::process(0)), 1s, 500, Instant{100s});
  // 500 ppm of 1000 s is half a second.
  EXPECT_EQ(clocks.wall(net::process(0), Instant{1100s}), Instant{1101500ms} - 2h);
}

}  // namespace
}  // namespace greytick::faults
