#include "sim/results/slice.h"

#include <algorithm>
#include <utility>

namespace greytick::results {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// Spans in order, those that touch as one: no moment counts twice.
std::vector<Span> joined(std::vector<Span> spans) {
  std::ranges::sort(spans, {}, &Span::from);
  std::vector<Span> out;
  for (const Span& span : spans) {
    if (out.empty() || out.back().to < span.from) {
      out.push_back(span);
    } else {
      out.back().to = std::max(out.back().to, span.to);
    }
  }
  return out;
}

}  // namespace

void Tally::add(Instant at) {
  const std::int64_t now = model::to_ns(at) / kSecond;
  ++total;
  if (second != now) {
    second = now;
    in_second = 0;
  }
  peak = std::max(peak, ++in_second);
}

Slice Slice::of(const scenario::Threshold& t, const scenario::Scenario& scenario,
                const std::vector<faults::Window>& windows) {
  Slice slice;
  slice.during = t.during;
  slice.plus = t.plus;
  slice.where = t.where;
  slice.devices = scenario::device_count(scenario.population);
  if (t.during.empty()) slice.spans.push_back({Instant{} + scenario.warmup, model::kNever});
  for (const faults::Window& w : windows) {
    if (t.during.empty() || w.name != t.during) continue;
    // A fault that is over at once still covers the instant it struck.
    const Instant end = std::max(w.end, w.start + Duration(1));
    slice.spans.push_back({w.start, model::saturating_add(end, t.plus)});
  }
  if (t.where.selects_time()) {
    const Instant from = Instant{} + t.where.from;
    const Instant until = t.where.until ? Instant{} + *t.where.until : model::kNever;
    for (Span& span : slice.spans) {
      span = {std::max(span.from, from), std::min(span.to, until)};
    }
    std::erase_if(slice.spans, [](const Span& span) { return span.from >= span.to; });
  }
  slice.spans = joined(std::move(slice.spans));
  const auto number = [](const auto& list, const std::string& name, auto member) {
    return std::ranges::find(list, name, member) - list.begin();
  };
  if (!t.where.region.empty()) {
    slice.region = static_cast<std::uint16_t>(
        number(scenario.topology.regions, t.where.region, &scenario::Region::name));
  }
  if (!t.where.network.empty()) {
    slice.access = static_cast<std::uint8_t>(
        number(scenario.network.access, t.where.network, &scenario::Access::name));
  }
  return slice;
}

bool Slice::holds(Instant at) const {
  return std::ranges::any_of(spans,
                             [at](const Span& span) { return at >= span.from && at < span.to; });
}

double Slice::connected_share() const {
  return seconds == 0.0 || devices == 0
             ? 0.0
             : connected_seconds / seconds / static_cast<double>(devices);
}

double Slice::delivered_share() const {
  return committed == 0 ? 0.0 : static_cast<double>(delivered) / static_cast<double>(committed);
}

void Slice::pass(Instant from, Instant to, std::uint64_t in_flight, std::uint64_t queued) {
  while (next_span < spans.size() && spans[next_span].to <= from) {
    ++next_span;
  }
  for (std::size_t i = next_span; i < spans.size(); ++i) {
    const Span& span = spans[i];
    if (span.from >= to) return;
    const Duration here = std::min(to, span.to) - std::max(from, span.from);
    const double passed = static_cast<double>(here.count()) / static_cast<double>(kSecond);
    seconds += passed;
    connected_seconds += passed * static_cast<double>(connected);
    // What stood high before the slice began stands high in it.
    const auto stood = [this](Peak which, std::uint64_t level) {
      std::int64_t& peak = peaks[index(which)];
      peak = std::max(peak, static_cast<std::int64_t>(level));
    };
    stood(Peak::kConnected, connected);
    stood(Peak::kInFlight, in_flight);
    stood(Peak::kQueued, queued);
  }
}

}  // namespace greytick::results
