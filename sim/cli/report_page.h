// The report of a run, from what is left of it.
#pragma once

#include <string>
#include <vector>

#include "sim/cli/story.h"
#include "sim/cli/subject.h"
#include "sim/report/input.h"
#include "sim/results/metrics.h"
#include "sim/scenario/scenario.h"

namespace greytick::cli {

/// Everything but the messages and no_hops.
report::Input report_input(const scenario::Scenario& scenario, nlohmann::json manifest,
                           nlohmann::json summary, std::string resolved,
                           std::vector<results::SeriesRow> series);

/// Puts the subjects on the page; chains holds one a subject, or none at all.
void add_messages(report::Input& input, const std::vector<Subject>& subjects,
                  const std::vector<std::vector<Hop>>& chains);

}  // namespace greytick::cli
