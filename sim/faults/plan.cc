#include "sim/faults/plan.h"

#include <algorithm>
#include <tuple>

#include "model/check.h"

namespace greytick::faults {

namespace {

// Where and when the fault strikes first.
struct First {
  Instant at;
  std::optional<std::uint32_t> region;
};

// Simulated time begins at midnight; clocks that are ahead show a time of the day earlier.
Instant first_local(Duration time_of_day, Duration ahead) {
  constexpr Duration kDay = std::chrono::hours(24);
  const Duration at = (time_of_day - ahead) % kDay;
  return Instant{at < Duration{} ? at + kDay : at};
}

Duration clock_of(const scenario::Scenario& scenario, const std::string& region) {
  if (!scenario.traffic.daily) return Duration{};
  const auto& clocks = scenario.traffic.daily->clocks;
  const auto clock = std::ranges::find(clocks, region, &scenario::RegionClock::region);
  return clock == clocks.end() ? Duration{} : clock->ahead;
}

std::vector<First> firsts(const scenario::Scenario& scenario, const scenario::Fault& fault) {
  if (!fault.region_local) return {{.at = Instant{fault.at}, .region = {}}};
  std::vector<First> out;
  for (std::uint32_t r = 0; r < scenario.topology.regions.size(); ++r) {
    const std::string& name = scenario.topology.regions[r].name;
    if (!fault.target.region.empty() && fault.target.region != name) continue;
    out.push_back({.at = first_local(fault.at, clock_of(scenario, name)), .region = r});
  }
  return out;
}

}  // namespace

std::vector<Occurrence> occurrences(const scenario::Scenario& scenario) {
  const Instant horizon = Instant{scenario.horizon};
  std::vector<Occurrence> plan;
  for (std::uint32_t i = 0; i < scenario.faults.size(); ++i) {
    const scenario::Fault& fault = scenario.faults[i];
    const std::vector<First> places = firsts(scenario, fault);
    for (std::uint32_t place = 0; place < places.size(); ++place) {
      Instant start = places[place].at;
      for (std::uint32_t times = 0; start < horizon; ++times) {
        plan.push_back({.fault = i,
                        .number = times * static_cast<std::uint32_t>(places.size()) + place,
                        .start = start,
                        .end = std::min(saturating_add(start, fault.lasts), horizon),
                        .region = places[place].region});
        if (!fault.every || times + 1 == fault.times) break;
        CHECK(*fault.every > Duration{});
        start = saturating_add(start, *fault.every);
      }
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
