#ifndef GREYTICK_SIM_SCENARIO_NODE_H_
#define GREYTICK_SIM_SCENARIO_NODE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/diagnostic.h"

namespace greytick::scenario {

struct Entry;

// A YAML value with the place it was written. Keys are unique within a mapping and keep the order
// of the file. Everything scalar is text; what it means is the decoder's affair.
struct Node {
  enum class Kind : uint8_t { kScalar, kMap, kList };

  Kind kind = Kind::kScalar;
  Mark mark = {};
  std::string text = {};   // scalar
  bool quoted = false;     // scalar; an unquoted empty one means "no value"
  std::vector<Entry> map;  // no initialiser here: Entry is still incomplete
  std::vector<Node> list;

  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_map() const { return kind == Kind::kMap; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_empty() const {
    return is_scalar() && !quoted && (text.empty() || text == "~" || text == "null");
  }

  /// The entry of that key in this mapping, or nullptr.
  const Entry* find(std::string_view key) const;
  Entry* find(std::string_view key);
  /// Appends an entry; the key must not be there yet.
  Node& add(std::string key, Mark key_mark, Node value);
  /// Takes the entry out of this mapping; no effect when it is not there.
  void remove(std::string_view key);

  static Node scalar(std::string text, Mark mark = {});
  static Node of_kind(Kind kind, Mark mark = {});
};

struct Entry {
  std::string key;
  Mark key_mark;
  Node value;
};

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_NODE_H_
