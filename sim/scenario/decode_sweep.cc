#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/constraint.h"
#include "sim/scenario/decode.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/metric_table.h"
#include "sim/scenario/yaml.h"

namespace greytick::scenario {
namespace {

constexpr size_t kValuesMax = 1000;
constexpr std::string_view kRangeForm = "{from: 8, to: 16, step: 2}";

struct Range {
  std::string from, to, step;
};

// The values of a range, when all three of its texts are of type T; nothing otherwise.
template <class T>
std::optional<std::vector<std::string>> values_as(const Range& range) {
  using L = Leaf<T>;
  const Parsed<T> from = L::parse(range.from);
  const Parsed<T> to = L::parse(range.to);
  const Parsed<T> step = L::parse(range.step);
  if (!from || !to || !step) return std::nullopt;
  const double first = L::measure(*from);
  const double stride = L::measure(*step);
  std::vector<std::string> out;
  if (!(stride > 0.0)) return out;
  // Counted, not added up, so that ten steps of 0.1 are one; with a little slack for the last.
  const double count = std::floor((L::measure(*to) - first) / stride + 1e-9);
  for (double i = 0.0; i <= count && out.size() <= kValuesMax; ++i) {
    double value = first + i * stride;
    // 30%, not 30.000000000000004%.
    if (value != std::floor(value)) value = std::stod(fmt::format("{:.12g}", value));
    out.push_back(L::print(L::from_measure(value)));
  }
  return out;
}

std::vector<std::string> range_values(Decoder& d, const Node& node) {
  MapVisitor v(d, node);
  for (const std::string_view key : {"from", "to", "step"}) v.known(key);
  v.finish(" of a range");
  Range range;
  for (const auto& [key, part] : {std::pair{"from", &range.from}, std::pair{"to", &range.to},
                                  std::pair{"step", &range.step}}) {
    const Entry* e = node.find(key);
    if (e == nullptr || !e->value.is_scalar() || e->value.is_empty()) {
      d.error(node.mark, fmt::format("a range without '{}'", key), std::string(kRangeForm));
      return {};
    }
    *part = e->value.text;
  }
  std::optional<std::vector<std::string>> values = values_as<uint64_t>(range);
  if (!values) values = values_as<double>(range);
  if (!values) values = values_as<Duration>(range);
  if (!values) values = values_as<Share>(range);
  if (!values) values = values_as<Bytes>(range);
  if (!values) values = values_as<Rate>(range);
  if (!values) values = values_as<BitRate>(range);
  if (!values) {
    d.error(node.mark, "these are not three values of one kind",
            std::string(kRangeForm) + ", each with the unit of the key");
    return {};
  }
  if (values->empty()) d.error(node.mark, "an empty range", "a step above zero, from at most to");
  return std::move(*values);
}

}  // namespace

void decode_value(Decoder& d, const Node& node, std::vector<SweepAxis>& out, const Limits&) {
  if (!expect_map(d, node, "the axes of a sweep")) return;
  out.clear();
  for (const Entry& e : node.map) {
    SweepAxis axis{.path = e.key, .values = {}};
    const size_t before = d.errors();
    if (e.value.is_map()) {
      axis.values = range_values(d, e.value);
    } else if (expect_list(d, e.value, "the values of an axis")) {
      for (const Node& value : e.value.list) axis.values.push_back(emit_flow(value));
      if (axis.values.empty()) d.error(e.value.mark, "an axis without values", "[none, full]");
    }
    if (d.errors() == before && axis.values.size() > kValuesMax) {
      d.error(e.value.mark, "too many values", fmt::format("at most {}", kValuesMax));
    }
    out.push_back(std::move(axis));
  }
  if (node.map.empty()) d.error(node.mark, "a sweep without axes", "KEY: [VALUE, VALUE]");
}

void decode_value(Decoder& d, const Node& node, std::vector<std::vector<std::string>>& out,
                  const Limits&) {
  constexpr std::string_view kForm = "[KEY, KEY], or a list of such lists";
  if (!expect_list(d, node, "axes that turn together")) return;
  out.clear();
  const auto read = [&](const Node& group) {
    std::vector<std::string> keys;
    for (const Node& key : group.list) {
      if (!key.is_scalar() || key.is_empty()) {
        d.error(key.mark, fmt::format("{} where the key of an axis belongs", found(key)),
                std::string(kForm));
        return;
      }
      keys.push_back(key.text);
    }
    if (keys.size() < 2) return d.error(group.mark, "fewer than two axes", std::string(kForm));
    out.push_back(std::move(keys));
  };
  const bool nested = !node.list.empty() && node.list.front().is_list();
  if (!nested) return read(node);
  for (const Node& group : node.list) {
    if (expect_list(d, group, "axes that turn together")) read(group);
  }
}

void decode_value(Decoder& d, const Node& node, Sweep& out, const Limits&) {
  if (!expect_map(d, node, "a sweep")) return;
  const size_t before = d.errors();
  MapVisitor v(d, node);
  describe(v, out);
  v.finish(" of a sweep");
  if (d.errors() != before) return;
  if (!out.zip.empty()) {
    if (const auto points = sweep_points(out, SIZE_MAX / (kValuesMax + 1)); !points) {
      d.error(node.find("zip")->value.mark,
              fmt::format("'{}' cannot be zipped: {}", points.error().key, points.error().message),
              "axes of this sweep, each once, with as many values as each other");
    }
  }
  if (const Entry* e = node.find("constraint"); e != nullptr) {
    if (const auto read = check_constraint(out.constraint); !read) {
      report_constraint(d, e->value, read.error());
    }
  }
}

void report_constraint(Decoder& d, const Node& node, const ConstraintError& error) {
  d.error(within(node, error.offset, error.length), error.message, error.expected);
}

void decode_value(Decoder& d, const Node& node, SweepRepeat& out, const Limits&) {
  const size_t before = d.errors();
  if (node.is_scalar()) {
    decode_leaf(d, node, out.min, between(1, 10'000));
    out.max = out.min;
    return;
  }
  if (!expect_map(d, node, "how often each point is run")) return;
  MapVisitor v(d, node);
  describe(v, out);
  v.finish();
  if (d.errors() != before) return;
  if (!out.until) out.max = std::max(out.max, out.min);
  if (out.max < out.min) {
    d.error(node.mark, "max is below min", fmt::format("max: {}", out.min));
  }
  if (out.until && out.max < 2) {
    d.error(node.mark, "one run has no interval", "max of at least 2");
  }
}

void decode_value(Decoder& d, const Node& node, SweepUntil& out, const Limits&) {
  if (!expect_map(d, node, "when a point is known well enough")) return;
  MapVisitor v(d, node);
  describe(v, out);
  v.finish();
  const Entry* metric = node.find("metric");
  if (metric == nullptr) {
    d.error(node.mark, "'metric' is missing", "{metric: e2e.p99, relative_ci: 5%}");
    return;
  }
  Threshold parsed;
  if (const auto known = parse_metric(out.metric, parsed); !known) {
    d.error(metric->value.mark, known.error().message,
            known.error().nearest.empty() ? "a metric such as e2e.p99" : "", known.error().nearest);
  }
}

}  // namespace greytick::scenario
