#include "sim/faults/plan.h"

#include <algorithm>
#include <tuple>

#include "model/check.h"

namespace greytick::faults {

std::vector<Occurrence> occurrences(const scenario::Scenario& scenario) {
  const Instant horizon = Instant{scenario.horizon};
  std::vector<Occurrence> plan;
  for (std::uint32_t i = 0; i < scenario.faults.size(); ++i) {
    const scenario::Fault& fault = scenario.faults[i];
    Instant start{fault.at};
    for (std::uint32_t number = 0; start < horizon; ++number) {
      const Instant end = std::min(saturating_add(start, fault.lasts), horizon);
      plan.push_back({.fault = i, .number = number, .start = start, .end = end});
      if (!fault.every || number + 1 == fault.times) break;
      CHECK(*fault.every > Duration{});
      start = saturating_add(start, *fault.every);
    }
  }
  std::ranges::sort(plan, {},
                    [](const Occurrence& o) { return std::tuple(o.start, o.fault, o.number); });
  return plan;
}

std::vector<Window> windows(const scenario::Scenario& scenario) {
  std::vector<Window> out;
  for (const Occurrence& o : occurrences(scenario)) {
    out.push_back({.name = scenario.faults[o.fault].name, .start = o.start, .end = o.end});
  }
  return out;
}

std::vector<std::string_view> in_force(const std::vector<Window>& windows, Instant at) {
  std::vector<std::string_view> names;
  for (const Window& w : windows) {
    const bool holds = w.start == w.end ? at == w.start : w.start <= at && at < w.end;
    if (holds) names.push_back(w.name);
  }
  return names;
}

}  // namespace greytick::faults
