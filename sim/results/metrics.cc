#include "sim/results/metrics.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "model/check.h"

namespace greytick::results {
namespace {

bool slower(const SlowMessage& a, const SlowMessage& b) {
  if (a.latency_ns != b.latency_ns) return a.latency_ns > b.latency_ns;
  if (a.stream != b.stream) return a.stream < b.stream;
  return a.cseq < b.cseq;
}

}  // namespace

Metrics::Metrics(const scenario::Scenario& scenario, std::vector<faults::Window> windows)
    : warmup_(Instant{} + scenario.warmup),
      horizon_(Instant{} + scenario.horizon),
      row_every_(scenario.record.metrics_every),
      devices_(scenario::device_count(scenario.population)),
      windows_(std::move(windows)) {
  slices_.emplace_back();
  slices_[0].spans.push_back({warmup_, model::kNever});
  slices_[0].devices = devices_;
  for (const scenario::Threshold& t : scenario.gates.thresholds) add_slice(t, scenario);
  for (const faults::Window& w : windows_) recoveries_.push_back({.window = w, .away = {}});
  next_row_ = Instant{} + row_every_;
}

void Metrics::add_slice(const scenario::Threshold& t, const scenario::Scenario& scenario) {
  if (t.during.empty() && t.where == scenario::Where{}) return;
  if (std::ranges::any_of(slices_, [&t](const Slice& slice) { return slice.is_of(t); })) return;
  slices_.push_back(Slice::of(t, scenario, windows_));
}

void Metrics::set_places(const std::function<Place(model::DeviceId)>& places) {
  const auto narrow = [](const Slice& slice) { return slice.where.selects_devices(); };
  if (!std::ranges::any_of(slices_, narrow)) return;
  places_ = places;
  for (Slice& slice : slices_) {
    if (!narrow(slice)) continue;
    slice.devices = 0;
    for (std::uint64_t i = 0; i < devices_; ++i) {
      slice.devices +=
          slice.takes(place_of(model::DeviceId(static_cast<std::uint32_t>(i)))) ? 1 : 0;
    }
  }
}

void Metrics::advance(Instant at) {
  if (row_every_ > Duration(0)) {
    while (at >= next_row_ && !frozen_) {
      emit_row(next_row_);
      next_row_ += row_every_;
    }
  }
  const Instant to = std::min(at, frozen_ ? frozen_at_ : horizon_);
  if (to > counted_to_) {
    for (Slice& slice : slices_) slice.pass(counted_to_, to, in_flight_, queued_);
  }
  counted_to_ = std::max(counted_to_, at);
}

void Metrics::emit_row(Instant at) {
  const auto total = [this](Count which) { return slices_[0].counts[index(which)].total; };
  SeriesRow row{.at = at,
                .messages = total(Count::kMessages),
                .committed = total(Count::kCommitted),
                .delivered = total(Count::kDelivered),
                .failed = total(Count::kFailed),
                .logins = total(Count::kLogins),
                .attempts = total(Count::kAttempts),
                .refused = total(Count::kRefused),
                .reconnects = total(Count::kReconnects),
                .connected = connected_,
                .in_flight = in_flight_,
                .queued = queued_,
                .e2e_p50 = row_e2e_.quantile(0.5),
                .e2e_p99 = row_e2e_.quantile(0.99),
                .tick2_p50 = row_tick2_.quantile(0.5),
                .tick2_p99 = row_tick2_.quantile(0.99)};
  series_.push_back(row);
  row_e2e_ = {};
  row_tick2_ = {};
}

void Metrics::add(Instant at, Count which, model::DeviceId device) {
  const Place place = place_of(device);
  for (Slice& slice : slices_) {
    if (slice.holds(at) && slice.takes(place)) slice.counts[index(which)].add(at);
  }
}

void Metrics::ended(Instant began, Instant at, Latency which, model::DeviceId device) {
  if (frozen_) return;
  const std::int64_t ns = (at - began).count();
  const Place place = place_of(device);
  for (Slice& slice : slices_) {
    if (slice.holds(began) && slice.takes(place)) slice.latencies[index(which)].ended.record(ns);
  }
}

void Metrics::raise(Instant at, Peak which, std::int64_t value) {
  for (Slice& slice : slices_) {
    std::int64_t& peak = slice.peaks[index(which)];
    if (value > peak && slice.holds(at)) peak = value;
  }
}

// How many sessions are open, and the most there were; once for each session.
void Metrics::count_session(Instant at, model::DeviceId device, bool opened) {
  const Place place = place_of(device);
  opened ? ++connected_ : --connected_;
  for (Slice& slice : slices_) {
    if (!slice.takes(place)) continue;
    opened ? ++slice.connected : --slice.connected;
    std::int64_t& peak = slice.peaks[index(Peak::kConnected)];
    const auto level = static_cast<std::int64_t>(slice.connected);
    if (level > peak && slice.holds(at)) peak = level;
  }
}

void Metrics::on_fact(Instant at, const model::Fact& fact) {
  advance(at);
  ++facts_[fact.index()];
  std::visit([this, at](const auto& f) { on(at, f); }, fact);
}

void Metrics::foresee(const model::StreamId& stream, model::DeviceId device, bool next) {
  messages_.foresee(stream, next);
  if (!next) sessions_.prefetch(device.value());
}

void Metrics::on(Instant at, const model::Created& f) {
  messages_.create(f.stream, f.cseq, f.composed_at);
  add(at, Count::kMessages, f.stream.device);
  raise(at, Peak::kInFlight, static_cast<std::int64_t>(++in_flight_));
}

void Metrics::on(Instant, const model::Answered& f) {
  if (model::is_definite(f.code) && in_flight_ > 0) --in_flight_;
}

void Metrics::on(Instant at, const model::Committed& f) {
  add(at, Count::kCommitted, f.message.stream.device);
  InTransit* m = messages_.find(f.message.stream, f.message.cseq);
  if (m == nullptr || (m->stages & InTransit::kCommitted) != 0) return;
  m->stages |= InTransit::kCommitted;
  m->position = f.message.position.value();
  if (!frozen_) {
    const Place place = place_of(f.message.stream.device);
    for (Slice& slice : slices_) {
      if (slice.holds(m->created) && slice.takes(place)) slice.committed += f.recipients.size();
    }
  }
  m->copies = m->waiting = static_cast<std::uint16_t>(f.recipients.size());
  m->recipients = count_users(f);
  for (const model::Recipient& r : f.recipients) {
    Session& session = sessions_[r.device.value()];
    if (session.open && !m->to_several()) m->stages |= InTransit::kOnline;
    raise(at, Peak::kQueueDepth, ++session.waiting);
    raise(at, Peak::kQueued, static_cast<std::int64_t>(++queued_));
  }
}

void Metrics::settle_one(model::DeviceId recipient) {
  Session& session = sessions_[recipient.value()];
  if (session.waiting > 0) --session.waiting;
  if (queued_ > 0) --queued_;
}

void Metrics::on(Instant at, const model::Applied& f) {
  InTransit* m = messages_.find(f.message.stream, f.message.cseq);
  // A second apply, or one of a message that nobody created, is for the judges.
  if (m == nullptr) return;
  const bool over = m->to_several()
                        ? m->waiting == 0
                        : (m->stages & (InTransit::kApplied | InTransit::kSettled)) != 0;
  if (over) return;
  m->stages |= InTransit::kApplied;
  if (m->waiting > 0) --m->waiting;
  const model::DeviceId sender = f.message.stream.device;
  add(at, Count::kDelivered, sender);
  if ((m->stages & InTransit::kCommitted) != 0) settle_one(f.device);
  if (!frozen_) {
    ended(m->created, at, Latency::kAll, sender);
    const Session& session = sessions_[f.device.value()];
    // Of several: in one session since before it was written.
    const bool online = m->to_several() ? session.open && session.open_since <= m->created
                                        : (m->stages & InTransit::kOnline) != 0;
    if (online) {
      ended(m->created, at, Latency::kE2e, sender);
      row_e2e_.record((at - m->created).count());
    }
    if ((m->stages & InTransit::kCommitted) != 0) {
      const Place place = place_of(sender);
      for (Slice& slice : slices_) {
        slice.delivered += slice.holds(m->created) && slice.takes(place) ? 1 : 0;
      }
    }
    if (m->created >= warmup_) {
      const SlowMessage slow{.latency_ns = (at - m->created).count(),
                             .created = m->created,
                             .stream = f.message.stream,
                             .cseq = f.message.cseq,
                             .position = f.message.position,
                             .recipient = f.device};
      if (slowest_.size() < kSlowest) {
        slowest_.push_back(slow);
        std::ranges::push_heap(slowest_, slower);
      } else if (slower(slow, slowest_.front())) {
        std::ranges::pop_heap(slowest_, slower);
        slowest_.back() = slow;
        std::ranges::push_heap(slowest_, slower);
      }
    }
  }
  messages_.trim(f.message.stream);
}

void Metrics::shown(Instant at, InTransit& m, InTransit::Stage stage, Latency latency,
                    model::DeviceId sender) {
  m.stages = static_cast<std::uint8_t>(m.stages | stage);
  ended(m.created, at, latency, sender);
  if (stage == InTransit::kDeliveredShown && !frozen_) {
    row_tick2_.record((at - m.created).count());
  }
}

void Metrics::reach(Instant at, Messages::Stream& stream, model::DeviceId sender, std::size_t which,
                    model::LogPos upto, InTransit::Stage stage, Latency latency) {
  messages_.raise(stream, which, upto.value(), [&](InTransit& m) {
    // A failed position stays failed, also below the register.
    if (stage != InTransit::kSentShown && (m.stages & InTransit::kSettled) != 0) return;
    shown(at, m, stage, latency, sender);
  });
}

// The users whom a message is for. Phones have the numbers of their users; of other devices it is
// remembered whose they are.
std::uint16_t Metrics::count_users(const model::Committed& f) {
  std::uint16_t users = 0;
  for (std::size_t i = 0; i < f.recipients.size(); ++i) {
    const model::Recipient& r = f.recipients[i];
    if (r.user.value() != r.device.value()) owners_[r.device.value()] = r.user.value();
    if (r.user == f.message.sender) continue;
    const auto before = f.recipients.begin() + static_cast<std::ptrdiff_t>(i);
    const bool counted = r.user.value() != r.device.value() &&
                         std::find_if(f.recipients.begin(), before, [&r](const auto& other) {
                           return other.user == r.user;
                         }) != before;
    users = static_cast<std::uint16_t>(users + (counted ? 0 : 1));
  }
  return users;
}

// Of one user with several devices, what the device furthest on has done. What holds for all of a
// group its sender's device says itself.
void Metrics::show_several(Instant at, const Messages::Stream& stream, const model::TicksShown& f) {
  const auto owner = owners_.find(f.recipient.value());
  const std::uint32_t user = owner == owners_.end() ? f.recipient.value() : owner->second;
  UserMarks& old = user_marks_[MarksKey{f.conversation.value(), f.device.value(), user}];
  const UserMarks now{std::max(old.delivered, f.delivered.value()),
                      std::max(old.read, f.read.value())};
  messages_.walk(stream, [&](InTransit& m) {
    if (m.position == 0) return true;  // rejected, or not committed yet
    if (m.position > std::max(now.delivered, now.read)) return false;
    if (m.recipients > 1) return true;
    if (m.position > old.delivered && m.position <= now.delivered &&
        ++m.delivered == m.recipients) {
      shown(at, m, InTransit::kDeliveredShown, Latency::kTick2, f.device);
    }
    if (m.position > old.read && m.position <= now.read && ++m.read == m.recipients) {
      shown(at, m, InTransit::kReadShown, Latency::kRead, f.device);
    }
    return true;
  });
  old = now;
}

void Metrics::on(Instant at, const model::SentShown& f) {
  const model::StreamId stream{
      .device = f.device, .incarnation = f.incarnation, .conversation = f.conversation};
  Messages::Stream* held = messages_.of(stream);
  if (held == nullptr) return;
  reach(at, *held, f.device, 0, f.sent, InTransit::kSentShown, Latency::kSent);
  messages_.trim(stream, *held);
}

void Metrics::on(Instant at, const model::TicksShown& f) {
  const model::StreamId stream{
      .device = f.device, .incarnation = f.incarnation, .conversation = f.conversation};
  Messages::Stream* held = messages_.of(stream);
  if (held == nullptr) return;
  if (messages_.to_several(*held)) {
    show_several(at, *held, f);
  } else {
    reach(at, *held, f.device, 1, f.delivered, InTransit::kDeliveredShown, Latency::kTick2);
    reach(at, *held, f.device, 2, f.read, InTransit::kReadShown, Latency::kRead);
  }
  messages_.trim(stream, *held);
}

void Metrics::on(Instant at, const model::AggregateShown& f) {
  const model::StreamId stream{
      .device = f.device, .incarnation = f.incarnation, .conversation = f.conversation};
  Messages::Stream* held = messages_.of(stream);
  if (held == nullptr) return;
  messages_.walk(*held, [&](InTransit& m) {
    if (m.position != f.position.value()) return m.position < f.position.value();
    const auto stage = f.read ? InTransit::kReadShown : InTransit::kDeliveredShown;
    if ((m.stages & stage) == 0) {
      shown(at, m, stage, f.read ? Latency::kRead : Latency::kTick2, stream.device);
    }
    return false;
  });
  messages_.trim(stream, *held);
}

void Metrics::on(Instant at, const model::FailureShown& f) {
  if (f.cause == model::Cause::kNone) return;
  const model::StreamId stream{
      .device = f.device, .incarnation = f.incarnation, .conversation = f.conversation};
  Messages::Stream* held = messages_.of(stream);
  if (held == nullptr) return;
  messages_.walk(*held, [&](InTransit& m) {
    if (m.position > f.to.value()) return false;
    if (m.position < f.from.value() || m.position == 0) return true;
    // To one user it failed when no device of theirs has it; to several, when one is without.
    const bool failed = m.recipients > 1 || ++m.failed >= m.copies || !m.to_several();
    if (failed && (m.stages & (InTransit::kFailedShown | InTransit::kDeliveredShown)) == 0) {
      m.stages |= InTransit::kFailedShown;
      add(at, Count::kFailed, f.device);
    }
    return true;
  });
  messages_.trim(stream, *held);
}

void Metrics::on(Instant at, const model::SessionAdopted& f) {
  Session& session = sessions_[f.device.value()];
  add(at, Count::kLogins, f.device);
  if (session.lost_at != model::kNever) {
    ended(session.lost_at, at, Latency::kReconnect, f.device);
    add(at, Count::kReconnects, f.device);
    session.lost_at = model::kNever;
  }
  for (Recovery& r : recoveries_) {
    if (r.away.erase(f.device.value()) == 0 || r.back) continue;
    if (r.away.size() * 100 <= r.lost && at >= r.window.end) r.back = at;
  }
  if (session.open) return;
  session.open = true;
  session.open_since = at;
  count_session(at, f.device, true);
}

void Metrics::session_over(Instant at, model::DeviceId device, bool wanted_it) {
  Session& session = sessions_[device.value()];
  if (session.open) {
    session.open = false;
    count_session(at, device, false);
    if (!wanted_it) {
      session.lost_at = at;
      for (Recovery& r : recoveries_) {
        const bool during = at >= r.window.start && at <= r.window.end;
        if (during && r.away.insert(device.value()).second) ++r.lost;
      }
    }
  }
  if (wanted_it) {
    // Who went away by its own will is not on the way back.
    session.lost_at = model::kNever;
    for (Recovery& r : recoveries_) {
      if (r.away.erase(device.value()) != 0) --r.lost;
    }
  }
}

void Metrics::on(Instant at, const model::Settled& f) {
  if (f.cause == model::Cause::kUnconfirmed) add(at, Count::kUnconfirmed, f.message.stream.device);
  if (f.cause == model::Cause::kExpired) add(at, Count::kExpired, f.message.stream.device);
  InTransit* m = messages_.find(f.message.stream, f.message.cseq);
  if (m == nullptr || (m->stages & InTransit::kSettled) != 0) return;
  if (m->waiting > 0) --m->waiting;
  add(at, Count::kDeadLetters, f.message.stream.device);
  if (m->to_several() && m->waiting > 0) {
    settle_one(f.device);
    return;
  }
  if ((m->stages & InTransit::kApplied) == 0) settle_one(f.device);
  m->stages |= InTransit::kSettled;
  messages_.trim(f.message.stream);
}

void Metrics::on(Instant at, const model::TurnedAway& f) {
  add(at, Count::kRetryable, f.stream.device);
}

void Metrics::on(Instant at, const model::RejectedForGood& f) {
  add(at, Count::kRejected, f.stream.device);
  if (InTransit* m = messages_.find(f.stream, f.cseq); m != nullptr) {
    m->stages |= InTransit::kSettled | InTransit::kFailedShown;
    messages_.trim(f.stream);
  }
}

void Metrics::on(Instant at, const model::Took& f) {
  ++branches_[static_cast<std::size_t>(f.branch)];
  if (f.branch == model::Branch::kDuplicateIgnored) add(at, Count::kRedeliveries, {});
  if (f.branch == model::Branch::kTombstoned) add(at, Count::kTombstones, {});
  if (f.branch == model::Branch::kPushed) add(at, Count::kPushes, {});
}

void Metrics::on(Instant at, const model::DeviceCrashed& f) { session_over(at, f.device, true); }

void Metrics::on_signal(Instant at, const world::Signal& signal) {
  using enum world::SignalKind;
  advance(at);
  ++signals_[static_cast<std::size_t>(signal.kind)];
  const auto lasted = [&](Latency which) {
    ended(at - Duration(signal.value), at, which, signal.device);
  };
  switch (signal.kind) {
    case kAttempt:
      return add(at, Count::kAttempts, signal.device);
    case kRefused:
      return add(at, Count::kRefused, signal.device);
    case kSessionLost:
      return session_over(at, signal.device, false);
    case kSessionEnded:
      return session_over(at, signal.device, true);
    case kResent:
      return add(at, Count::kRetries, signal.device);
    case kPush:
      return;  // counted by what the push gateway itself says
    case kPushError:
      return add(at, Count::kPushErrors, signal.device);
    case kFrameLost:
      return add(at, Count::kFramesLost, signal.device);
    case kConnectionLost:
      return add(at, Count::kConnectionsLost, signal.device);
    case kLeaseChange:
    case kShardMoved:
      return add(at, Count::kLeaseChanges, signal.device);
    case kGatewayDrained:
    case kMisrouted:
      return;
    case kSynced:
      return lasted(Latency::kCommit);
    case kLoggedIn:
      return lasted(Latency::kLogin);
    case kFlushed:
      return lasted(Latency::kFlush);
    case kWoken:
      return lasted(Latency::kWake);
    case kDetected:
      return lasted(Latency::kDetect);
    case kMailboxDepth:
      return raise(at, Peak::kQueueDepth, signal.value);
    case kChannelDepth:
      return raise(at, Peak::kChannelDepth, signal.value);
    case kStoreBytes:
      return raise(at, Peak::kStoreBytes, signal.value);
    case kSessionBytes:
      return raise(at, Peak::kSessionBytes, signal.value);
  }
}

void Metrics::freeze(Instant at) {
  CHECK(!frozen_);
  advance(at);
  frozen_ = true;
  frozen_at_ = at;
  const auto open = [&](Instant began, Latency which, model::DeviceId device) {
    const Place place = place_of(device);
    for (Slice& slice : slices_) {
      if (slice.holds(began) && slice.takes(place)) {
        slice.latencies[index(which)].open.record((at - began).count());
      }
    }
  };
  messages_.each([&](model::DeviceId sender, const InTransit& m) {
    const auto lacks = [&m](InTransit::Stage stage) { return (m.stages & stage) == 0; };
    if (lacks(InTransit::kApplied)) {
      open(m.created, Latency::kAll, sender);
      if (!lacks(InTransit::kOnline)) open(m.created, Latency::kE2e, sender);
    }
    if (lacks(InTransit::kSentShown)) open(m.created, Latency::kSent, sender);
    if (lacks(InTransit::kDeliveredShown)) open(m.created, Latency::kTick2, sender);
    if (lacks(InTransit::kReadShown)) open(m.created, Latency::kRead, sender);
  });
  sessions_.each([&](std::size_t device, const Session& session) {
    if (session.lost_at != model::kNever) {
      open(session.lost_at, Latency::kReconnect,
           model::DeviceId(static_cast<std::uint32_t>(device)));
    }
  });
}

std::vector<SlowMessage> Metrics::slowest() const {
  std::vector<SlowMessage> out = slowest_;
  std::ranges::sort(out, slower);
  return out;
}

}  // namespace greytick::results
