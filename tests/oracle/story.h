// Histories for the judges: a healthy one told from a seed, and ways to break it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/fact.h"
#include "model/payload.h"
#include "model/time.h"
#include "sim/oracle/report.h"

namespace greytick::oracle {

struct Timed {
  model::Instant at{};
  model::Fact fact;
};
using History = std::vector<Timed>;

/// A small generator of its own, so that a failing seed means the same everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    return model::payload_internal::mix(state_);
  }
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

 private:
  std::uint64_t state_;
};

JudgeConfig story_config();

/// Four phones write to each other, go offline, crash, are reinstalled, let messages expire; at the
/// end everything heals and drains. No judge may object. Every kind of fact occurs, given steps.
History healthy_history(std::uint64_t seed, int steps);

enum class Mutation : std::uint8_t {
  kDrop,
  kRepeat,       // a fact happens twice in a row
  kRepeatLater,  // and again some facts later
  kDelay,        // a fact happens some facts later
  kEarlyTick,
  kTickRegress,
  kDoubleCommit,
  kApplyGivenUp,
  kGiveUpApplied,
  kChangedAnswer,
  kWrongPosition,
  kWrongContent,
  kOldSession,
  kLowerLease,
  kLargeFootprint,
  kLaterCause,
  kStranger,
  kFalseFailure,
  kResent,        // a message of unknown outcome is written again
  kBackupGoesOn,  // a restored phone goes on as the installation it was
  kUnknownUnwritten,
};
inline constexpr int kMutations = static_cast<int>(Mutation::kUnknownUnwritten) + 1;
std::string_view mutation_name(Mutation mutation);

/// Applies the mutation somewhere in the history, at a place that the dice choose. False: there is
/// no such place.
bool mutate(History& history, Mutation mutation, Dice& dice);

/// Runs a judge over a history and ends it.
template <class AnyJudge>
Report judge_history(const History& history, const JudgeConfig& config = story_config()) {
  AnyJudge judge(config);
  model::Instant last{};
  for (const Timed& t : history) {
    judge.on_fact(t.at, t.fact);
    last = t.at;
  }
  judge.finish(last);
  return judge.report();
}

}  // namespace greytick::oracle
