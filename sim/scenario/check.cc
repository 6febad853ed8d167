#include "sim/scenario/check.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "sim/scenario/data_check.h"
#include "sim/scenario/fault_check.h"
#include "sim/scenario/metric_table.h"
#include "sim/scenario/names.h"
#include "sim/scenario/plain_name.h"

namespace greytick::scenario {
namespace {

// Sums of percentages are judged with this tolerance, so that three times 33.3333% is 100%.
constexpr double kSumTolerance = 1e-5;

class Checker {
 public:
  Checker(Decoder& d, const Scenario& s) : d_(d), s_(s) {}

  void run() {
    general();
    regions();
    links();
    shares();
    traffic();
    client();
    groups();
    script();
    check_faults(d_, s_);
    gates();
  }

 private:
  void error(const std::string& path, std::string message, std::string expected = {},
             std::string nearest = {}) {
    d_.error(d_.where(path), std::move(message), std::move(expected), std::move(nearest));
  }

  void problem(const std::string& path, const std::optional<DataProblem>& found) {
    if (found) error(path, found->message, found->expected, found->nearest);
  }

  void general() {
    if (!d_.was_written("scenario")) {
      error("scenario", "the scenario has no name", "scenario: NAME");
    } else if (!name_is_plain(s_.name)) {
      error("scenario", fmt::format("'{}' is not a name for a scenario", s_.name),
            "letters, digits, '_', '-' and '.', at most 100, not beginning with '-' or '.'");
    }
    if (s_.warmup >= s_.horizon) {
      error("warmup", "the warm-up does not end before the horizon",
            fmt::format("less than {}", print_duration(s_.horizon)));
    }
  }

  void regions() {
    const bool measured = s_.network.backbone.matrix != RegionMatrix::kUniform;
    if (!measured || s_.topology.regions.size() < 2) return;
    const std::string& path = s_.network.backbone.file.path;
    if (path.empty()) {
      error("network.backbone.file",
            fmt::format("cannot find the region matrix '{}'", s_.network.backbone.file.name),
            "the file beside the scenario, or 'network: {backbone: {matrix: uniform, rtt: 80ms}}'");
      return;
    }
    for (const Region& r : s_.topology.regions) {
      if (const auto found = check_matrix(path, {r.location})) {
        problem("topology.regions." + r.name, found);
        return;
      }
    }
    problem("network.backbone.file",
            check_matrix(path, names_of(s_.topology.regions, &Region::location)));
  }

  void clocks(const std::vector<RegionClock>& clocks) {
    const std::vector<std::string> names = names_of(s_.topology.regions, &Region::name);
    std::set<std::string> seen;
    for (size_t i = 0; i < clocks.size(); ++i) {
      const std::string path = fmt::format("traffic.daily.clocks[{}]", i);
      if (std::ranges::find(names, clocks[i].region) == names.end()) {
        error(path, fmt::format("unknown region '{}'", clocks[i].region),
              "a region of topology.regions", nearest_name(clocks[i].region, names));
      } else if (!seen.insert(clocks[i].region).second) {
        error(path, fmt::format("'{}' has a clock already", clocks[i].region), "each region once");
      }
    }
  }

  void links() {
    const std::vector<Region>& regions = s_.topology.regions;
    const std::vector<BackboneLink>& links = s_.network.backbone.links;
    if (links.empty()) return;
    const auto number = [&](const std::string& name) {
      return std::ranges::find(regions, name, &Region::name) - regions.begin();
    };
    std::vector<std::ptrdiff_t> component(regions.size());
    for (size_t i = 0; i < component.size(); ++i) component[i] = static_cast<std::ptrdiff_t>(i);
    std::set<std::pair<std::string, std::string>> seen;
    for (size_t i = 0; i < links.size(); ++i) {
      const std::string path = fmt::format("network.backbone.links[{}]", i);
      for (const auto& [key, name] : {std::pair{"from", links[i].from}, {"to", links[i].to}}) {
        if (number(name) < std::ssize(regions)) continue;
        const std::vector<std::string> names = names_of(regions, &Region::name);
        const std::string at = fmt::format("{}.{}", path, key);
        error(d_.was_written(at) ? at : path,
              name.empty() ? fmt::format("a line without '{}'", key)
                           : fmt::format("unknown region '{}'", name),
              "a region of topology.regions", nearest_name(name, names));
        return;
      }
      if (links[i].from == links[i].to ||
          !seen.insert(std::minmax(links[i].from, links[i].to)).second) {
        error(path, fmt::format("'{}' and '{}' have a line already", links[i].from, links[i].to),
              "two regions, each pair once");
        return;
      }
      const std::ptrdiff_t from = component[static_cast<size_t>(number(links[i].from))];
      const std::ptrdiff_t to = component[static_cast<size_t>(number(links[i].to))];
      std::ranges::replace(component, from, to);
    }
    const auto apart =
        std::ranges::find_if(component, [&](std::ptrdiff_t c) { return c != component.front(); });
    if (apart == component.end()) return;
    error("network.backbone.links",
          fmt::format("no way from '{}' to '{}'", regions.front().name,
                      regions[static_cast<size_t>(apart - component.begin())].name),
          "lines that join all regions");
  }

  void shares() {
    double sum = 0.0;
    for (const Access& a : s_.network.access) sum += a.assigned.value;
    if (std::abs(sum - 1.0) > kSumTolerance) {
      error("network.assign", fmt::format("the shares sum to {:.6g}%", sum * 100.0), "100%");
    }
    sum = 0.0;
    for (const DeviceShare& s : s_.population.devices_per_user) sum += s.share.value;
    if (std::abs(sum - 1.0) > kSumTolerance) {
      error("population.devices_per_user", fmt::format("the shares sum to {:.6g}%", sum * 100.0),
            "100%");
    }
    sum = 0.0;
    for (const RegionShare& r : s_.population.regions) sum += r.share.value;
    if (std::abs(sum - 1.0) > kSumTolerance) {
      error("population.regions", fmt::format("the shares sum to {:.6g}%", sum * 100.0), "100%");
    }
  }

  void traffic() {
    const Traffic& t = s_.traffic;
    const bool sends = std::ranges::any_of(
        s_.script, [](const ScriptAction& a) { return a.verb == ScriptVerb::kSend; });
    if (t.messages.per_second == 0.0 && !t.trace && !t.group_trace && !sends) {
      error("traffic", "nothing is ever sent",
            "'traffic: {messages: 100/s}', 'traffic: {trace: FILE}' or a script with 'do: send'");
    }
    if (t.messages.per_second > 0.0 && t.trace) {
      error("traffic.trace", "'messages' and 'trace' exclude each other", "one of them");
    }
    if (t.messages.per_second > 0.0 && s_.population.users < 2) {
      error("population.users", "one user has nobody to write to", "at least 2 users");
    }
    const Duration until = t.until.value_or(s_.horizon);
    if (until > s_.horizon) {
      error("traffic.until", "traffic ends after the horizon",
            fmt::format("at most {}", print_duration(s_.horizon)));
    } else if (t.from >= until) {
      error("traffic.from", "traffic begins after it ends",
            fmt::format("less than {}", print_duration(until)));
    }
    if (t.trace && !t.trace->file.empty()) {
      problem("traffic.trace", check_trace(t.trace->file.path, s_.population.users));
    }
    if (t.group_trace && !t.group_trace->file.empty()) {
      problem(
          "traffic.group_trace.file",
          check_group_trace(t.group_trace->file.path, s_.population.users, t.group_trace->windows));
    }
    if (t.group_trace && t.group_trace->file.empty()) {
      error("traffic.group_trace", "'group_trace' needs 'file'",
            "{file: data/irc_group.csv, windows: 8}");
    }
    if (t.daily && !t.daily->file.empty() && !t.daily->column.empty()) {
      problem("traffic.daily.column", check_column(t.daily->file.path, t.daily->column, 24));
    }
    if (t.daily) clocks(t.daily->clocks);
    if (t.daily && t.daily->file.empty())
      error("traffic.daily", "'daily' needs 'file'", "{file: PROFILE.csv, column: NAME}");
    if (t.daily && t.daily->column.empty())
      error("traffic.daily", "'daily' needs 'column'", "{file: PROFILE.csv, column: NAME}");
    if (t.trace && t.trace->file.empty())
      error("traffic.trace", "'trace' needs 'file'", "trace: FILE.csv");
  }

  void client() {
    const Client& c = s_.client;
    if (c.backoff.max < c.backoff.base) {
      error("client.backoff.max", "the longest delay is below the first",
            fmt::format("at least {}", print_duration(c.backoff.base)));
    }
    if (s_.topology.lease.renew >= s_.topology.lease.duration) {
      error("topology.lease.renew", "a lease ends before it is renewed",
            fmt::format("less than {}", print_duration(s_.topology.lease.duration)));
    }
    if (s_.network.tcp.rto_min > s_.network.tcp.rto_max) {
      error("network.tcp.rto_min", "the least timeout is above the longest",
            fmt::format("at most {}", print_duration(s_.network.tcp.rto_max)));
    }
  }

  [[nodiscard]] bool has_group(const std::string& name) const {
    return std::ranges::find(s_.groups, name, &Group::name) != s_.groups.end();
  }

  void groups() {
    for (size_t i = 0; i < s_.groups.size(); ++i) {
      const Group& g = s_.groups[i];
      const std::string path = fmt::format("groups[{}]", i);
      if (g.name.empty()) error(path, "a group without 'name'", "{name: crew, members: 8}");
      for (size_t j = 0; j < i; ++j) {
        if (s_.groups[j].name != g.name) continue;
        error(path + ".name", fmt::format("there are two groups '{}'", g.name), "another name");
      }
      if (g.first + g.members > s_.population.users) {
        error(path,
              fmt::format("users {} to {} are not all there", g.first, g.first + g.members - 1),
              fmt::format("users below {}", s_.population.users));
      }
      if (g.members > s_.topology.members_max) {
        error(path + ".members", "more than a conversation may have",
              fmt::format("at most {} (topology.members_max)", s_.topology.members_max));
      }
    }
    if (s_.traffic.groups.value > 0.0 && s_.groups.empty() && s_.population.groups.count == 0) {
      error("traffic.groups", "there is no group to write to",
            "'population: {groups: {count: 100}}', or 'groups' by name");
    }
  }

  void script() {
    const uint64_t devices = device_count(s_.population);
    for (size_t i = 0; i < s_.script.size(); ++i) {
      const ScriptAction& a = s_.script[i];
      const std::string path = fmt::format("script[{}]", i);
      if (a.at > s_.horizon) {
        error(path + ".at", "this is after the horizon",
              fmt::format("at most {}", print_duration(s_.horizon)));
      }
      if (a.device >= devices) {
        error(path + ".device", fmt::format("there is no device {}", a.device),
              fmt::format("0 to {}", devices - 1));
      }
      const bool wants_other = a.verb == ScriptVerb::kSend || a.verb == ScriptVerb::kRead;
      for (const std::string_view key : {"device", "do"}) {
        if (!d_.was_written(fmt::format("{}.{}", path, key))) {
          error(path, fmt::format("an action without '{}'", key),
                "{at: 2s, device: 0, do: connect}");
        }
      }
      if (a.through && (*a.through < a.device || *a.through >= devices)) {
        error(path + ".through", fmt::format("there are no devices {} to {}", a.device, *a.through),
              fmt::format("{} to {}", a.device, devices - 1));
      }
      const bool of_linked = a.verb == ScriptVerb::kLink || a.verb == ScriptVerb::kUnlink;
      if (of_linked && a.device < s_.population.users) {
        error(path + ".device",
              fmt::format("device {} is a phone: {} is for linked devices", a.device,
                          name_of(a.verb)),
              fmt::format("from {}, with population.devices_per_user", s_.population.users));
      }
      const bool of_group = a.verb == ScriptVerb::kJoin || a.verb == ScriptVerb::kLeave;
      const bool to = d_.was_written(path + ".to");
      if (!a.group.empty() && !has_group(a.group)) {
        error(path + ".group", fmt::format("there is no group '{}'", a.group),
              "a name of 'groups'");
      } else if (of_group && a.group.empty()) {
        error(path, fmt::format("{} needs 'group'", name_of(a.verb)), "a name of 'groups'");
      } else if (!a.group.empty() && to && a.to != 0) {
        error(path + ".to", "'to' and 'group' exclude each other", "one of them");
      } else if (!a.group.empty()) {
        continue;
      } else if (wants_other && !to) {
        error(path, fmt::format("{} needs 'to'", name_of(a.verb)), "the number of the other user");
      } else if (wants_other &&
                 (a.to >= s_.population.users || a.to == user_of(s_.population, a.device))) {
        error(path + ".to", fmt::format("user {} cannot be written to from here", a.to),
              "another user of this scenario");
      }
    }
  }

  static bool of_whole_run(const Threshold& t) {
    const MetricRule* rule = find_metric(t.metric);
    return rule != nullptr && rule->whole_run;
  }

  void where(const std::string& path, const Threshold& t) {
    const std::string at = path + ".where";
    const MetricRule* rule = find_metric(t.metric);
    if (t.where.selects_devices() && (rule == nullptr || !rule->by_device)) {
      error(at, fmt::format("'{}' does not belong to devices", t.metric),
            "from and until, or a metric marked 'by device' in docs/scenario.md");
      return;
    }
    if (t.where.selects_devices() && s_.pipeline.kind == PipelineKind::kNaive) {
      error(at, "the naive pipeline has no regions and no access networks", "from and until");
      return;
    }
    if (!t.where.region.empty() && std::ranges::find(s_.topology.regions, t.where.region,
                                                     &Region::name) == s_.topology.regions.end()) {
      error(at + ".region", fmt::format("unknown region '{}'", t.where.region),
            "a region of topology.regions",
            nearest_name(t.where.region, names_of(s_.topology.regions, &Region::name)));
    }
    if (!t.where.network.empty() && std::ranges::find(s_.network.access, t.where.network,
                                                      &Access::name) == s_.network.access.end()) {
      error(at + ".network",
            fmt::format("no device is on the access network '{}'", t.where.network),
            "one of network.assign",
            nearest_name(t.where.network, names_of(s_.network.access, &Access::name)));
    }
    const Duration until = t.where.until.value_or(s_.horizon);
    if (until > s_.horizon) {
      error(at + ".until", "this is after the horizon, where metrics end",
            fmt::format("at most {}", print_duration(s_.horizon)));
    } else if (t.where.from >= until) {
      error(at + ".from", "nothing is left between from and until",
            fmt::format("less than {}", print_duration(until)));
    }
    if (t.where.selects_time() && (of_whole_run(t) || t.metric == "reconnected_in")) {
      error(at, fmt::format("'{}' is not of a time of one's choice", t.metric),
            "no 'from' and no 'until'");
    }
  }

  void gates() {
    for (size_t i = 0; i < s_.gates.thresholds.size(); ++i) {
      const Threshold& t = s_.gates.thresholds[i];
      const std::string path = fmt::format("thresholds[{}]", i);
      if (!t.during.empty() &&
          std::ranges::find(s_.faults, t.during, &Fault::name) == s_.faults.end()) {
        error(d_.was_written(path + ".during") ? fmt::format("{}.during", path) : path,
              fmt::format("no fault has the name '{}'", t.during),
              "the name of a fault of this scenario",
              nearest_name(t.during, names_of(s_.faults, &Fault::name)));
      }
      if (t.metric == "reconnected_in" && t.during.empty()) {
        error(path, "reconnected_in is about one fault", "during: FAULT beside it");
      }
      if (t.metric == "reconnected_in" && t.plus != Duration(0)) {
        error(d_.was_written(path + ".plus") ? path + ".plus" : path,
              "reconnected_in is about sessions that are lost while the fault is in force",
              "no 'plus'");
      }
      if (t.where != Where{}) where(path, t);
      if (!of_whole_run(t)) continue;
      const std::string instead = t.metric == "queued" ? "queued_peak in place of queued" : "";
      if (t.abort_on_fail) {
        error(path + ".abort_on_fail",
              fmt::format("'{}' is not known before the end of the drain", t.metric),
              instead.empty() ? "no 'abort_on_fail'" : instead);
      }
      if (!t.during.empty()) {
        error(d_.was_written(path + ".during") ? path + ".during" : path,
              t.metric == "queued"
                  ? "'queued' is what is left at the end of the drain, after every fault"
                  : fmt::format("'{}' is of all of the run, drain included", t.metric),
              instead.empty() ? "no 'during'" : "no 'during', or " + instead);
      }
    }
    listed_twice("invariants.always", s_.gates.always);
    listed_twice("invariants.eventually", s_.gates.eventually);
  }

  void listed_twice(const std::string& path, const std::vector<InvariantGate>& gates) {
    for (size_t i = 0; i < gates.size(); ++i) {
      for (size_t k = 0; k < i; ++k) {
        if (gates[k].invariant != gates[i].invariant) continue;
        error(fmt::format("{}[{}]", path, i),
              fmt::format("{} is listed twice", name_of(gates[i].invariant)),
              "each invariant once");
      }
    }
  }

  Decoder& d_;
  const Scenario& s_;
};

}  // namespace

void check(Decoder& d, const Scenario& s) { Checker(d, s).run(); }

}  // namespace greytick::scenario
