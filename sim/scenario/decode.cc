#include "sim/scenario/decode.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "sim/scenario/access_profiles.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/region_matrices.h"

namespace greytick::scenario {

Mark Decoder::where(std::string_view path) const {
  std::string_view rest = path;
  while (!rest.empty()) {
    if (const auto it = marks_.find(rest); it != marks_.end()) return it->second;
    const size_t cut = rest.find_last_of(".[");
    if (cut == std::string_view::npos) break;
    rest = rest.substr(0, cut);
  }
  return {.source = 0, .line = 1, .column = 1};
}

std::string found(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kMap:
      return "a mapping";
    case Node::Kind::kList:
      return "a list";
    case Node::Kind::kScalar:
      break;
  }
  if (node.is_empty()) return "no value";
  constexpr size_t kQuoted = 60;
  return node.text.size() > kQuoted ? std::string("a long text") : fmt::format("'{}'", node.text);
}

Mark within(const Node& scalar, size_t offset, size_t length) {
  Mark mark = scalar.mark;
  // Escapes and folded lines move the text away from its mark; then the whole is marked.
  if (mark.line == 0 || mark.length != scalar.text.size()) return mark;
  mark.column += static_cast<uint32_t>(offset);
  mark.length = static_cast<uint32_t>(std::max<size_t>(length, 1));
  return mark;
}

bool expect_map(Decoder& d, const Node& node, std::string_view what) {
  if (node.is_map()) return true;
  d.error(node.mark, fmt::format("{} where {} belongs", found(node), what),
          "a mapping, {key: value} or indented keys");
  return false;
}

bool expect_list(Decoder& d, const Node& node, std::string_view what) {
  if (node.is_list()) return true;
  d.error(node.mark, fmt::format("{} where {} belongs", found(node), what),
          "a list, [a, b] or lines that begin with '-'");
  return false;
}

void MapVisitor::missing(std::string_view name) {
  d_.error(node_.mark, fmt::format("'{}' is missing in {}", name, d_.path()),
           fmt::format("'{}: VALUE', which has no default", name));
}

void MapVisitor::finish(std::string_view what) const {
  for (const Entry& e : node_.map) {
    if (std::ranges::find(known_, e.key) != known_.end()) continue;
    std::string nearest = nearest_name(e.key, known_);
    std::string expected;
    if (nearest.empty()) {
      for (const std::string& k : known_) expected += (expected.empty() ? "" : ", ") + k;
      if (expected.empty()) expected = "no key at all";
    }
    std::string place(what);
    if (place.empty() && !d_.path().empty()) place = fmt::format(" in {}", d_.path());
    d_.error(e.key_mark, fmt::format("unknown key '{}'{}", e.key, place), std::move(expected),
             std::move(nearest));
  }
}

void decode_value(Decoder& d, const Node& node, DataFile& out, const Limits& /*limits*/) {
  if (!node.is_scalar() || node.is_empty() || node.text.empty()) {
    d.error(node.mark, fmt::format("{} where a file name belongs", found(node)),
            "the path of a file, relative to this one");
    return;
  }
  out.name = node.text;
  out.path = d.files().find(node.text, node.mark.source).string();
  if (out.path.empty()) {
    d.error(node.mark, fmt::format("cannot find the file {}", found(node)),
            "the path of a file, relative to this one");
  }
}

void decode_value(Decoder& d, const Node& node, SeedRef& out, const Limits& limits) {
  if (node.is_scalar() && node.text == "random") {
    out.random = true;
    return;
  }
  uint64_t seed = 0;
  const size_t before = d.errors();
  // All 64 bits are seeds, also those beyond what a count may be.
  const char* const end = node.text.data() + node.text.size();
  const auto [parsed_to, error] = std::from_chars(node.text.data(), end, seed);
  const bool plain = node.is_scalar() && error == std::errc() && parsed_to == end;
  if (!plain) decode_leaf(d, node, seed, limits);
  if (d.errors() == before) {
    out.seed = seed;
    out.random = false;
  }
}

void decode_value(Decoder& d, const Node& node, Pipeline& out, const Limits& limits) {
  if (node.is_scalar()) return decode_leaf(d, node, out.kind, limits);
  if (!expect_map(d, node, "a pipeline")) return;
  const size_t before = d.errors();
  MapVisitor v(d, node);
  describe(v, out);
  v.finish();
  if (out.kind == PipelineKind::kNaive || d.errors() != before) return;
  for (const Entry& e : node.map) {
    if (e.key == "kind") continue;
    d.error(e.key_mark, fmt::format("'{}' is an option of the naive pipeline", e.key),
            "'kind: naive' beside it");
    return;
  }
}

void decode_value(Decoder& d, const Node& node, Presence& out, const Limits& limits) {
  if (node.is_scalar()) return decode_leaf(d, node, out.mode, limits);
  if (!expect_map(d, node, "a presence")) return;
  MapVisitor v(d, node);
  describe(v, out);
  v.finish();
}

void decode_value(Decoder& d, const Node& node, Trace& out, const Limits& limits) {
  if (node.is_scalar()) return decode_value(d, node, out.file, limits);
  if (!expect_map(d, node, "a trace")) return;
  MapVisitor v(d, node);
  describe(v, out);
  v.finish();
}

void decode_value(Decoder& d, const Node& node, Lease& out, const Limits& /*limits*/) {
  if (node.is_scalar()) {
    decode_leaf(d, node, out.duration, positive());
    // The usual third: two renewals may fail before the lease is lost.
    out.renew = std::max(Duration(1), out.duration / 3);
    return;
  }
  if (!expect_map(d, node, "a lease")) return;
  MapVisitor v(d, node);
  describe(v, out);
  v.finish();
}

void decode_value(Decoder& d, const Node& node, Expect& out, const Limits& /*limits*/) {
  if (!expect_map(d, node, "an expectation")) return;
  const Entry* violates = node.find("violates");
  MapVisitor v(d, node);
  v.known("violates");
  v.finish();
  if (violates == nullptr) {
    if (node.map.empty()) d.error(node.mark, "nothing is expected here", "violates: I6");
    return;
  }
  out.violates.clear();
  const auto read = [&](const Node& n) {
    const std::optional<Invariant> i = n.is_scalar() ? invariant_of(n.text) : std::nullopt;
    if (i) {
      out.violates.push_back(*i);
    } else {
      d.error(n.mark, fmt::format("{} is not an invariant", found(n)), "I1 to I18, or a name",
              n.is_scalar() ? nearest_name(n.text, all_names<Invariant>()) : "");
    }
  };
  if (violates->value.is_list()) {
    for (const Node& n : violates->value.list) read(n);
    if (violates->value.list.empty()) {
      d.error(violates->value.mark, "an empty list of invariants", "at least one");
    }
  } else {
    read(violates->value);
  }
}

void decode_value(Decoder& d, const Node& node, Loss& out, const Limits& limits) {
  if (node.is_scalar()) {
    Share p;
    decode_leaf(d, node, p, limits);
    out = Loss::independent(p.value);
    return;
  }
  if (!expect_map(d, node, "a loss")) return;
  BurstsRef bursts{out};
  // Inside `gilbert_elliott` of a fault the four keys stand alone; on a link they have the name.
  if (const Entry* inner = node.find("gilbert_elliott"); inner != nullptr) {
    MapVisitor v(d, node);
    v.key("gilbert_elliott", bursts, "");
    v.finish();
  } else {
    out = {};
    MapVisitor v(d, node);
    describe(v, bursts);
    v.finish();
  }
  if (out.to_good.value == 0.0) {
    d.error(node.mark, "the bad state never ends", "to_good above 0%");
  }
}

void decode_value(Decoder& d, const Node& node, std::vector<Region>& out, const Limits& limits) {
  out.clear();
  const auto add = [&](std::string name, const Mark& mark, std::string location) {
    for (const Region& r : out) {
      if (r.name == name) {
        d.error(mark, fmt::format("the region '{}' is listed twice", name), "each region once");
        return;
      }
    }
    out.push_back({.name = std::move(name), .location = std::move(location)});
  };
  if (node.is_map()) {
    for (const Entry& e : node.map) {
      std::string location;
      d.at("." + e.key, e.value.mark, [&] { decode_leaf(d, e.value, location, limits); });
      add(e.key, e.key_mark, std::move(location));
    }
  } else if (expect_list(d, node, "a list of regions")) {
    for (size_t i = 0; i < node.list.size(); ++i) {
      std::string name;
      const size_t before = d.errors();
      decode_leaf(d, node.list[i], name, limits);
      if (d.errors() != before) continue;
      d.alias(fmt::format("{}.{}", d.path(), name), node.list[i].mark);
      add(name, node.list[i].mark, std::string(usual_location(name)));
    }
  }
  if (out.empty() && (node.is_map() || node.is_list()) && node.map.empty() && node.list.empty()) {
    d.error(node.mark, "no region", "at least one, such as [eu]");
  }
}

void decode_value(Decoder& d, const Node& node, std::vector<RegionShare>& out,
                  const Limits& limits) {
  if (!expect_map(d, node, "the shares by region")) return;
  out.clear();
  for (const Entry& e : node.map) {
    RegionShare share{.region = e.key, .share = {}};
    d.at("." + e.key, e.value.mark, [&] { decode_leaf(d, e.value, share.share, limits); });
    out.push_back(std::move(share));
  }
}

void decode_value(Decoder& d, const Node& node, std::vector<DeviceShare>& out,
                  const Limits& limits) {
  if (!expect_map(d, node, "the shares by number of devices, such as {1: 86%, 2: 14%}")) return;
  out.clear();
  for (const Entry& e : node.map) {
    Node count = Node::scalar(e.key);
    count.mark = e.key_mark;
    DeviceShare share;
    d.at("." + e.key, e.key_mark,
         [&] { decode_leaf(d, count, share.devices, between(1, kDevicesMax)); });
    d.at("." + e.key, e.value.mark, [&] { decode_leaf(d, e.value, share.share, limits); });
    out.push_back(share);
  }
  std::ranges::sort(out, {}, &DeviceShare::devices);
  if (node.map.empty()) d.error(node.mark, "no share", "the shares, such as {1: 86%, 2: 14%}");
}

namespace {

// Reads `assign: {wifi: 58%, cellular-4g: 42%}` into the shares of `access`, in this order.
void decode_assign(Decoder& d, const Entry& assign, std::vector<Access>& access) {
  if (!expect_map(d, assign.value, "the shares by access network")) return;
  std::vector<Access> ordered;
  for (const Entry& e : assign.value.map) {
    auto defined = std::ranges::find(access, e.key, &Access::name);
    std::optional<Access> profile;
    if (defined != access.end()) {
      profile = *defined;
    } else {
      profile = access_profile(e.key);
    }
    if (!profile) {
      std::vector<std::string> names = names_of(access, &Access::name);
      for (std::string& n : names_of(access_profiles(), &Access::name))
        names.push_back(std::move(n));
      std::string all;
      for (const std::string& n : names) all += (all.empty() ? "" : ", ") + n;
      d.error(e.key_mark, fmt::format("unknown access network '{}'", e.key),
              fmt::format("one defined in this scenario, or built in: {}", all),
              nearest_name(e.key, names));
      continue;
    }
    d.at("." + e.key, e.value.mark, [&] { decode_leaf(d, e.value, profile->assigned, {}); });
    ordered.push_back(std::move(*profile));
  }
  const auto unassigned = std::ranges::find_if(access, [&](const Access& a) {
    return std::ranges::find(assign.value.map, a.name, &Entry::key) == assign.value.map.end();
  });
  if (unassigned != access.end()) {
    d.error(d.where("network." + unassigned->name),
            fmt::format("no device is on the access network '{}'", unassigned->name),
            fmt::format("a share for it in network.assign, such as {}: 20%", unassigned->name),
            nearest_name(unassigned->name, {"assign", "backbone", "tcp"}));
  }
  access = std::move(ordered);
}

}  // namespace

void decode_value(Decoder& d, const Node& node, Network& out, const Limits& /*limits*/) {
  if (!expect_map(d, node, "a network")) return;
  std::vector<Access> access;
  for (const Entry& e : node.map) {
    const auto read = [&](auto& value) {
      d.at("." + e.key, e.value.mark, [&] { decode_value(d, e.value, value, Limits{}); });
    };
    if (e.key == "assign") continue;
    if (e.key == "backbone") {
      read(out.backbone);
    } else if (e.key == "tcp") {
      read(out.tcp);
    } else {
      std::optional<Access> profile = access_profile(e.key);
      const bool looks_like_profile = e.value.is_map() && e.value.find("rtt") != nullptr;
      if (!profile && !looks_like_profile) {
        std::vector<std::string> names = names_of(access_profiles(), &Access::name);
        names.insert(names.end(), {"assign", "backbone", "tcp"});
        d.error(
            e.key_mark, fmt::format("unknown key '{}' in network", e.key),
            "assign, backbone, tcp, a built-in access network, or a new one with at least 'rtt'",
            nearest_name(e.key, names));
        continue;
      }
      if (!profile) {
        profile.emplace();
        profile->name = e.key;
      }
      read(*profile);
      access.push_back(std::move(*profile));
    }
  }
  if (const Entry* assign = node.find("assign"); assign != nullptr) {
    d.at(".assign", assign->value.mark, [&] { decode_assign(d, *assign, access); });
    out.access = std::move(access);
  } else if (access.size() == 1) {
    access.front().assigned = {1.0};
    out.access = std::move(access);
  } else if (!access.empty()) {
    d.error(node.mark, "which devices are on which access network is not said",
            "assign: {NAME: 60%, OTHER: 40%}");
  }
}

}  // namespace greytick::scenario
