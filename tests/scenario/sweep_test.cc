// What `sweep` says, read.
#include "sim/scenario/sweep.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/scenario/load.h"
#include "sim/scenario/write.h"

namespace greytick::scenario {
namespace {

constexpr const char* kHead = "scenario: x\nusers: 10\ntraffic: {messages: 1/s}\n";

Loaded load(const std::string& sweep) {
  return load_text("x.yaml", std::string(kHead) + sweep, "scenarios");
}

// What the file says under `sweep`; an empty plan, and a failure, when it is refused.
Sweep plan(const std::string& sweep) {
  const Loaded l = load(sweep);
  EXPECT_TRUE(l.sweep && l.scenario) << l.report.text();
  return l.sweep.value_or(Sweep{});
}

// The values of the first axis.
std::vector<std::string> values_of(const Sweep& sweep) {
  return sweep.axes.empty() ? std::vector<std::string>{} : sweep.axes.front().values;
}

TEST(Sweep, ReadsListsAsTheyWouldStandAfterSet) {
  const Sweep s =
      plan("sweep: {axes: {network: [wifi, {assign: {wifi: 100%}}], users: [2, 20k]}}\n");
  EXPECT_EQ(s.axes, (std::vector<SweepAxis>{{"network", {"wifi", "{assign: {wifi: 100%}}"}},
                                            {"users", {"2", "20k"}}}));
  EXPECT_TRUE(s.common_random_numbers);
  EXPECT_EQ(s.repeat.min, 5U);
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
    EXPECT_EQ(values_of(l.sweep.value_or(Sweep{})), c.values) << l.report.text();
  }
}

TEST(Sweep, ANumberAloneRepeatsExactlyThatOften) {
  const Sweep s = plan("sweep: {axes: {users: [2]}, repeat: 7}\n");
  EXPECT_EQ(s.repeat.min, 7U);
  EXPECT_EQ(s.repeat.max, 7U);
}

using Points = std::vector<std::vector<std::string>>;

Points points_of(const std::string& sweep) {
  return sweep_points(plan(sweep), 100).value_or(Points{});
}

TEST(Sweep, TurnsTheLastAxisFastest) {
  EXPECT_EQ(points_of("sweep: {axes: {a: [1, 2], b: [x, y]}}\n"),
            (Points{{"1", "x"}, {"1", "y"}, {"2", "x"}, {"2", "y"}}));
}

TEST(Sweep, ZippedAxesTurnTogetherWhereTheFirstOfThemStands) {
  EXPECT_EQ(points_of("sweep: {axes: {a: [1, 2], b: [x, y], c: [p, q]}, zip: [a, c]}\n"),
            (Points{{"1", "x", "p"}, {"1", "y", "p"}, {"2", "x", "q"}, {"2", "y", "q"}}));
  EXPECT_EQ(
      points_of("sweep: {axes: {a: [1, 2], b: [x, y], c: [p, q], d: [5, 6]}, zip: [[d, a], "
                "[b, c]]}\n"),
      (Points{
          {"1", "x", "p", "5"}, {"1", "y", "q", "5"}, {"2", "x", "p", "6"}, {"2", "y", "q", "6"}}));
}

TEST(Sweep, CountsItsPointsBeforeItMakesThem) {
  const auto points = sweep_points(plan("sweep: {axes: {a: {from: 1, to: 11, step: 1}, b: {from: "
                                        "1, to: 11, step: 1}}}\n"),
                                   100);
  ASSERT_FALSE(points.has_value());
  EXPECT_EQ(points.error().key, "b");
}

TEST(Sweep, ItsConstraintIsReadWithTheScenario) {
  EXPECT_EQ(plan("sweep: {axes: {users: [2]}, constraint: users > 1}\n").constraint, "users > 1");
  EXPECT_FALSE(load("sweep: {axes: {users: [2]}, constraint: users > 1s}\n").scenario);
}

TEST(Sweep, IsNoPartOfTheScenario) {
  const Loaded with = load("sweep: {axes: {users: [2, 3]}}\n");
  const Loaded without = load("");
  EXPECT_EQ(write_yaml(with.scenario.value_or(Scenario{})),
            write_yaml(without.scenario.value_or(Scenario{})));
  EXPECT_TRUE(with.scenario && with.sweep);
  EXPECT_FALSE(without.sweep);
}

}  // namespace
}  // namespace greytick::scenario
