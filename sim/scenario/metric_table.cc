#include "sim/scenario/metric_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

#include "sim/scenario/names.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/units_text.h"

namespace greytick::scenario {
namespace {

constexpr MetricRule latency(std::string_view name, std::string_view about) {
  return {.name = name,
          .quantiles = true,
          .rate = false,
          .value = false,
          .unit = MetricUnit::kDuration,
          .by_device = true,
          .about = about};
}

constexpr MetricRule count(std::string_view name, std::string_view about, bool by_device = true) {
  return {.name = name,
          .quantiles = false,
          .rate = true,
          .value = true,
          .unit = MetricUnit::kCount,
          .by_device = by_device,
          .about = about};
}

constexpr MetricRule value(std::string_view name, MetricUnit unit, std::string_view about,
                           bool by_device = false) {
  return {.name = name,
          .quantiles = false,
          .rate = false,
          .value = true,
          .unit = unit,
          .by_device = by_device,
          .about = about};
}

constexpr MetricRule at_end(std::string_view name, MetricUnit unit, std::string_view about) {
  MetricRule rule = value(name, unit, about);
  rule.whole_run = true;
  return rule;
}

constexpr auto kMetrics = std::to_array<MetricRule>({
    latency("e2e", "create to apply, on devices in session at commit"),
    latency("all", "create to apply, every message; those still queued are censored"),
    latency("sent", "create to SENT shown"),
    latency("tick2", "create to DELIVERED shown"),
    latency("read", "create to READ shown"),
    {.name = "commit",
     .quantiles = true,
     .rate = false,
     .value = false,
     .unit = MetricUnit::kDuration,
     .by_device = false,
     .about = "a store's group commit, from persist to durable"},
    latency("login", "start of an attempt to session open"),
    latency("flush", "session open to empty mailbox, sessions that found a backlog"),
    latency("wake", "push request to session open, devices woken"),
    latency("detect", "a connection's silent death to its side noticing"),
    {.name = "reconnect",
     .quantiles = true,
     .rate = true,
     .value = true,
     .unit = MetricUnit::kDuration,
     .by_device = true,
     .about = "loss of a session to the next; .rate counts returns; alone: how many"},
    count("logins", "sessions opened"),
    count("attempts", "connection attempts"),
    count("refused", "connection attempts refused by a full accept queue"),
    count("messages", "messages created"),
    count("committed", "messages committed"),
    count("delivered", "messages applied"),
    count("failed", "messages shown as FAILED"),
    count("rejected", "messages rejected for good"),
    count("retries", "SENDs sent again"),
    count("retryable", "RETRYABLE answers"),
    count("redeliveries", "DATA that a device had already", false),
    count("tombstones", "mailbox entries turned into tombstones", false),
    count("dead_letters", "dead letter records"),
    count("unconfirmed", "messages that settled as FAILED(unconfirmed)"),
    count("expired", "messages that settled as FAILED(expired)"),
    count("pushes", "push requests", false),
    count("push_errors", "push requests not accepted"),
    count("frames_lost", "frames lost with a broken connection"),
    count("connections_lost", "connections that ended without a close"),
    count("lease_changes", "shards that changed hands", false),
    at_end("queued", MetricUnit::kCount, "messages not delivered at the end of the drain"),
    value("queued_peak", MetricUnit::kCount, "most messages queued offline at one time"),
    value("queue.depth", MetricUnit::kCount, "entries of the deepest mailbox"),
    value("channel.depth", MetricUnit::kCount, "entries of the deepest channel"),
    value("in_flight_peak", MetricUnit::kCount, "most messages without a definite answer"),
    value("connected_peak", MetricUnit::kCount, "most sessions open at one time", true),
    value("connected_share", MetricUnit::kShare, "devices in session, mean over time", true),
    value("delivered_share", MetricUnit::kShare, "committed messages applied by the horizon", true),
    value("reconnected_in", MetricUnit::kDuration,
          "end of the fault (or start, when it is over at once) to 99 % of the lost sessions back"),
    value("store.bytes_peak", MetricUnit::kBytes, "most bytes on one store's disk"),
    value("session.bytes_peak", MetricUnit::kBytes, "most unsent bytes of one connection"),
    at_end("deliveries_per_message", MetricUnit::kRatio, "applies of a message created"),
    at_end("transactions_per_message", MetricUnit::kRatio,
           "transactions on the stores of servers, of a message created"),
    at_end("frames_per_message", MetricUnit::kRatio,
           "frames on the network, logins and heartbeats too, of a message created"),
    at_end("packets_per_message", MetricUnit::kRatio,
           "packets on the connections of devices, retransmissions too, of a message created"),
    at_end("bytes_per_message", MetricUnit::kBytes, "bytes on the network, of a message created"),
    at_end("events_per_message", MetricUnit::kRatio, "events simulated, of a message created"),
});

std::vector<std::string> candidates() {
  std::vector<std::string> out;
  for (const MetricRule& m : kMetrics) {
    if (m.value) out.emplace_back(m.name);
    if (m.rate) out.push_back(fmt::format("{}.rate", m.name));
    if (m.quantiles) {
      for (const std::string_view q : {"p50", "p90", "p95", "p99", "p99.9", "mean", "min", "max"}) {
        out.push_back(fmt::format("{}.{}", m.name, q));
      }
    }
  }
  return out;
}

// "p99.9" is 0.999, read as text so that it is the nearest double to 0.999.
std::optional<double> quantile_of(std::string_view aspect) {
  if (aspect.size() < 2 || aspect.size() > 12 || aspect.front() != 'p') return std::nullopt;
  const std::string_view digits = aspect.substr(1);
  if (digits.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
  const Parsed<Share> share = parse_share(fmt::format("{}%", digits));
  if (!share || share->value <= 0.0 || share->value >= 1.0) return std::nullopt;
  return share->value;
}

}  // namespace

std::span<const MetricRule> metric_rules() { return kMetrics; }

const MetricRule* find_metric(std::string_view name) {
  const auto* const rule = std::ranges::find(kMetrics, name, &MetricRule::name);
  return rule == kMetrics.end() ? nullptr : rule;
}

std::expected<void, MetricError> parse_metric(std::string_view text, Threshold& out) {
  const auto unknown = [&] {
    return std::unexpected(MetricError{.message = fmt::format("unknown metric '{}'", text),
                                       .nearest = nearest_name(text, candidates()),
                                       .expected = {}});
  };
  if (const MetricRule* whole = find_metric(text); whole != nullptr && whole->value) {
    out.metric = std::string(text);
    out.aspect = Aspect::kValue;
    out.quantile = 0.0;
    out.unit = whole->quantiles ? MetricUnit::kCount : whole->unit;
    return {};
  }
  // The quantile itself may hold a point, so the longest metric name that fits comes first.
  for (size_t dot = text.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = text.rfind('.', dot - 1)) {
    const MetricRule* rule = find_metric(text.substr(0, dot));
    if (rule == nullptr) continue;
    const std::string_view aspect = text.substr(dot + 1);
    out.metric = std::string(rule->name);
    out.quantile = 0.0;
    if (rule->rate && aspect == "rate") {
      out.aspect = Aspect::kRate;
      out.unit = MetricUnit::kRate;
      return {};
    }
    const auto no_aspect = [&] {
      std::string known;
      if (rule->value) known += fmt::format("{}, ", rule->name);
      if (rule->rate) known += fmt::format("{}.rate, ", rule->name);
      if (rule->quantiles)
        known += fmt::format("{0}.p50, {0}.p99.9, {0}.mean, {0}.min, {0}.max, ", rule->name);
      known.resize(known.size() - 2);
      return std::unexpected(
          MetricError{.message = fmt::format("'{}' has no '{}'", rule->name, aspect),
                      .nearest = {},
                      .expected = std::move(known)});
    };
    if (!rule->quantiles) return no_aspect();
    out.unit = rule->unit;
    if (aspect == "mean" || aspect == "min" || aspect == "max") {
      out.aspect = aspect == "mean" ? Aspect::kMean : aspect == "min" ? Aspect::kMin : Aspect::kMax;
      return {};
    }
    if (const std::optional<double> q = quantile_of(aspect)) {
      out.aspect = Aspect::kQuantile;
      out.quantile = *q;
      return {};
    }
    return no_aspect();
  }
  if (const MetricRule* bare = find_metric(text); bare != nullptr) {
    return std::unexpected(MetricError{.message = fmt::format("'{}' needs a quantile", text),
                                       .nearest = fmt::format("{}.p99", text),
                                       .expected = {}});
  }
  return unknown();
}

std::string print_metric(const Threshold& threshold) {
  switch (threshold.aspect) {
    case Aspect::kValue:
      return threshold.metric;
    case Aspect::kQuantile: {
      std::string percent = print_share({threshold.quantile});
      percent.pop_back();
      return fmt::format("{}.p{}", threshold.metric, percent);
    }
    case Aspect::kMean:
      return threshold.metric + ".mean";
    case Aspect::kMin:
      return threshold.metric + ".min";
    case Aspect::kMax:
      return threshold.metric + ".max";
    case Aspect::kRate:
      return threshold.metric + ".rate";
  }
  return threshold.metric;
}

std::string print_limit(MetricUnit unit, double limit) {
  switch (unit) {
    case MetricUnit::kDuration:
      return print_duration(Duration(static_cast<int64_t>(limit)));
    case MetricUnit::kRate:
      return print_rate({limit});
    case MetricUnit::kCount:
      return print_count(static_cast<uint64_t>(limit));
    case MetricUnit::kShare:
      return print_share({limit});
    case MetricUnit::kBytes:
      return print_bytes({static_cast<uint64_t>(limit)});
    case MetricUnit::kRatio:
      return print_number(limit);
  }
  return print_number(limit);
}

std::string print_where(const Where& where) {
  std::string out;
  const auto add = [&out](std::string part) { out += (out.empty() ? "" : ", ") + part; };
  if (!where.network.empty()) add(fmt::format("network {}", where.network));
  if (!where.region.empty()) add(fmt::format("region {}", where.region));
  std::string time;
  if (where.from > Duration{0}) time = fmt::format("from {}", print_duration(where.from));
  if (where.until) {
    time += fmt::format("{}until {}", time.empty() ? "" : " ", print_duration(*where.until));
  }
  if (!time.empty()) add(std::move(time));
  return out;
}

std::string print_threshold(const Threshold& threshold) {
  std::string out = fmt::format("{} {} {}", print_metric(threshold), name_of(threshold.compare),
                                print_limit(threshold.unit, threshold.limit));
  if (!threshold.during.empty()) out += fmt::format(" during {}", threshold.during);
  if (threshold.plus.count() != 0) out += fmt::format(" plus {}", print_duration(threshold.plus));
  const std::string where = print_where(threshold.where);
  if (!where.empty()) out += fmt::format(" where {}", where);
  return out;
}

}  // namespace greytick::scenario
