// run.sqlite read back.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "sim/results/metrics.h"

namespace greytick::results {

/// Every table of a database as CSV (RFC 4180, a header each), by name, in the order of names. An
/// empty cell is NULL. On error, why it cannot be read.
std::expected<std::vector<std::pair<std::string, std::string>>, std::string> tables_as_csv(
    const std::string& path);

/// The time series of a run, ascending in time. On error, why it cannot be read.
std::expected<std::vector<SeriesRow>, std::string> series_of(const std::string& path);

}  // namespace greytick::results
