// What `sweep` says, read.
#include "sim/scenario/sweep.h"

#include <gtest/gtest.h>

#include "sim/scenario/load.h"
#include "sim/scenario/write.h"

namespace greytick::scenario {
namespace {

constexpr const char* kHead = "scenario: x\nusers: 10\ntraffic: {messages: 1/s}\n";

Loaded load(const std::string& sweep) {
  return load_text("x.yaml", std::string(kHead) + sweep, "scenarios");
}

TEST(Sweep, ReadsListsAsTheyWouldStandAfterSet) {
  const Loaded l =
      load("sweep: {axes: {network: [wifi, {assign: {wifi: 100%}}], users: [2, 20k]}}\n");
  ASSERT_TRUE(l.sweep) << l.report.text();
  EXPECT_EQ(l.sweep->axes, (std::vector<SweepAxis>{{"network", {"wifi", "{assign: {wifi: 100%}}"}},
                                                   {"users", {"2", "20k"}}}));
  EXPECT_TRUE(l.sweep->common_random_numbers);
  EXPECT_EQ(l.sweep->repeat.min, 5U);
}

TEST(Sweep, CountsARangeInTheUnitOfItsKeyAndIncludesItsEnd) {
  struct Case {
    const char* range;
    std::vector<std::string> values;
  };
  for (const Case& c :
       {Case{"{from: 8, to: 16, step: 4}", {"8", "12", "16"}},
        Case{"{from: 8, to: 15, step: 4}", {"8", "12"}},
        Case{"{from: 500ms, to: 2s, step: 500ms}", {"500ms", "1s", "1s 500ms", "2s"}},
        Case{"{from: 0%, to: 30%, step: 10%}", {"0%", "10%", "20%", "30%"}},
        Case{"{from: 1.5, to: 2.5, step: 0.5}", {"1.5", "2", "2.5"}},
        Case{"{from: 1kB, to: 2kB, step: 500B}", {"1kB", "1500B", "2kB"}},
        Case{"{from: 10/s, to: 30/s, step: 10/s}", {"10/s", "20/s", "30/s"}}}) {
    SCOPED_TRACE(c.range);
    const Loaded l = load(std::string("sweep: {axes: {k: ") + c.range + "}}\n");
    ASSERT_TRUE(l.sweep) << l.report.text();
    EXPECT_EQ(l.sweep->axes[0].values, c.values);
  }
}

TEST(Sweep, ANumberAloneRepeatsExactlyThatOften) {
  const Loaded l = load("sweep: {axes: {users: [2]}, repeat: 7}\n");
  ASSERT_TRUE(l.sweep) << l.report.text();
  EXPECT_EQ(l.sweep->repeat.min, 7U);
  EXPECT_EQ(l.sweep->repeat.max, 7U);
}

TEST(Sweep, IsNoPartOfTheScenario) {
  const Loaded with = load("sweep: {axes: {users: [2, 3]}}\n");
  const Loaded without = load("");
  ASSERT_TRUE(with.scenario);
  EXPECT_EQ(write_yaml(*with.scenario), write_yaml(*without.scenario));
  EXPECT_FALSE(without.sweep);
}

}  // namespace
}  // namespace greytick::scenario
