#include "sim/net/region_delays.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/scenario/load.h"

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

scenario::Scenario loaded(const std::string& network, const std::string& regions) {
  const scenario::Loaded loaded =
      scenario::load_text("test.yaml",
                          "scenario: matrices\ntraffic: {messages: 1/s}\nnetwork: {" + network +
                              "}\ntopology: {regions: " + regions + "}\n",
                          "scenarios");
  EXPECT_TRUE(loaded.scenario.has_value());
  for (const scenario::Diagnostic& d : loaded.report.sorted()) ADD_FAILURE() << d.message;
  return loaded.scenario.value_or(scenario::Scenario{});
}

TEST(RegionDelays, EveryMatrixKnowsThePlacesOfTheUsualRegions) {
  struct Case {
    const char* matrix;
    const char* regions;
    const char* first;  // location
    model::Duration one_way, back;
  };
  for (const Case& c : {
           Case{"aws", "[eu, br, use]", "eu-central-1", 102ms, 102ms},
           // Germany West Central to Brazil South reads 199 ms, back 201 ms.
           Case{"azure_p95", "[eu, br, use]", "Germany West Central", 99500us, 100500us},
           Case{"azure_p95", "{a: Japan East, b: UK South}", "Japan East", 118500us, 117500us},
           // Frankfurt to Sao Paulo reads 191 ms, back 192 ms.
           Case{"ibm_zones", "[eu, br, use]", "eu-de-fra02-a", 95750us, 95750us},
           Case{"ibm_zones", "{a: us-south-dal10-a, b: us-south-dal13-a}", "us-south-dal10-a",
                1080us, 1080us},
           Case{"uniform, rtt: 30ms", "[eu, nowhere]", "eu-central-1", 15ms, 15ms},
       }) {
    SCOPED_TRACE(std::string(c.matrix) + " " + c.regions);
    const scenario::Scenario s =
        loaded(std::string("backbone: {matrix: ") + c.matrix + "}", c.regions);
    ASSERT_FALSE(s.topology.regions.empty());
    EXPECT_EQ(s.topology.regions[0].location, c.first);
    const RegionDelays delays(s.network.backbone, s.topology.regions, 600us);
    EXPECT_EQ(delays.one_way(0, 1), c.one_way);
    EXPECT_EQ(delays.one_way(1, 0), c.back);
  }
}

TEST(RegionDelays, APlaceThatAMatrixLacksIsSaidSo) {
  const scenario::Loaded loaded = scenario::load_text(
      "test.yaml",
      "scenario: matrices\ntraffic: {messages: 1/s}\nnetwork: {backbone: {matrix: ibm_zones}}\n"
      "topology: {regions: [eu, sg]}\n",
      "scenarios");
  EXPECT_FALSE(loaded.scenario.has_value());
  ASSERT_EQ(loaded.report.sorted().size(), 1U);
  EXPECT_NE(loaded.report.sorted()[0].message.find("no location"), std::string::npos);
}

}  // namespace
}  // namespace greytick::net
