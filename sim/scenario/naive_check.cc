#include "sim/scenario/naive_check.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/names.h"
#include "sim/scenario/write.h"

namespace greytick::scenario {
namespace {

// What the naive pipeline, its judges and its metrics read. Everything else must be at its default,
// so a key that is new to the form is refused here until it is heeded.
constexpr std::array<std::string_view, 20> kHeeded{
    "scenario",    "about",
    "version",     "seed",
    "horizon",     "warmup",
    "pipeline",    "population.users",
    "script",      "population.presence.mode",
    "faults",      "population.regions",  // follows topology.regions, which is not heeded
    "invariants",  "traffic.messages",
    "thresholds",  "client.retry.ack_timeout",
    "expect",      "record",
    "drain.limit", "oracle.sketches"};

// A mapping whose keys mean nothing without each other.
bool is_one_value(const Node& node) {
  return !node.is_map() || node.find("dist") != nullptr || node.find("kind") != nullptr;
}

bool same(const Node& a, const Node& b) {
  if (a.kind != b.kind || a.text != b.text) return false;
  const auto same_entry = [](const Entry& x, const Entry& y) {
    return x.key == y.key && same(x.value, y.value);
  };
  return std::ranges::equal(a.map, b.map, same_entry) && std::ranges::equal(a.list, b.list, same);
}

class NaiveChecker {
 public:
  NaiveChecker(Decoder& d, const Scenario& s) : d_(d), s_(s) {}

  void run() {
    if (s_.traffic.messages.per_second > 0.0) {
      error("traffic.messages", "the naive pipeline sends what a script says, and no traffic",
            "'traffic: {messages: 0/s}', and a script with 'do: send'");
    }
    if (s_.population.presence.mode != PresenceMode::kScripted) {
      error("population.presence.mode", "the naive pipeline connects devices as a script says",
            "'population: {presence: scripted}'");
    }
    unheeded("", to_tree(s_), to_tree(Scenario{}));
    for (size_t i = 0; i < s_.script.size(); ++i) {
      if (!s_.script[i].group.empty()) {
        error(fmt::format("script[{}].group", i), "the naive pipeline has no groups",
              "'to', or 'pipeline: real'");
      }
      if (s_.script[i].verb != ScriptVerb::kReinstall) continue;
      error(fmt::format("script[{}].do", i),
            "the naive pipeline knows one installation of a device",
            "an action other than reinstall, or 'pipeline: real'");
    }
    for (size_t i = 0; i < s_.faults.size(); ++i) fault(fmt::format("faults[{}]", i), s_.faults[i]);
  }

 private:
  void error(const std::string& path, std::string message, std::string expected) {
    const Mark mark = d_.where(path);
    // Several keys of one value written as a whole are one error.
    if (std::ranges::find(told_, mark) != told_.end()) return;
    told_.push_back(mark);
    d_.error(mark, std::move(message), std::move(expected));
  }

  void unheeded(const std::string& path, const Node& given, const Node& standard) {
    if (std::ranges::find(kHeeded, path) != kHeeded.end() || same(given, standard)) return;
    if (is_one_value(given) || is_one_value(standard)) {
      error(path, fmt::format("the naive pipeline does not heed '{}'", path),
            "no such key here, or 'pipeline: real'");
      return;
    }
    const std::string before = path.empty() ? path : path + ".";
    const Node nothing;
    for (const Entry& e : given.map) {
      const Entry* other = standard.find(e.key);
      unheeded(before + e.key, e.value, other != nullptr ? other->value : nothing);
    }
    for (const Entry& e : standard.map) {
      if (given.find(e.key) == nullptr) unheeded(before + e.key, nothing, e.value);
    }
  }

  void fault(const std::string& path, const Fault& f) {
    if (f.kind != FaultKind::kCrash) {
      error(path + ".fault",
            fmt::format("the naive pipeline has no {}: its servers crash", name_of(f.kind)),
            "'fault: crash', or 'pipeline: real'");
      return;
    }
    const Selector& t = f.target;
    if (t.kind != TargetKind::kGateway || t.mode != TargetMode::kIndex || !t.region.empty() ||
        t.index >= s_.pipeline.servers) {
      error(path + ".target", "this is no server of the naive pipeline",
            s_.pipeline.servers == 1 ? "gateways[0]" : "gateways[0] or gateways[1]");
    }
    if (f.every) {
      error(path + ".every", "a crash of the naive pipeline happens once",
            "one fault for each time, or 'pipeline: real'");
    }
  }

  Decoder& d_;
  const Scenario& s_;
  std::vector<Mark> told_;
};

}  // namespace

void check_naive(Decoder& d, const Scenario& s) {
  if (s.pipeline.kind == PipelineKind::kNaive) NaiveChecker(d, s).run();
}

}  // namespace greytick::scenario
