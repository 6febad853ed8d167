#ifndef GREYTICK_SIM_SCENARIO_ENCODE_H_
#define GREYTICK_SIM_SCENARIO_ENCODE_H_

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sim/scenario/decode.h"
#include "sim/scenario/leaf.h"
#include "sim/scenario/node.h"
#include "sim/scenario/scenario.h"

// From struct to tree, the mirror of decode.h: each decode_value has its encode_value, and the
// decoder reads back what stands here as an equal value.
namespace greytick::scenario {

// Declared first: argument-dependent lookup does not find them for built-in types.
template <HasLeaf T>
Node encode_value(T& value);
Node encode_value(std::string& value);

class EncodeVisitor {
 public:
  explicit EncodeVisitor(std::span<const std::string_view> only = {}) : only_(only) {}

  template <class T>
  void key(std::string_view name, T& value, std::string_view /*about*/,
           const Limits& /*limits*/ = {}) {
    if (!only_.empty() && std::ranges::find(only_, name) == only_.end()) return;
    if constexpr (requires { value.has_value(); }) {
      if (value.has_value()) out_.add(std::string(name), {}, encode_value(*value));
    } else {
      out_.add(std::string(name), {}, encode_value(value));
    }
  }

  Node take() { return std::move(out_); }

 private:
  std::span<const std::string_view> only_;
  Node out_ = Node::of_kind(Node::Kind::kMap);
};

Node encode_value(DataFile& value);
Node encode_value(DistSpec& value);
Node encode_value(Loss& value);
Node encode_value(Selector& value);
Node encode_value(Fault& value);
Node encode_value(Pipeline& value);
Node encode_value(Network& value);
Node encode_value(Expect& value);
Node encode_value(InvariantGate& value);
Node encode_value(RareGate& value);
Node encode_value(Threshold& value);
Node encode_value(std::vector<Region>& value);
Node encode_value(std::vector<RegionShare>& value);
Node encode_value(std::vector<DeviceShare>& value);
Node encode_value(SeedRef& value);

template <HasLeaf T>
Node encode_value(T& value) {
  return Node::scalar(Leaf<T>::print(value));
}

template <class T>
Node encode_value(std::vector<T>& value) {
  Node out = Node::of_kind(Node::Kind::kList);
  for (T& v : value) out.list.push_back(encode_value(v));
  return out;
}

template <class T>
  requires std::is_class_v<T> && (!HasLeaf<T>)
Node encode_value(T& value) {
  EncodeVisitor v;
  describe(v, value);
  return v.take();
}

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_ENCODE_H_
