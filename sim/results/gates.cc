#include "sim/results/gates.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "sim/results/exit_code.h"
#include "sim/results/text.h"
#include "sim/scenario/metric_table.h"
#include "sim/scenario/names.h"
#include "sim/scenario/units_text.h"

namespace greytick::results {
namespace {

using scenario::Compare;
using scenario::Invariant;
using scenario::Scenario;
using scenario::Threshold;

bool holds(Compare compare, double value, double limit) {
  switch (compare) {
    case Compare::kBelow:
      return value < limit;
    case Compare::kAtMost:
      return value <= limit;
    case Compare::kAbove:
      return value > limit;
    case Compare::kAtLeast:
      return value >= limit;
    case Compare::kEqual:
      return value == limit;
  }
  return false;
}

// Whether a value that is at least `known` settles the comparison.
std::optional<bool> holds_from(Compare compare, double known, double limit) {
  switch (compare) {
    case Compare::kBelow:
      if (known >= limit) return false;
      return std::nullopt;
    case Compare::kAtMost:
    case Compare::kEqual:
      if (known > limit) return false;
      return std::nullopt;
    case Compare::kAbove:
      if (known > limit) return true;
      return std::nullopt;
    case Compare::kAtLeast:
      if (known >= limit) return true;
      return std::nullopt;
  }
  return std::nullopt;
}

std::uint64_t samples_of(const Threshold& t) {
  if (t.min_samples != 0) return t.min_samples;
  return t.aspect == scenario::Aspect::kQuantile ? samples_needed(t.quantile) : 1;
}

// Whether it holds, where what was measured says so.
std::optional<bool> settled(const Threshold& t, const Measured& m) {
  return m.value ? std::optional(holds(t.compare, *m.value, t.limit))
                 : holds_from(t.compare, m.at_least, t.limit);
}

class Bench {
 public:
  Bench(const Scenario& scenario, std::span<const InvariantFinding> findings,
        const Metrics& metrics, Ending ending, Duration drained_after,
        const std::optional<Missed>& missed)
      : scenario_(scenario),
        findings_(findings),
        metrics_(metrics),
        ending_(ending),
        drained_after_(drained_after),
        missed_(missed) {}

  std::vector<Gate> gates() const {
    std::vector<Gate> out;
    for (const auto& g : scenario_.gates.always) out.push_back(always(g));
    for (const auto& g : scenario_.gates.eventually) out.push_back(eventually(g));
    for (const InvariantFinding& f : findings_) {
      if (f.violated != 0 && !named(f.invariant)) out.push_back(base(GateKind::kWatched, f));
    }
    for (const auto& g : scenario_.gates.sometimes) out.push_back(sometimes(g));
    const auto& thresholds = scenario_.gates.thresholds;
    for (std::size_t i = 0; i < thresholds.size(); ++i) out.push_back(threshold(i));
    return out;
  }

  std::vector<Gate> expected() const {
    std::vector<Gate> out;
    for (const Invariant invariant : scenario_.expect.violates) {
      Gate gate = base(GateKind::kExpected, finding(invariant));
      gate.limit = "violated";
      gate.why.clear();
      if (gate.violated != 0) {
        gate.verdict = Verdict::kPass;
      } else if (ending_ == Ending::kDone) {
        gate.verdict = Verdict::kFail;
        gate.why = fmt::format("the scenario must violate {}, and it held", gate.name);
      } else {
        gate.verdict = Verdict::kUnknown;
        gate.why = "not violated before the run was stopped";
      }
      out.push_back(std::move(gate));
    }
    return out;
  }

 private:
  InvariantFinding finding(Invariant invariant) const {
    const auto f = std::ranges::find(findings_, invariant, &InvariantFinding::invariant);
    return f == findings_.end() ? InvariantFinding{.invariant = invariant} : *f;
  }

  bool named(Invariant invariant) const {
    const auto is = [invariant](const scenario::InvariantGate& g) {
      return g.invariant == invariant;
    };
    return std::ranges::any_of(scenario_.gates.always, is) ||
           std::ranges::any_of(scenario_.gates.eventually, is);
  }

  static Gate base(GateKind kind, const InvariantFinding& f) {
    Gate gate{.kind = kind,
              .name = std::string(scenario::name_of(f.invariant)),
              .verdict = Verdict::kPass,
              .value = {},
              .limit = {},
              .samples = f.checked,
              .violated = f.violated,
              .first = f.first};
    if (f.violated != 0) {
      gate.verdict = Verdict::kFail;
      gate.why = f.first ? f.first->text : "violated";
    } else if (f.checked == 0) {
      gate.verdict = Verdict::kUnknown;
      gate.why = "nothing happened that could have violated it";
    }
    return gate;
  }

  Gate always(const scenario::InvariantGate& g) const {
    return base(GateKind::kAlways, finding(g.invariant));
  }

  Gate eventually(const scenario::InvariantGate& g) const {
    Gate gate = base(GateKind::kEventually, finding(g.invariant));
    if (g.within > Duration(0)) gate.limit = "within " + scenario::print_duration(g.within);
    if (gate.verdict == Verdict::kFail) return gate;
    if (ending_ != Ending::kDone) {
      gate.verdict = Verdict::kUnknown;
      gate.why = "the run was stopped before its end";
    } else if (gate.verdict == Verdict::kPass && g.within > Duration(0) &&
               drained_after_ > g.within) {
      gate.verdict = Verdict::kFail;
      gate.why = fmt::format("held only {} after the horizon", human_duration(drained_after_));
    }
    return gate;
  }

  Gate sometimes(const scenario::RareGate& g) const {
    const std::uint64_t seen = metrics_.seen(g.event);
    Gate gate{.kind = GateKind::kSometimes,
              .name = std::string(scenario::name_of(g.event)),
              .verdict = seen > g.over ? Verdict::kPass : Verdict::kUnknown,
              .value = group_digits(seen),
              .limit = fmt::format("> {}", group_digits(g.over)),
              .samples = seen};
    if (seen <= g.over) gate.why = fmt::format("seen {} times", group_digits(seen));
    return gate;
  }

  Gate threshold(std::size_t index) const {
    const Threshold& t = scenario_.gates.thresholds[index];
    const bool aborted = missed_ && missed_->threshold == index;
    const Measured m = aborted ? missed_->measured : metrics_.measure(t);
    Gate gate{.kind = GateKind::kThreshold,
              .name = scenario::print_metric(t),
              .verdict = Verdict::kUnknown,
              .value = m.value ? human_value(t.unit, *m.value) : "–",
              .limit = fmt::format("{} {}", scenario::name_of(t.compare),
                                   scenario::print_limit(t.unit, t.limit)),
              .samples = m.samples,
              .during = t.during,
              .where = scenario::print_where(t.where),
              .measured = m.value};
    if (t.plus > Duration(0)) gate.during += " plus " + scenario::print_duration(t.plus);
    const std::uint64_t needed = samples_of(t);
    if (m.samples < needed) {
      gate.why =
          fmt::format("{} samples, {} needed", group_digits(m.samples), group_digits(needed));
      return gate;
    }
    const std::optional<bool> held = settled(t, m);
    if (!held) {
      gate.why =
          fmt::format("hidden by the {:.3g}% of samples that had not ended", m.open_share * 100.0);
      return gate;
    }
    gate.verdict = *held ? Verdict::kPass : Verdict::kFail;
    if (!*held) {
      gate.why = fmt::format("{} is {}{}, not {}", gate.name, m.value ? "" : "at least ",
                             human_value(t.unit, m.value.value_or(m.at_least)), gate.limit);
      if (aborted) gate.why += fmt::format("; the run was stopped at {}", clock_text(missed_->at));
    }
    return gate;
  }

  const Scenario& scenario_;
  std::span<const InvariantFinding> findings_;
  const Metrics& metrics_;
  Ending ending_;
  Duration drained_after_;
  const std::optional<Missed>& missed_;
};

Gate second(const SketchFinding& f, bool must_fail) {
  Gate gate{.kind = GateKind::kSecond,
            .name = "sketches",
            .verdict = f.agrees && (f.clean || must_fail) ? Verdict::kPass : Verdict::kFail,
            .value = fmt::format("{} copies", group_digits(f.copies)),
            .limit = f.agrees ? "agree" : "disagree",
            .samples = f.copies,
            .violated = f.lost_or_doubled,
            .first = f.first};
  if (gate.verdict == Verdict::kFail) gate.why = f.sentence;
  return gate;
}

int code_of(const Gate& gate, Ending ending) {
  if (gate.verdict == Verdict::kPass) return kExitPass;
  if (gate.verdict == Verdict::kUnknown) {
    return ending == Ending::kDone ? kExitUnknown : kExitPass;
  }
  return gate.kind == GateKind::kThreshold ? kExitMissed : kExitViolated;
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  static constexpr std::array<std::string_view, 3> kNames = {"PASS", "FAIL", "UNKNOWN"};
  return kNames[static_cast<std::size_t>(verdict)];
}

std::string_view gate_kind_name(GateKind kind) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "always", "eventually", "sometimes", "threshold", "watched", "expected", "second"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::uint64_t samples_needed(double quantile) {
  // The margin keeps 10 / (1 - 0.99) at 1000 although 0.99 is no binary fraction.
  return static_cast<std::uint64_t>(std::ceil(10.0 / (1.0 - quantile) - 1e-6));
}

std::optional<Missed> first_missed(const Scenario& scenario, const Metrics& metrics, Instant at) {
  for (std::size_t i = 0; i < scenario.gates.thresholds.size(); ++i) {
    const Threshold& t = scenario.gates.thresholds[i];
    if (!t.abort_on_fail) continue;
    const Measured m = metrics.measure(t);
    if (m.samples >= samples_of(t) && settled(t, m) == false) {
      return Missed{.threshold = i, .measured = m, .at = at};
    }
  }
  return std::nullopt;
}

std::string scope_text(const Gate& gate) {
  std::string out;
  if (!gate.during.empty()) out += " during " + gate.during;
  if (!gate.where.empty()) out += " where " + gate.where;
  return out;
}

Judged judge(const Scenario& scenario, std::span<const InvariantFinding> findings,
             const Metrics& metrics, Ending ending, Duration drained_after,
             const std::optional<Missed>& missed, const std::optional<SketchFinding>& sketches) {
  const Bench bench(scenario, findings, metrics, ending, drained_after, missed);
  const bool must_fail = !scenario.expect.violates.empty();
  Judged out{.gates = must_fail ? bench.expected() : bench.gates()};
  // Where nothing was sent they prove nothing, and nothing about them was asked.
  if (sketches && (sketches->copies != 0 || !sketches->clean)) {
    const auto at = std::ranges::find_if(out.gates, [](const Gate& gate) {
      return gate.kind == GateKind::kSometimes || gate.kind == GateKind::kThreshold;
    });
    out.gates.insert(at, second(*sketches, must_fail));
  }
  std::vector<int> codes;
  if (ending == Ending::kInterrupted) codes.push_back(kExitInterrupted);
  if (ending == Ending::kBudget) codes.push_back(kExitBudget);
  bool failed = false, unknown = ending != Ending::kDone;
  for (const Gate& gate : out.gates) {
    codes.push_back(code_of(gate, ending));
    failed = failed || gate.verdict == Verdict::kFail;
    unknown = unknown || gate.verdict == Verdict::kUnknown;
  }
  out.verdict = failed ? Verdict::kFail : unknown ? Verdict::kUnknown : Verdict::kPass;
  out.exit_code = worst_exit_code(codes);
  return out;
}

}  // namespace greytick::results
