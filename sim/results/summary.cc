#include "sim/results/summary.h"

#include <array>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "sim/engine/fingerprint.h"
#include "sim/results/hdr_log.h"
#include "sim/results/text.h"
#include "sim/scenario/names.h"

namespace greytick::results {
namespace {

using Json = nlohmann::ordered_json;

std::string_view ending_name(Ending ending) {
  static constexpr std::array<std::string_view, 4> kNames = {"done", "interrupted", "budget",
                                                             "aborted"};
  return kNames[static_cast<std::size_t>(ending)];
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json to_json(const Offender& offender) {
  Json out = {{"text", offender.text}, {"at_ns", model::to_ns(offender.at)}};
  if (offender.device) out["device"] = offender.device->value();
  if (offender.conversation) out["conversation"] = offender.conversation->value();
  if (offender.stream) {
    out["sender"] = {{"device", offender.stream->device.value()},
                     {"incarnation", offender.stream->incarnation.value()},
                     {"conversation", offender.stream->conversation.value()}};
  }
  if (offender.cseq) out["cseq"] = offender.cseq->value();
  if (offender.position) out["position"] = offender.position->value();
  return out;
}

Json to_json(const Gate& gate) {
  Json out = {{"kind", gate_kind_name(gate.kind)},
              {"name", gate.name},
              {"verdict", verdict_name(gate.verdict)},
              {"value", gate.value},
              {"limit", gate.limit},
              {"samples", gate.samples},
              {"violated", gate.violated}};
  if (!gate.during.empty()) out["during"] = gate.during;
  if (!gate.where.empty()) out["where"] = gate.where;
  if (gate.kind == GateKind::kThreshold) out["measured"] = or_null(gate.measured);
  if (!gate.why.empty()) out["why"] = gate.why;
  if (gate.first) out["first"] = to_json(*gate.first);
  return out;
}

Json to_json(const Censored& latency) {
  Json out = {{"ended", latency.ended.count()}, {"open", latency.open.count()}};
  for (const auto& [name, q] : {std::pair{"p50", 0.5}, std::pair{"p90", 0.9},
                                std::pair{"p99", 0.99}, std::pair{"p99.9", 0.999}}) {
    out[name] = or_null(latency.count() == 0 ? std::nullopt : latency.quantile(q));
  }
  out["max"] = latency.longest();
  out["mean"] = latency.ended.mean();
  return out;
}

// Over all of the run. A total or a share of a message that the pipeline does not know is null.
Json cost_json(const Metrics& m) {
  Json out = {{"messages", m.created()}};
  for (const CostRow& row : m.cost_rows()) {
    const std::optional<double> each =
        row.total && m.created() > 0
            ? std::optional(static_cast<double>(*row.total) / static_cast<double>(m.created()))
            : std::nullopt;
    out["totals"][std::string(row.name)] = or_null(row.total);
    out["per_message"][std::string(row.name)] = or_null(each);
  }
  out["events"] = Json::object();
  for (const auto& [name, count] : m.cost().by_kind) out["events"][std::string(name)] = count;
  return out;
}

std::string cost_markdown(const Metrics& m) {
  if (m.created() == 0) return {};
  const auto messages = static_cast<double>(m.created());
  std::string out = fmt::format("\n| of {} messages | in all | per message |\n|---|---|---|\n",
                                group_digits(m.created()));
  const auto add = [&](std::string_view name, std::uint64_t total) {
    out += fmt::format(
        "| {} | {} | {} |\n", name, group_digits(total),
        human_value(scenario::MetricUnit::kRatio, static_cast<double>(total) / messages));
  };
  for (const CostRow& row : m.cost_rows()) {
    if (row.total) add(row.name, *row.total);
  }
  for (const auto& [name, count] : m.cost().by_kind) {
    if (count > 0) add(fmt::format("event {}", name), count);
  }
  return out;
}

}  // namespace

std::string manifest_json(const RunRecord& run) {
  const Json out = {{"schema_version", kSchemaVersion},
                    {"semantics_version", kSemanticsVersion},
                    {"scenario", run.scenario.name},
                    {"source", run.source},
                    {"folder", run.folder},
                    {"seed", run.scenario.seed},
                    {"verdict", verdict_name(run.judged.verdict)},
                    {"exit_code", run.judged.exit_code},
                    {"ending", ending_name(run.ending)},
                    {"fingerprint", engine::to_hex(run.fingerprint)},
                    {"scenario_hash", engine::to_hex(scenario_hash(run.resolved))},
                    {"build",
                     {{"version", run.build.version},
                      {"revision", run.build.revision},
                      {"compiler", run.build.compiler},
                      {"type", run.build.build_type},
                      {"flags", run.build.flags}}},
                    {"host", run.host},
                    {"started", run.started_utc},
                    {"wall_seconds", run.wall_seconds},
                    {"simulated_ns", model::to_ns(run.reached)},
                    {"drained_after_ns", run.drained_after.count()},
                    {"events", run.events}};
  return out.dump(2) + "\n";
}

std::string summary_json(const RunRecord& run) {
  Json out = {{"schema_version", kSchemaVersion},
              {"scenario", run.scenario.name},
              {"seed", run.scenario.seed},
              {"verdict", verdict_name(run.judged.verdict)},
              {"exit_code", run.judged.exit_code},
              {"ending", ending_name(run.ending)},
              {"fingerprint", engine::to_hex(run.fingerprint)},
              {"wall_seconds", run.wall_seconds},
              {"events", run.events}};
  out["gates"] = Json::array();
  for (const Gate& gate : run.judged.gates) out["gates"].push_back(to_json(gate));
  out["invariants"] = Json::array();
  for (const InvariantFinding& f : run.findings) {
    Json finding = {{"number", static_cast<int>(f.invariant)},
                    {"name", scenario::name_of(f.invariant)},
                    {"checked", f.checked},
                    {"violated", f.violated}};
    if (f.first) finding["first"] = to_json(*f.first);
    out["invariants"].push_back(std::move(finding));
  }
  const Metrics& m = run.metrics;
  for (std::size_t i = 0; i < kLatencies; ++i) {
    const auto which = static_cast<Latency>(i);
    out["latency_ns"][std::string(latency_name(which))] = to_json(m.latency(which));
  }
  for (std::size_t i = 0; i < kCounts; ++i) {
    const auto which = static_cast<Count>(i);
    out["counts"][std::string(count_name(which))] = m.count(which);
  }
  out["counts"]["queued"] = m.queued();
  for (std::size_t i = 0; i < kPeaks; ++i) {
    const auto which = static_cast<Peak>(i);
    out["peaks"][std::string(peak_name(which))] = m.peak(which);
  }
  out["shares"] = {{"connected", m.connected_share()}, {"delivered", m.delivered_share()}};
  for (std::size_t i = 0; i < model::kBranches; ++i) {
    const auto which = static_cast<model::Branch>(i);
    out["branches"][std::string(model::branch_name(which))] = m.branch(which);
  }
  out["cost"] = cost_json(m);
  out["components"] = Json::array();
  for (const Parting& p : run.partings) {
    out["components"].push_back({{"at_ns", model::to_ns(p.at)}, {"regions", p.components}});
  }
  constexpr std::size_t kSlowestShown = 10;
  out["slowest"] = Json::array();
  for (const SlowMessage& s : m.slowest()) {
    if (out["slowest"].size() == kSlowestShown) break;
    out["slowest"].push_back({{"latency_ns", s.latency_ns},
                              {"created_ns", model::to_ns(s.created)},
                              {"device", s.stream.device.value()},
                              {"incarnation", s.stream.incarnation.value()},
                              {"conversation", s.stream.conversation.value()},
                              {"cseq", s.cseq.value()},
                              {"recipient", s.recipient.value()}});
  }
  return out.dump(2) + "\n";
}

std::string summary_markdown(const RunRecord& run) {
  std::string out =
      fmt::format("# {} {}\n\nseed {} · fingerprint `{}` · {:.1f} s · exit {}\n\n",
                  verdict_name(run.judged.verdict), run.scenario.name, run.scenario.seed,
                  engine::to_hex(run.fingerprint), run.wall_seconds, run.judged.exit_code);
  out += "| gate | verdict | value | limit | samples | violated |\n|---|---|---|---|---|---|\n";
  for (const Gate& gate : run.judged.gates) {
    out += fmt::format("| {} | {} | {} | {} | {} | {} |\n", gate.name + scope_text(gate),
                       verdict_name(gate.verdict), gate.value, gate.limit,
                       group_digits(gate.samples), group_digits(gate.violated));
  }
  for (const Gate& gate : run.judged.gates) {
    if (!gate.why.empty()) out += fmt::format("\n- **{}**: {}", gate.name, gate.why);
  }
  for (const Parting& p : run.partings) out += fmt::format("\n- {}", parting_text(p));
  out += "\n" + cost_markdown(run.metrics);
  return out;
}

std::string junit_xml(const RunRecord& run) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  pugi::xml_node suite = document.append_child("testsuites").append_child("testsuite");
  unsigned failures = 0, errors = 0;
  suite.append_attribute("name") =
      fmt::format("{} seed {}", run.scenario.name, run.scenario.seed).c_str();
  for (const Gate& gate : run.judged.gates) {
    pugi::xml_node test = suite.append_child("testcase");
    test.append_attribute("classname") = run.scenario.name.c_str();
    const std::string name = gate.name + scope_text(gate);
    test.append_attribute("name") = name.c_str();
    if (gate.verdict == Verdict::kPass) continue;
    const bool failed = gate.verdict == Verdict::kFail;
    (failed ? failures : errors) += 1;
    pugi::xml_node problem = test.append_child(failed ? "failure" : "error");
    problem.append_attribute("message") = gate.why.c_str();
    problem.append_attribute("type") = failed ? "FAIL" : "UNKNOWN";
  }
  suite.append_attribute("tests") = static_cast<unsigned>(run.judged.gates.size());
  suite.append_attribute("failures") = failures;
  suite.append_attribute("errors") = errors;
  suite.append_attribute("time") = fmt::format("{:.3f}", run.wall_seconds).c_str();
  std::ostringstream out;
  document.save(out, "  ");
  return out.str();
}

std::string latency_log(const RunRecord& run) {
  std::vector<TaggedHistogram> histograms;
  for (std::size_t i = 0; i < kLatencies; ++i) {
    const auto which = static_cast<Latency>(i);
    const Censored& latency = run.metrics.latency(which);
    if (latency.ended.empty()) continue;
    histograms.push_back({.tag = std::string(latency_name(which)), .histogram = &latency.ended});
  }
  return hdr_log(histograms, static_cast<double>(model::to_ns(run.reached)) / 1e9);
}

}  // namespace greytick::results
