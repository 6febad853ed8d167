// What a page is made of, as plain data.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "model/time.h"
#include "sim/results/metrics.h"

namespace greytick::report {

/// One time that a fault was in force; end == start when it struck once.
struct FaultWindow {
  std::string name, kind;
  model::Instant start, end;
};

struct Hop {
  model::Instant at;
  model::Duration after{};  // since the hop before; 0 for the first
  std::string what;
  bool again = false;
};

/// A message worth a look.
struct Message {
  std::string name;    // "17:5:3", as `explain --msg` takes it
  std::string reason;  // why it is here
  std::vector<Hop> hops;
};

struct Input {
  nlohmann::json manifest, summary;  // manifest.json, summary.json
  std::string about;                 // of the scenario
  std::string resolved;              // YAML
  std::vector<FaultWindow> faults;   // ascending by start
  std::vector<results::SeriesRow> series;
  model::Instant end;             // the horizon, or where the run stopped before it
  std::vector<Message> messages;  // violations first, then slowest first
  std::string no_hops;            // why messages come without hops; empty when they have them
};

}  // namespace greytick::report
