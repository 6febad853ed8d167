#include "sim/cli/trial.h"

#include <utility>

#include "sim/cli/build.h"
#include "sim/cli/execute.h"
#include "sim/results/run_record.h"
#include "sim/results/summary.h"
#include "sim/scenario/metric_table.h"

namespace greytick::cli {
namespace {

using Json = nlohmann::json;

void take_number(std::map<std::string, double>& out, const std::string& name, const Json& value) {
  if (value.is_number()) out[name] = value.get<double>();
}

}  // namespace

Trial trial_of(const Json& summary) {
  Trial out{.seed = summary.at("seed").get<std::uint64_t>(),
            .exit_code = summary.at("exit_code").get<int>(),
            .ending = summary.at("ending").get<std::string>(),
            .fingerprint = summary.at("fingerprint").get<std::string>(),
            .wall_seconds = summary.at("wall_seconds").get<double>(),
            .values = {},
            .gates = {}};
  for (const auto& [name, latency] : summary.at("latency_ns").items()) {
    const auto samples =
        latency.at("ended").get<std::uint64_t>() + latency.at("open").get<std::uint64_t>();
    for (const auto& [aspect, q] : {std::pair{"p50", 0.5}, std::pair{"p90", 0.9},
                                    std::pair{"p99", 0.99}, std::pair{"p99.9", 0.999}}) {
      if (samples < results::samples_needed(q)) continue;
      take_number(out.values, name + "." + aspect, latency.at(aspect));
    }
  }
  for (const char* group : {"counts", "peaks"}) {
    for (const auto& [name, value] : summary.at(group).items())
      take_number(out.values, name, value);
  }
  for (const auto& [name, value] : summary.at("shares").items())
    take_number(out.values, name + "_share", value);
  for (const Json& gate : summary.at("gates")) {
    std::string name = gate.at("name").get<std::string>();
    if (gate.contains("during")) name += " during " + gate.at("during").get<std::string>();
    if (gate.contains("where")) name += " where " + gate.at("where").get<std::string>();
    if (gate.contains("measured")) take_number(out.values, name, gate.at("measured"));
    out.gates.push_back({.kind = gate.at("kind").get<std::string>(),
                         .name = std::move(name),
                         .verdict = gate.at("verdict").get<std::string>()});
  }
  return out;
}

Trial run_trial(const scenario::Scenario& scenario, std::span<const scenario::Threshold> more) {
  results::Metrics metrics(scenario, faults::windows(scenario));
  const Execution done = execute(scenario, metrics, {});
  const results::RunRecord record{
      .scenario = scenario,
      .metrics = metrics,
      .source = {},
      .folder = {},
      .resolved = {},
      .fingerprint = done.fingerprint,
      .ending = done.ending,
      .findings = done.findings,
      .judged = results::judge(scenario, done.findings, metrics, done.ending, done.drained_after,
                               done.missed, done.sketches),
      .reached = done.reached,
      .drained_after = done.drained_after,
      .events = done.events,
      .wall_seconds = done.wall_seconds,
      .started_utc = {},
      .host = {},
      .build = build_id(),
      .log = {}};
  Trial out = trial_of(Json::parse(results::summary_json(record)));
  for (const scenario::Threshold& metric : more) {
    const results::Measured measured = metrics.measure(metric);
    if (measured.value) out.values[scenario::print_metric(metric)] = *measured.value;
  }
  return out;
}

std::string print_trial(const Trial& trial) {
  Json gates = Json::array();
  for (const TrialGate& g : trial.gates) gates.push_back({g.kind, g.name, g.verdict});
  const Json out = {{"seed", trial.seed},
                    {"exit_code", trial.exit_code},
                    {"ending", trial.ending},
                    {"fingerprint", trial.fingerprint},
                    {"wall_seconds", trial.wall_seconds},
                    {"values", trial.values},
                    {"gates", std::move(gates)}};
  return out.dump();
}

std::optional<Trial> parse_trial(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    Trial out{.seed = json.at("seed").get<std::uint64_t>(),
              .exit_code = json.at("exit_code").get<int>(),
              .ending = json.at("ending").get<std::string>(),
              .fingerprint = json.at("fingerprint").get<std::string>(),
              .wall_seconds = json.at("wall_seconds").get<double>(),
              .values = json.at("values").get<std::map<std::string, double>>(),
              .gates = {}};
    for (const Json& g : json.at("gates")) {
      out.gates.push_back(
          {g.at(0).get<std::string>(), g.at(1).get<std::string>(), g.at(2).get<std::string>()});
    }
    return out;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

scenario::MetricUnit unit_of(const std::string& name) {
  scenario::Threshold t;
  const std::string metric = name.substr(0, name.find(' '));
  return scenario::parse_metric(metric, t) ? t.unit : scenario::MetricUnit::kCount;
}

}  // namespace greytick::cli
