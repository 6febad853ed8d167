// One whole run of the real pipeline, from start to end of drain, with everything it told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/fact.h"
#include "model/time.h"
#include "sim/oracle/report.h"
#include "sim/oracle/second_opinion.h"
#include "sim/world/fact_sink.h"
#include "sim/world/world.h"

namespace greytick::world {

struct ObservedRun {
  struct Told {
    model::Instant at;
    model::Fact fact;
  };
  struct Signalled {
    model::Instant at;
    Signal signal;
  };

  std::vector<Told> facts;
  std::vector<Signalled> signals;
  oracle::JudgeConfig judged_by;
  oracle::Report report;
  oracle::SecondOpinion second;
  std::uint64_t fingerprint = 0;
  Stats stats;
  bool drained = false;

  /// Of one kind of fact, those in [from, to), in order.
  template <class F>
  [[nodiscard]] std::vector<F> all(model::Instant from = {},
                                   model::Instant to = model::kNever) const {
    std::vector<F> found;
    for (const Told& told : facts) {
      if (told.at < from || told.at >= to) continue;
      if (const auto* f = std::get_if<F>(&told.fact)) found.push_back(*f);
    }
    return found;
  }
  /// How many there are.
  template <class F>
  [[nodiscard]] std::size_t count(model::Instant from = {},
                                  model::Instant to = model::kNever) const {
    return all<F>(from, to).size();
  }
  [[nodiscard]] std::size_t count(model::Branch branch, model::Instant from = {},
                                  model::Instant to = model::kNever) const;
  [[nodiscard]] std::size_t count(SignalKind kind, model::Instant from = {},
                                  model::Instant to = model::kNever) const;
  /// The values of one kind of signal in [from, to), ascending.
  [[nodiscard]] std::vector<std::int64_t> values(SignalKind kind, model::Instant from = {},
                                                 model::Instant to = model::kNever) const;
  /// From create to apply, ascending, of the messages created in [from, to).
  [[nodiscard]] std::vector<model::Duration> delays(model::Instant from = {},
                                                    model::Instant to = model::kNever) const;
};

/// The entry at `share` of an ascending list, 0 <= share < 1; a value of zeros when it is empty.
template <class T>
[[nodiscard]] T quantile(const std::vector<T>& sorted, double share) {
  if (sorted.empty()) return T{};
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size()))];
}

struct RunOptions {
  std::vector<std::string> set = {};  // as --set of the command line
  model::Duration piece{};            // simulated time of one run_until; zero: one call
};

/// The last entry of an ascending list; a value of zeros when it is empty.
template <class T>
[[nodiscard]] T largest(const std::vector<T>& sorted) {
  return sorted.empty() ? T{} : sorted.back();
}

/// Loads the text, runs it with that seed, drains it. A text that does not load, or a drain that
/// comes to no end, fails the test.
ObservedRun run_scenario(std::string text, std::uint64_t seed, const RunOptions& options = {});

/// Fails the test when an invariant is violated, or when the sketches say that a copy was lost or
/// doubled; says which and where first.
void expect_no_violation(const ObservedRun& run);

}  // namespace greytick::world
