// One table of exit codes for every verb.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace greytick::results {

enum ExitCode : std::uint8_t {
  kExitPass = 0,
  kExitViolated = 1,
  kExitUnknown = 2,
  kExitMissed = 3,
  kExitRegression = 4,
  kExitDiverged = 5,
  kExitUsage = 64,
  kExitInvalid = 65,
  kExitNotFound = 66,
  kExitInternal = 70,
  kExitCannotWrite = 73,
  kExitBudget = 75,
  kExitInterrupted = 130,
};

struct ExitMeaning {
  int code;
  std::string_view meaning;
};

/// Ascending by code; what --help prints.
inline constexpr std::array<ExitMeaning, 13> kExitMeanings = {{
    {kExitPass, "every gate held"},
    {kExitViolated, "an invariant was violated"},
    {kExitUnknown, "unknown: not enough evidence"},
    {kExitMissed, "a threshold was missed, invariants held"},
    {kExitRegression, "regression against the baseline"},
    {kExitDiverged, "not deterministic: fingerprints differ"},
    {kExitUsage, "wrong usage"},
    {kExitInvalid, "scenario invalid"},
    {kExitNotFound, "input not found"},
    {kExitInternal, "internal error"},
    {kExitCannotWrite, "cannot write results"},
    {kExitBudget, "stopped by --budget, partial results kept"},
    {kExitInterrupted, "interrupted, partial results kept"},
}};

/// Which of several codes wins: 70, 5, 1, 3, 4, 2, 130, 75, 0; a code outside this list stops a
/// program at once and never meets another, so it wins over all.
constexpr int worst_exit_code(std::span<const int> codes) {
  constexpr std::array kOrder = {kExitInternal,    kExitDiverged,   kExitViolated,
                                 kExitMissed,      kExitRegression, kExitUnknown,
                                 kExitInterrupted, kExitBudget,     kExitPass};
  const auto rank = [&kOrder](int code) {
    return std::ranges::find(kOrder, code) - kOrder.begin();
  };
  int worst = kExitPass;
  for (const int code : codes) {
    if (std::ranges::find(kOrder, code) == kOrder.end()) return code;
    if (rank(code) < rank(worst)) worst = code;
  }
  return worst;
}

}  // namespace greytick::results
