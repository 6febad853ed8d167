#include <algorithm>
#include <array>

#include "sim/scenario/decode.h"
#include "sim/scenario/fault_table.h"
#include "sim/scenario/keys.h"

namespace greytick::scenario {
namespace {

// "gateways" is "gateway"; empty when it is no kind.
std::optional<TargetKind> target_kind(std::string_view word) {
  if (const std::optional<TargetKind> kind = value_of<TargetKind>(word)) return kind;
  if (word == "processes") return TargetKind::kProcess;
  if (word.size() > 1 && word.back() == 's')
    return value_of<TargetKind>(word.substr(0, word.size() - 1));
  return std::nullopt;
}

constexpr std::string_view kTargetForm =
    "a target such as gateways[0], gateways[eu][33%], stores[br], or {kind: gateway, index: 0}";

void unknown_target(Decoder& d, const Mark& mark, std::string_view word) {
  d.error(mark, fmt::format("unknown target '{}'", word), Leaf<TargetKind>::expected(),
          nearest_name(word, all_names<TargetKind>()));
}

// One bracket of "gateways[eu][0]": index, share, *, one, or a region.
void selector_argument(Decoder& d, const Mark& mark, std::string_view word, Selector& out) {
  if (word == "*") return;
  if (word == "one") {
    out.mode = TargetMode::kOne;
    return;
  }
  if (word.empty()) {
    d.error(mark, "nothing between the brackets", std::string(kTargetForm));
    return;
  }
  if (word.back() == '%') {
    const Parsed<Share> share = parse_share(word);
    if (!share) {
      d.error(mark, share.error().message, Leaf<Share>::expected());
      return;
    }
    out.mode = TargetMode::kPercent;
    out.share = *share;
    return;
  }
  if (word.front() >= '0' && word.front() <= '9') {
    const Parsed<uint64_t> index = parse_count(word);
    if (!index) {
      d.error(mark, index.error().message, "an index, from 0");
      return;
    }
    out.mode = TargetMode::kIndex;
    out.index = *index;
    return;
  }
  if (!out.region.empty()) {
    d.error(mark, fmt::format("'{}' is a second region", word), std::string(kTargetForm));
    return;
  }
  out.region = std::string(word);
}

void selector_from_text(Decoder& d, const Node& node, Selector& out) {
  const std::string_view text = node.text;
  size_t position = std::min(text.find('['), text.size());
  const std::string_view word = text.substr(0, position);
  const std::optional<TargetKind> kind = target_kind(word);
  if (!kind) return unknown_target(d, within(node, 0, word.size()), word);
  Selector made{.kind = *kind};
  const size_t before = d.errors();
  while (position < text.size()) {
    const size_t close = text.find(']', position);
    if (text[position] != '[' || close == std::string_view::npos) {
      d.error(within(node, position, text.size() - position),
              fmt::format("'{}' is not closed or not a bracket", text.substr(position)),
              std::string(kTargetForm));
      return;
    }
    selector_argument(d, within(node, position + 1, close - position - 1),
                      text.substr(position + 1, close - position - 1), made);
    position = close + 1;
  }
  if (d.errors() == before) out = std::move(made);
}

void selector_from_map(Decoder& d, const Node& node, Selector& out) {
  Selector made;
  const size_t before = d.errors();
  MapVisitor v(d, node);
  for (const std::string_view key : {"kind", "region", "access", "mode", "index", "value"})
    v.known(key);
  v.finish(" of a target");
  const Entry* kind = node.find("kind");
  const Entry* region = node.find("region");
  if (kind != nullptr) {
    const std::optional<TargetKind> k =
        kind->value.is_scalar() ? target_kind(kind->value.text) : std::nullopt;
    if (!k) {
      unknown_target(d, kind->value.mark, kind->value.is_scalar() ? kind->value.text : "");
    } else {
      made.kind = *k;
    }
  } else if (region != nullptr) {
    made.kind = TargetKind::kRegion;
  } else {
    d.error(node.mark, "a target without 'kind'", std::string(kTargetForm));
  }
  if (region != nullptr) decode_leaf(d, region->value, made.region, {});
  if (const Entry* e = node.find("access"); e != nullptr) {
    decode_leaf(d, e->value, made.access, {});
    if (made.kind != TargetKind::kDevice) {
      d.error(e->key_mark, "only devices are on an access network", "kind: device beside it");
    }
  }
  const Entry* index = node.find("index");
  const Entry* mode = node.find("mode");
  const Entry* value = node.find("value");
  if (mode != nullptr) decode_leaf(d, mode->value, made.mode, {});
  if (index != nullptr) {
    if (mode != nullptr) {
      d.error(index->key_mark, "'index' and 'mode' exclude each other", "one of them");
    } else {
      made.mode = TargetMode::kIndex;
      decode_leaf(d, index->value, made.index, {});
    }
  }
  const bool wants_value = made.mode == TargetMode::kFixed || made.mode == TargetMode::kPercent;
  if (value != nullptr && !wants_value && d.errors() == before) {
    d.error(value->key_mark, "'value' belongs to mode fixed or percent", "mode: percent beside it");
  } else if (value == nullptr && wants_value) {
    d.error(mode->value.mark, fmt::format("mode {} needs a value", name_of(made.mode)),
            made.mode == TargetMode::kFixed ? "value: 3" : "value: 33%");
  } else if (value != nullptr && made.mode == TargetMode::kFixed) {
    decode_leaf(d, value->value, made.count, positive());
  } else if (value != nullptr && made.mode == TargetMode::kPercent) {
    decode_leaf(d, value->value, made.share, {});
  }
  if (d.errors() == before) out = std::move(made);
}

std::string keys_text(std::span<const std::string_view> keys) {
  std::string out;
  for (const std::string_view k : keys) {
    if (!out.empty()) out += ", ";
    out += k;
  }
  return out;
}

// Reads one fault; a class, since its parts report on each other.
class FaultReader {
 public:
  FaultReader(Decoder& d, const Node& node, Fault& out) : d_(d), node_(node), out_(out) {}

  void read() {
    const Entry* kind = node_.find("fault");
    if (kind == nullptr) {
      d_.error(node_.mark, "a fault without 'fault', its kind", Leaf<FaultKind>::expected());
      return;
    }
    if (!read_kind(kind->value)) return;
    const FaultRule& rule = fault_rule(out_.kind);
    MapVisitor v(d_, node_);
    v.known("fault");
    v.key("name", out_.name, "");
    read_when(v);
    read_lasts(v, rule);
    read_target(v, rule);
    v.known("with");
    v.finish(fmt::format(" of a fault"));
    read_with(rule);
  }

 private:
  bool read_kind(const Node& node) {
    const std::optional<FaultKind> kind =
        node.is_scalar() ? value_of<FaultKind>(node.text) : std::nullopt;
    if (kind) {
      out_.kind = *kind;
      return true;
    }
    const std::string nearest =
        node.is_scalar() ? nearest_name(node.text, all_names<FaultKind>()) : std::string();
    d_.error(node.mark,
             node.is_scalar() ? fmt::format("unknown fault '{}'", node.text)
                              : fmt::format("{} where the kind of a fault belongs", found(node)),
             nearest.empty() ? Leaf<FaultKind>::expected() : "", nearest);
    return false;
  }

  void read_when(MapVisitor& v) {
    v.key("at", out_.at, "");
    v.known("every");
    v.key("times", out_.times, "");
    const Entry* at = node_.find("at");
    const Entry* every = node_.find("every");
    if (every != nullptr && every->value.is_map()) {
      MapVisitor inner(d_, every->value);
      inner.known("day");
      inner.key("region_local", out_.region_local, "");
      inner.finish(" in every");
      const Entry* day = every->value.find("day");
      Parsed<Duration> time = std::unexpected(UnitError{});
      if (day != nullptr && day->value.is_scalar()) time = parse_time_of_day(day->value.text);
      if (!time) {
        d_.error(day != nullptr ? day->value.mark : every->value.mark, "no time of day here",
                 "every: {day: \"20:30\"}");
      } else if (at != nullptr) {
        d_.error(at->key_mark, "'at' and a time of day exclude each other", "one of them");
      } else {
        out_.at = *time;
        out_.every = std::chrono::hours(24);
      }
    } else if (every != nullptr) {
      Duration period{0};
      d_.at(".every", every->value.mark,
            [&] { decode_leaf(d_, every->value, period, positive()); });
      out_.every = period;
      if (at == nullptr) out_.at = period;
    } else if (at == nullptr) {
      d_.error(node_.mark, "a fault that never happens", "'at: TIME' or 'every: TIME'");
    }
    if (every == nullptr && node_.find("times") != nullptr) {
      d_.error(node_.find("times")->key_mark, "'times' without 'every'", "'every: TIME' beside it");
    }
  }

  void read_lasts(MapVisitor& v, const FaultRule& rule) {
    const Entry* lasts = node_.find("for");
    v.known("for");
    if (rule.lasts == Lasts::kNone) {
      if (lasts != nullptr) {
        d_.error(lasts->key_mark,
                 fmt::format("{} is over at once, so it has no 'for'", name_of(rule.kind)),
                 "no 'for'");
      }
      return;
    }
    if (lasts == nullptr) {
      d_.error(node_.find("fault")->value.mark,
               fmt::format("{} needs a duration, since every fault heals", name_of(rule.kind)),
               "'for: TIME'");
      return;
    }
    d_.at(".for", lasts->value.mark,
          [&] { decode_leaf(d_, lasts->value, out_.lasts, positive()); });
  }

  void read_target(MapVisitor& v, const FaultRule& rule) {
    const Entry* target = node_.find("target");
    const Entry* between = node_.find("between");
    const Entry* direction = node_.find("direction");
    for (const std::string_view key : {"target", "between", "direction"}) v.known(key);
    if (!rule.link) {
      for (const Entry* e : {between, direction}) {
        if (e != nullptr) {
          d_.error(e->key_mark,
                   fmt::format("'{}' belongs to faults of links, {} is none", e->key,
                               name_of(rule.kind)),
                   "'target' alone");
        }
      }
      between = nullptr;
      direction = nullptr;
    }
    if (direction != nullptr) {
      d_.at(".direction", direction->value.mark,
            [&] { decode_leaf(d_, direction->value, out_.direction, {}); });
    }
    if (between != nullptr && target != nullptr) {
      d_.error(between->key_mark, "'between' and 'target' exclude each other", "one of them");
    } else if (between != nullptr) {
      if (!between->value.is_list() || between->value.list.size() != 2) {
        d_.error(between->value.mark, "'between' names two sets",
                 "between: [{region: eu}, {region: in}]");
        return;
      }
      Selector second;
      d_.at(".between[0]", between->value.list[0].mark,
            [&] { decode_value(d_, between->value.list[0], out_.target, {}); });
      d_.at(".between[1]", between->value.list[1].mark,
            [&] { decode_value(d_, between->value.list[1], second, {}); });
      out_.other = std::move(second);
    } else if (target != nullptr) {
      d_.at(".target", target->value.mark,
            [&] { decode_value(d_, target->value, out_.target, {}); });
    } else if (rule.otherwise) {
      out_.target.kind = *rule.otherwise;
    } else {
      d_.error(node_.find("fault")->value.mark,
               fmt::format("{} needs a target", name_of(rule.kind)), std::string(kTargetForm));
    }
  }

  void read_with(const FaultRule& rule) {
    set_defaults();
    const Entry* with = node_.find("with");
    if (with != nullptr && !with->value.is_map()) {
      expect_map(d_, with->value, "the parameters of a fault");
      return;
    }
    if (with != nullptr) {
      if (rule.parameters.empty() && !with->value.map.empty()) {
        d_.error(with->key_mark, fmt::format("{} takes no parameters", name_of(rule.kind)),
                 "no 'with'");
        return;
      }
      d_.at(".with", with->value.mark, [&] {
        MapVisitor v(d_, with->value, rule.parameters);
        describe(v, out_.with);
        v.finish(fmt::format(" of {}", name_of(rule.kind)));
      });
    }
    for (const std::string_view required : rule.required) {
      size_t given = 0;
      for (size_t begin = 0; begin <= required.size();) {
        const size_t end = std::min(required.find('|', begin), required.size());
        if (with != nullptr && with->value.find(required.substr(begin, end - begin)) != nullptr)
          ++given;
        begin = end + 1;
      }
      if (given > 0) continue;
      std::string words(required);
      if (const size_t bar = words.find('|'); bar != std::string::npos)
        words.replace(bar, 1, " or ");
      d_.error(with != nullptr ? with->value.mark : node_.find("fault")->value.mark,
               fmt::format("{} needs {}", name_of(rule.kind), words),
               fmt::format("with: {{{}: ...}}; it takes {}", required.substr(0, required.find('|')),
                           keys_text(rule.parameters)));
    }
    if (with != nullptr && with->value.find("probability") != nullptr &&
        with->value.find("gilbert_elliott") != nullptr) {
      d_.error(with->value.mark, "'probability' and 'gilbert_elliott' exclude each other",
               "one of them");
    }
  }

  // Defaults that differ from one kind to another.
  void set_defaults() {
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    if (out_.kind == FaultKind::kRebalance) out_.with.entries = 50;
    if (out_.kind == FaultKind::kReorder) out_.with.latency = milliseconds(50);
    if (out_.kind == FaultKind::kPushThrottle || out_.kind == FaultKind::kPushError) {
      out_.with.retry_after = seconds(30);
    }
  }

  Decoder& d_;
  const Node& node_;
  Fault& out_;
};

}  // namespace

void decode_value(Decoder& d, const Node& node, Selector& out, const Limits& /*limits*/) {
  if (node.is_map()) return selector_from_map(d, node, out);
  if (node.is_scalar() && !node.is_empty()) return selector_from_text(d, node, out);
  d.error(node.mark, fmt::format("{} where a target belongs", found(node)),
          std::string(kTargetForm));
}

void decode_value(Decoder& d, const Node& node, Fault& out, const Limits& /*limits*/) {
  if (!expect_map(d, node, "a fault")) return;
  FaultReader(d, node, out).read();
}

}  // namespace greytick::scenario
