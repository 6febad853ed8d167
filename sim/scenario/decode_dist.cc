#include <algorithm>
#include <array>
#include <cmath>

#include "sim/scenario/data_check.h"
#include "sim/scenario/decode.h"
#include "sim/scenario/dist_shape.h"
#include "sim/scenario/tree.h"

namespace greytick::scenario {
namespace {

// One parameter value in base units; nothing after an error.
std::optional<double> parameter(Decoder& d, const Node& node, DistUnit unit, DistKey key) {
  const size_t before = d.errors();
  double out = 0.0;
  if (is_plain(key)) {
    decode_leaf(d, node, out, between(1e-6, 1e6));
  } else if (unit == DistUnit::kDuration) {
    Duration t{0};
    decode_leaf(d, node, t, {});
    out = static_cast<double>(t.count());
  } else if (unit == DistUnit::kBytes) {
    Bytes b;
    decode_leaf(d, node, b, {});
    out = static_cast<double>(b.value);
  } else {
    decode_leaf(d, node, out, {});
  }
  if (d.errors() != before) return std::nullopt;
  return out;
}

std::string example(DistUnit unit) {
  switch (unit) {
    case DistUnit::kDuration:
      return "a time such as 90s, or {dist: lognormal, median: 58ms, p99: 900ms}";
    case DistUnit::kBytes:
      return "a size such as 160B, or {dist: lognormal, median: 36B, p99: 255B}";
    case DistUnit::kNumber:
      return "a number such as 3, or {dist: lognormal, median: 5, p99: 121}";
  }
  return {};
}

std::vector<std::string> key_names() { return all_names<DistKey>(); }

// Checks the parameters as a whole and stores them.
void finish(Decoder& d, const Mark& mark, DistSpec made, DistSpec& out) {
  std::ranges::sort(made.params, {}, &DistParam::key);
  std::vector<DistKey> given;
  for (const DistParam& p : made.params) {
    if (p.key != DistKey::kMin && p.key != DistKey::kMax) given.push_back(p.key);
  }
  const DistShape& shape = dist_shape(made.kind);
  const bool matches = std::ranges::any_of(shape.sets, [&](std::vector<DistKey> set) {
    std::ranges::sort(set);
    return set == given;
  });
  if (!matches) {
    d.error(mark, fmt::format("these are not the parameters of {}", name_of(made.kind)),
            std::string(shape.example));
    return;
  }
  const auto ordered = [&](DistKey low, DistKey high, bool strictly) {
    const std::optional<double> a = made.find(low);
    const std::optional<double> b = made.find(high);
    if (!a || !b || *a < *b || (*a == *b && !strictly)) return true;
    d.error(
        mark,
        fmt::format("{} is not {} {}", name_of(low), strictly ? "below" : "at most", name_of(high)),
        fmt::format("a {} above the {}", name_of(high), name_of(low)));
    return false;
  };
  if (!ordered(DistKey::kLow, DistKey::kHigh, false) ||
      !ordered(DistKey::kMin, DistKey::kMax, false)) {
    return;
  }
  std::optional<DistKey> before;
  for (const DistKey key : given) {
    if (!share_below(key)) continue;
    if (before && !ordered(*before, key, true)) return;
    before = key;
  }
  for (const DistKey key : given) {
    const bool positive = key == DistKey::kMean || key == DistKey::kScale || share_below(key);
    if (positive && made.find(key) == 0.0) {
      d.error(mark, fmt::format("the {} of {} is zero", name_of(key), name_of(made.kind)),
              "more than zero");
      return;
    }
  }
  if (made.kind == DistKind::kEmpirical && (made.file.empty() || made.column.empty())) {
    d.error(mark, "an empirical distribution needs 'file' and 'column'",
            std::string(shape.example));
    return;
  }
  if (made.kind != DistKind::kEmpirical && (!made.file.empty() || !made.column.empty())) {
    d.error(mark, fmt::format("{} takes no file", name_of(made.kind)), std::string(shape.example));
    return;
  }
  if (made.kind == DistKind::kEmpirical) {
    if (const auto problem = check_column(made.file.path, made.column)) {
      d.error(mark, problem->message, problem->expected, problem->nearest);
      return;
    }
  }
  out = std::move(made);
}

void from_map(Decoder& d, const Node& node, DistSpec& out) {
  const Entry* dist = node.find("dist");
  if (dist == nullptr && !is_two_quantiles(node)) {
    d.error(node.mark, "a distribution without 'dist'", example(out.unit), "");
    return;
  }
  DistSpec made{.kind = DistKind::kLognormal, .unit = out.unit};
  const size_t before = d.errors();
  if (dist != nullptr) decode_leaf(d, dist->value, made.kind, {});
  if (d.errors() != before) return;
  for (const Entry& e : node.map) {
    if (e.key == "dist") continue;
    if (e.key == "file") {
      decode_value(d, e.value, made.file, {});
      continue;
    }
    if (e.key == "column") {
      decode_leaf(d, e.value, made.column, {});
      continue;
    }
    const std::optional<DistKey> key = dist_key(e.key);
    if (key && made.find(*key)) {
      d.error(e.key_mark, fmt::format("'{}' is given twice", name_of(*key)), "each parameter once");
      continue;
    }
    if (!key) {
      d.error(e.key_mark, fmt::format("unknown parameter '{}' of a distribution", e.key),
              std::string(dist_shape(made.kind).example), nearest_name(e.key, key_names()));
      continue;
    }
    if (const std::optional<double> v = parameter(d, e.value, out.unit, *key)) {
      made.params.push_back({*key, *v});
    }
  }
  if (d.errors() == before) finish(d, node.mark, std::move(made), out);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// lognormal(median=58ms, p99=900ms); values alone where the order is plain: constant, uniform,
// exponential.
void from_call(Decoder& d, const Node& node, DistSpec& out) {
  const std::string_view text = node.text;
  const size_t paren = text.find('(');
  const std::string_view name = trimmed(text.substr(0, paren));
  const std::optional<DistKind> kind = value_of<DistKind>(name);
  if (!kind) {
    d.error(within(node, 0, name.size()), fmt::format("unknown distribution '{}'", name),
            Leaf<DistKind>::expected(), nearest_name(name, all_names<DistKind>()));
    return;
  }
  if (text.back() != ')') {
    d.error(node.mark, "the call has no closing parenthesis", fmt::format("{}(...)", name));
    return;
  }
  DistSpec made{.kind = *kind, .unit = out.unit};
  const size_t before = d.errors();
  size_t begin = paren + 1;
  const size_t end = text.size() - 1;
  size_t position = 0;
  while (begin < end) {
    size_t comma = text.find(',', begin);
    if (comma == std::string_view::npos || comma > end) comma = end;
    const std::string_view part = text.substr(begin, comma - begin);
    const size_t equals = part.find('=');
    std::optional<DistKey> key;
    std::string_view value = part;
    size_t value_at = begin;
    if (equals != std::string_view::npos) {
      const std::string_view word = trimmed(part.substr(0, equals));
      key = dist_key(word);
      value = part.substr(equals + 1);
      value_at = begin + equals + 1;
      if (!key) {
        d.error(within(node, begin, equals), fmt::format("unknown parameter '{}'", word),
                std::string(dist_shape(*kind).example), nearest_name(word, key_names()));
      }
    } else if (*kind == DistKind::kConstant && position == 0) {
      key = DistKey::kValue;
    } else if (*kind == DistKind::kExponential && position == 0) {
      key = DistKey::kMean;
    } else if (*kind == DistKind::kUniform && position < 2) {
      key = position == 0 ? DistKey::kLow : DistKey::kHigh;
    } else {
      d.error(within(node, begin, part.size()), fmt::format("'{}' has no name", trimmed(part)),
              fmt::format("{}(name=value, ...)", name));
    }
    if (key) {
      const size_t spaces = value.size() - trimmed(value).size();
      Node scalar = Node::scalar(std::string(trimmed(value)),
                                 within(node, value_at + spaces, trimmed(value).size()));
      if (made.find(*key)) {
        d.error(scalar.mark, fmt::format("'{}' is given twice", name_of(*key)),
                "each parameter once");
      } else if (const std::optional<double> v = parameter(d, scalar, out.unit, *key)) {
        made.params.push_back({*key, *v});
      }
    }
    begin = comma + 1;
    ++position;
  }
  if (d.errors() == before) finish(d, node.mark, std::move(made), out);
}

}  // namespace

void decode_value(Decoder& d, const Node& node, DistSpec& out, const Limits& /*limits*/) {
  if (node.is_map()) return from_map(d, node, out);
  if (!node.is_scalar() || node.is_empty()) {
    d.error(node.mark, fmt::format("{} where a distribution belongs", found(node)),
            example(out.unit));
    return;
  }
  if (node.text.find('(') != std::string::npos) return from_call(d, node, out);
  if (const std::optional<double> v = parameter(d, node, out.unit, DistKey::kValue)) {
    out = {.kind = DistKind::kConstant, .unit = out.unit, .params = {{DistKey::kValue, *v}}};
  }
}

}  // namespace greytick::scenario
