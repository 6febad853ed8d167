#include "sim/scenario/fault_check.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "sim/scenario/deploy.h"
#include "sim/scenario/fault_table.h"
#include "sim/scenario/names.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/plain_name.h"

namespace greytick::scenario {
namespace {

// How many entities a selector can choose from.
uint64_t population_of(const Scenario& s, const Selector& t) {
  const uint64_t regions = t.region.empty() ? s.topology.regions.size() : 1;
  switch (t.kind) {
    case TargetKind::kService:
      return 1;
    case TargetKind::kRegion:
    case TargetKind::kStore:
      return regions;
    case TargetKind::kPush:
      return 1;
    case TargetKind::kGateway:
      return regions * s.topology.gateways.per_region;
    case TargetKind::kProcess:
      return regions * s.topology.shards.processes;
    case TargetKind::kConversationShard:
      return regions * s.topology.shards.conversation;
    case TargetKind::kMailboxShard:
      return regions * s.topology.shards.mailbox;
    case TargetKind::kDevice:
      return device_count(s.population);
  }
  return 0;
}

class FaultChecker {
 public:
  FaultChecker(Decoder& d, const Scenario& s) : d_(d), s_(s) {}

  void run() {
    for (size_t i = 0; i < s_.faults.size(); ++i) {
      const Fault& f = s_.faults[i];
      const std::string path = fmt::format("faults[{}]", i);
      const FaultRule& rule = fault_rule(f.kind);
      if (f.region_local) {
        local(path, f);
      } else if (f.at >= s_.horizon) {
        error(path + ".at", "this fault begins at the horizon or after it",
              fmt::format("less than {}", print_duration(s_.horizon)));
      }
      if (f.every && *f.every <= f.lasts) {
        error(path + ".every", "the fault comes again before it has healed",
              fmt::format("more than {}", print_duration(f.lasts)));
      }
      for (size_t k = 0; k < i; ++k) {
        if (s_.faults[k].name == f.name) {
          error(path + ".name", fmt::format("another fault has the name '{}'", f.name),
                "a name of its own");
        }
      }
      if (!name_is_plain(f.name)) {
        error(path + ".name", fmt::format("'{}' is not a name for a fault", f.name),
              "letters, digits, '_', '-' and '.'");
      }
      if (f.kind == FaultKind::kShardMove || f.kind == FaultKind::kRebalance) moves(path, f);
      if (f.kind == FaultKind::kRollingDeploy) deploy(path, f);
      if (f.other) {
        selector(path + ".between[0]", rule, f.target);
        selector(path + ".between[1]", rule, *f.other);
      } else {
        selector(path + ".target", rule, f.target);
      }
    }
  }

 private:
  void error(const std::string& path, std::string message, std::string expected = {},
             std::string nearest = {}) {
    d_.error(d_.where(path), std::move(message), std::move(expected), std::move(nearest));
  }

  // A shard stays in its region, where its store is.
  void moves(const std::string& path, const Fault& f) {
    const uint32_t processes = s_.topology.shards.processes;
    if (processes < 2) {
      error(path, fmt::format("{} needs another process to move shards to", name_of(f.kind)),
            "topology: {shards: {processes: 2}}");
    } else if (f.with.to && *f.with.to >= processes) {
      error(path + ".with.to", fmt::format("a region has no process {}", *f.with.to),
            fmt::format("a process of the region, from 0 to {}", processes - 1));
    }
  }

  // Whoever is stopped hands over to another server of the region.
  void deploy(const std::string& path, const Fault& f) {
    if (f.with.to && (*f.with.to < 1 || *f.with.to > 2)) {
      error(path + ".with.to", fmt::format("there is no version {} of the protocol", *f.with.to),
            "1 or 2");
    }
    Duration least{0};
    for (const TargetKind kind : {TargetKind::kGateway, TargetKind::kProcess}) {
      const bool gateway = kind == TargetKind::kGateway;
      if (f.target.kind == (gateway ? TargetKind::kProcess : TargetKind::kGateway)) continue;
      const uint64_t here =
          gateway ? s_.topology.gateways.per_region : s_.topology.shards.processes;
      if (here <= f.with.at_once) {
        error(d_.was_written(path + ".with.at_once") ? path + ".with.at_once" : path,
              fmt::format("a region has {} {}, and one must stay", here,
                          gateway ? "gateways" : "processes"),
              here > 1  ? fmt::format("at most {}", here - 1)
              : gateway ? "topology: {gateways: {per_region: 2}}"
                        : "topology: {shards: {processes: 2}}");
        return;
      }
      least += deploy_turn(kind, s_.topology, f.with).over *
               static_cast<int64_t>(turns(kind, f.target, here, f.with.at_once));
    }
    if (f.lasts < least) {
      error(path + ".for", "the servers do not all get their turn in this time",
            fmt::format("at least {}", print_duration(least)));
    }
  }

  // How many turns there are at most.
  uint64_t turns(TargetKind kind, const Selector& t, uint64_t here, uint64_t at_once) {
    const uint64_t all = s_.topology.regions.size();
    if (t.kind == TargetKind::kService || t.kind == TargetKind::kRegion ||
        t.mode == TargetMode::kAll) {
      uint64_t regions = t.region.empty() ? all : 1;
      if (t.kind == TargetKind::kRegion) regions = std::min(regions, selected(t, regions));
      return regions * ((here + at_once - 1) / at_once);
    }
    return selected(t, population_of(s_, {.kind = kind, .region = t.region}));
  }

  static uint64_t selected(const Selector& t, uint64_t count) {
    switch (t.mode) {
      case TargetMode::kAll:
        return count;
      case TargetMode::kIndex:
      case TargetMode::kOne:
        return 1;
      case TargetMode::kFixed:
        return t.count;
      case TargetMode::kPercent:
        return static_cast<uint64_t>(std::ceil(t.share.value * static_cast<double>(count)));
    }
    return count;
  }

  void selector(const std::string& path, const FaultRule& rule, const Selector& t) {
    if ((rule.targets & target_bit(t.kind)) == 0) {
      std::string allowed;
      for (const auto& n : kNames<TargetKind>) {
        if ((rule.targets & target_bit(n.value)) != 0) {
          allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", n.name);
        }
      }
      error(path, fmt::format("{} cannot hit a {}", name_of(rule.kind), name_of(t.kind)), allowed);
      return;
    }
    if (!t.region.empty() && std::ranges::find(s_.topology.regions, t.region, &Region::name) ==
                                 s_.topology.regions.end()) {
      std::vector<std::string> names;
      std::string all;
      for (const Region& r : s_.topology.regions) {
        names.push_back(r.name);
        all += fmt::format("{}{}", all.empty() ? "" : ", ", r.name);
      }
      error(path, fmt::format("unknown region '{}'", t.region), all, nearest_name(t.region, names));
      return;
    }
    if (!t.access.empty() &&
        std::ranges::find(s_.network.access, t.access, &Access::name) == s_.network.access.end()) {
      error(path, fmt::format("no device is on the access network '{}'", t.access),
            "one of network.assign",
            nearest_name(t.access, names_of(s_.network.access, &Access::name)));
      return;
    }
    const uint64_t count = population_of(s_, t);
    if (t.mode == TargetMode::kIndex && t.index >= count) {
      error(path, fmt::format("there is no {} {}", name_of(t.kind), t.index),
            count == 1 ? "index 0" : fmt::format("an index from 0 to {}", count - 1));
    } else if (t.mode == TargetMode::kFixed && t.count > count) {
      error(path, fmt::format("there are only {} of these", count),
            fmt::format("at most {}", count));
    }
  }

  // A fault by the clocks of regions strikes a part of its target in each.
  void local(const std::string& path, const Fault& f) {
    if (f.other || f.target.kind == TargetKind::kService || f.target.kind == TargetKind::kPush) {
      error(path, "this fault is not of one region, so it has no local time",
            "a target within regions, without 'between'");
      return;
    }
    if (s_.horizon < std::chrono::hours(24)) {
      error(path, "less than a day is simulated, and it may be that no clock shows that time",
            "a horizon of at least 1d, or at: TIME");
      return;
    }
    if (!s_.traffic.daily || s_.traffic.daily->clocks.empty()) {
      error(path + ".every", "no region has a clock of its own",
            "traffic: {daily: {clocks: [{region: in, ahead: 5h 30m}]}}");
    }
  }

  Decoder& d_;
  const Scenario& s_;
};

}  // namespace

void check_faults(Decoder& d, const Scenario& s) { FaultChecker(d, s).run(); }

}  // namespace greytick::scenario
