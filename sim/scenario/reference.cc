#include "sim/scenario/reference.h"

#include <string_view>
#include <type_traits>

#include <fmt/format.h>

#include "sim/scenario/access_profiles.h"
#include "sim/scenario/encode.h"
#include "sim/scenario/fault_table.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/metric_table.h"
#include "sim/scenario/names.h"
#include "sim/scenario/yaml.h"

namespace greytick::scenario {
namespace {

// '|' would end a cell of a table.
std::string cell(std::string text) {
  for (size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
    text.replace(at, 1, "\\|");
  return text;
}

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {
  using Value = T;
};

std::string unit_word(DistUnit unit) {
  switch (unit) {
    case DistUnit::kDuration:
      return "time";
    case DistUnit::kBytes:
      return "size";
    case DistUnit::kNumber:
      return "number";
  }
  return "number";
}

template <class T>
std::string form_of(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    std::string out;
    for (const auto& n : kNames<T>) out += fmt::format("{}`{}`", out.empty() ? "" : ", ", n.name);
    return out;
  } else if constexpr (std::is_same_v<T, DistSpec>) {
    return unit_word(value.unit) + " distribution";
  } else if constexpr (std::is_same_v<T, DataFile>) {
    return "file";
  } else if constexpr (std::is_same_v<T, Loss>) {
    return "percentage or bursts";
  } else if constexpr (std::is_same_v<T, SeedRef>) {
    return "whole number, `random`";
  } else if constexpr (std::is_same_v<T, std::vector<RegionShare>>) {
    return "percentages by region";
  } else if constexpr (std::is_same_v<T, std::vector<DeviceShare>>) {
    return "percentages by number";
  } else if constexpr (std::is_same_v<T, bool>) {
    return "`true`, `false`";
  } else if constexpr (HasLeaf<T>) {
    std::string type = Leaf<T>::type();
    return type.starts_with("a ") ? type.substr(2) : type;
  } else {
    return "list";
  }
}

// The values that a reader sees as one thing although they are structs or lists.
template <class T>
concept OneValue =
    HasLeaf<T> || std::is_same_v<T, DistSpec> || std::is_same_v<T, DataFile> ||
    std::is_same_v<T, Loss> || std::is_same_v<T, SeedRef> || requires(T& v) { v.begin(); };

// Writes one table row a key, and walks into mappings.
class ReferenceVisitor {
 public:
  explicit ReferenceVisitor(std::string path = {}) : path_(std::move(path)) {}

  template <class T>
  void key(std::string_view name, T& value, std::string_view about, const Limits& limits = {}) {
    const std::string path = path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
    if constexpr (IsOptional<T>::value) {
      typename IsOptional<T>::Value inner{};
      if constexpr (OneValue<decltype(inner)>) {
        row(path, form_of(inner), "–", about, bounds(limits, inner));
      } else {
        row(path, "mapping", "–", about, "");
        below(path, inner);
      }
    } else if constexpr (std::is_same_v<T, Network> || std::is_same_v<T, Expect> ||
                         std::is_same_v<T, std::vector<SweepAxis>>) {
      row(path, "mapping", "–", about, "");
    } else if constexpr (OneValue<T>) {
      row(path, form_of(value), default_of(value), about, bounds(limits, value));
    } else {
      row(path, "mapping", "", about, "");
      below(path, value);
    }
  }

  std::string take() { return std::move(out_); }

 private:
  template <class T>
  void below(const std::string& path, T& value) {
    ReferenceVisitor inner(path);
    describe(inner, value);
    out_ += inner.take();
  }

  template <class T>
  static std::string default_of(T& value) {
    if constexpr (std::is_same_v<T, DistSpec>) {
      if (value.is_missing()) return "required";
    }
    Node node = encode_value(value);
    if (node.is_list() && node.list.empty()) return "none";
    if (node.is_scalar() && node.text.empty()) return "none";
    return fmt::format("`{}`", emit_flow(node));
  }

  template <class T>
  static std::string bounds(const Limits& limits, const T& /*value*/) {
    if constexpr (HasLeaf<T>) {
      std::string out;
      if (limits.min < 0.0) out = "May be negative.";
      // "At least one of the smallest unit" goes without saying.
      if (limits.min > 1.0)
        out = fmt::format("At least {}.", Leaf<T>::print(Leaf<T>::from_measure(limits.min)));
      if (limits.max < 1e300 && limits.max > limits.min) {
        out = fmt::format("{} to {}.", Leaf<T>::print(Leaf<T>::from_measure(limits.min)),
                          Leaf<T>::print(Leaf<T>::from_measure(limits.max)));
      }
      return out;
    } else {
      return {};
    }
  }

  void row(const std::string& path, const std::string& form, const std::string& otherwise,
           std::string_view about, const std::string& bound) {
    out_ += cell(fmt::format("`{}`", path)) + " | " + cell(form) + " | " + cell(otherwise) + " | " +
            cell(std::string(about)) + (bound.empty() ? "" : " " + bound) + "\n";
  }

  std::string path_;
  std::string out_;
};

// Each line of `rows` becomes a row of a table with that head.
std::string table(std::string_view head, std::string_view rows) {
  std::string out = fmt::format("| {} |\n|", head);
  for (size_t at = 0; at != std::string_view::npos; at = head.find(" | ", at + 1)) out += " --- |";
  out += '\n';
  while (!rows.empty()) {
    const size_t end = rows.find('\n');
    out += fmt::format("| {} |\n", rows.substr(0, end));
    rows.remove_prefix(end + 1);
  }
  return out;
}

constexpr std::string_view kKeyHead = "Key | Form | Default | Meaning";

std::string keys_section() {
  Scenario s;
  ReferenceVisitor v;
  describe(v, s);
  return "## Keys\n\n" + table(kKeyHead, v.take());
}

std::string network_section() {
  std::string out =
      "## Networks\n\n"
      "`network: wifi` puts every device on one access network. In full, each access network has "
      "its\n"
      "name as a key, `assign` deals the devices out, and `backbone` and `tcp` describe the rest. "
      "A\n"
      "built-in network may be named in `assign` alone, or changed key by key; a new one needs "
      "`rtt`.\n\n"
      "```yaml\n"
      "network:\n"
      "  wifi: {loss: 0.1%}\n"
      "  satellite: {rtt: {dist: lognormal, median: 600ms, p99: 900ms}, rate: {down: 5Mbit, up: "
      "1Mbit}}\n"
      "  assign: {wifi: 58%, cellular-4g: 38%, satellite: 4%}\n"
      "```\n\n";
  Access access;
  Network network;
  ReferenceVisitor one("network.NAME");
  describe(one, access);
  ReferenceVisitor backbone("network.backbone");
  describe(backbone, network.backbone);
  ReferenceVisitor tcp("network.tcp");
  describe(tcp, network.tcp);
  out += table(
      kKeyHead,
      one.take() +
          "`network.assign` | percentages by name | – | Share of the devices; the sum is 100%.\n" +
          backbone.take() + tcp.take());
  out += "\nBuilt in:\n\n";
  std::string rows;
  for (Access& a : access_profiles()) {
    std::optional<std::string> stalls;
    if (a.stalls) stalls = emit_flow(encode_value(*a.stalls));
    std::optional<std::string> handoff;
    if (a.handoff) handoff = emit_flow(encode_value(*a.handoff));
    rows += fmt::format("`{}` | `{}` | `{}` | {}, {} | {} | {}\n", a.name,
                        emit_flow(encode_value(a.rtt)), emit_flow(encode_value(a.loss)),
                        print_bit_rate(a.down), print_bit_rate(a.up),
                        stalls ? "`" + *stalls + "`" : "–", handoff ? "`" + *handoff + "`" : "–");
  }
  return out + table("Name | rtt | loss | down, up | stalls | handoff", rows);
}

std::string group_section() {
  Group group;
  ReferenceVisitor v("groups[]");
  describe(v, group);
  return "## Groups\n\nGroups by name, for the script. Groups of a population are drawn at random: "
         "`population.groups`.\n\n" +
         table(kKeyHead, v.take());
}

std::string script_section() {
  ScriptAction action;
  ReferenceVisitor v("script[]");
  describe(v, action);
  std::string verbs;
  for (
      const auto& [name, about] :
      std::initializer_list<std::pair<std::string_view, std::string_view>>{
          {"connect", "Wants to be connected from now on."},
          {"disconnect", "Closes cleanly and stays away."},
          {"vanish", "Its network is gone without a word; the server still believes."},
          {"return", "Its network is back."},
          {"kill", "The app is killed, loses what is not durable, and stays away until `connect`."},
          {"reinstall", "A new incarnation, away until `connect`."},
          {"send", "Writes `count` messages to user `to`, or to `group`, `every` apart."},
          {"read", "Reads all it has of the conversation with `to`, or of `group`."},
          {"join", "Asks to be a member of `group`."},
          {"leave", "Asks to be none."},
          {"link",
           "Registers as one more device of its user, and is online from now on. A device that the "
           "script links first of all is not there before. Not for phones."},
          {"unlink", "Goes online to log out, and is no device of its user any more."}}) {
    verbs += fmt::format("`{}` | {}\n", name, about);
  }
  return "## Script\n\nFor tiny scenarios that must take one exact course; with `presence: "
         "scripted` nothing else\n"
         "moves a device.\n\n" +
         table(kKeyHead, v.take()) + "\n" + table("`do` | Meaning", verbs);
}

std::string sweep_section() {
  Sweep sweep;
  ReferenceVisitor v("sweep");
  describe(v, sweep);
  return "## Sweep\n\n`greytick sweep FILE` runs every combination of some values; `run` ignores "
         "this part.\n\n"
         "```yaml\n"
         "sweep:\n"
         "  axes:\n"
         "    client.backoff.jitter: [none, equal, full, decorrelated]\n"
         "    topology.gateways.per_region: {from: 2, to: 6, step: 2}\n"
         "    topology.gateways.sessions_max: [30k, 15k, 10k]\n"
         "  zip: [topology.gateways.per_region, topology.gateways.sessions_max]\n"
         "  constraint: topology.gateways.per_region * topology.gateways.sessions_max >= users\n"
         "  repeat: {min: 5, max: 40, until: {metric: reconnect.p99, relative_ci: 5%}}\n"
         "```\n\n" +
         table(kKeyHead, v.take()) +
         "\nA constraint compares (`==`, `!=`, `<`, `<=`, `>`, `>=`) values and keys as "
         "`resolved.yaml` has them, joined\n"
         "by `and`, `or`, `not` and parentheses, reckoned with `+`, `-`, `*` and `/`. Units are "
         "heeded: a rate times a\n"
         "time is a plain number, and a size is not compared with a time. A word that is no key "
         "stands for itself:\n"
         "`client.backoff.jitter != none or client.backoff.initial_spread > 0s`. Minus needs a "
         "space before it.\n\n"
         "`--shard 2/8` runs every eighth point, from the second; all shards write into one "
         "folder, "
         "and without\n"
         "`--shard` the whole table is made of what is there.\n";
}

std::string fault_section() {
  std::string out =
      "## Faults\n\n"
      "A fault has a kind (`fault`), a time (`at`, or `every` with `times`, or `every: {day: "
      "\"20:30\"}`),\n"
      "a duration (`for`) unless it is over at once, a target, and its parameters (`with`). `name` "
      "is for\n"
      "thresholds and reports; without it, the kind and a number. Every fault heals. Simulated "
      "time "
      "begins at\n"
      "midnight UTC; with `every: {day: \"20:30\", region_local: true}` the fault strikes when the "
      "clocks of a region\n"
      "(`traffic.daily.clocks`) show that time, and there the part of its target that is in the "
      "region.\n\n"
      "A target is text, `gateways[0]`, `processes[eu][33%]`, `gateways[one]`, `store`, or a "
      "mapping:\n"
      "`{kind, region, access, index}`, or with `mode: all | one | fixed | percent` and `value`. "
      "Indices\n"
      "count from 0, within the region when one is named. Faults of links (marked →) take "
      "`direction:\n"
      "both | to | from`, seen from the target, or two sets instead of a target: `between: "
      "[{region: eu},\n"
      "{region: in}]`.\n\n";
  std::string rows;
  for (const FaultRule& r : fault_rules()) {
    std::string targets;
    for (const auto& n : kNames<TargetKind>) {
      if ((r.targets & target_bit(n.value)) == 0) continue;
      targets += fmt::format("{}{}{}", targets.empty() ? "" : ", ", n.name,
                             r.otherwise == n.value ? " (default)" : "");
    }
    std::string with;
    for (const std::string_view p : r.parameters)
      with += fmt::format("{}`{}`", with.empty() ? "" : ", ", p);
    rows +=
        fmt::format("`{}`{} | {} | {} | {} | {}\n", name_of(r.kind), r.link ? " →" : "", targets,
                    r.lasts == Lasts::kRequired ? "yes" : "–", with.empty() ? "–" : with, r.about);
  }
  out += table("Fault | Targets | `for` | `with` | What happens", rows);
  FaultWith with;
  ReferenceVisitor v("with");
  describe(v, with);
  out +=
      "\nParameters. A fault that has one of `probability`, `latency`, `offset`, `jump`, `factor`, "
      "`entries`,\n"
      "`up`, `down`, `rate` or `answer` usually cannot do without it; the error says which.\n\n";
  return out + table(kKeyHead, v.take());
}

std::string gate_section() {
  std::string out =
      "## Gates\n\n"
      "`gates` is the short form: a bare name is an invariant, an expression a threshold. It is "
      "the same as\n"
      "`invariants: {always, eventually, sometimes}` and `thresholds`. With neither `gates` nor\n"
      "`invariants`, those apply for which every run has facts. Invariants that are not listed are "
      "watched\n"
      "all the same and a violation fails the run; the listed ones also need evidence, and are "
      "UNKNOWN\n"
      "without. A drained run has one gate more, `sketches` (`oracle.sketches`): a second judge, of "
      "sums alone.\n"
      "It fails the run when a copy was lost or doubled, and when it and the judge differ on that; "
      "with\n"
      "`expect`, only when they differ.\n\n";
  std::string rows;
  for (const auto& n : kNames<Invariant>) {
    rows += fmt::format("I{} | `{}`\n", static_cast<int>(n.value), n.name);
  }
  out += table("Number | Name", rows);
  rows.clear();
  for (const auto& n : kNames<Rare>)
    rows += fmt::format("{}`{}`", rows.empty() ? "" : ", ", n.name);
  out += "\nRare events for `sometimes`, each alone or as `{NAME: {over: N}}`:\n" + rows + ".\n\n";
  out +=
      "A threshold is `METRIC < LIMIT`, with `<`, `<=`, `>`, `>=` or `==`, then if wanted `during "
      "FAULT` and\n"
      "`plus TIME`; or a mapping `{metric: tick2.p99, below: 90s, during: FAULT, plus: 10m,\n"
      "min_samples: 200}`, with `below`, `at_most`, `above`, `at_least` or `equals`. A quantile "
      "needs ten\n"
      "samples beyond it unless `min_samples` says otherwise.\n\n"
      "`where` in the mapping narrows what is looked at. A message belongs to the device that sent "
      "it, all else to\n"
      "the device it is about, and to the time it began. With `abort_on_fail: true` the run stops "
      "when the\n"
      "threshold is missed: it is looked at every `record.metrics_every` of simulated time, once "
      "it "
      "has its\n"
      "samples; the gate fails with the value it had, what was seen so far is judged and kept, and "
      "the exit code\n"
      "is 3 (1 where an invariant was violated before).\n\n"
      "```yaml\n"
      "thresholds:\n"
      "  - {metric: tick2.p99, below: 20s, where: {network: cellular-4g, region: eu}}\n"
      "  - {metric: e2e.p99, below: 1s, where: {from: 2m, until: 4m}}\n"
      "  - {metric: reconnect.rate, below: 30k/s, during: bad-deploy, abort_on_fail: true}\n"
      "```\n\n";
  Where where;
  ReferenceVisitor v("where");
  describe(v, where);
  out += table(kKeyHead, v.take()) + "\n";
  rows.clear();
  for (const MetricRule& m : metric_rules()) {
    std::string forms;
    if (m.quantiles)
      forms = fmt::format("`{0}.p50` … `{0}.p99.9`, `.mean`, `.min`, `.max`", m.name);
    if (m.value) forms += fmt::format("{}`{}`", forms.empty() ? "" : ", ", m.name);
    if (m.rate) forms += fmt::format(", `{}.rate`", m.name);
    rows += fmt::format("{} | {} | {}\n", forms, m.by_device ? "yes" : "–", m.about);
  }
  return out + table("Metric | By device | Meaning", rows) +
         "\n`NAME.rate` is the peak over whole seconds of simulated time.\n";
}

constexpr std::string_view kHead = R"(# The scenario form

A scenario is one YAML file, at most 4 MiB, without anchors, aliases or tags. Every key has a default;
`resolved.yaml` in a run's folder shows them all and is itself a scenario.

```yaml
scenario: quickstart
seed: 42
horizon: 10m
users: 20k
traffic: {messages: 2k/s}
network: cellular-4g
faults:
  - {at: 4m, for: 60s, fault: partition, target: "gateways[0]"}
gates: [no_loss, no_duplicate, tick_order, e2e.p99 < 3s]
```

This page is written by the program from the tables its decoder reads, and so is the JSON Schema that
`greytick schema` prints. An editor with a YAML language server (VS Code's YAML extension, Neovim, Emacs,
Helix) completes keys and underlines errors by it:

    greytick schema > .scenario.schema.json

and, as the first line of the scenario, `# yaml-language-server: $schema=.scenario.schema.json`. The schema
lets pass what only the whole scenario can tell; `greytick validate FILE` checks all.

## Units

A number that measures something carries its unit; a bare one is an error that suggests one.

| Form | Written | Units |
| --- | --- | --- |
| time | `90s`, `10m`, `9d 20h`, `1.5h` | ns, us, ms, s, m (min), h, d; `m` is a minute |
| percentage | `0.1%` | % |
| rate | `58k/s`, `4/h` | per s, m, h, d |
| size | `160B`, `4kB`, `64MiB` | B; k, M, G, T are powers of 1000, Ki, Mi, Gi, Ti of 1024 |
| link rate | `12Mbit` | bit, kbit, Mbit, Gbit, a second |
| drift | `500ppm` | ppm |
| whole number | `20k`, `1.5M` | k, M, G, Ki, Mi, Gi; `M` is a million |

A distribution is a value alone (constant), a mapping, or a call: `5ms`,
`{dist: lognormal, median: 58ms, p99: 900ms}`, `lognormal(median=58ms, p99=900ms)`. Draws are clamped to
`min` and `max` when these are given.

| Distribution | Parameters |
| --- | --- |
| `constant` | `value` |
| `uniform` | `low`, `high` |
| `exponential` | `mean` or `median` |
| `lognormal` | any two quantiles; or `median` and `sigma`; or `mean` and `sigma` |
| `weibull` | any two quantiles; or `median` and `shape` |
| `pareto` | `scale` (the least value), `shape` |
| `gamma` | `mean`, `cv` |
| `empirical` | `file`, `column`: a CSV with a header; times in seconds, or in milliseconds where the column ends in `ms`. Where the first column is `q`, the others are quantiles, straight between them; else each value is as likely |

The quantiles are `p1`, `p5`, `p10`, `p25`, `median` (or `p50`), `p75`, `p90`, `p95`, `p99` and `p99.9`. Two of
them alone, `{p50: 58ms, p99: 900ms}`, are a lognormal.

## Files

`extends: base/three_regions.yaml` (or a list) takes another scenario as the ground: mappings merge key
by key and this file wins; lists, distributions and shares are replaced whole. `--set a.b=c` and
`--set 'faults[0].at=2m'` come on top. A file is looked for beside the one that names it, then in the two
folders above.

)";

}  // namespace

std::string reference() {
  return fmt::format("{}{}\n{}\n{}\n{}\n{}\n{}", kHead, keys_section(), network_section(),
                     group_section() + "\n" + script_section(), fault_section(), gate_section(),
                     sweep_section());
}

}  // namespace greytick::scenario
