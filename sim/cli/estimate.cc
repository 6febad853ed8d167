#include "sim/cli/estimate.h"

#include <algorithm>

namespace greytick::cli {
namespace {

// One core of a 2020s Xeon, quickstart without its faults: 20 us a message and 8 us a login with
// 20,000 users, 35 us a message with 300,000, whose state is read from memory. A user logs in about
// four times for each session reckoned below. Shipped scenarios took 0.6 to 0.8 of the estimate.
constexpr double kSecondsPerMessage = 30e-6;
constexpr double kSecondsPerSession = 30e-6;
// Mean time from one login of a user to the next: 640 s in session, 1385 s away.
constexpr double kSessionPeriodSeconds = 2025.0;

double seconds(model::Duration duration) { return static_cast<double>(duration.count()) / 1e9; }

}  // namespace

Estimate estimate(const scenario::Scenario& s) {
  const model::Duration until = std::min(s.traffic.until.value_or(s.horizon), s.horizon);
  Estimate out;
  out.messages =
      s.traffic.messages.per_second * std::max(0.0, seconds(until) - seconds(s.traffic.from));
  for (const scenario::ScriptAction& action : s.script) {
    if (action.verb != scenario::ScriptVerb::kSend) continue;
    const std::uint64_t devices = action.through.value_or(action.device) - action.device + 1;
    out.messages += static_cast<double>(action.count) * static_cast<double>(devices);
  }
  const double users = static_cast<double>(s.population.users);
  double sessions = 0.0;
  if (s.population.presence.mode == scenario::PresenceMode::kSessions) {
    sessions = users * (s.population.presence.initially_online.value +
                        seconds(s.horizon) / kSessionPeriodSeconds);
  } else if (s.population.presence.mode == scenario::PresenceMode::kAlways) {
    sessions = users;
  }
  out.wall_seconds = out.messages * kSecondsPerMessage + sessions * kSecondsPerSession;
  return out;
}

}  // namespace greytick::cli
