// Metrics as thresholds and `sometimes` gates ask for them.
#include <algorithm>
#include <cmath>

#include "model/check.h"
#include "sim/results/metrics.h"

namespace greytick::results {
namespace {

using scenario::Aspect;
using scenario::Threshold;

template <class E, std::size_t N>
std::optional<E> named(std::string_view name, std::string_view (*name_of)(E)) {
  for (std::size_t i = 0; i < N; ++i) {
    if (name_of(static_cast<E>(i)) == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

}  // namespace

const Slice& Metrics::slice_of(const Threshold& threshold) const {
  if (threshold.during.empty() && threshold.where == scenario::Where{}) return slices_[0];
  const auto slice =
      std::ranges::find_if(slices_, [&threshold](const Slice& s) { return s.is_of(threshold); });
  CHECK(slice != slices_.end());
  return *slice;
}

Measured Metrics::measure_latency(const Threshold& t, const Censored& latency) const {
  Measured out{.samples = latency.count(), .open_share = latency.open_share()};
  const auto set = [&out](double value) { out.value = out.at_least = value; };
  if (latency.count() == 0) return out;
  switch (t.aspect) {
    case Aspect::kQuantile:
      if (const auto q = latency.quantile(t.quantile)) {
        set(static_cast<double>(*q));
      } else {
        out.at_least = static_cast<double>(latency.ended.max());
      }
      return out;
    case Aspect::kMean: {
      const auto ended = static_cast<double>(latency.ended.count());
      const auto open = static_cast<double>(latency.open.count());
      out.at_least = (latency.ended.mean() * ended + latency.open.mean() * open) / (ended + open);
      if (latency.open.empty()) out.value = out.at_least;
      return out;
    }
    case Aspect::kMin:
      set(static_cast<double>(latency.ended.min()));
      if (latency.ended.empty()) out.value.reset();
      return out;
    case Aspect::kMax:
      out.at_least = static_cast<double>(latency.longest());
      if (latency.open.empty()) out.value = out.at_least;
      return out;
    case Aspect::kValue:
    case Aspect::kRate:
      break;
  }
  CHECK_MSG(false, "not an aspect of a latency");
  return out;
}

Measured Metrics::reconnected_in(const Threshold& t) const {
  // Over several windows of the fault, the slowest return counts.
  Measured out;
  bool all_back = true;
  double slowest = 0.0;
  for (const Recovery& r : recoveries_) {
    if ((!t.during.empty() && r.window.name != t.during) || r.lost == 0) continue;
    out.samples += r.lost;
    // Those that came back while the fault was still in force waited for nothing after it.
    const bool back = r.back.has_value() || r.away.size() * 100 <= r.lost;
    all_back = all_back && back;
    const Instant until = r.back ? *r.back : back ? r.window.end : counted_to_;
    slowest = std::max(slowest, static_cast<double>((until - r.window.end).count()));
  }
  out.at_least = slowest;
  if (all_back && out.samples > 0) out.value = slowest;
  return out;
}

std::uint64_t Metrics::created() const { return facts_[model::Fact(model::Created{}).index()]; }

std::array<CostRow, kCostRows> Metrics::cost_rows() const {
  return results::cost_rows(cost_, facts_[model::Fact(model::Applied{}).index()]);
}

std::optional<Measured> Metrics::measure_cost(std::string_view metric) const {
  for (const CostRow& row : cost_rows()) {
    if (row.metric != metric) continue;
    // Without a message there is none that cost anything.
    if (!row.total || created() == 0) return Measured{};
    const double each = static_cast<double>(*row.total) / static_cast<double>(created());
    return Measured{.value = each, .at_least = each, .samples = created()};
  }
  return std::nullopt;
}

Measured Metrics::measure_value(const Threshold& t, const Slice& slice) const {
  const auto known = [](double value, std::uint64_t samples) {
    return Measured{.value = value, .at_least = value, .samples = samples};
  };
  const std::uint64_t messages = slice.counts[index(Count::kMessages)].total;
  if (t.metric == "queued") return known(static_cast<double>(queued_), messages);
  if (t.metric == "reconnected_in") return reconnected_in(t);
  if (const auto cost = measure_cost(t.metric)) return *cost;
  if (t.metric == "connected_share") {
    return known(slice.connected_share(), slice.seconds > 0.0 ? slice.devices : 0);
  }
  if (t.metric == "delivered_share") {
    Measured out = known(slice.delivered_share(), slice.committed);
    if (slice.committed == 0) out.value.reset();
    return out;
  }
  const auto peak = named<Peak, kPeaks>(t.metric, peak_name);
  CHECK(peak.has_value());
  // A peak speaks for every moment of its slice, so the run itself is the sample.
  return known(static_cast<double>(slice.peaks[index(*peak)]), slice.spans.empty() ? 0 : 1);
}

Measured Metrics::measure(const Threshold& threshold) const {
  const Slice& slice = slice_of(threshold);
  const bool whole = threshold.aspect == Aspect::kValue || threshold.aspect == Aspect::kRate;
  if (!whole) {
    const auto latency = named<Latency, kLatencies>(threshold.metric, latency_name);
    CHECK(latency.has_value());
    return measure_latency(threshold, slice.latencies[index(*latency)]);
  }
  const auto count = named<Count, kCounts>(threshold.metric, count_name);
  if (!count) return measure_value(threshold, slice);
  const Tally& tally = slice.counts[index(*count)];
  const auto value =
      static_cast<double>(threshold.aspect == Aspect::kRate ? tally.peak : tally.total);
  return {.value = value,
          .at_least = value,
          .samples = slice.spans.empty() ? 0 : std::max<std::uint64_t>(tally.total, 1)};
}

std::uint64_t Metrics::seen(scenario::Rare event) const {
  using enum scenario::Rare;
  using model::Branch;
  const auto facts = [this]<class F>(std::type_identity<F>) {
    return facts_[model::Fact(F{}).index()];
  };
  switch (event) {
    case kPushWokeDevice:
      return branch(Branch::kPushWokeDevice);
    case kSessionResumed:
      return branch(Branch::kSessionResumed);
    case kExpiredInHello:
      return branch(Branch::kExpiredInHello);
    case kTombstoned:
      return branch(Branch::kTombstoned);
    case kDeadLettered:
      return facts(std::type_identity<model::Settled>{});
    case kUnconfirmed:
      return branch(Branch::kUnconfirmed);
    case kUnconfirmedCorrected:
      return branch(Branch::kCorrected);
    case kLeaseStolen:
      return signals_[static_cast<std::size_t>(world::SignalKind::kLeaseChange)];
    case kShardMoved:
      return signals_[static_cast<std::size_t>(world::SignalKind::kShardMoved)];
    case kFrameMisrouted:
      return signals_[static_cast<std::size_t>(world::SignalKind::kMisrouted)];
    case kPersistFenced:
      return branch(Branch::kLeaseLost);
    case kRetryAnsweredFromRing:
      return branch(Branch::kRetryAnsweredFromRing);
    case kChannelReplayed:
      return branch(Branch::kChannelReplayed);
    case kGapSeen:
      return branch(Branch::kChannelGap) + branch(Branch::kGapRefused);
    case kHalfOpenDetected:
      return branch(Branch::kHalfOpenDetected);
    case kBackpressure:
      return branch(Branch::kBackpressure);
    case kStaleHello:
      return branch(Branch::kStaleHello);
    case kHelloRepeated:
      return branch(Branch::kHelloRepeated);
    case kDeviceRolledBack:
      return facts(std::type_identity<model::DeviceCrashed>{});
    case kShardRecovered:
      return branch(Branch::kShardRecovered);
    case kStoreRolledBack:
      return facts(std::type_identity<model::ShardCrashed>{});
    case kDuplicateIgnored:
      return branch(Branch::kDuplicateIgnored);
    case kIncarnationRetired:
      return facts(std::type_identity<model::Retired>{});
    case kSlowConsumerCut:
      return branch(Branch::kSlowConsumerCut);
    case kGatewayDrained:
      return signals_[static_cast<std::size_t>(world::SignalKind::kGatewayDrained)];
    case kPushThrottled:
      return branch(Branch::kPushThrottled);
    case kMemberChanged:
      return facts(std::type_identity<model::MemberChanged>{});
    case kJoinRefused:
      return branch(Branch::kJoinRefused);
    case kDeviceLinked:
      return branch(Branch::kLinked);
    case kDeviceUnlinked:
      return branch(Branch::kUnlinked);
    case kBackupFound:
      return branch(Branch::kBackupFound);
    case kStaleDevices:
      return branch(Branch::kStaleDevices);
    case kOutcomeUnknown:
      return facts(std::type_identity<model::OutcomeUnknown>{});
    case kVersionsDiffer:
      return branch(Branch::kVersionsDiffer);
    case kSentInParts:
      return branch(Branch::kSentInParts);
    case kNotUnderstood:
      return branch(Branch::kNotUnderstood);
    case kQueueDepth:
      return static_cast<std::uint64_t>(peak(Peak::kQueueDepth));
  }
  return 0;
}

}  // namespace greytick::results
