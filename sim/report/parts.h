// The sections of a page, as HTML. Whatever is not ours is escaped where it enters.
#pragma once

#include <string>
#include <vector>

#include "sim/report/charts.h"
#include "sim/report/input.h"

namespace greytick::report {

// Rows of one table; more are counted in a last line.
inline constexpr std::size_t kMaxRows = 200;

std::string gates_section(const Input& input);
std::string latency_section(const Input& input);
/// What a message cost on the way, and what was simulated for it.
std::string cost_section(const Input& input);
std::string charts_section(const Input& input, const std::vector<Chart>& charts);
std::string faults_section(const Input& input);
std::string messages_section(const Input& input);
/// Counts, peaks and branches; the resolved scenario. Both folded away.
std::string appendix_section(const Input& input);

/// A table cell; numbers stand right.
std::string cell(std::string_view escaped_text, bool number = false);
/// Names of the faults in force somewhere in [from, to], escaped and at most a few.
std::string faults_between(const Input& input, model::Instant from, model::Instant to);

}  // namespace greytick::report
