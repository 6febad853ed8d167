#include "sim/scenario/node.h"

#include <utility>

namespace greytick::scenario {

const Entry* Node::find(std::string_view key) const {
  for (const Entry& e : map) {
    if (e.key == key) return &e;
  }
  return nullptr;
}

Entry* Node::find(std::string_view key) {
  return const_cast<Entry*>(std::as_const(*this).find(key));
}

Node& Node::add(std::string key, Mark key_mark, Node value) {
  map.push_back({.key = std::move(key), .key_mark = key_mark, .value = std::move(value)});
  return map.back().value;
}

void Node::remove(std::string_view key) {
  std::erase_if(map, [key](const Entry& e) { return e.key == key; });
}

Node Node::scalar(std::string text, Mark mark) {
  Node out;
  out.mark = mark;
  out.text = std::move(text);
  return out;
}

Node Node::of_kind(Kind kind, Mark mark) {
  Node out;
  out.kind = kind;
  out.mark = mark;
  return out;
}

}  // namespace greytick::scenario
