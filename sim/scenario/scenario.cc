#include "sim/scenario/scenario.h"

#include "sim/scenario/access_profiles.h"

namespace greytick::scenario {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

DistSpec lognormal_mean(Duration mean, double sigma) {
  return {
      .kind = DistKind::kLognormal,
      .params = {{DistKey::kMean, static_cast<double>(mean.count())}, {DistKey::kSigma, sigma}}};
}

DistSpec lognormal_sigma(DistUnit unit, double median, double sigma) {
  return {.kind = DistKind::kLognormal,
          .unit = unit,
          .params = {{DistKey::kMedian, median}, {DistKey::kSigma, sigma}}};
}

}  // namespace

// Published: 147 million connected at 230 thousand logins a second is a mean session of 639 s; with
// 31.6 % of the users connected, the mean time away is 1385 s. The shapes are assumptions.
Presence::Presence()
    : session(lognormal_mean(seconds(640), 1.5)), away(lognormal_mean(seconds(1385), 1.8)) {}

// Degrees of the CollegeMsg trace: median 5, 90 % below 37, 99 % below 121. Sender weights: the top
// tenth of the senders of three traces wrote 61 to 65 % of the messages.
Population::Population()
    : contacts{.kind = DistKind::kLognormal,
               .unit = DistUnit::kNumber,
               .params = {{DistKey::kMedian, 5.0}, {DistKey::kP99, 121.0}, {DistKey::kMin, 1.0}}},
      activity(lognormal_sigma(DistUnit::kNumber, 1.0, 1.6)),
      regions{{"eu", {1.0}}} {}

// Multiples of the golden ratio fall evenly into [0, 1), however many there are.
uint32_t devices_of(const Population& population, uint64_t user) {
  const auto& shares = population.devices_per_user;
  if (shares.size() == 1) return shares.front().devices;
  const uint64_t place = (user + 1) * 0x9E3779B97F4A7C15ULL;
  const double at = static_cast<double>(place >> 11) * 0x1p-53;
  double upto = 0.0;
  for (const DeviceShare& s : shares) {
    upto += s.share.value;
    if (at < upto) return s.devices;
  }
  return shares.back().devices;
}

// As above, with another ratio, so that the two do not fall together. Source: the plastic number;
// M. Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018.
bool has_old_app(const Population& population, uint64_t device) {
  const uint64_t place = (device + 1) * 0xC13FA9A902A6328FULL;
  return static_cast<double>(place >> 11) * 0x1p-53 < population.old_apps.value;
}

uint64_t user_of(const Population& population, uint64_t device) {
  if (device < population.users) return device;
  uint64_t linked = device - population.users;
  for (uint64_t user = 0; user < population.users; ++user) {
    const uint64_t count = devices_of(population, user) - 1;
    if (linked < count) return user;
    linked -= count;
  }
  return population.users;
}

uint64_t device_count(const Population& population) {
  if (population.devices_per_user.size() == 1) {
    return population.users * population.devices_per_user.front().devices;
  }
  uint64_t count = 0;
  for (uint64_t user = 0; user < population.users; ++user) count += devices_of(population, user);
  return count;
}

// An assumption, fitted to two published figures: 2.1 deliveries a message, and one message in ten
// to a group. Its mean is 13.6, and 57 % of the groups are below 10.
GroupPopulation::GroupPopulation()
    : size{.kind = DistKind::kLognormal,
           .unit = DistUnit::kNumber,
           .params = {{DistKey::kMedian, 6.0},
                      {DistKey::kMin, 3.0},
                      {DistKey::kMax, 1024.0},
                      {DistKey::kSigma, 1.1}}} {}

Conversation::Conversation()
    : length(DistSpec::constant_number(1.0)), gap(DistSpec::constant(seconds(10))) {}

// Sizes: NUS SMS Corpus, English, median 36 B and 99 % below 255 B. Reading: median 6.15 min,
// sigma assumed.
Traffic::Traffic()
    : size{.kind = DistKind::kLognormal,
           .unit = DistUnit::kBytes,
           .params = {{DistKey::kMedian, 36.0}, {DistKey::kP99, 255.0}, {DistKey::kMin, 1.0}}},
      read_after(lognormal_sigma(DistUnit::kDuration, 369e9, 1.8)) {}

Store::Store() : sync(DistSpec::lognormal(microseconds(700), milliseconds(9))) {}

// A 2013 measurement of the two providers found means of 1.07 s and 2.31 s; the tail is an
// assumption.
Push::Push() : delay(DistSpec::lognormal(milliseconds(900), seconds(20))) {}

Topology::Topology() : regions{{"eu", "eu-central-1"}} {}

Client::Client() : commit(DistSpec::lognormal(milliseconds(2), milliseconds(20))) {}

Backbone::Backbone()
    : file{.name = "data/aws_interregion_rtt_ms.csv", .path = {}},
      rtt(milliseconds(80)),
      jitter(DistSpec::lognormal(microseconds(200), milliseconds(4))),
      within(DistSpec::lognormal(microseconds(770), microseconds(2160))) {}

Network::Network() {
  access.push_back(access_profile("wifi").value_or(Access{}));
  access.front().assigned = {1.0};
}

}  // namespace greytick::scenario
