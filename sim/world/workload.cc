#include "sim/world/workload.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

#include "model/check.h"
#include "sim/engine/distributions.h"

namespace greytick::world {
namespace {

using engine::Purpose;
using model::Duration;
using model::Instant;

// Streams of users come below; these are of the service.
constexpr std::uint64_t kService = std::uint64_t{1} << 40;

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out(1);
  for (const char c : line) {
    if (c == ',') {
      out.emplace_back();
    } else if (c != '\r') {
      out.back() += c;
    }
  }
  return out;
}

// The column's factors, divided by the largest.
std::vector<double> read_profile(const scenario::DailyProfile& profile, double& largest) {
  std::ifstream in(profile.file.path);
  CHECK_MSG(in.is_open(), "the daily profile cannot be read");
  std::string line;
  CHECK(static_cast<bool>(std::getline(in, line)));
  const auto header = cells(line);
  const auto column = std::ranges::find(header, profile.column) - header.begin();
  CHECK_MSG(column < std::ssize(header), "the daily profile lacks its column");
  std::vector<double> factors;
  while (std::getline(in, line)) {
    const auto row = cells(line);
    if (column < std::ssize(row)) {
      factors.push_back(std::strtod(row[static_cast<std::size_t>(column)].c_str(), nullptr));
    }
  }
  CHECK_MSG(factors.size() == 24, "a daily profile has one factor an hour");
  largest = *std::ranges::max_element(factors);
  CHECK(largest > 0);
  for (double& f : factors) f /= largest;
  return factors;
}

// The hour of the day that a clock shows which is that much ahead.
std::size_t hour_of(Instant at, Duration ahead) {
  constexpr Duration kDay = std::chrono::hours(24);
  const Duration of_day = ((at.time_since_epoch() + ahead) % kDay + kDay) % kDay;
  return static_cast<std::size_t>(of_day / std::chrono::hours(1));
}

// Of max(1, floor(x)), by the middle points of equal shares of the mass.
double mean_length(const net::Law& law) {
  constexpr int kPoints = 4096;
  double sum = 0;
  for (int i = 0; i < kPoints; ++i) {
    const double x = law.quantile((i + 0.5) / kPoints);
    sum += std::max(1.0, static_cast<double>(static_cast<std::uint64_t>(x)));
  }
  return sum / kPoints;
}

}  // namespace

std::vector<Recorded> read_trace(const std::string& path) {
  std::ifstream in(path);
  CHECK_MSG(in.is_open(), "the trace cannot be read");
  std::string line;
  CHECK(static_cast<bool>(std::getline(in, line)));
  std::vector<Recorded> rows;
  std::map<std::string, std::uint32_t> names;
  const auto number = [&](const std::string& name) {
    return names.try_emplace(name, static_cast<std::uint32_t>(names.size())).first->second;
  };
  while (std::getline(in, line)) {
    const auto row = cells(line);
    if (row.size() < 3) continue;
    const Duration at = engine::to_duration(std::strtod(row[0].c_str(), nullptr) * 1e9);
    const std::uint32_t sender = number(row[1]);
    rows.push_back({.at = Instant{at}, .sender = sender, .recipient = number(row[2])});
  }
  return rows;
}

Workload::Workload(const scenario::Scenario& scenario, const engine::Streams& streams)
    : draws_(streams.stream(Purpose::kWorkload, kService)),
      sizes_(streams.stream(Purpose::kPayload, kService)),
      from_(scenario.traffic.from),
      until_(std::min(scenario.traffic.until.value_or(scenario.horizon), scenario.horizon)),
      length_(scenario.traffic.conversation.length),
      gap_(scenario.traffic.conversation.gap),
      size_(scenario.traffic.size),
      pad_to_(scenario.traffic.pad_to.value),
      envelope_(scenario.traffic.envelope.value),
      group_share_(0) {
  if (scenario.traffic.messages.per_second <= 0 || scenario.population.users < 2) return;
  // A start is one message to a group, or a conversation of two: as many starts go to groups as
  // make the wanted share of the messages.
  const double length = mean_length(length_);
  const double share = scenario.traffic.groups.value;
  group_share_ = share * length / (share * length + 1 - share);
  starts_per_second_ =
      scenario.traffic.messages.per_second / (group_share_ + (1 - group_share_) * length);
  if (scenario.traffic.daily) {
    double largest = 1;
    keep_ = read_profile(*scenario.traffic.daily, largest);
    starts_per_second_ *= largest;
    const std::vector<scenario::RegionClock>& clocks = scenario.traffic.daily->clocks;
    for (const scenario::RegionShare& r : scenario.population.regions) {
      if (clocks.empty()) break;
      const auto clock = std::ranges::find(clocks, r.region, &scenario::RegionClock::region);
      clocks_.push_back(
          {.share = r.share.value, .ahead = clock == clocks.end() ? Duration{} : clock->ahead});
    }
  }
}

Instant Workload::next_start(Instant now) {
  if (starts_per_second_ <= 0) return model::kNever;
  Instant at = std::max(now, from_);
  // Thinning: candidates at the busiest hour's rate, of which the hour keeps its share.
  for (;;) {
    at = saturating_add(at, engine::poisson_gap(draws_, starts_per_second_));
    if (at >= until_) return model::kNever;
    if (keep_.empty()) return at;
    if (clocks_.empty()) {
      if (draws_.bernoulli(std::min(keep_[hour_of(at, Duration{})], 1.0))) return at;
      continue;
    }
    // One draw says whether the candidate is kept, and where: each region has its part of [0, 1).
    double u = draws_.uniform01();
    for (std::size_t r = 0; r < clocks_.size(); ++r) {
      u -= clocks_[r].share * std::min(keep_[hour_of(at, clocks_[r].ahead)], 1.0);
      if (u >= 0) continue;
      region_ = static_cast<std::uint16_t>(r);
      return at;
    }
  }
}

std::uint32_t Workload::length() {
  const double x = length_.sample(draws_);
  return static_cast<std::uint32_t>(std::clamp(x, 1.0, 1e6));
}

std::uint32_t Workload::bytes() {
  return wrapped(static_cast<std::uint64_t>(std::clamp(size_.sample(sizes_), 0.0, 1e9)));
}

std::uint32_t Workload::wrapped(std::uint64_t plain) const {
  const std::uint64_t padded = pad_to_ == 0 ? plain : (plain + pad_to_ - 1) / pad_to_ * pad_to_;
  return static_cast<std::uint32_t>(padded + envelope_);
}

}  // namespace greytick::world
