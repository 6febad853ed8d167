// What a run measured: latencies with their censored part, counts, peaks, a time series.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "model/fact.h"
#include "model/time.h"
#include "sim/faults/plan.h"
#include "sim/memory/paged_array.h"
#include "sim/results/cost.h"
#include "sim/results/histogram.h"
#include "sim/results/messages.h"
#include "sim/results/slice.h"
#include "sim/scenario/scenario.h"
#include "sim/world/fact_sink.h"

namespace greytick::results {

/// A number that a threshold asked for. Units are those of scenario::Threshold::limit.
struct Measured {
  std::optional<double> value = {};
  double at_least = 0.0;  // what it certainly reached, where the value itself is hidden
  std::uint64_t samples = 0;
  double open_share = 0.0;  // part of the samples that had not ended
};

/// One row of the time series; counts are totals since the start.
struct SeriesRow {
  Instant at;
  std::uint64_t messages = 0, committed = 0, delivered = 0, failed = 0, logins = 0;
  std::uint64_t attempts = 0, refused = 0, reconnects = 0;
  std::uint64_t connected = 0, in_flight = 0, queued = 0;
  // ns, of what ended since the row before.
  std::optional<std::int64_t> e2e_p50, e2e_p99, tick2_p50, tick2_p99;
};

/// A message worth naming.
struct SlowMessage {
  std::int64_t latency_ns = 0;  // create to apply
  Instant created;
  model::StreamId stream;
  model::ClientSeq cseq;
  model::LogPos position;
  model::DeviceId recipient;
};

// Follows every message from Created to READ and every session from login to loss. Memory: about 60
// B for each message that is not read yet, 40 B for each device that was ever seen.
//
// Latency samples belong to the moment they began: those from before the warm-up, and all that ends
// after the horizon, are left out; freeze() turns what is unfinished into censored samples.
class Metrics final : public world::FactSink {
 public:
  Metrics(const scenario::Scenario& scenario, std::vector<faults::Window> windows);

  void on_fact(Instant at, const model::Fact& fact) override;
  void on_signal(Instant at, const world::Signal& signal) override;
  void foresee(const model::StreamId& stream, model::DeviceId device, bool next) override;
  /// The horizon, or an earlier end of the run: no latency is recorded from here on. Counts go on.
  void freeze(Instant at);

  /// What the whole run cost, once it is over.
  void set_cost(Cost cost) { cost_ = std::move(cost); }
  const Cost& cost() const { return cost_; }
  std::array<CostRow, kCostRows> cost_rows() const;
  /// Messages created in all of the run, warm-up included.
  std::uint64_t created() const;

  /// The metric and aspect of a threshold, over its `during`. CHECKs that metric_table.h knows it.
  Measured measure(const scenario::Threshold& threshold) const;
  /// Where devices are, for thresholds that say `where`. Called before anything is told, and asked
  /// only while something is told.
  void set_places(const std::function<Place(model::DeviceId)>& places);

  /// How often a rare event was seen (queue_depth: the depth).
  std::uint64_t seen(scenario::Rare event) const;

  /// Over the whole run after warm-up.
  const Censored& latency(Latency which) const { return slices_[0].latencies[index(which)]; }
  std::uint64_t count(Count which) const { return slices_[0].counts[index(which)].total; }
  std::int64_t peak(Peak which) const { return slices_[0].peaks[index(which)]; }
  std::uint64_t branch(model::Branch which) const {
    return branches_[static_cast<std::size_t>(which)];
  }
  /// Facts of each kind, in the order of model::Fact.
  const std::array<std::uint64_t, std::variant_size_v<model::Fact>>& facts() const {
    return facts_;
  }
  double connected_share() const { return slices_[0].connected_share(); }
  double delivered_share() const { return slices_[0].delivered_share(); }

  // --- as of now, for progress ---
  std::uint64_t connected() const { return connected_; }
  std::uint64_t in_flight() const { return in_flight_; }
  std::uint64_t queued() const { return queued_; }

  const std::vector<SeriesRow>& series() const { return series_; }
  /// Slowest first, at most kSlowest.
  std::vector<SlowMessage> slowest() const;
  static constexpr std::size_t kSlowest = 100;
  const std::vector<faults::Window>& windows() const { return windows_; }

 private:
  // How the sessions lost during one window of a fault came back.
  struct Recovery {
    faults::Window window;
    boost::unordered_flat_set<std::uint32_t> away = {};
    std::uint64_t lost = 0;
    std::optional<Instant> back = {};  // 99 % of them
  };
  struct Session {
    bool open = false;
    std::uint32_t waiting = 0;  // committed for this device, neither applied nor settled
    Instant lost_at = model::kNever;
    Instant open_since = model::kNever;
  };
  // What a sender shows of one user, where several devices get its messages: positions.
  struct MarksKey {
    std::uint64_t conversation;
    std::uint32_t sender, user;
    bool operator==(const MarksKey&) const = default;
    friend std::size_t hash_value(const MarksKey& key) {
      const std::uint64_t who = (std::uint64_t{key.sender} << 32) | key.user;
      return static_cast<std::size_t>(
          model::payload_internal::mix(key.conversation ^ model::payload_internal::mix(who)));
    }
  };
  struct UserMarks {
    std::uint64_t delivered = 0, read = 0;
  };

  void advance(Instant at);
  void emit_row(Instant at);
  void add_slice(const scenario::Threshold& threshold, const scenario::Scenario& scenario);
  Place place_of(model::DeviceId device) const { return places_ ? places_(device) : Place{}; }
  // What is said of a device counts in the slices that look at it.
  void add(Instant at, Count which, model::DeviceId device);
  void ended(Instant began, Instant at, Latency which, model::DeviceId device);
  void raise(Instant at, Peak which, std::int64_t value);
  void count_session(Instant at, model::DeviceId device, bool opened);
  void settle_one(model::DeviceId recipient);
  void session_over(Instant at, model::DeviceId device, bool wanted_it);
  const Slice& slice_of(const scenario::Threshold& threshold) const;
  Measured measure_latency(const scenario::Threshold& t, const Censored& latency) const;
  Measured measure_value(const scenario::Threshold& t, const Slice& slice) const;
  std::optional<Measured> measure_cost(std::string_view metric) const;
  Measured reconnected_in(const scenario::Threshold& t) const;

  void on(Instant at, const model::Created& f);
  void on(Instant at, const model::Answered& f);
  void on(Instant at, const model::Committed& f);
  void on(Instant at, const model::Applied& f);
  void on(Instant at, const model::SentShown& f);
  void on(Instant at, const model::TicksShown& f);
  void on(Instant at, const model::AggregateShown& f);
  std::uint16_t count_users(const model::Committed& f);
  void show_several(Instant at, const Messages::Stream& stream, const model::TicksShown& f);
  void shown(Instant at, InTransit& m, InTransit::Stage stage, Latency latency,
             model::DeviceId sender);
  void reach(Instant at, Messages::Stream& stream, model::DeviceId sender, std::size_t which,
             model::LogPos upto, InTransit::Stage stage, Latency latency);
  void on(Instant at, const model::FailureShown& f);
  void on(Instant at, const model::SessionAdopted& f);
  void on(Instant at, const model::Settled& f);
  void on(Instant at, const model::TurnedAway& f);
  void on(Instant at, const model::RejectedForGood& f);
  void on(Instant at, const model::Took& f);
  void on(Instant at, const model::DeviceCrashed& f);
  template <class Other>
  void on(Instant, const Other&) {}

  Instant warmup_, horizon_;
  Duration row_every_;
  std::uint64_t devices_;
  std::vector<faults::Window> windows_;
  std::function<Place(model::DeviceId)> places_;  // only while a slice asks for it
  std::vector<Slice> slices_;                     // the first is the whole run after warm-up
  std::vector<Recovery> recoveries_;
  Messages messages_;
  memory::PagedArray<Session> sessions_;  // by device
  boost::unordered_flat_map<MarksKey, UserMarks> user_marks_;
  boost::unordered_flat_map<std::uint32_t, std::uint32_t>
      owners_;  // of linked devices: their users
  std::array<std::uint64_t, std::variant_size_v<model::Fact>> facts_{};
  std::array<std::uint64_t, model::kBranches> branches_{};
  std::array<std::uint64_t, world::kSignalKinds> signals_{};
  std::uint64_t connected_ = 0, in_flight_ = 0, queued_ = 0;
  Instant counted_to_{};
  Instant next_row_{};
  Histogram row_e2e_, row_tick2_;
  std::vector<SeriesRow> series_;
  std::vector<SlowMessage> slowest_;  // a heap, least on top
  Cost cost_;
  bool frozen_ = false;
  Instant frozen_at_{};
};

}  // namespace greytick::results
