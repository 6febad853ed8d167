// run.sqlite: what a run measured, as tables.
#pragma once

#include <expected>
#include <string>

#include "sim/results/run_record.h"

namespace greytick::results {

/// Writes a new database at `path`, times in ns of simulated time. Tables: run(key, value),
/// gates, invariants, series, faults, histograms (one row a bucket that is not empty), counters,
/// violations, slowest. On error, what SQLite says.
std::expected<void, std::string> write_database(const std::string& path, const RunRecord& run);

}  // namespace greytick::results
