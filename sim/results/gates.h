// From what was seen to a verdict and an exit code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/results/metrics.h"
#include "sim/scenario/scenario.h"

namespace greytick::results {

enum class Verdict : std::uint8_t { kPass, kFail, kUnknown };
std::string_view verdict_name(Verdict verdict);  // "PASS", "FAIL", "UNKNOWN"

/// Where an invariant broke first: enough to run again and look at that conversation alone.
struct Offender {
  std::string text;  // a sentence
  Instant at;
  std::optional<model::DeviceId> device = {};
  std::optional<model::ConversationId> conversation = {};
  std::optional<model::StreamId> stream = {};
  std::optional<model::ClientSeq> cseq = {};
  std::optional<model::LogPos> position = {};
};

/// What the judges say about one invariant.
struct InvariantFinding {
  scenario::Invariant invariant{};
  std::uint64_t checked = 0;   // facts that could have broken it
  std::uint64_t violated = 0;  // that did
  std::optional<Offender> first = {};
};

/// What the sketches say of a whole run, and whether the judge says the same.
struct SketchFinding {
  std::uint64_t copies = 0;  // committed for somebody
  std::uint64_t lost_or_doubled = 0;
  bool clean = true;          // nothing was
  bool agrees = true;         // the judge says so too
  std::string sentence = {};  // when not clean, or when they disagree; else empty
  std::optional<Offender> first = {};
};

enum class GateKind : std::uint8_t {
  kAlways,
  kEventually,
  kSometimes,
  kThreshold,
  kWatched,   // an invariant that no gate names and that was violated
  kExpected,  // of a scenario that must fail: passes when violated
  kSecond,    // the sketches
};
std::string_view gate_kind_name(GateKind kind);  // "always", ...

struct Gate {
  GateKind kind{};
  std::string name;  // "no_loss", "e2e.p99"
  Verdict verdict = Verdict::kUnknown;
  std::string value;          // "1.91 s"; for people
  std::string limit;          // "< 3s"
  std::uint64_t samples = 0;  // facts checked, samples measured, times seen
  std::uint64_t violated = 0;
  std::string why = {};                 // when it did not pass: a sentence; else empty
  std::string during = {};              // of a threshold: "bad-deploy plus 10m"
  std::string where = {};               // of a threshold: "network cellular-4g, from 2m"
  std::optional<double> measured = {};  // of a threshold: the value in its base unit, where known
  std::optional<Offender> first = {};
};

/// How a run ended before anybody judged it.
enum class Ending : std::uint8_t {
  kDone,
  kInterrupted,  // by the user
  kBudget,       // out of wall time
  kAborted,      // by a threshold with abort_on_fail
};

/// What ended a run by abort_on_fail.
struct Missed {
  std::size_t threshold = 0;  // index into gates.thresholds
  Measured measured;
  Instant at;
};

/// The first threshold with abort_on_fail that is missed as things stand at `at`: it has its
/// samples and does not hold.
std::optional<Missed> first_missed(const scenario::Scenario& scenario, const Metrics& metrics,
                                   Instant at);

struct Judged {
  std::vector<Gate> gates;
  Verdict verdict = Verdict::kUnknown;
  int exit_code = 0;
};

/// Samples that a quantile needs before it may decide anything: ten beyond it.
std::uint64_t samples_needed(double quantile);

/// Judges a run. A partial run (ending other than kDone) keeps what it has seen; gates it has not
/// decided stay UNKNOWN without making the exit code 2.
///
/// findings: one an invariant at most; those that are missing count as not checked.
/// drained_after: simulated time from the horizon to the end of the drain, for `within`.
/// missed: of an ending kAborted; that gate fails with what was measured then.
/// sketches: of a run that was drained. Copies that were lost or doubled fail it; where they must
/// be (`expect`), and elsewhere too, it fails when judge and sketches disagree.
Judged judge(const scenario::Scenario& scenario, std::span<const InvariantFinding> findings,
             const Metrics& metrics, Ending ending, Duration drained_after,
             const std::optional<Missed>& missed = {},
             const std::optional<SketchFinding>& sketches = {});

/// " during bad-deploy plus 10m where network wifi"; empty for a gate of the whole run.
std::string scope_text(const Gate& gate);

}  // namespace greytick::results
