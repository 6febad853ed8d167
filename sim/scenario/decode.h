#ifndef GREYTICK_SIM_SCENARIO_DECODE_H_
#define GREYTICK_SIM_SCENARIO_DECODE_H_

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/scenario/constraint.h"
#include "sim/scenario/diagnostic.h"
#include "sim/scenario/files.h"
#include "sim/scenario/leaf.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/node.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/sweep.h"

// From tree to struct. Every key is listed once, in keys.h, as describe(visitor, struct); here the
// visitor reads. A value with a form of its own has an overload of decode_value.
namespace greytick::scenario {

// The state of one decoding: where errors go, which key is being read, and where each key stood.
class Decoder {
 public:
  Decoder(Report& report, const Files& files) : report_(report), files_(files) {}
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  void error(Diagnostic diagnostic) { report_.add(std::move(diagnostic)); }
  void error(const Mark& mark, std::string message, std::string expected = {},
             std::string nearest = {}) {
    report_.add({.mark = mark,
                 .message = std::move(message),
                 .expected = std::move(expected),
                 .nearest = std::move(nearest)});
  }

  const Files& files() const { return files_; }
  size_t errors() const { return report_.size(); }

  /// Reads `value` at the path extended by `segment` (".key" or "[3]").
  template <class Read>
  void at(std::string_view segment, const Mark& mark, Read read) {
    const size_t before = path_.size();
    if (path_.empty() && segment.starts_with('.')) segment.remove_prefix(1);
    path_ += segment;
    marks_[path_] = mark;
    read();
    path_.resize(before);
  }

  /// Where the value of that path was written, or the nearest thing around it; the top of the
  /// first source when it was not written at all.
  Mark where(std::string_view path) const;
  bool was_written(std::string_view path) const { return marks_.contains(std::string(path)); }
  /// The path being read, "faults[0].at".
  const std::string& path() const { return path_; }
  /// Notes that the value at this path also counts as the value at `path`.
  void alias(const std::string& path, const Mark& mark) { marks_[path] = mark; }

 private:
  Report& report_;
  const Files& files_;
  std::string path_;
  std::map<std::string, Mark, std::less<>> marks_;
};

/// "a mapping", "a list" or "'text'", for messages.
std::string found(const Node& node);

/// The mark of `length` bytes of a scalar's text from `offset`, where the text is on one line.
Mark within(const Node& scalar, size_t offset, size_t length);

template <class T>
void decode_leaf(Decoder& d, const Node& node, T& out, const Limits& limits) {
  using L = Leaf<T>;
  if (!node.is_scalar()) {
    d.error(node.mark, fmt::format("{} where {} belongs", found(node), L::type()), L::expected());
    return;
  }
  if (node.is_empty()) {
    d.error(node.mark, fmt::format("no value where {} belongs", L::type()), L::expected());
    return;
  }
  auto parsed = L::parse(node.text);
  if (!parsed) {
    d.error(node.mark, std::move(parsed.error().message), L::expected(),
            std::move(parsed.error().nearest));
    return;
  }
  const double measure = L::measure(*parsed);
  if (measure < limits.min || measure > limits.max) {
    std::string range;
    if (measure < limits.min) {
      range = fmt::format("at least {}", L::print(L::from_measure(limits.min)));
    } else {
      range = fmt::format("at most {}", L::print(L::from_measure(limits.max)));
    }
    d.error(node.mark,
            fmt::format("'{}' is too {}", node.text, measure < limits.min ? "small" : "large"),
            std::move(range));
    return;
  }
  out = std::move(*parsed);
}

// Reads the keys of one mapping; what is left over is unknown.
class MapVisitor {
 public:
  /// only: the keys that exist here; empty means all that describe() names.
  MapVisitor(Decoder& decoder, const Node& node, std::span<const std::string_view> only = {})
      : d_(decoder), node_(node), only_(only) {}

  template <class T>
  void key(std::string_view name, T& value, std::string_view /*about*/, const Limits& limits = {}) {
    if (!only_.empty() && std::ranges::find(only_, name) == only_.end()) return;
    known_.emplace_back(name);
    const Entry* entry = node_.find(name);
    if (entry == nullptr) {
      if constexpr (std::is_same_v<T, DistSpec>) {
        // With `only`, the caller knows better which of them are required.
        if (value.is_missing() && only_.empty()) missing(name);
      }
      return;
    }
    d_.at("." + std::string(name), entry->value.mark,
          [&] { decode_value(d_, entry->value, value, limits); });
  }

  /// A key that another part of the decoder reads.
  void known(std::string_view name) { known_.emplace_back(name); }

  /// Reports every key that nothing asked for. what: "a key of client.backoff", for the message.
  void finish(std::string_view what = {}) const;

 private:
  void missing(std::string_view name);

  Decoder& d_;
  const Node& node_;
  std::span<const std::string_view> only_;
  std::vector<std::string> known_;
};

/// True when the node is a mapping; else an error is reported.
bool expect_map(Decoder& d, const Node& node, std::string_view what);
bool expect_list(Decoder& d, const Node& node, std::string_view what);

// The values with a form of their own; see decode.cc and decode_*.cc.
void decode_value(Decoder& d, const Node& node, DataFile& out, const Limits&);
void decode_value(Decoder& d, const Node& node, DistSpec& out, const Limits&);
void decode_value(Decoder& d, const Node& node, Loss& out, const Limits&);
void decode_value(Decoder& d, const Node& node, Selector& out, const Limits&);
void decode_value(Decoder& d, const Node& node, Fault& out, const Limits&);
void decode_value(Decoder& d, const Node& node, Pipeline& out, const Limits&);
void decode_value(Decoder& d, const Node& node, Presence& out, const Limits&);
void decode_value(Decoder& d, const Node& node, Trace& out, const Limits&);
void decode_value(Decoder& d, const Node& node, Lease& out, const Limits&);
void decode_value(Decoder& d, const Node& node, Network& out, const Limits&);
void decode_value(Decoder& d, const Node& node, Expect& out, const Limits&);
void decode_value(Decoder& d, const Node& node, InvariantGate& out, const Limits&);
void decode_value(Decoder& d, const Node& node, RareGate& out, const Limits&);
void decode_value(Decoder& d, const Node& node, Threshold& out, const Limits&);
void decode_value(Decoder& d, const Node& node, std::vector<Region>& out, const Limits&);
void decode_value(Decoder& d, const Node& node, std::vector<RegionShare>& out, const Limits&);
void decode_value(Decoder& d, const Node& node, std::vector<DeviceShare>& out, const Limits&);

void decode_value(Decoder& d, const Node& node, std::vector<SweepAxis>& out, const Limits&);
void decode_value(Decoder& d, const Node& node, SweepRepeat& out, const Limits&);
void decode_value(Decoder& d, const Node& node, SweepUntil& out, const Limits&);
void decode_value(Decoder& d, const Node& node, Sweep& out, const Limits&);
/// node: the constraint.
void report_constraint(Decoder& d, const Node& node, const ConstraintError& error);
void decode_value(Decoder& d, const Node& node, std::vector<std::vector<std::string>>& out,
                  const Limits&);

// Reads and writes two fields of the scenario under one key, `seed: 42` or `seed: random`.
struct SeedRef {
  uint64_t& seed;
  bool& random;
};
void decode_value(Decoder& d, const Node& node, SeedRef& out, const Limits&);

template <HasLeaf T>
void decode_value(Decoder& d, const Node& node, T& out, const Limits& limits) {
  decode_leaf(d, node, out, limits);
}

template <class T>
void decode_value(Decoder& d, const Node& node, std::optional<T>& out, const Limits& limits) {
  T value = out.value_or(T{});
  decode_value(d, node, value, limits);
  out = std::move(value);
}

template <class T>
void decode_value(Decoder& d, const Node& node, std::vector<T>& out, const Limits& limits) {
  if (!expect_list(d, node, "a list")) return;
  out.clear();
  for (size_t i = 0; i < node.list.size(); ++i) {
    d.at(fmt::format("[{}]", i), node.list[i].mark,
         [&] { decode_value(d, node.list[i], out.emplace_back(), limits); });
  }
}

template <class T>
  requires std::is_class_v<T> && (!HasLeaf<T>)
void decode_value(Decoder& d, const Node& node, T& out, const Limits& /*limits*/) {
  if (!expect_map(d, node, "a mapping")) return;
  MapVisitor v(d, node);
  describe(v, out);
  v.finish();
}

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_DECODE_H_
