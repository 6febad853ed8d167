#include "tests/world/two_judges.h"

#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "sim/oracle/brute_force.h"
#include "sim/oracle/judge.h"

namespace greytick::world {
namespace {

// The judge and the brute-force judge, of the same history; true when something is broken.
bool agree(const oracle::History& history, const oracle::JudgeConfig& config) {
  const auto judge = oracle::judge_history<oracle::Judge>(history, config);
  const auto brute = oracle::judge_history<oracle::BruteForce>(history, config);
  for (int n = 1; n <= oracle::kInvariants; ++n) {
    const oracle::Finding& a = judge.of(n);
    const oracle::Finding& b = brute.of(n);
    SCOPED_TRACE("I" + std::to_string(n) + ": " + (a.first ? a.first->sentence : "none"));
    EXPECT_EQ(a.violated, b.violated);
    if (a.first && b.first) {
      EXPECT_EQ(a.first->fact, b.first->fact);
    }
  }
  return !judge.violations.empty();
}

}  // namespace

oracle::History history_of(const ObservedRun& run) {
  oracle::History history;
  for (const ObservedRun::Told& told : run.facts) history.push_back({told.at, told.fact});
  return history;
}

int break_and_compare(const ObservedRun& run, const Forge& forge) {
  const oracle::History healthy = history_of(run);
  EXPECT_FALSE(agree(healthy, run.judged_by));
  int broken = 0;
  for (int m = 0; m < oracle::kMutations + 1; ++m) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      SCOPED_TRACE("mutation " + std::to_string(m) + ", seed " + std::to_string(seed));
      oracle::History history = healthy;
      oracle::Dice dice(seed * 100 + static_cast<std::uint64_t>(m));
      const bool changed = m == oracle::kMutations
                               ? forge(history, dice)
                               : oracle::mutate(history, static_cast<oracle::Mutation>(m), dice);
      if (!changed) continue;
      if (agree(history, run.judged_by)) ++broken;
      if (testing::Test::HasFailure()) return broken;
    }
  }
  return broken;
}

int forge_and_compare(const ObservedRun& run, const Forge& forge, std::uint64_t times) {
  const oracle::History healthy = history_of(run);
  EXPECT_FALSE(agree(healthy, run.judged_by));
  int broken = 0;
  for (std::uint64_t seed = 1; seed <= times; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    oracle::History history = healthy;
    oracle::Dice dice(seed);
    if (!forge(history, dice)) continue;
    if (agree(history, run.judged_by)) ++broken;
    if (testing::Test::HasFailure()) return broken;
  }
  return broken;
}

bool forge_aggregate(oracle::History& history, oracle::Dice& dice) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (std::holds_alternative<model::AggregateShown>(history[i].fact)) places.push_back(i);
  }
  if (places.empty()) return false;
  const std::size_t place = places[dice.below(places.size())];
  const oracle::Timed told = history[place];
  auto& f = std::get<model::AggregateShown>(history[place].fact);
  switch (dice.below(5)) {
    case 0:
      f.position = model::LogPos(f.position.value() - 1 + 2 * dice.below(2));
      return true;
    case 1:
      f.read = !f.read;
      return true;
    case 2: {
      const model::DeviceId device = f.device;
      std::erase_if(history, [device](const oracle::Timed& t) {
        const auto* shown = std::get_if<model::AggregateShown>(&t.fact);
        return shown != nullptr && shown->device == device;
      });
      return true;
    }
    default: {
      const std::size_t to = dice.below(history.size() - 1);
      history.erase(history.begin() + static_cast<std::ptrdiff_t>(place));
      history.insert(history.begin() + static_cast<std::ptrdiff_t>(to),
                     {history[to].at, told.fact});
      return true;
    }
  }
}

}  // namespace greytick::world
