// A tree as canonical YAML; yaml.cc reads it back.
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "sim/scenario/yaml.h"

namespace greytick::scenario {
namespace {

constexpr size_t kColumns = 100;

bool plain_is_safe(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
    return false;
  if (text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  constexpr std::string_view kFirst = "-?:,[]{}#&*!|>'\"%@`=.<";
  const bool number = text.front() == '-' && text.size() > 1 && text[1] >= '0' && text[1] <= '9';
  if (kFirst.contains(text.front()) && !number) return false;
  if (text.starts_with("--")) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F || c == 0x85) return false;
    if (std::string_view(",[]{}\"\\").contains(text[i])) return false;
    if (text[i] == ':' || text[i] == '#') return false;
  }
  return true;
}

std::string scalar_text(const Node& node) {
  if (!node.quoted && plain_is_safe(node.text)) return node.text;
  std::string out = "\"";
  for (const char c : node.text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        out += c;
    }
  }
  return out + '"';
}

void append_flow(const Node& node, std::string& out) {
  switch (node.kind) {
    case Node::Kind::kScalar:
      out += scalar_text(node);
      return;
    case Node::Kind::kList: {
      out += '[';
      bool first = true;
      for (const Node& n : node.list) {
        if (!first) out += ", ";
        first = false;
        append_flow(n, out);
      }
      out += ']';
      return;
    }
    case Node::Kind::kMap: {
      out += '{';
      bool first = true;
      for (const Entry& e : node.map) {
        if (!first) out += ", ";
        first = false;
        out += scalar_text(Node::scalar(e.key));
        out += ": ";
        append_flow(e.value, out);
      }
      out += '}';
      return;
    }
  }
}

bool has_inner(const Node& node) { return !node.map.empty() || !node.list.empty(); }

// Appends the value after "key:" or "-" that ends at column `used`; ends with a newline.
void append_value(const Node& node, size_t indent, size_t used, std::string& out) {
  const std::string flow = emit_flow(node);
  if (!has_inner(node) || used + 1 + flow.size() <= kColumns) {
    out += ' ';
    out += flow;
    out += '\n';
    return;
  }
  out += '\n';
  const std::string pad(indent, ' ');
  if (node.is_map()) {
    for (const Entry& e : node.map) {
      const std::string key = scalar_text(Node::scalar(e.key));
      out += pad + key + ":";
      append_value(e.value, indent + 2, indent + key.size() + 1, out);
    }
    return;
  }
  for (const Node& n : node.list) {
    out += pad + "-";
    append_value(n, indent + 2, indent + 1, out);
  }
}

}  // namespace

std::string emit_flow(const Node& node) {
  std::string out;
  append_flow(node, out);
  return out;
}

std::string emit_yaml(const Node& node) {
  std::string out;
  if (!node.is_map() || node.map.empty()) return emit_flow(node) + "\n";
  for (const Entry& e : node.map) {
    const std::string key = scalar_text(Node::scalar(e.key));
    out += key + ":";
    append_value(e.value, 2, key.size() + 1, out);
  }
  return out;
}

}  // namespace greytick::scenario
