// The sketches name exactly what was lost or doubled, and say the same as the cursors.
#include "sim/oracle/sketch.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "sim/oracle/judge.h"
#include "tests/oracle/story.h"

namespace greytick::oracle {
namespace {

Copy any_copy(Dice& dice) {
  return {.stream = {.device = model::DeviceId(static_cast<std::uint32_t>(dice.below(1'000'000))),
                     .incarnation = model::Incarnation(1 + dice.below(3)),
                     .conversation = model::ConversationId(dice.next())},
          .entry = static_cast<std::uint32_t>(dice.next()),
          .recipient = model::DeviceId(static_cast<std::uint32_t>(dice.next()))};
}

std::vector<Difference> sorted(const std::map<Copy, std::int64_t>& counts) {
  std::vector<Difference> out;
  for (const auto& [copy, count] : counts) {
    if (count != 0) out.push_back({copy, count});
  }
  return out;
}

TEST(Iblt, NamesTheDifferencesOfTwoMultisetsExactly) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Dice dice(seed);
    Iblt table;
    // Many that cancel, in another order, and a few that do not.
    std::vector<Copy> even;
    for (int i = 0; i < 500; ++i) even.push_back(any_copy(dice));
    for (const Copy& copy : even) table.add(copy, +1);
    std::map<Copy, std::int64_t> want;
    const std::uint64_t differences = dice.below(Iblt::kCells / 5);
    for (std::uint64_t i = 0; i < differences; ++i) {
      const std::int64_t count = static_cast<std::int64_t>(dice.below(7)) - 3;
      const Copy copy = any_copy(dice);
      want[copy] += count;
      table.add(copy, count);
    }
    for (const Copy& copy : even) table.add(copy, -1);
    const Iblt::Decoded found = table.decode();
    EXPECT_TRUE(found.whole);
    EXPECT_EQ(found.differences, sorted(want));
  }
}

TEST(Iblt, SaysSoWhenThereAreMoreDifferencesThanItCanName) {
  Dice dice(1);
  Iblt table;
  std::map<Copy, std::int64_t> want;
  for (std::size_t i = 0; i < Iblt::kCells; ++i) {
    const Copy copy = any_copy(dice);
    want[copy] += 1;
    table.add(copy, +1);
  }
  const Iblt::Decoded found = table.decode();
  EXPECT_FALSE(found.whole);
  EXPECT_LT(found.differences.size(), want.size());
  // What it does name is true.
  for (const Difference& d : found.differences) EXPECT_EQ(want[d.copy], d.count);
}

TEST(Iblt, TwoTablesAddUp) {
  Dice dice(3);
  Iblt one, other, both;
  for (int i = 0; i < 200; ++i) {
    const Copy copy = any_copy(dice);
    one.add(copy, +1);
    both.add(copy, +1);
    if (i % 20 == 0) continue;
    other.add(copy, -1);
    both.add(copy, -1);
  }
  one.merge(other);
  EXPECT_EQ(one.decode().differences, both.decode().differences);
  EXPECT_EQ(one.decode().differences.size(), 10U);
}

SketchReport sketch(const History& history) {
  Sketches sketches;
  for (const Timed& t : history) sketches.on_fact(t.fact);
  return sketches.report();
}

struct Arrival {
  History::const_iterator at;
  Copy copy;
};

// One of the applied copies, drawn by the seed.
std::optional<Arrival> an_arrival(const History& history, std::uint64_t seed) {
  std::vector<Arrival> all;
  for (auto it = history.begin(); it != history.end(); ++it) {
    if (const auto* applied = std::get_if<model::Applied>(&it->fact)) {
      all.push_back({it, Copy::of(applied->message, applied->device)});
    }
  }
  if (all.empty()) return std::nullopt;
  return all[Dice(seed).below(all.size())];
}

bool settled(const History& history, const Copy& copy) {
  return std::ranges::any_of(history, [&](const Timed& t) {
    const auto* s = std::get_if<model::Settled>(&t.fact);
    return s != nullptr && Copy::of(s->message, s->device) == copy;
  });
}

TEST(Sketches, HaveNothingToSayOfAHealthyHistory) {
  std::uint64_t given_up = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const SketchReport report = sketch(healthy_history(seed, 600));
    EXPECT_TRUE(report.whole);
    EXPECT_TRUE(report.lost.empty());
    EXPECT_TRUE(report.doubled.empty());
    EXPECT_GT(report.committed, 0U);
    given_up += report.settled;
  }
  EXPECT_GT(given_up, 0U);
}

TEST(Sketches, NameTheCopyThatWasLostAndSoDoesTheJudge) {
  int tried = 0, objected = 0, convergence = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    History history = healthy_history(seed, 400);
    const std::optional<Arrival> arrival = an_arrival(history, seed);
    if (!arrival || settled(history, arrival->copy)) continue;
    ++tried;
    const Copy copy = arrival->copy;
    history.erase(arrival->at);
    const SketchReport report = sketch(history);
    ASSERT_EQ(report.lost.size(), 1U);
    EXPECT_EQ(report.lost[0].copy, copy);
    EXPECT_TRUE(report.doubled.empty());
    const Report judged = judge_history<Judge>(history);
    objected += judged.violations.empty() ? 0 : 1;
    convergence += judged.of(9).violated > 0 ? 1 : 0;
    // Where only one is missing, the sum over its interval is its hash.
    const bool named = std::ranges::any_of(
        report.balances, [&](const Balance& b) { return b.count == 1 && b.sum == copy.hash(); });
    EXPECT_TRUE(named || report.settled > 0);
  }
  EXPECT_GT(tried, 50);
  // Of an installation that is gone the cursors await nothing more (I9). There they object to what
  // was shown of the copy (I3, I6).
  EXPECT_EQ(objected, tried);
  EXPECT_GE(convergence * 10, tried * 9);
}

TEST(Sketches, NameTheCopyThatArrivedTwiceAndSoDoesTheJudge) {
  int tried = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    History history = healthy_history(seed, 400);
    const std::optional<Arrival> arrival = an_arrival(history, seed);
    if (!arrival) continue;
    ++tried;
    const Timed twice = *arrival->at;
    history.insert(arrival->at, twice);
    const SketchReport report = sketch(history);
    ASSERT_EQ(report.doubled.size(), 1U);
    EXPECT_EQ(report.doubled[0].copy, arrival->copy);
    EXPECT_EQ(report.doubled[0].count, -1);
    EXPECT_TRUE(report.lost.empty());
    EXPECT_GT(judge_history<Judge>(history).of(2).violated, 0U);
  }
  EXPECT_GT(tried, 50);
}

// A lost phone may leave thousands of copies that nobody can know of.
TEST(Sketches, AreNotFilledByCopiesThatWereGivenUpInDoubt) {
  constexpr std::uint64_t kCopies = 20'000;
  const model::DeviceId to(2);
  const auto message = [](std::uint64_t n) {
    model::Message m;
    m.stream = {model::DeviceId(1), model::Incarnation(1), model::ConversationId(7)};
    m.cseq = model::ClientSeq(n);
    m.position = model::LogPos(n);
    return m;
  };
  const auto apply = [&](std::uint64_t n) {
    return model::Applied{to, model::Incarnation(1), model::SessionEpoch(1), model::MailboxSeq(n),
                          message(n)};
  };
  const auto settle = [&](std::uint64_t n, model::Cause cause) {
    return model::Settled{to, model::Incarnation(1), model::MailboxSeq(n), message(n), cause};
  };
  Sketches sketches;
  for (std::uint64_t n = 1; n <= kCopies; ++n) {
    sketches.on_fact(model::Committed{
        message(n), {model::Recipient{model::UserId(2), to, model::Incarnation(1)}}});
    if (n % 200 == 1) sketches.on_fact(apply(n));  // and its ack was on its way
    if (n != 7) sketches.on_fact(settle(n, model::Cause::kUnconfirmed));
    if (n % 200 == 2) sketches.on_fact(apply(n));
    if (n % 200 == 3) sketches.on_fact(settle(n, model::Cause::kExpired));
  }
  const SketchReport report = sketches.report();
  EXPECT_TRUE(report.whole);
  EXPECT_TRUE(report.doubled.empty());
  ASSERT_EQ(report.lost.size(), 1U);
  EXPECT_EQ(report.lost[0].copy, Copy::of(message(7), to));
  // Nothing is left of what a HELLO has shown to be applied.
  for (std::uint64_t n = 1; n <= kCopies; n += 200) {
    sketches.on_fact(model::Corrected{to, model::Incarnation(1), model::MailboxSeq(n), message(n)});
  }
  EXPECT_EQ(sketches.report().balances.size(), 1U);
  EXPECT_EQ(sketches.report().balances[0].count, 1);
}

TEST(Sketches, PartsOfARunAddUp) {
  History history = healthy_history(5, 600);
  const std::optional<Arrival> arrival = an_arrival(history, 5);
  ASSERT_TRUE(arrival);
  history.erase(arrival->at);
  Sketches whole, even, odd;
  for (std::size_t i = 0; i < history.size(); ++i) {
    whole.on_fact(history[i].fact);
    // Order does not matter, except among the facts of one copy that was given up.
    (std::holds_alternative<model::Applied>(history[i].fact) ? odd : even).on_fact(history[i].fact);
  }
  even.merge(odd);
  EXPECT_EQ(even.report().lost, whole.report().lost);
  EXPECT_EQ(even.report().doubled, whole.report().doubled);
  EXPECT_EQ(even.report().balances, whole.report().balances);
  EXPECT_EQ(even.report().applied, whole.report().applied);
}

}  // namespace
}  // namespace greytick::oracle
