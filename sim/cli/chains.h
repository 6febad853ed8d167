// Chosen messages of a run, hop by hop. A run folder holds no facts, so the run is made once more.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/cli/past_run.h"
#include "sim/cli/story.h"
#include "sim/cli/subject.h"
#include "sim/results/metrics.h"
#include "sim/scenario/scenario.h"

namespace greytick::cli {

/// Of summary.json: first offenders, then the slowest messages.
std::vector<Subject> subjects_of(const nlohmann::json& summary);

struct Repeat {
  const scenario::Scenario& scenario;
  std::string fingerprint;                     // that it must have
  std::optional<model::Instant> stop_at = {};  // of a partial run
  /// The repetition of a run folder.
  static Repeat of(const PastRun& past);
};

enum class NotRepeated : std::uint8_t {
  kInterrupted,  // by the user
  kDiverged,     // another fingerprint: no chain of it can be trusted
};

/// The chain of each subject, in their order; empty where the run never created it. metrics is
/// fresh and belongs to the repetition.
std::expected<std::vector<std::vector<Hop>>, NotRepeated> chains_of(
    const Repeat& repeat, const std::vector<Subject>& subjects, results::Metrics& metrics);

/// The same for a run folder. Why not is on stderr; lost: what the user goes without when the run
/// cannot be repeated, "there is nothing to show".
std::expected<std::vector<std::vector<Hop>>, NotRepeated> chains_of(
    const PastRun& past, const std::vector<Subject>& subjects, results::Metrics& metrics,
    std::string_view lost);

}  // namespace greytick::cli
