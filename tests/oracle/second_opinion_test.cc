// The sketches and the judge are held against each other: on histories that nothing is wrong with,
// on broken ones, and when one of the two did not hear everything.
#include "sim/oracle/second_opinion.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "sim/oracle/judge.h"
#include "tests/oracle/judge_script.h"
#include "tests/oracle/story.h"

namespace greytick::oracle {
namespace {

SketchReport sketch(const History& history) {
  Sketches sketches;
  for (const Timed& t : history) sketches.on_fact(t.fact);
  return sketches.report();
}

SecondOpinion opinion_of(const History& history) {
  return second_opinion(sketch(history), judge_history<Judge>(history));
}

// Takes the first apply out of the history.
void drop_an_apply(History& history) {
  const auto at = std::ranges::find_if(
      history, [](const Timed& t) { return std::holds_alternative<model::Applied>(t.fact); });
  ASSERT_NE(at, history.end());
  history.erase(at);
}

TEST(SecondOpinion, IsTheSameOnHealthyHistories) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const SecondOpinion opinion = opinion_of(healthy_history(seed, 600));
    EXPECT_TRUE(opinion.clean());
    EXPECT_TRUE(opinion.agrees);
    EXPECT_EQ(opinion.sentence, "");
    EXPECT_FALSE(opinion.first.has_value());
    EXPECT_GT(opinion.copies, 0U);
  }
}

TEST(SecondOpinion, IsTheSameOnBrokenHistories) {
  int unclean = 0;
  for (int m = 0; m < kMutations; ++m) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      const auto mutation = static_cast<Mutation>(m);
      SCOPED_TRACE(std::string(mutation_name(mutation)) + ", seed " + std::to_string(seed));
      History history = healthy_history(seed, 300);
      Dice dice(seed);
      if (!mutate(history, mutation, dice)) continue;
      const SecondOpinion opinion = opinion_of(history);
      EXPECT_TRUE(opinion.agrees) << opinion.sentence;
      EXPECT_EQ(opinion.clean(), opinion.sentence.empty());
      if (!opinion.clean()) ++unclean;
    }
  }
  EXPECT_GT(unclean, 40);
}

TEST(SecondOpinion, NamesTheCopyThatIsMissing) {
  Script script;
  script.whole(1).write(2).commit(2, 2).sent(2, 2);
  const SecondOpinion opinion = second_opinion(script.sketched(), script.end());
  EXPECT_TRUE(opinion.agrees);
  EXPECT_EQ(opinion.lost, 1U);
  EXPECT_EQ(opinion.copies, 2U);
  EXPECT_EQ(opinion.sentence,
            "1 copy never arrived: message 2 of device 1 in conversation 7 for device 2");
}

// The feed of the sketches is broken: they hear of one apply less than the judge.
TEST(SecondOpinion, SaysThatTheSketchesMissWhatTheJudgeDoesNot) {
  const History history = healthy_history(3, 300);
  History heard = history;
  drop_an_apply(heard);
  const SecondOpinion opinion = second_opinion(sketch(heard), judge_history<Judge>(history));
  EXPECT_FALSE(opinion.agrees);
  EXPECT_EQ(opinion.lost, 1U);
  EXPECT_NE(opinion.sentence.find("disagree: the judge found nothing lost"), std::string::npos)
      << opinion.sentence;
}

// And the other way round: a judge that went blind.
TEST(SecondOpinion, SaysThatTheJudgeMissesWhatTheSketchesDoNot) {
  const History history = healthy_history(3, 300);
  History heard = history;
  drop_an_apply(heard);
  const Report judged = judge_history<Judge>(heard);
  ASSERT_GT(judged.counters.undelivered, 0U);
  const SecondOpinion opinion = second_opinion(sketch(history), judged);
  EXPECT_FALSE(opinion.agrees);
  EXPECT_TRUE(opinion.clean());
  EXPECT_NE(opinion.sentence.find("disagree: the judge misses 1, the sketches none"),
            std::string::npos)
      << opinion.sentence;
}

TEST(SecondOpinion, SaysThatTheSketchesHeardOfAnApplyTwice) {
  const History history = healthy_history(3, 300);
  Sketches sketches;
  bool twice = false;
  for (const Timed& t : history) {
    sketches.on_fact(t.fact);
    if (twice || !std::holds_alternative<model::Applied>(t.fact)) continue;
    twice = true;
    sketches.on_fact(t.fact);
  }
  const SecondOpinion opinion = second_opinion(sketches.report(), judge_history<Judge>(history));
  EXPECT_FALSE(opinion.agrees);
  EXPECT_EQ(opinion.doubled, 1U);
  EXPECT_NE(opinion.sentence.find("disagree: the judge found nothing doubled"), std::string::npos)
      << opinion.sentence;
}

TEST(SecondOpinion, SaysSoWhenThereIsMoreThanItCanName) {
  const History history = healthy_history(4, 300);
  SketchReport sketches = sketch(history);
  sketches.whole = false;
  const SecondOpinion opinion = second_opinion(sketches, judge_history<Judge>(history));
  EXPECT_FALSE(opinion.clean());
  EXPECT_FALSE(opinion.agrees);
  EXPECT_EQ(opinion.sentence,
            "more were lost or doubled than can be named; the judge and the sketches disagree: the "
            "judge found none of them");
}

}  // namespace
}  // namespace greytick::oracle
