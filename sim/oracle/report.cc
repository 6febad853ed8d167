#include "sim/oracle/report.h"

#include "model/check.h"

namespace greytick::oracle {

std::string_view invariant_name(int number) {
  static constexpr std::array<std::string_view, kInvariants> kNames = {
      "sent_durable",  "no_duplicate",   "no_creation",   "fifo",          "offline_flush",
      "tick_truth",    "tick_order",     "dlq_exclusive", "no_loss",       "idempotent_retry",
      "membership",    "causality",      "confidential",  "bounded_state", "single_writer",
      "session_fence", "no_silent_drop", "converged"};
  CHECK(number >= 1);
  CHECK(number <= kInvariants);
  return kNames[static_cast<std::size_t>(number - 1)];
}

std::string_view verdict_name(Verdict verdict) {
  static constexpr std::array<std::string_view, 3> kNames = {"PASS", "FAIL", "UNKNOWN"};
  return kNames[static_cast<std::size_t>(verdict)];
}

std::string_view gap_name(Gap gap) {
  static constexpr std::array<std::string_view, 4> kNames = {"", "open", "reordered", "lost"};
  return kNames[static_cast<std::size_t>(gap)];
}

}  // namespace greytick::oracle
