#include "sim/net/region_delays.h"

#include <gtest/gtest.h>

namespace greytick::net {
namespace {

using namespace model::literals;

TEST(RegionDelays, AreHalfOfTheMeasuredRoundTrips) {
  scenario::Backbone backbone;
  backbone.file.path = "scenarios/data/aws_interregion_rtt_ms.csv";
  const RegionDelays delays(backbone,
                            {{.name = "za", .location = "af-south-1"},
                             {.name = "hk", .location = "ap-east-1"},
                             {.name = "jp", .location = "ap-northeast-1"}},
                            600us);
  // af-south-1 to ap-east-1 reads 240 ms, back 241 ms; ap-east-1 to ap-northeast-1 46 ms.
  EXPECT_EQ(delays.one_way(0, 1), 120ms);
  EXPECT_EQ(delays.one_way(1, 0), 120500us);
  EXPECT_EQ(delays.one_way(1, 2), 23ms);
  EXPECT_EQ(delays.one_way(2, 2), 300us);
}

}  // namespace
}  // namespace greytick::net
