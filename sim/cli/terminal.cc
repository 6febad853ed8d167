#include "sim/cli/terminal.h"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "sim/engine/fingerprint.h"
#include "sim/results/text.h"
#include "sim/scenario/names.h"

namespace greytick::cli {
namespace {

using results::Gate;
using results::GateKind;
using results::group_digits;
using results::Verdict;

std::string_view mark(Verdict verdict) {
  static constexpr std::array<std::string_view, 3> kMarks = {"✓", "✗", "◌"};
  return kMarks[static_cast<std::size_t>(verdict)];
}

std::string paint(Verdict verdict, std::string_view text, bool colour) {
  static constexpr std::array<std::string_view, 3> kColours = {"\x1b[32m", "\x1b[31m", "\x1b[33m"};
  if (!colour) return std::string(text);
  return fmt::format("{}{}\x1b[0m", kColours[static_cast<std::size_t>(verdict)], text);
}

std::string title(const Gate& gate) { return gate.name + scope_text(gate); }

// fmt pads by code point, so a dash or an arrow counts as one column.
void invariants_table(std::string& out, const results::RunRecord& run, bool colour) {
  bool header = false;
  for (const Gate& gate : run.judged.gates) {
    if (gate.kind == GateKind::kThreshold || gate.kind == GateKind::kSometimes) continue;
    if (!header) out += fmt::format(" {:<32}{:>16}{:>16}\n", "invariants", "checked", "violated");
    header = true;
    out +=
        fmt::format(" {} {:<30}{:>16}{:>16}{}\n", paint(gate.verdict, mark(gate.verdict), colour),
                    gate.name, group_digits(gate.samples), group_digits(gate.violated),
                    gate.limit.empty() ? "" : "  " + gate.limit);
  }
}

void rare_table(std::string& out, const results::RunRecord& run, bool colour) {
  bool header = false;
  for (const Gate& gate : run.judged.gates) {
    if (gate.kind != GateKind::kSometimes) continue;
    if (!header) out += fmt::format(" {:<32}{:>16}{:>16}\n", "sometimes", "seen", "needed");
    header = true;
    out += fmt::format(" {} {:<30}{:>16}{:>16}\n", paint(gate.verdict, mark(gate.verdict), colour),
                       gate.name, gate.value, gate.limit);
  }
}

void thresholds_table(std::string& out, const results::RunRecord& run, bool colour) {
  bool header = false;
  for (const Gate& gate : run.judged.gates) {
    if (gate.kind != GateKind::kThreshold) continue;
    if (!header) {
      out += fmt::format(" {:<32}{:>16}{:>16}{:>16}\n", "thresholds", "value", "limit", "samples");
    }
    header = true;
    out += fmt::format(" {} {:<30}{:>16}{:>16}{:>16}\n",
                       paint(gate.verdict, mark(gate.verdict), colour), title(gate), gate.value,
                       gate.limit, group_digits(gate.samples));
  }
}

void latency_table(std::string& out, const results::RunRecord& run) {
  struct Row {
    results::Latency which;
    std::string_view name;
  };
  static constexpr std::array<Row, 6> kRows = {{{results::Latency::kSent, "create → ✓"},
                                                {results::Latency::kE2e, "create → device, online"},
                                                {results::Latency::kAll, "create → device, all"},
                                                {results::Latency::kTick2, "create → ✓✓"},
                                                {results::Latency::kRead, "create → read"},
                                                {results::Latency::kReconnect, "reconnect"}}};
  bool header = false;
  for (const Row& row : kRows) {
    const results::Censored& latency = run.metrics.latency(row.which);
    if (latency.count() == 0) continue;
    if (!header) {
      out += fmt::format(" {:<26}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "latency", "p50", "p90", "p99",
                         "p99.9", "max");
    }
    header = true;
    out += fmt::format("   {:<24}", row.name);
    for (const double q : {0.5, 0.9, 0.99, 0.999}) {
      const std::optional<std::int64_t> value = latency.quantile(q);
      // Fewer samples than a quantile needs would print a number that means nothing.
      const bool enough = latency.count() >= results::samples_needed(q);
      out +=
          fmt::format("{:>10}", value && enough ? results::human_duration(model::Duration(*value))
                                                : std::string("–"));
    }
    out += fmt::format("{:>10}", latency.open.empty()
                                     ? results::human_duration(model::Duration(latency.ended.max()))
                                     : std::string("–"));
    if (!latency.open.empty()) {
      out += fmt::format("  {} still open at the end",
                         results::human_value(scenario::MetricUnit::kShare, latency.open_share()));
    }
    out += "\n";
  }
}

void problems(std::string& out, const results::RunRecord& run, std::string_view folder) {
  for (const Gate& gate : run.judged.gates) {
    const bool shown = gate.kind == GateKind::kExpected && gate.first;
    if (gate.verdict == Verdict::kPass && !shown) continue;
    if (gate.first) {
      out += fmt::format(" {:<8}{}   {} violation{}, the first at {}\n   {}\n",
                         verdict_name(gate.verdict), title(gate), group_digits(gate.violated),
                         gate.violated == 1 ? "" : "s", results::clock_text(gate.first->at),
                         gate.first->text);
      if (!folder.empty() && gate.first->conversation) {
        out += fmt::format("   explain  greytick explain {} --gate {}\n", folder, gate.name);
      }
      continue;
    }
    out += fmt::format(" {:<8}{}   {}\n", verdict_name(gate.verdict), title(gate), gate.why);
    const bool late = gate.kind == GateKind::kThreshold && gate.verdict == Verdict::kFail;
    if (late && !folder.empty() && run.metrics.latency(results::Latency::kAll).count() > 0) {
      out += fmt::format("   explain  greytick explain {}\n", folder);
    }
  }
}

}  // namespace

std::string verdict_line(const results::RunRecord& run, bool colour) {
  std::string line = fmt::format(
      " {}  {}   seed {}   {:.1f} s   fingerprint {}",
      paint(run.judged.verdict, verdict_name(run.judged.verdict), colour), run.scenario.name,
      run.scenario.seed, run.wall_seconds, engine::to_hex(run.fingerprint));
  if (run.ending == results::Ending::kInterrupted) {
    line += "   interrupted at " + results::clock_text(run.reached);
  }
  if (run.ending == results::Ending::kBudget) {
    line += "   stopped by --budget at " + results::clock_text(run.reached);
  }
  if (run.ending == results::Ending::kAborted) {
    line += "   stopped by abort_on_fail at " + results::clock_text(run.reached);
  }
  return line + "\n";
}

std::string report_text(const results::RunRecord& run, std::string_view folder, bool colour,
                        std::string_view page) {
  std::string out = verdict_line(run, colour) + "\n";
  invariants_table(out, run, colour);
  rare_table(out, run, colour);
  thresholds_table(out, run, colour);
  latency_table(out, run);
  std::string last;
  problems(last, run, folder);
  if (!last.empty()) out += "\n" + last;
  if (!folder.empty()) {
    out += fmt::format("\n results  {}\n", folder);
    if (!page.empty()) out += fmt::format(" report   {}\n", page);
    out += fmt::format(" replay   greytick replay {}\n", folder);
  }
  if (run.judged.exit_code != 0) out += fmt::format(" exit {}\n", run.judged.exit_code);
  return out;
}

}  // namespace greytick::cli
