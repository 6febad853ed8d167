#pragma once

#include <cstdint>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/time.h"
#include "sim/engine/random.h"
#include "sim/net/endpoint.h"
#include "sim/net/rule.h"

namespace greytick::net {

/// What the rules in force make of one packet.
struct Verdict {
  bool lost = false;  // a drop rule hit
  bool corrupt = false;
  bool duplicate = false;
  bool late = false;        // a reorder rule hit: it may be overtaken
  model::Duration delay{};  // to add, of latency and reorder rules
};

/// The rules in force. Nothing costs anything while there are none.
class Conditions {
 public:
  explicit Conditions(const engine::Streams& streams) : streams_(streams) {}

  [[nodiscard]] bool empty() const { return active_.empty(); }

  RuleId add(Rule rule);
  /// CHECKs that the rule is in force.
  void remove(RuleId id);

  /// True while a partition lets nothing pass from a to b.
  [[nodiscard]] bool cut(const Endpoint& a, const Endpoint& b) const;

  /// Draws the fate of one packet from a to b. link: names what keeps the packets in sequence (a
  /// connection's way, a pair of servers); bursts and correlated delays run along it.
  Verdict judge(const Endpoint& a, const Endpoint& b, std::uint64_t link);

 private:
  struct Along {  // a rule's state along one link
    std::uint32_t draws = 0;
    bool bad = false;
    double deviate = 0.0;
  };
  struct Active {
    RuleId id;
    Rule rule;
    boost::unordered_flat_map<std::uint64_t, Along> links;  // looked up only, never walked
  };

  engine::Streams streams_;
  std::vector<Active> active_;  // ascending by id
  RuleId next_id_ = 1;
};

}  // namespace greytick::net
