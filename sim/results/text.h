// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

#include "model/time.h"
#include "sim/scenario/gates.h"

namespace greytick::results {

/// Three significant digits and one unit: "71 ms", "1.91 s", "4.1 min", "31 d"; "0" for none.
std::string human_duration(model::Duration duration);
/// "1,199,406".
std::string group_digits(std::uint64_t value);
/// A value of a metric in its unit: "1.91 s", "12%", "1,204", "3.2 MB", "212/s".
std::string human_value(scenario::MetricUnit unit, double value);
/// A point of simulated time: "04:07.312", "9d 20:00:00.000".
std::string clock_text(model::Instant at);

}  // namespace greytick::results
