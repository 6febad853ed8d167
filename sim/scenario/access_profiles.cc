#include "sim/scenario/access_profiles.h"

namespace greytick::scenario {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr uint64_t kMbit = 1'000'000;

DistSpec exponential(Duration mean) {
  return {.kind = DistKind::kExponential,
          .params = {{DistKey::kMean, static_cast<double>(mean.count())}}};
}

Stalls stalls(Duration mean_gap) {
  return {.every = exponential(mean_gap),
          .lasts = DistSpec::lognormal(milliseconds(2500), seconds(60))};
}

Handoff handoff(Duration mean_gap, Duration without_network) {
  return {.every = exponential(mean_gap), .gap = DistSpec::constant(without_network)};
}

Access lan() {
  Access a;
  a.name = "lan";
  a.rtt = DistSpec::constant(microseconds(500));
  a.down = a.up = {1000 * kMbit};
  return a;
}

Access wifi() {
  Access a;
  a.name = "wifi";
  a.rtt = DistSpec::lognormal(milliseconds(5), milliseconds(100));
  a.loss = Loss::independent(0.005);
  a.down = {40 * kMbit};
  a.up = {10 * kMbit};
  a.handoff = handoff(minutes(144), seconds(1));
  return a;
}

Access cellular_5g() {
  Access a;
  a.name = "cellular-5g";
  a.rtt = DistSpec::lognormal(milliseconds(8), milliseconds(122));
  a.loss = {.to_bad = {0.003}, .to_good = {0.18}, .loss_bad = {0.55}, .loss_good = {0.0005}};
  a.down = {80 * kMbit};
  a.up = {12 * kMbit};
  a.stalls = stalls(hours(1));
  a.handoff = handoff(minutes(30), milliseconds(350));
  return a;
}

Access cellular_4g() {
  Access a;
  a.name = "cellular-4g";
  a.rtt = DistSpec::lognormal(milliseconds(20), milliseconds(266));
  a.loss = {.to_bad = {0.004}, .to_good = {0.18}, .loss_bad = {0.55}, .loss_good = {0.0005}};
  a.down = {12 * kMbit};
  a.up = {4 * kMbit};
  a.stalls = stalls(minutes(40));
  a.handoff = handoff(minutes(30), milliseconds(350));
  return a;
}

Access cellular_3g() {
  Access a;
  a.name = "cellular-3g";
  a.rtt = DistSpec::lognormal(milliseconds(60), milliseconds(471));
  a.loss = {.to_bad = {0.015}, .to_good = {0.15}, .loss_bad = {0.55}, .loss_good = {0.001}};
  a.down = {2 * kMbit};
  a.up = {500'000};
  a.stalls = stalls(minutes(15));
  a.handoff = handoff(minutes(20), seconds(2));
  return a;
}

}  // namespace

std::vector<Access> access_profiles() {
  return {lan(), wifi(), cellular_5g(), cellular_4g(), cellular_3g()};
}

std::optional<Access> access_profile(std::string_view name) {
  for (Access& a : access_profiles()) {
    if (a.name == name) return std::move(a);
  }
  return std::nullopt;
}

}  // namespace greytick::scenario
