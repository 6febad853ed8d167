#include "sim/cli/report_page.h"

#include <algorithm>
#include <utility>

#include "sim/faults/plan.h"
#include "sim/scenario/names.h"

namespace greytick::cli {

report::Input report_input(const scenario::Scenario& scenario, nlohmann::json manifest,
                           nlohmann::json summary, std::string resolved,
                           std::vector<results::SeriesRow> series) {
  report::Input out;
  // Latencies end at the horizon, whatever was drained after it.
  const model::Instant reached = model::from_ns(manifest.at("simulated_ns").get<std::int64_t>());
  out.end = std::min(reached, model::Instant{} + scenario.horizon);
  out.manifest = std::move(manifest);
  out.summary = std::move(summary);
  out.about = scenario.about;
  out.resolved = std::move(resolved);
  out.series = std::move(series);
  for (const faults::Occurrence& o : faults::occurrences(scenario)) {
    const scenario::Fault& fault = scenario.faults[o.fault];
    // A run that stopped early did not see the rest.
    if (o.start > out.end) break;
    out.faults.push_back({.name = fault.name,
                          .kind = std::string(scenario::name_of(fault.kind)),
                          .start = o.start,
                          .end = std::min(o.end, out.end)});
  }
  return out;
}

void add_messages(report::Input& input, const std::vector<Subject>& subjects,
                  const std::vector<std::vector<Hop>>& chains) {
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    report::Message message{
        .name = print_message_name(subjects[i].name), .reason = subjects[i].reason, .hops = {}};
    if (i < chains.size()) {
      for (const Hop& hop : chains[i]) {
        message.hops.push_back(
            {.at = hop.at, .after = hop.after, .what = hop.what, .again = hop.repeat});
      }
    }
    input.messages.push_back(std::move(message));
  }
}

}  // namespace greytick::cli
