#include "sim/scenario/encode.h"

#include "sim/scenario/fault_table.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/metric_table.h"
#include "sim/scenario/write.h"
#include "sim/scenario/yaml.h"

namespace greytick::scenario {
namespace {

void add(Node& map, std::string_view key, Node value) {
  map.add(std::string(key), {}, std::move(value));
}

void add(Node& map, std::string_view key, std::string_view text) {
  add(map, key, Node::scalar(std::string(text)));
}

std::string parameter_text(const DistSpec& spec, const DistParam& p) {
  const bool plain = p.key == DistKey::kSigma || p.key == DistKey::kShape || p.key == DistKey::kCv;
  if (plain || spec.unit == DistUnit::kNumber) return print_number(p.value);
  if (spec.unit == DistUnit::kDuration) {
    return print_duration(Duration(static_cast<int64_t>(p.value)));
  }
  return print_bytes({static_cast<uint64_t>(p.value)});
}

std::string_view bound_word(Compare compare) {
  switch (compare) {
    case Compare::kBelow:
      return "below";
    case Compare::kAtMost:
      return "at_most";
    case Compare::kAbove:
      return "above";
    case Compare::kAtLeast:
      return "at_least";
    case Compare::kEqual:
      return "equals";
  }
  return "below";
}

}  // namespace

Node encode_value(std::string& value) {
  // An empty text must be quoted to be one; the emitter quotes the others where they need it.
  Node out = Node::scalar(value);
  out.quoted = value.empty();
  return out;
}

Node encode_value(DataFile& value) { return encode_value(value.name); }

Node encode_value(DistSpec& value) {
  if (value.kind == DistKind::kConstant && value.params.size() == 1) {
    return Node::scalar(parameter_text(value, value.params.front()));
  }
  Node out = Node::of_kind(Node::Kind::kMap);
  add(out, "dist", name_of(value.kind));
  for (const DistParam& p : value.params) add(out, name_of(p.key), parameter_text(value, p));
  if (!value.file.empty()) add(out, "file", value.file.name);
  if (!value.column.empty()) add(out, "column", value.column);
  return out;
}

Node encode_value(Loss& value) {
  if (value == Loss::independent(value.loss_good.value)) {
    return Node::scalar(print_share(value.loss_good));
  }
  BurstsRef bursts{value};
  Node out = Node::of_kind(Node::Kind::kMap);
  add(out, "gilbert_elliott", encode_value(bursts));
  return out;
}

Node encode_value(Selector& value) {
  Node out = Node::of_kind(Node::Kind::kMap);
  add(out, "kind", name_of(value.kind));
  if (!value.region.empty()) add(out, "region", value.region);
  if (!value.access.empty()) add(out, "access", value.access);
  switch (value.mode) {
    case TargetMode::kIndex:
      add(out, "index", print_count(value.index));
      break;
    case TargetMode::kAll:
    case TargetMode::kOne:
      add(out, "mode", name_of(value.mode));
      break;
    case TargetMode::kFixed:
      add(out, "mode", name_of(value.mode));
      add(out, "value", print_count(value.count));
      break;
    case TargetMode::kPercent:
      add(out, "mode", name_of(value.mode));
      add(out, "value", print_share(value.share));
      break;
  }
  return out;
}

Node encode_value(Fault& value) {
  const FaultRule& rule = fault_rule(value.kind);
  Node out = Node::of_kind(Node::Kind::kMap);
  add(out, "name", encode_value(value.name));
  add(out, "fault", name_of(value.kind));
  if (!value.region_local) add(out, "at", print_duration(value.at));
  if (value.every) {
    if (value.region_local) {
      Node every = Node::of_kind(Node::Kind::kMap);
      Node day = Node::scalar(print_time_of_day(value.at));
      day.quoted = true;
      add(every, "day", std::move(day));
      add(every, "region_local", "true");
      add(out, "every", std::move(every));
    } else {
      add(out, "every", print_duration(*value.every));
    }
    add(out, "times", print_count(value.times));
  }
  if (rule.lasts == Lasts::kRequired) add(out, "for", print_duration(value.lasts));
  if (value.other) {
    Node sets = Node::of_kind(Node::Kind::kList);
    sets.list.push_back(encode_value(value.target));
    sets.list.push_back(encode_value(*value.other));
    add(out, "between", std::move(sets));
  } else {
    add(out, "target", encode_value(value.target));
  }
  if (rule.link) add(out, "direction", name_of(value.direction));
  if (rule.parameters.empty()) return out;
  EncodeVisitor v(rule.parameters);
  describe(v, value.with);
  Node with = v.take();
  // Bursts stand instead of the probability, and without the name a link's loss has.
  if (value.with.bursts) {
    with.remove("probability");
    with.remove("gilbert_elliott");
    BurstsRef bursts{*value.with.bursts};
    add(with, "gilbert_elliott", encode_value(bursts));
  }
  if (value.kind == FaultKind::kSlowDisk || !with.map.empty()) add(out, "with", std::move(with));
  return out;
}

Node encode_value(Pipeline& value) {
  if (value.kind == PipelineKind::kReal) return Node::scalar("real");
  EncodeVisitor v;
  describe(v, value);
  return v.take();
}

Node encode_value(Network& value) {
  Node out = Node::of_kind(Node::Kind::kMap);
  Node assign = Node::of_kind(Node::Kind::kMap);
  for (Access& a : value.access) {
    EncodeVisitor v;
    describe(v, a);
    add(out, a.name, v.take());
    add(assign, a.name, print_share(a.assigned));
  }
  add(out, "assign", std::move(assign));
  add(out, "backbone", encode_value(value.backbone));
  add(out, "tcp", encode_value(value.tcp));
  return out;
}

Node encode_value(Expect& value) {
  Node out = Node::of_kind(Node::Kind::kMap);
  if (value.violates.empty()) return out;
  Node list = Node::of_kind(Node::Kind::kList);
  for (const Invariant i : value.violates)
    list.list.push_back(Node::scalar(std::string(name_of(i))));
  add(out, "violates", std::move(list));
  return out;
}

Node encode_value(InvariantGate& value) {
  if (value.within.count() == 0) return Node::scalar(std::string(name_of(value.invariant)));
  Node options = Node::of_kind(Node::Kind::kMap);
  add(options, "within", print_duration(value.within));
  Node out = Node::of_kind(Node::Kind::kMap);
  add(out, name_of(value.invariant), std::move(options));
  return out;
}

Node encode_value(RareGate& value) {
  if (value.over == 0) return Node::scalar(std::string(name_of(value.event)));
  Node options = Node::of_kind(Node::Kind::kMap);
  add(options, "over", print_count(value.over));
  Node out = Node::of_kind(Node::Kind::kMap);
  add(out, name_of(value.event), std::move(options));
  return out;
}

Node encode_value(Threshold& value) {
  Node out = Node::of_kind(Node::Kind::kMap);
  add(out, "metric", print_metric(value));
  add(out, bound_word(value.compare), print_limit(value.unit, value.limit));
  if (!value.during.empty()) add(out, "during", value.during);
  if (value.plus.count() != 0) add(out, "plus", print_duration(value.plus));
  if (value.min_samples != 0) add(out, "min_samples", print_count(value.min_samples));
  if (value.where != Where{}) {
    Node where = encode_value(value.where);
    if (value.where.network.empty()) where.remove("network");
    if (value.where.region.empty()) where.remove("region");
    if (value.where.from == Duration{0}) where.remove("from");
    add(out, "where", std::move(where));
  }
  if (value.abort_on_fail) add(out, "abort_on_fail", "true");
  return out;
}

Node encode_value(std::vector<Region>& value) {
  Node out = Node::of_kind(Node::Kind::kMap);
  for (const Region& r : value) add(out, r.name, r.location);
  return out;
}

Node encode_value(std::vector<RegionShare>& value) {
  Node out = Node::of_kind(Node::Kind::kMap);
  for (const RegionShare& r : value) add(out, r.region, print_share(r.share));
  return out;
}

Node encode_value(std::vector<DeviceShare>& value) {
  Node out = Node::of_kind(Node::Kind::kMap);
  for (const DeviceShare& s : value) add(out, std::to_string(s.devices), print_share(s.share));
  return out;
}

Node encode_value(SeedRef& value) {
  return Node::scalar(value.random ? "random" : std::to_string(value.seed));
}

Node to_tree(const Scenario& scenario) {
  // describe() takes its struct by reference to serve the decoder too; nothing is changed here.
  Scenario copy = scenario;
  Node out = encode_value(copy);
  if (scenario.expect.violates.empty()) out.remove("expect");
  if (scenario.about.empty()) out.remove("about");
  if (scenario.script.empty()) out.remove("script");
  if (scenario.groups.empty()) out.remove("groups");
  return out;
}

std::string write_yaml(const Scenario& scenario) { return emit_yaml(to_tree(scenario)); }

}  // namespace greytick::scenario
