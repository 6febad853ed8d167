// The text files of a run folder; pure functions of the record.
#pragma once

#include <string>

#include "sim/results/run_record.h"

namespace greytick::results {

/// manifest.json: what was run, by what, where, and how it ended.
std::string manifest_json(const RunRecord& run);
/// summary.json: gates, invariants, latencies (ns), counts, peaks, rare events. The same text as
/// `run --json` prints.
std::string summary_json(const RunRecord& run);
/// summary.md, for a job summary.
std::string summary_markdown(const RunRecord& run);
/// junit.xml: one test case a gate; UNKNOWN is an error, FAIL a failure.
std::string junit_xml(const RunRecord& run);
/// latency.hlog.
std::string latency_log(const RunRecord& run);

}  // namespace greytick::results
