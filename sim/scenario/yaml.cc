#include "sim/scenario/yaml.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <libfyaml.h>

namespace greytick::scenario {
namespace {

// Where the first byte that is not UTF-8 lies; npos when there is none. NUL and the other control
// characters that YAML forbids count as not valid too.
size_t first_bad_byte(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      if ((lead < 0x20 && lead != '\t' && lead != '\n' && lead != '\r') || lead == 0x7F) return i;
      ++i;
      continue;
    }
    size_t length = 0;
    uint32_t code = 0;
    if (lead >= 0xC2 && lead < 0xE0) {
      length = 2;
      code = lead & 0x1FU;
    } else if (lead >= 0xE0 && lead < 0xF0) {
      length = 3;
      code = lead & 0x0FU;
    } else if (lead >= 0xF0 && lead < 0xF5) {
      length = 4;
      code = lead & 0x07U;
    } else {
      return i;
    }
    if (i + length > text.size()) return i;
    for (size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0U) != 0x80U) return i;
      code = (code << 6U) | (next & 0x3FU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || (code >= 0xD800 && code < 0xE000) || code > 0x10FFFF || code == 0xFEFF ||
        (code >= 0x80 && code < 0xA0) || code == 0x2028 || code == 0x2029 || code == 0xFFFE ||
        code == 0xFFFF) {
      return i;
    }
    i += length;
  }
  return std::string_view::npos;
}

// Where a tab stands before the first other character of a line; npos when nowhere.
size_t first_indenting_tab(std::string_view text) {
  bool indenting = true;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      indenting = true;
    } else if (c == '\t' && indenting) {
      return i;
    } else if (c != ' ') {
      indenting = false;
    }
  }
  return std::string_view::npos;
}

// libfyaml recurses over nested brackets while scanning, so they are counted before it sees them.
// Brackets inside strings and comments are counted too: nobody writes 32 of them unclosed.
size_t first_too_deep(std::string_view text) {
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[' || text[i] == '{') {
      if (++depth > 2 * kNestingMax) return i;
    } else if ((text[i] == ']' || text[i] == '}') && depth > 0) {
      --depth;
    }
  }
  return std::string_view::npos;
}

// The last bracket that nothing closes; npos when there is none. Strings and comments are skipped.
size_t unclosed_bracket(std::string_view text) {
  std::vector<size_t> open;
  char quote = '\0';
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool after_space = i == 0 || text[i - 1] == ' ' || text[i - 1] == '\n';
    if (quote != '\0') {
      if (c == '\\' && quote == '"') {
        ++i;
      } else if (c == quote) {
        quote = '\0';
      }
    } else if (c == '#' && after_space) {
      i = std::min(text.find('\n', i), text.size());
    } else if ((c == '"' || c == '\'') &&
               (after_space || std::string_view("[{,").contains(text[i - 1]))) {
      quote = c;
    } else if (c == '[' || c == '{') {
      open.push_back(i);
    } else if ((c == ']' || c == '}') && !open.empty()) {
      open.pop_back();
    }
  }
  return open.empty() ? std::string_view::npos : open.back();
}

struct ParserDelete {
  void operator()(fy_parser* p) const { fy_parser_destroy(p); }
};
struct DiagDelete {
  void operator()(fy_diag* d) const { fy_diag_destroy(d); }
};

// Builds the tree from libfyaml's events, which carry positions and do not recurse.
class Builder {
 public:
  Builder(Report& report, uint32_t source, size_t base)
      : report_(report), source_(source), base_(base) {}

  std::optional<Node> build() {
    const std::string& text = report_.source(source_).text();
    if (!check_text(text)) return std::nullopt;

    fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = nullptr;
    diag_cfg.output_fn = [](fy_diag*, void*, const char*, size_t) {};
    diag_cfg.colorize = false;
    const std::unique_ptr<fy_diag, DiagDelete> diag(fy_diag_create(&diag_cfg));
    fy_diag_set_collect_errors(diag.get(), true);
    fy_parse_cfg cfg{};
    cfg.flags = static_cast<fy_parse_cfg_flags>(FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE |
                                                FYPCF_COLLECT_DIAG | FYPCF_QUIET);
    cfg.diag = diag.get();
    const std::unique_ptr<fy_parser, ParserDelete> parser(fy_parser_create(&cfg));
    fy_parser_set_string(parser.get(), text.data() + base_, text.size() - base_);

    bool good = true;
    while (fy_event* event = fy_parser_parse(parser.get())) {
      good = take(event);
      const bool last = event->type == FYET_STREAM_END;
      fy_parser_event_free(parser.get(), event);
      if (!good || last) break;
    }
    if (good && (fy_parser_get_stream_error(parser.get()) || !ended_)) {
      report_syntax(diag.get());
      return std::nullopt;
    }
    if (!good || duplicate_) return std::nullopt;
    if (!root_) {
      report_.add({.mark = {.source = source_, .line = 1, .column = 1},
                   .message = "the file is empty",
                   .expected = "a scenario, at least 'scenario: NAME' and 'traffic:'"});
      return std::nullopt;
    }
    return std::move(root_);
  }

 private:
  bool fail(const Mark& mark, std::string message, std::string expected = {}) {
    report_.add({.mark = mark, .message = std::move(message), .expected = std::move(expected)});
    return false;
  }

  Mark at(size_t offset, size_t length) const {
    return report_.source(source_).mark(source_, base_ + offset, length);
  }

  bool check_text(const std::string& text) {
    if (text.size() > kFileBytesMax) {
      return fail({.source = source_}, fmt::format("the file has {} bytes", text.size()),
                  "at most 4 MiB");
    }
    const std::string_view body = std::string_view(text).substr(base_);
    if (body.starts_with("\xEF\xBB\xBF")) {
      return fail(at(0, 3), "the text begins with a byte order mark", "UTF-8 without one");
    }
    if (const size_t bad = first_bad_byte(body); bad != std::string_view::npos) {
      return fail(at(bad, 1),
                  fmt::format("byte 0x{:02x} is not valid UTF-8 text here",
                              static_cast<unsigned char>(body[bad])),
                  "UTF-8 without control characters");
    }
    if (const size_t tab = first_indenting_tab(body); tab != std::string_view::npos) {
      return fail(at(tab, 1), "a tab indents this line", "spaces, as everywhere in YAML");
    }
    if (const size_t deep = first_too_deep(body); deep != std::string_view::npos) {
      return fail(at(deep, 1), "brackets are nested too deeply",
                  fmt::format("at most {} levels", kNestingMax));
    }
    return true;
  }

  void report_syntax(fy_diag* diag) {
    // An unclosed bracket swallows the rest, so the parser complains far from it.
    const std::string_view body = std::string_view(report_.source(source_).text()).substr(base_);
    if (const size_t open = unclosed_bracket(body); open != std::string_view::npos) {
      fail(at(open, 1), fmt::format("this '{}' is never closed", body[open]),
           body[open] == '[' ? "a ']' after the last entry" : "a '}' after the last key");
      return;
    }
    void* previous = nullptr;
    bool any = false;
    while (const fy_diag_error* e = fy_diag_errors_iterate(diag, &previous)) {
      if (any) break;  // The first is the cause; the rest follow from it.
      any = true;
      Mark mark = {.source = source_};
      if (e->line > 0) {
        // libfyaml counts characters, marks count bytes.
        mark.line = static_cast<uint32_t>(e->line);
        const std::string_view line = report_.source(source_).line(mark.line);
        size_t byte = 0;
        for (int c = 1; c < e->column && byte < line.size(); ++c) {
          ++byte;
          while (byte < line.size() && (static_cast<unsigned char>(line[byte]) & 0xC0U) == 0x80U) {
            ++byte;
          }
        }
        mark.column = static_cast<uint32_t>(byte + 1 + (mark.line == 1 ? base_ : 0));
        mark.length = 1;
      }
      const std::string_view why = e->msg != nullptr ? e->msg : "syntax error";
      fail(mark, fmt::format("not valid YAML: {}", why),
           why.contains("quote") ? "a closing quote" : "'key: value' lines, indented with spaces");
    }
    if (!any) fail({.source = source_}, "not valid YAML", "'key: value' lines");
  }

  Mark mark_of(fy_event* event) const {
    const fy_mark* start = fy_event_start_mark(event);
    const fy_mark* end = fy_event_end_mark(event);
    if (start == nullptr) return {.source = source_, .line = 1, .column = 1};
    const size_t from = start->input_pos;
    const size_t length = end != nullptr && end->input_pos > from ? end->input_pos - from : 0;
    return at(from, length);
  }

  bool take(fy_event* event) {
    switch (event->type) {
      case FYET_NONE:
      case FYET_STREAM_START:
      case FYET_DOCUMENT_END:
        return true;
      case FYET_STREAM_END:
        ended_ = true;
        return true;
      case FYET_DOCUMENT_START:
        if (++documents_ > 1) {
          return fail(mark_of(event), "a second YAML document begins here", "one document a file");
        }
        return true;
      case FYET_ALIAS:
        return fail(mark_of(event), "aliases are not allowed",
                    "the value itself, written out; 'extends' shares whole files");
      case FYET_SCALAR: {
        if (!allowed(event)) return false;
        Node node = Node::scalar({}, mark_of(event));
        size_t length = 0;
        if (const char* text = fy_token_get_text(event->scalar.value, &length); text != nullptr) {
          node.text.assign(text, length);
        }
        node.quoted = event->scalar.value != nullptr &&
                      fy_token_scalar_style(event->scalar.value) != FYSS_PLAIN &&
                      fy_token_scalar_style(event->scalar.value) != FYSS_ANY;
        return put(std::move(node));
      }
      case FYET_SEQUENCE_START:
        return allowed(event) && open(Node::of_kind(Node::Kind::kList, mark_of(event)));
      case FYET_MAPPING_START:
        return allowed(event) && open(Node::of_kind(Node::Kind::kMap, mark_of(event)));
      case FYET_SEQUENCE_END:
      case FYET_MAPPING_END:
        return close();
    }
    return true;
  }

  bool allowed(fy_event* event) {
    if (fy_event_get_anchor_token(event) != nullptr) {
      return fail(mark_of(event), "anchors are not allowed",
                  "the value itself, written out; 'extends' shares whole files");
    }
    if (fy_event_get_tag_token(event) != nullptr) {
      return fail(mark_of(event), "tags are not allowed", "a plain value, without '!'");
    }
    return true;
  }

  // One open collection; for a mapping, the key whose value comes next.
  struct Open {
    Node node;
    bool has_key = false;
    std::string key = {};
    Mark key_mark = {};
  };

  bool open(Node node) {
    if (!stack_.empty() && stack_.back().node.is_map() && !stack_.back().has_key) {
      return fail(node.mark, "this key is not plain text", "a name");
    }
    if (stack_.size() >= static_cast<size_t>(kNestingMax)) {
      return fail(node.mark, "nested too deeply", fmt::format("at most {} levels", kNestingMax));
    }
    stack_.push_back({.node = std::move(node)});
    return true;
  }

  bool close() {
    Node node = std::move(stack_.back().node);
    stack_.pop_back();
    return put(std::move(node));
  }

  bool put(Node node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return true;
    }
    Open& top = stack_.back();
    if (top.node.is_list()) {
      if (node.is_empty() && node.text.empty()) node.mark = top.node.mark;
      top.node.list.push_back(std::move(node));
      return true;
    }
    if (!top.has_key) {
      if (!node.quoted && node.text == "<<") {
        return fail(node.mark, "merge keys are not allowed",
                    "the keys themselves; 'extends' shares whole files");
      }
      if (node.text.empty()) return fail(node.mark, "this key is empty", "a name");
      top.key = std::move(node.text);
      top.key_mark = node.mark;
      top.has_key = true;
      return true;
    }
    top.has_key = false;
    // A value that is not there has no place of its own.
    if (node.is_empty() && node.text.empty()) node.mark = top.key_mark;
    if (const Entry* first = top.node.find(top.key); first != nullptr) {
      duplicate_ = true;
      report_.add({.mark = top.key_mark,
                   .message = fmt::format("the key '{}' is written twice", top.key),
                   .expected = "each key once",
                   .note = fmt::format("the first is on line {}", first->key_mark.line)});
      return true;
    }
    top.node.add(std::move(top.key), top.key_mark, std::move(node));
    return true;
  }

  Report& report_;
  uint32_t source_;
  size_t base_;
  std::vector<Open> stack_;
  std::optional<Node> root_;
  int documents_ = 0;
  bool ended_ = false;
  bool duplicate_ = false;
};

}  // namespace

std::optional<Node> parse_yaml(Report& report, uint32_t source, size_t base) {
  return Builder(report, source, base).build();
}

}  // namespace greytick::scenario
