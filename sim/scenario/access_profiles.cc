#include "sim/scenario/access_profiles.h"

#include <cmath>
#include <string>
#include <utility>

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

Duration per_hour(double times) { return Duration(std::llround(3600e9 / times)); }

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

// One column of the quantiles measured by Raca et al.
DistSpec measured(std::string column) {
  return {.kind = DistKind::kEmpirical,
          .params = {},
          .file = {.name = "data/access_quantiles.csv", .path = {}},
          .column = std::move(column)};
}

// The round trip is the mean of five pings a second apart, so it holds for five seconds.
//
// A row of data/access_rates.csv. Loss has two states, nothing or all: as often as pings were lost
// of bursts not lost whole, in runs such that as many bursts of five have a loss. Stalls come at
// their measured rate, of measured length.
struct Rates {
  double to_bad, to_good, stalls_per_hour;
  uint64_t down_kbps;
};

Access measured_access(std::string name, const std::string& columns, const Rates& rates) {
  Access a;
  a.name = std::move(name);
  a.rtt = measured(columns + "_rtt_ms");
  a.holds = seconds(5);
  a.loss = {.to_bad = {rates.to_bad}, .to_good = {rates.to_good}, .loss_bad = {1.0}};
  a.down = {rates.down_kbps * 1000};
  a.stalls = {.every = exponential(per_hour(rates.stalls_per_hour)),
              .lasts = measured(columns + "_stall_s")};
  return a;
}

// The radio changes: a change shorter than the measurement's second takes what cellular-4g's does.
Handoff switches(DistSpec every) {
  Handoff h{.every = std::move(every), .gap = measured("switch_gap_s")};
  h.gap.params = {{DistKey::kMin, static_cast<double>(Duration(milliseconds(350)).count())}};
  return h;
}

std::vector<Access> measured_accesses() {
  Access still = measured_access("5g-static", "5g_static", {0.00237, 0.6415, 55.4, 37'459});
  // Twelve changes in 23.5 hours are a rate and no law.
  still.handoff = switches(exponential(per_hour(0.51)));
  still.up = cellular_5g().up;
  Access nr = measured_access("5g-driving", "5g_driving", {0.00538, 0.5038, 75.0, 17'913});
  nr.handoff = switches(measured("5g_driving_dwell_s"));
  nr.up = still.up;
  Access lte = measured_access("lte-driving", "lte_driving", {0.00784, 0.6671, 69.0, 7'530});
  lte.handoff = switches(measured("lte_driving_dwell_s"));
  lte.up = cellular_4g().up;
  Access hspa = measured_access("hspa-driving", "hspa_driving", {0.02318, 0.5051, 53.0, 2'668});
  hspa.handoff = switches(measured("hspa_driving_dwell_s"));
  hspa.up = cellular_3g().up;
  return {still, nr, lte, hspa};
}

}  // namespace

std::vector<Access> access_profiles() {
  std::vector<Access> all{lan(), wifi(), cellular_5g(), cellular_4g(), cellular_3g()};
  for (Access& a : measured_accesses()) all.push_back(std::move(a));
  return all;
}

std::optional<Access> access_profile(std::string_view name) {
  for (Access& a : access_profiles()) {
    if (a.name == name) return std::move(a);
  }
  return std::nullopt;
}

}  // namespace greytick::scenario
