#include "sim/scenario/tree.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/scenario/dist_shape.h"
#include "sim/scenario/names.h"
#include "sim/scenario/yaml.h"

namespace greytick::scenario {
namespace {

// The mapping under a key of `parent`, made when it is not there; nullptr when another kind of
// value is in its place.
Node* mapping_at(Node& parent, std::string_view key, const Mark& mark) {
  if (Entry* e = parent.find(key); e != nullptr) return e->value.is_map() ? &e->value : nullptr;
  return &parent.add(std::string(key), mark, Node::of_kind(Node::Kind::kMap, mark));
}

Node* list_at(Node& parent, std::string_view key, const Mark& mark) {
  if (Entry* e = parent.find(key); e != nullptr) return e->value.is_list() ? &e->value : nullptr;
  return &parent.add(std::string(key), mark, Node::of_kind(Node::Kind::kList, mark));
}

void twice(Report& report, const Mark& mark, std::string_view key, std::string_view other) {
  report.add({.mark = mark,
              .message = fmt::format("'{}' and '{}' say the same thing", key, other),
              .expected = "one of them"});
}

void expand_users(Report& report, Node& root) {
  const Entry* users = root.find("users");
  if (users == nullptr) return;
  Entry moved = *users;
  root.remove("users");
  Node* population = mapping_at(root, "population", moved.value.mark);
  if (population == nullptr) return;
  if (population->find("users") != nullptr) {
    return twice(report, moved.key_mark, "users", "population.users");
  }
  population->add("users", moved.key_mark, std::move(moved.value));
}

void expand_network(Node& root) {
  Entry* network = root.find("network");
  if (network == nullptr || !network->value.is_scalar() || network->value.is_empty()) return;
  const Mark mark = network->value.mark;
  Node assign = Node::of_kind(Node::Kind::kMap, mark);
  assign.add(network->value.text, mark, Node::scalar("100%", mark));
  Node full = Node::of_kind(Node::Kind::kMap, mark);
  full.add("assign", mark, std::move(assign));
  network->value = std::move(full);
}

bool is_threshold(const Node& gate) {
  if (gate.is_map()) return gate.find("metric") != nullptr;
  return gate.is_scalar() && gate.text.find_first_of("<>=") != std::string::npos;
}

// `converged` is the one invariant that can only hold in the end.
bool is_eventual(const Node& gate) {
  const std::string_view word = gate.is_map() && gate.map.size() == 1
                                    ? std::string_view(gate.map.front().key)
                                    : std::string_view(gate.text);
  return invariant_of(word) == Invariant::kConverged;
}

void expand_gates(Report& report, Node& root) {
  const Entry* gates = root.find("gates");
  if (gates == nullptr) return;
  Entry taken = *gates;
  root.remove("gates");
  if (!taken.value.is_list()) {
    report.add({.mark = taken.value.mark,
                .message = "the gates are not a list",
                .expected = "gates: [no_loss, no_duplicate, e2e.p99 < 3s]"});
    return;
  }
  const Mark mark = taken.value.mark;
  const auto add = [](Node* list, Node& gate) {
    // A value of the wrong kind in that place is reported by the decoder.
    if (list != nullptr) list->list.push_back(std::move(gate));
  };
  // An empty list of gates is a wish too: no default ones.
  if (Node* invariants = mapping_at(root, "invariants", mark); invariants != nullptr) {
    list_at(*invariants, "always", mark);
  }
  // Adding a key may move its neighbours, so each place is looked up afresh.
  for (Node& gate : taken.value.list) {
    if (is_threshold(gate)) {
      add(list_at(root, "thresholds", mark), gate);
    } else if (Node* invariants = mapping_at(root, "invariants", mark); invariants != nullptr) {
      add(list_at(*invariants, is_eventual(gate) ? "eventually" : "always", mark), gate);
    }
  }
}

bool is_one_value(std::string_view key, const Node& node) {
  return key == "assign" || node.find("dist") != nullptr || node.find("kind") != nullptr ||
         is_two_quantiles(node);
}

void merge_into(Node& base, Node over, std::string_view under) {
  base.mark = over.mark;
  for (Entry& e : over.map) {
    Entry* old = base.find(e.key);
    if (old == nullptr) {
      base.map.push_back(std::move(e));
      continue;
    }
    old->key_mark = e.key_mark;
    const bool shares = under == "population" && e.key == "regions";
    if (old->value.is_map() && e.value.is_map() && !is_one_value(e.key, e.value) && !shares) {
      merge_into(old->value, std::move(e.value), e.key);
    } else {
      old->value = std::move(e.value);
    }
  }
}

// One step of a --set path: a key, or an index into a list.
struct Step {
  std::string key;
  std::optional<size_t> index;
  Mark mark;
};

// "a.b[0].c" taken apart; nothing after an error.
std::optional<std::vector<Step>> steps_of(Report& report, uint32_t source, std::string_view path) {
  std::vector<Step> out;
  size_t begin = 0;
  const auto fail = [&](size_t at, size_t length, std::string message) {
    report.add({.mark = report.source(source).mark(source, at, length),
                .message = std::move(message),
                .expected = "KEY.KEY=VALUE or KEY[INDEX].KEY=VALUE"});
    return std::nullopt;
  };
  while (begin < path.size()) {
    const size_t end = std::min(path.find_first_of(".[", begin), path.size());
    if (end == begin) return fail(begin, 1, "a key is missing here");
    out.push_back({.key = std::string(path.substr(begin, end - begin)),
                   .index = {},
                   .mark = report.source(source).mark(source, begin, end - begin)});
    size_t next = end;
    while (next < path.size() && path[next] == '[') {
      const size_t close = path.find(']', next);
      if (close == std::string_view::npos) return fail(next, 1, "the bracket is not closed");
      const std::string_view digits = path.substr(next + 1, close - next - 1);
      if (digits.empty() || digits.size() > 6 ||
          digits.find_first_not_of("0123456789") != std::string_view::npos) {
        return fail(next, close - next + 1, "no index between the brackets");
      }
      size_t index = 0;
      for (const char c : digits) index = index * 10 + static_cast<size_t>(c - '0');
      out.push_back({.key = {},
                     .index = index,
                     .mark = report.source(source).mark(source, next, close - next + 1)});
      next = close + 1;
    }
    if (next < path.size() && path[next] != '.') return fail(next, 1, "no '.' here");
    if (next < path.size() && next + 1 == path.size())
      return fail(next, 1, "a key is missing here");
    begin = next + 1;
  }
  if (out.empty()) return fail(0, 1, "no key before '='");
  if (out.size() > static_cast<size_t>(kNestingMax)) return fail(0, 1, "nested too deeply");
  return out;
}

// A short form that is a single word stands for one key of its mapping.
std::string_view word_key(std::string_view key) {
  struct Word {
    std::string_view key;
    std::string_view stands_for;
  };
  static constexpr std::array<Word, 4> kWords{
      {{"pipeline", "kind"}, {"presence", "mode"}, {"lease", "duration"}, {"trace", "file"}}};
  for (const Word& w : kWords) {
    if (w.key == key) return w.stands_for;
  }
  return {};
}

void set_path(Report& report, Node& root, const std::vector<Step>& steps, Node value) {
  Node* at = &root;
  std::string_view last_key;
  for (size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    const bool last = i + 1 == steps.size();
    if (step.index) {
      if (!at->is_list() || *step.index >= at->list.size()) {
        report.add({.mark = step.mark,
                    .message = at->is_list()
                                   ? fmt::format("the list has {} entries", at->list.size())
                                   : std::string("this is not a list"),
                    .expected = at->is_list() ? "an index below that, from 0" : "a key"});
        return;
      }
      at = &at->list[*step.index];
      if (last) {
        *at = std::move(value);
        return;
      }
      continue;
    }
    if (at->is_scalar() && !at->is_empty() && !word_key(last_key).empty()) {
      Node full = Node::of_kind(Node::Kind::kMap, at->mark);
      full.add(std::string(word_key(last_key)), at->mark, std::move(*at));
      *at = std::move(full);
    }
    if (!at->is_map()) {
      report.add({.mark = step.mark,
                  .message = fmt::format("there is no key '{}' here: the value is {}", step.key,
                                         at->is_list() ? "a list" : fmt::format("'{}'", at->text)),
                  .expected = at->is_list() ? "an index, [0]" : "the whole value"});
      return;
    }
    Entry* e = at->find(step.key);
    if (e == nullptr) {
      at->add(step.key, step.mark, Node::of_kind(Node::Kind::kMap, step.mark));
      e = at->find(step.key);
    }
    if (last) {
      e->key_mark = step.mark;
      e->value = std::move(value);
      return;
    }
    last_key = step.key;
    at = &e->value;
  }
}

}  // namespace

void expand_short_forms(Report& report, Node& root) {
  if (!root.is_map()) return;
  expand_users(report, root);
  expand_network(root);
  expand_gates(report, root);
}

bool is_two_quantiles(const Node& node) {
  if (!node.is_map()) return false;
  size_t quantiles = 0;
  for (const Entry& e : node.map) {
    if (is_quantile_name(e.key)) {
      ++quantiles;
    } else if (e.key != "min" && e.key != "max") {
      return false;
    }
  }
  return quantiles == 2;
}

Node merge(Node base, Node over) {
  if (!base.is_map() || !over.is_map()) return over;
  merge_into(base, std::move(over), {});
  return base;
}

void apply_set(Report& report, Node& root, uint32_t source) {
  const std::string text = report.source(source).text();
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    report.add({.mark = report.source(source).mark(source, 0, text.size()),
                .message = fmt::format("'{}' is not a setting", text),
                .expected = "KEY.KEY=VALUE"});
    return;
  }
  const std::optional<std::vector<Step>> steps =
      steps_of(report, source, std::string_view(text).substr(0, equals));
  if (!steps) return;
  if (text.find_first_not_of(' ', equals + 1) == std::string::npos) {
    report.add({.mark = report.source(source).mark(source, equals, 1),
                .message = "no value after '='",
                .expected = "KEY.KEY=VALUE"});
    return;
  }
  std::optional<Node> value = parse_yaml(report, source, equals + 1);
  if (!value) return;
  const std::string_view first = steps->front().key;
  const bool short_form = first == "users" || first == "network" || first == "gates";
  // These are gone by now: `users` and `gates` were rewritten, `extends` was followed.
  if (first == "extends" || (steps->size() > 1 && (first == "users" || first == "gates"))) {
    report.add({.mark = steps->back().mark,
                .message = fmt::format("'{}' cannot be set like this", text.substr(0, equals)),
                .expected = first == "users"   ? "users=20k"
                            : first == "gates" ? "gates=[no_loss, e2e.p99 < 3s]"
                                               : "a key of the scenario"});
    return;
  }
  if (short_form && steps->size() == 1) {
    Node over = Node::of_kind(Node::Kind::kMap, value->mark);
    over.add(std::string(first), steps->front().mark, std::move(*value));
    expand_short_forms(report, over);
    root = merge(std::move(root), std::move(over));
    return;
  }
  set_path(report, root, *steps, std::move(*value));
}

}  // namespace greytick::scenario
