#include "sim/scenario/constraint.h"

#include <gtest/gtest.h>

#include "sim/scenario/load.h"
#include "sim/scenario/write.h"

namespace greytick::scenario {
namespace {

const Node& tree() {
  static const Node kTree = to_tree(
      load_text("x.yaml",
                "scenario: x\nusers: 12k\ntraffic: {messages: 10/s}\nclient: {backoff: {jitter: "
                "none, base: 2s, max: 1m}}\nfaults: [{at: 30s, for: 90s, fault: crash, target: "
                "gateways}]\n",
                "scenarios")
          .scenario.value_or(Scenario{}));
  return kTree;
}

struct Case {
  const char* text;
  bool holds;
};

class Constraint : public testing::TestWithParam<Case> {};

TEST_P(Constraint, HoldsOrNot) {
  const auto holds = constraint_holds(GetParam().text, tree());
  ASSERT_TRUE(holds.has_value()) << holds.error().message;
  EXPECT_EQ(*holds, GetParam().holds) << GetParam().text;
  EXPECT_TRUE(check_constraint(GetParam().text).has_value());
}

INSTANTIATE_TEST_SUITE_P(
    Expressions, Constraint,
    testing::Values(
        Case{"users == 12k", true}, Case{"population.users >= 12001", false},
        Case{"client.backoff.base * 30 == client.backoff.max", true},
        Case{"client.backoff.base * 30 != 60s", false},
        Case{"1 + 2 * 3 == 7 and (1 + 2) * 3 == 9", true}, Case{"10 - 2 - 3 == 5", true},
        Case{"60 / 2 / 3 == 10", true}, Case{"traffic.messages * 2m == 1200", true},
        Case{"1200 / 2m <= traffic.messages", true}, Case{"users / 4 > 2k", true},
        Case{"0.1 * 3 == 0.3", true}, Case{"10% * users == 1.2k", true},
        Case{"client.backoff.jitter == none", true}, Case{"client.backoff.jitter != 'none'", false},
        Case{"not client.backoff.jitter == full", true},
        Case{"client.backoff.jitter == full or client.backoff.base > 1s and users > 1", true},
        Case{"(client.backoff.jitter == full or client.backoff.base > 1s) and users < 1", false},
        Case{"faults[0].for - faults[0].at == 1m", true},
        Case{"topology.gateways.session_queue >= 256KiB", true}));

TEST(ConstraintErrors, SayWhereAndWhy) {
  struct Wrong {
    const char* text;
    size_t offset;
    const char* message;
  };
  for (const Wrong& w :
       {Wrong{"users >", 7, "the expression ends too early"},
        Wrong{"users > 3 3", 10, "'3' after the end"},
        Wrong{"users + 3", 0, "this is neither true nor false"},
        Wrong{"users > 3 and 4", 10, "'and' between what is neither true nor false"},
        Wrong{"client.backof.base > 1s", 0, "the scenario has no 'client.backof.base'"},
        Wrong{"client.backoff > 1s", 0, "'client.backoff' is not one value"},
        Wrong{"users > 1s", 6, "'>' between what cannot be compared"},
        Wrong{"users + 1s > 3", 6, "'+' of two dimensions"},
        Wrong{"client.backoff.jitter < full", 22, "'<' between what cannot be compared"},
        Wrong{"users / (3 - 3) > 1", 6, "a division by zero"},
        Wrong{"users > 3 kg or (", 10, "'kg' after the end"},
        Wrong{"users > 3kg", 8, "'3kg' is no value"},
        Wrong{"client.backoff.jitter == 'none", 25, "a quote without its end"},
        Wrong{"not users", 0, "'not' before what is neither true nor false"}}) {
    SCOPED_TRACE(w.text);
    const auto holds = constraint_holds(w.text, tree());
    ASSERT_FALSE(holds.has_value());
    EXPECT_EQ(holds.error().message, w.message);
    EXPECT_EQ(holds.error().offset, w.offset);
  }
}

TEST(ConstraintErrors, NoDepthOfParenthesesOverflowsTheStack) {
  const std::string deep(100'000, '(');
  EXPECT_FALSE(check_constraint(deep).has_value());
  const std::string nots = [] {
    std::string out;
    for (int i = 0; i < 100'000; ++i) out += "not ";
    return out;
  }();
  EXPECT_FALSE(check_constraint(nots).has_value());
}

}  // namespace
}  // namespace greytick::scenario
