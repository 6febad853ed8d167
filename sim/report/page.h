// A run as one page that needs nothing beside it.
#pragma once

#include <string>

#include "sim/report/input.h"

namespace greytick::report {

/// The page, in UTF-8: verdict, gates, latencies, curves with the faults shaded, messages hop by
/// hop. It holds its scripts and styles, and its policy forbids any request. At most kMaxBytes
/// whatever the input: long series are thinned out with their peaks kept, long tables and texts are
/// cut and say so. Throws nlohmann::json::exception when manifest or summary lack what every run
/// writes.
std::string page(const Input& input);
inline constexpr std::size_t kMaxBytes = 5'000'000;

}  // namespace greytick::report
