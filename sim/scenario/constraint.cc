#include "sim/scenario/constraint.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "sim/scenario/decimal.h"
#include "sim/scenario/units_text.h"

namespace greytick::scenario {
namespace {

// A measured value: in seconds, bytes and bits to these powers; shares and counts are plain.
struct Quantity {
  double value = 0.0;
  int seconds = 0, bytes = 0, bits = 0;
  bool alike(const Quantity& other) const {
    return seconds == other.seconds && bytes == other.bytes && bits == other.bits;
  }
};

// Of a text that is only checked, nothing is known.
struct Unknown {};

using Value = std::variant<Unknown, bool, Quantity, std::string>;

std::optional<Quantity> quantity(std::string_view text) {
  if (const auto n = parse_count(text)) return Quantity{.value = static_cast<double>(*n)};
  if (const auto n = parse_number(text)) return Quantity{.value = *n};
  if (const auto t = parse_duration(text))
    return Quantity{.value = static_cast<double>(t->count()) * 1e-9, .seconds = 1};
  if (const auto s = parse_share(text)) return Quantity{.value = s->value};
  if (const auto b = parse_bytes(text))
    return Quantity{.value = static_cast<double>(b->value), .bytes = 1};
  if (const auto r = parse_rate(text)) return Quantity{.value = r->per_second, .seconds = -1};
  if (const auto b = parse_bit_rate(text)) {
    return Quantity{.value = static_cast<double>(b->bits_per_second), .seconds = -1, .bits = 1};
  }
  return std::nullopt;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

struct Token {
  enum class Kind : uint8_t { kEnd, kNumber, kWord, kText, kSign };
  Kind kind = Kind::kEnd;
  size_t offset = 0;
  std::string_view text;  // of kText without its quotes
};

// Recursive descent, judged as it is read. After the first error every step does nothing more, and
// that error is the answer.
class Reader {
 public:
  Reader(std::string_view text, const Node* scenario) : text_(text), scenario_(scenario) { next(); }

  std::expected<bool, ConstraintError> read() {
    const Value value = either();
    if (!error_ && token_.kind != Token::Kind::kEnd) {
      fail(token_, fmt::format("'{}' after the end", token_.text), "and, or");
    }
    if (!error_ && !is_unknown(value) && !std::holds_alternative<bool>(value)) {
      error_ = {.offset = 0,
                .length = text_.size(),
                .message = "this is neither true nor false",
                .expected = "a comparison such as 'users >= 1k'"};
    }
    if (error_) return std::unexpected(std::move(*error_));
    return is_unknown(value) || std::get<bool>(value);
  }

 private:
  static bool is_unknown(const Value& value) { return std::holds_alternative<Unknown>(value); }

  Value fail(const Token& at, std::string message, std::string expected) {
    if (!error_) {
      error_ = {.offset = at.offset,
                .length = std::max<size_t>(at.text.size(), 1),
                .message = std::move(message),
                .expected = std::move(expected)};
    }
    return Unknown{};
  }

  bool word(std::string_view which) const {
    return token_.kind == Token::Kind::kWord && token_.text == which;
  }
  bool sign(std::string_view which) const {
    return token_.kind == Token::Kind::kSign && token_.text == which;
  }

  void next() {
    size_t i = token_end_;
    while (i < text_.size() && (text_[i] == ' ' || text_[i] == '\n')) ++i;
    token_ = {.kind = Token::Kind::kEnd, .offset = i, .text = {}};
    token_end_ = i;
    if (i == text_.size()) return;
    const char c = text_[i];
    size_t end = i + 1;
    if (is_digit(c)) {
      token_.kind = Token::Kind::kNumber;
      end = number_end(i);
    } else if (is_letter(c)) {
      token_.kind = Token::Kind::kWord;
      while (end < text_.size() &&
             (is_letter(text_[end]) || is_digit(text_[end]) || within_word(end))) {
        ++end;
      }
    } else if (c == '\'' || c == '"') {
      token_.kind = Token::Kind::kText;
      end = text_.find(c, i + 1);
      if (end == std::string_view::npos) {
        token_end_ = text_.size();
        fail({.kind = token_.kind, .offset = i, .text = text_.substr(i)}, "a quote without its end",
             fmt::format("{0}word{0}", c));
        return;
      }
      token_.text = text_.substr(i + 1, end - i - 1);
      token_end_ = end + 1;
      return;
    } else {
      token_.kind = Token::Kind::kSign;
      constexpr std::array<std::string_view, 4> kTwo{"==", "!=", "<=", ">="};
      for (const std::string_view two : kTwo) {
        if (text_.substr(i, 2) == two) end = i + 2;
      }
    }
    token_.text = text_.substr(i, end - i);
    token_end_ = end;
  }

  // '.', '-' and brackets belong to a key when a key goes on behind them.
  bool within_word(size_t at) const {
    if (text_[at] == ']') return true;
    if (text_[at] != '.' && text_[at] != '-' && text_[at] != '[') return false;
    return at + 1 < text_.size() && (is_letter(text_[at + 1]) || is_digit(text_[at + 1]));
  }

  // "1.5", "30s", "5%", "4kB", "10/s"; a '/' is the unit's where a letter follows it at once.
  size_t number_end(size_t i) const {
    while (i < text_.size() && (is_digit(text_[i]) || text_[i] == '.')) ++i;
    while (i < text_.size() && (is_letter(text_[i]) || text_[i] == '%')) ++i;
    if (i + 1 < text_.size() && text_[i] == '/' && is_letter(text_[i + 1])) {
      ++i;
      while (i < text_.size() && is_letter(text_[i])) ++i;
    }
    return i;
  }

  Value either() {
    Value left = both();
    while (!error_ && word("or")) {
      const Token at = token_;
      next();
      left = join(at, std::move(left), both(), false);
    }
    return left;
  }

  Value both() {
    Value left = opposite();
    while (!error_ && word("and")) {
      const Token at = token_;
      next();
      left = join(at, std::move(left), opposite(), true);
    }
    return left;
  }

  Value join(const Token& at, const Value& left, const Value& right, bool all) {
    for (const Value* side : {&left, &right}) {
      if (!is_unknown(*side) && !std::holds_alternative<bool>(*side)) {
        return fail(at, fmt::format("'{}' between what is neither true nor false", at.text),
                    "a comparison on each side");
      }
    }
    if (is_unknown(left) || is_unknown(right)) return Unknown{};
    return all ? std::get<bool>(left) && std::get<bool>(right)
               : std::get<bool>(left) || std::get<bool>(right);
  }

  Value opposite() {
    if (!word("not")) return comparison();
    const Token at = token_;
    if (++depth_ > kDepthMax) return fail(at, "too many of 'not'", "fewer");
    next();
    const Value value = opposite();
    --depth_;
    if (is_unknown(value)) return value;
    if (!std::holds_alternative<bool>(value))
      return fail(at, "'not' before what is neither true nor false", "not (a < b)");
    return !std::get<bool>(value);
  }

  Value comparison() {
    const Value left = sum();
    constexpr std::array<std::string_view, 6> kSigns{"==", "!=", "<=", ">=", "<", ">"};
    for (const std::string_view op : kSigns) {
      if (error_ || !sign(op)) continue;
      const Token at = token_;
      next();
      return compare(at, left, sum());
    }
    if (!error_ && sign("=")) return fail(token_, "'=' compares nothing", "==");
    return left;
  }

  Value compare(const Token& at, const Value& left, const Value& right) {
    if (error_ || is_unknown(left) || is_unknown(right)) return Unknown{};
    const auto* a = std::get_if<Quantity>(&left);
    const auto* b = std::get_if<Quantity>(&right);
    if (a != nullptr && b != nullptr && a->alike(*b)) {
      // Products of decimals differ from their limit by a last bit.
      const double slack = 1e-12 * std::max(std::abs(a->value), std::abs(b->value));
      const double d = std::abs(a->value - b->value) <= slack ? 0.0 : a->value - b->value;
      return at.text == "=="   ? d == 0.0
             : at.text == "!=" ? d != 0.0
             : at.text == "<"  ? d < 0.0
             : at.text == "<=" ? d <= 0.0
             : at.text == ">"  ? d > 0.0
                               : d >= 0.0;
    }
    const auto* s = std::get_if<std::string>(&left);
    const auto* t = std::get_if<std::string>(&right);
    const bool equality = at.text == "==" || at.text == "!=";
    if (s != nullptr && t != nullptr && equality) return (*s == *t) == (at.text == "==");
    return fail(at, fmt::format("'{}' between what cannot be compared", at.text),
                "two values of one dimension, or two words with == or !=");
  }

  Value sum() {
    Value left = product();
    while (!error_ && (sign("+") || sign("-"))) {
      const Token at = token_;
      next();
      left = reckon(at, left, product());
    }
    return left;
  }

  Value product() {
    Value left = atom();
    while (!error_ && (sign("*") || sign("/"))) {
      const Token at = token_;
      next();
      left = reckon(at, left, atom());
    }
    return left;
  }

  Value reckon(const Token& at, const Value& left, const Value& right) {
    if (error_ || is_unknown(left) || is_unknown(right)) return Unknown{};
    const auto* a = std::get_if<Quantity>(&left);
    const auto* b = std::get_if<Quantity>(&right);
    if (a == nullptr || b == nullptr)
      return fail(at, fmt::format("'{}' between what are not two values", at.text), "values");
    const bool adds = at.text == "+" || at.text == "-";
    if (adds && !a->alike(*b))
      return fail(at, fmt::format("'{}' of two dimensions", at.text), "values of one dimension");
    if (at.text == "+") return with(*a, a->value + b->value);
    if (at.text == "-") return with(*a, a->value - b->value);
    if (at.text == "*") {
      return Quantity{.value = a->value * b->value,
                      .seconds = a->seconds + b->seconds,
                      .bytes = a->bytes + b->bytes,
                      .bits = a->bits + b->bits};
    }
    if (b->value == 0.0) return fail(at, "a division by zero", "another divisor");
    return Quantity{.value = a->value / b->value,
                    .seconds = a->seconds - b->seconds,
                    .bytes = a->bytes - b->bytes,
                    .bits = a->bits - b->bits};
  }

  static Quantity with(Quantity q, double value) {
    q.value = value;
    return q;
  }

  Value atom() {
    if (error_) return Unknown{};
    const Token at = token_;
    if (sign("(")) {
      if (++depth_ > kDepthMax) return fail(at, "too many parentheses", "fewer");
      next();
      Value inner = either();
      if (!error_ && !sign(")")) return fail(at, "a parenthesis that is not closed", ")");
      next();
      --depth_;
      return inner;
    }
    next();
    switch (at.kind) {
      case Token::Kind::kNumber:
        if (const auto q = quantity(at.text)) return *q;
        return fail(at, fmt::format("'{}' is no value", at.text), "20k, 30s, 5%, 4kB or 10/s");
      case Token::Kind::kText:
        return std::string(at.text);
      case Token::Kind::kWord:
        return named(at);
      case Token::Kind::kEnd:
        return fail(at, "the expression ends too early", "a value or a key");
      case Token::Kind::kSign:
        break;
    }
    return fail(at, fmt::format("'{}' where a value belongs", at.text), "a value or a key");
  }

  // A key of the scenario, or a word.
  Value named(const Token& at) {
    if (at.text == "and" || at.text == "or" || at.text == "not")
      return fail(at, fmt::format("'{}' where a value belongs", at.text), "a value or a key");
    if (scenario_ == nullptr) return Unknown{};
    const Node* node = at.text == "users" ? find("population.users") : find(at.text);
    const bool path = at.text.find_first_of(".[") != std::string_view::npos;
    if (node == nullptr) {
      if (!path) return std::string(at.text);
      return fail(at, fmt::format("the scenario has no '{}'", at.text), "a key of resolved.yaml");
    }
    if (!node->is_scalar())
      return fail(at, fmt::format("'{}' is not one value", at.text), "a key with one value");
    if (const auto q = quantity(node->text)) return *q;
    return node->text;
  }

  const Node* find(std::string_view path) const {
    const Node* node = scenario_;
    while (!path.empty()) {
      size_t end = path.find_first_of(".[");
      if (path.front() == '[') {
        end = std::min(path.find(']'), path.size());
        size_t index = 0;
        const auto [stop, error] = std::from_chars(path.data() + 1, path.data() + end, index);
        if (error != std::errc() || !node->is_list() || index >= node->list.size()) return nullptr;
        node = &node->list[index];
        end = std::min(end + 1, path.size());
      } else {
        const Entry* entry = node->is_map() ? node->find(path.substr(0, end)) : nullptr;
        if (entry == nullptr) return nullptr;
        node = &entry->value;
        end = std::min(end, path.size());
      }
      path.remove_prefix(end);
      if (!path.empty() && path.front() == '.') path.remove_prefix(1);
    }
    return node;
  }

  static constexpr int kDepthMax = 50;  // of parentheses and 'not', so that no text is too deep

  std::string_view text_;
  const Node* scenario_;  // absent: only the form is checked
  Token token_;
  size_t token_end_ = 0;
  int depth_ = 0;
  std::optional<ConstraintError> error_;
};

}  // namespace

std::expected<void, ConstraintError> check_constraint(std::string_view text) {
  auto read = Reader(text, nullptr).read();
  if (!read) return std::unexpected(std::move(read.error()));
  return {};
}

std::expected<bool, ConstraintError> constraint_holds(std::string_view text, const Node& scenario) {
  return Reader(text, &scenario).read();
}

}  // namespace greytick::scenario
