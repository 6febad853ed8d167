// Everything a run leaves behind, as the writers of the run folder take it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/results/gates.h"
#include "sim/results/metrics.h"
#include "sim/scenario/scenario.h"

namespace greytick::results {

/// Grows whenever the same scenario and seed may give another fingerprint.
inline constexpr int kSemanticsVersion = 1;
/// Of every file in the run folder.
inline constexpr int kSchemaVersion = 1;

struct BuildId {
  std::string version, revision, compiler, build_type, flags;
};

/// The regions that reached each other from that instant on, by name.
struct Parting {
  Instant at;
  std::vector<std::vector<std::string>> components;
};

struct RunRecord {
  const scenario::Scenario& scenario;
  const Metrics& metrics;
  std::string source;    // the file, as the user named it
  std::string folder;    // where the names of data files were looked up first
  std::string resolved;  // canonical YAML of the scenario
  std::uint64_t fingerprint = 0;
  Ending ending = Ending::kDone;
  std::vector<InvariantFinding> findings;
  Judged judged;
  Instant reached;  // simulated time, drain included
  Duration drained_after{};
  std::uint64_t events = 0;
  double wall_seconds = 0.0;
  std::vector<Parting> partings = {};  // ascending by `at`; empty: never apart
  std::string started_utc;             // "20261124T023011Z"
  std::string host;
  BuildId build;
  std::vector<std::string> log;  // lines
};

/// Names a scenario: a hash of its canonical YAML.
std::uint64_t scenario_hash(std::string_view resolved);
/// "20261124T023011Z-quickstart-s42-9f3c1a72"; whatever is no letter, digit, '-' or '_' in the
/// scenario's name becomes '_'.
std::string run_name(const RunRecord& run);
/// "04:07.312 regions that reach each other: eu, use | br".
std::string parting_text(const Parting& parting);

}  // namespace greytick::results
