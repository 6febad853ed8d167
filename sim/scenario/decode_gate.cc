#include <algorithm>
#include <array>

#include "sim/scenario/decode.h"
#include "sim/scenario/gate_words.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/metric_table.h"

namespace greytick::scenario {
namespace {

constexpr std::string_view kThresholdForm = "METRIC < LIMIT, such as e2e.p99 < 3s";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Mark part_mark(const Node& node, std::string_view part) {
  return within(node, static_cast<size_t>(part.data() - node.text.data()), part.size());
}

// The name of an `always`, `eventually` or `sometimes` entry, with its options, if any.
struct Named {
  const Node* options = nullptr;
  std::string_view word;
  Mark mark;
};

std::optional<Named> named(Decoder& d, const Node& node, std::string_view what) {
  if (node.is_scalar() && !node.is_empty()) return Named{.word = node.text, .mark = node.mark};
  if (node.is_map() && node.map.size() == 1) {
    const Entry& e = node.map.front();
    return Named{.options = &e.value, .word = e.key, .mark = e.key_mark};
  }
  d.error(node.mark, fmt::format("{} where the name of {} belongs", found(node), what),
          "NAME, or {NAME: {...}}");
  return std::nullopt;
}

void decode_limit(Decoder& d, const Node& node, Threshold& out) {
  switch (out.unit) {
    case MetricUnit::kDuration: {
      Duration t{0};
      decode_leaf(d, node, t, {});
      out.limit = static_cast<double>(t.count());
      return;
    }
    case MetricUnit::kRate: {
      Rate r;
      decode_leaf(d, node, r, {});
      out.limit = r.per_second;
      return;
    }
    case MetricUnit::kCount: {
      uint64_t n = 0;
      decode_leaf(d, node, n, between(0, 1e15));
      out.limit = static_cast<double>(n);
      return;
    }
    case MetricUnit::kShare: {
      Share s;
      decode_leaf(d, node, s, {});
      out.limit = s.value;
      return;
    }
    case MetricUnit::kBytes: {
      Bytes b;
      decode_leaf(d, node, b, between(0, 1e15));
      out.limit = static_cast<double>(b.value);
      return;
    }
    case MetricUnit::kRatio:
      decode_leaf(d, node, out.limit, {});
      return;
  }
}

bool decode_metric(Decoder& d, std::string_view text, const Mark& mark, Threshold& out) {
  const auto parsed = parse_metric(text, out);
  if (parsed) return true;
  std::string expected = parsed.error().expected;
  if (expected.empty() && parsed.error().nearest.empty()) {
    for (const MetricRule& m : metric_rules()) {
      expected +=
          fmt::format("{}{}{}", expected.empty() ? "" : ", ", m.name, m.quantiles ? ".p99" : "");
    }
  }
  d.error(mark, parsed.error().message, std::move(expected), parsed.error().nearest);
  return false;
}

// "e2e.p99 < 3s during bad-deploy plus 10m"
void threshold_from_text(Decoder& d, const Node& node, Threshold& out) {
  const std::string_view text = node.text;
  const size_t at = text.find_first_of("<>=");
  if (at == std::string_view::npos) {
    d.error(node.mark, fmt::format("{} is not a threshold", found(node)),
            std::string(kThresholdForm));
    return;
  }
  const size_t after = std::min(text.find_first_not_of("<>=", at), text.size());
  const std::string_view op = text.substr(at, after - at);
  const std::string_view metric = trimmed(text.substr(0, at));
  std::string_view rest = trimmed(text.substr(after));
  const std::optional<Compare> compare = value_of<Compare>(op);
  if (!compare) {
    d.error(part_mark(node, op), fmt::format("unknown comparison '{}'", op), "<, <=, >, >= or ==",
            op == "="    ? "=="
            : op == "=<" ? "<="
            : op == "=>" ? ">="
                         : "");
    return;
  }
  out.compare = *compare;
  const size_t before = d.errors();
  if (metric.empty()) {
    d.error(node.mark, "no metric before the comparison", std::string(kThresholdForm));
    return;
  }
  if (!decode_metric(d, metric, part_mark(node, metric), out)) return;
  constexpr std::string_view kPlus = " plus ";
  constexpr std::string_view kDuring = " during ";
  if (const size_t plus = rest.find(kPlus); plus != std::string_view::npos) {
    const std::string_view word = trimmed(rest.substr(plus + kPlus.size()));
    decode_leaf(d, Node::scalar(std::string(word), part_mark(node, word)), out.plus, {});
    rest = rest.substr(0, plus);
  }
  if (const size_t during = rest.find(kDuring); during != std::string_view::npos) {
    out.during = std::string(trimmed(rest.substr(during + kDuring.size())));
    rest = trimmed(rest.substr(0, during));
  }
  if (rest.empty()) {
    d.error(node.mark, "no limit after the comparison", std::string(kThresholdForm));
    return;
  }
  decode_limit(d, Node::scalar(std::string(rest), part_mark(node, rest)), out);
  if (d.errors() == before && out.plus.count() != 0 && out.during.empty()) {
    d.error(node.mark, "'plus' without 'during'", "during FAULT plus TIME");
  }
}

struct Bound {
  std::string_view key;
  Compare compare;
};
constexpr std::array<Bound, 5> kBounds{{{"below", Compare::kBelow},
                                        {"at_most", Compare::kAtMost},
                                        {"above", Compare::kAbove},
                                        {"at_least", Compare::kAtLeast},
                                        {"equals", Compare::kEqual}}};

// {metric: tick2.p99, below: 90s, during: bad-deploy, plus: 10m}
void threshold_from_map(Decoder& d, const Node& node, Threshold& out) {
  MapVisitor v(d, node);
  v.known("metric");
  for (const Bound& b : kBounds) v.known(b.key);
  v.key("during", out.during, "");
  v.key("plus", out.plus, "");
  v.key("min_samples", out.min_samples, "");
  v.key("where", out.where, "");
  v.key("abort_on_fail", out.abort_on_fail, "");
  v.finish(" of a threshold");
  const Entry* metric = node.find("metric");
  if (metric == nullptr) {
    d.error(node.mark, "a threshold without 'metric'", "{metric: e2e.p99, below: 3s}");
    return;
  }
  if (!metric->value.is_scalar() ||
      !decode_metric(d, metric->value.text, metric->value.mark, out)) {
    if (!metric->value.is_scalar()) {
      d.error(metric->value.mark, fmt::format("{} where a metric belongs", found(metric->value)),
              "a name such as e2e.p99");
    }
    return;
  }
  const Entry* limit = nullptr;
  for (const Bound& b : kBounds) {
    const Entry* e = node.find(b.key);
    if (e == nullptr) continue;
    if (limit != nullptr) {
      d.error(e->key_mark, fmt::format("'{}' beside '{}'", e->key, limit->key), "one limit");
      return;
    }
    limit = e;
    out.compare = b.compare;
  }
  if (limit == nullptr) {
    d.error(node.mark, "a threshold without a limit", "below, at_most, above, at_least or equals");
    return;
  }
  d.at(".limit", limit->value.mark, [&] { decode_limit(d, limit->value, out); });
  if (out.plus.count() != 0 && out.during.empty()) {
    d.error(node.find("plus")->key_mark, "'plus' without 'during'", "during: FAULT beside it");
  }
  if (out.abort_on_fail && out.compare != Compare::kBelow && out.compare != Compare::kAtMost) {
    d.error(node.find("abort_on_fail")->key_mark,
            fmt::format("what must be {} is not yet so when a run begins", limit->key),
            "abort_on_fail beside 'below' or 'at_most' only");
  }
}

}  // namespace

void report_unknown_invariant(Decoder& d, const Mark& mark, std::string_view word) {
  // Names that other tools, or earlier drafts, gave to these invariants.
  struct Other {
    std::string_view word;
    std::string_view ours;
  };
  static constexpr std::array<Other, 7> kOthers{{{"no_early_tick", "tick_truth"},
                                                 {"per_chat_fifo", "fifo"},
                                                 {"exactly_once", "no_duplicate"},
                                                 {"at_most_once", "no_duplicate"},
                                                 {"in_order", "fifo"},
                                                 {"offline_queue_bounded", "bounded_state"},
                                                 {"completeness", "no_loss"}}};
  std::string nearest = nearest_name(word, all_names<Invariant>());
  for (const Other& o : kOthers) {
    if (o.word == word) nearest = std::string(o.ours);
  }
  std::string expected;
  if (value_of<Rare>(word)) {
    expected = "an invariant here; a rare event goes under invariants.sometimes";
    nearest.clear();
  } else if (nearest.empty()) {
    expected = "I1 to I18, or one of: " + Leaf<Invariant>::expected();
  }
  d.error(mark, fmt::format("unknown invariant '{}'", word), std::move(expected),
          std::move(nearest));
}

void decode_value(Decoder& d, const Node& node, InvariantGate& out, const Limits& /*limits*/) {
  const std::optional<Named> n = named(d, node, "an invariant");
  if (!n) return;
  const std::optional<Invariant> invariant = invariant_of(n->word);
  if (!invariant) return report_unknown_invariant(d, n->mark, n->word);
  out.invariant = *invariant;
  if (n->options == nullptr) return;
  if (d.path().find("eventually") == std::string::npos) {
    d.error(n->options->mark, fmt::format("'{}' takes no options here", n->word),
            "options only under invariants.eventually: {within: TIME}");
    return;
  }
  if (!expect_map(d, *n->options, "the options of an invariant")) return;
  MapVisitor v(d, *n->options);
  v.key("within", out.within, "", positive());
  v.finish(fmt::format(" of {}", n->word));
}

void decode_value(Decoder& d, const Node& node, RareGate& out, const Limits& /*limits*/) {
  const std::optional<Named> n = named(d, node, "a rare event");
  if (!n) return;
  const std::optional<Rare> event = value_of<Rare>(n->word);
  if (!event) {
    const std::string nearest = nearest_name(n->word, all_names<Rare>());
    d.error(n->mark, fmt::format("unknown rare event '{}'", n->word),
            nearest.empty() ? Leaf<Rare>::expected() : "", nearest);
    return;
  }
  out.event = *event;
  if (n->options == nullptr) return;
  if (!expect_map(d, *n->options, "the options of a rare event")) return;
  MapVisitor v(d, *n->options);
  v.key("over", out.over, "");
  v.finish(fmt::format(" of {}", n->word));
}

void decode_value(Decoder& d, const Node& node, Threshold& out, const Limits& /*limits*/) {
  if (node.is_map()) return threshold_from_map(d, node, out);
  if (node.is_scalar() && !node.is_empty()) return threshold_from_text(d, node, out);
  d.error(node.mark, fmt::format("{} where a threshold belongs", found(node)),
          std::string(kThresholdForm));
}

}  // namespace greytick::scenario
