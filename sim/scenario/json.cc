#include "sim/scenario/json.h"

namespace greytick::scenario {

nlohmann::ordered_json to_json(const Node& node) {
  if (node.is_map()) {
    auto out = nlohmann::ordered_json::object();
    for (const Entry& entry : node.map) out[entry.key] = to_json(entry.value);
    return out;
  }
  if (node.is_list()) {
    auto out = nlohmann::ordered_json::array();
    for (const Node& item : node.list) out.push_back(to_json(item));
    return out;
  }
  if (node.is_empty()) return nullptr;
  if (!node.quoted) {
    const auto plain = nlohmann::ordered_json::parse(node.text, nullptr, false);
    if (plain.is_number() || plain.is_boolean()) return plain;
  }
  return node.text;
}

}  // namespace greytick::scenario
