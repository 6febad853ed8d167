#ifndef GREYTICK_SIM_SCENARIO_LOAD_H_
#define GREYTICK_SIM_SCENARIO_LOAD_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/diagnostic.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/sweep.h"

namespace greytick::scenario {

struct LoadOptions {
  /// "topology.gateways.per_region=3", applied in order on top of the file; a value is YAML. List
  /// entries are "faults[0].at=2m"; keys that are not there yet are added.
  std::vector<std::string> set = {};
  /// --seed; wins over the file and over `set`.
  std::optional<uint64_t> seed = {};
  /// Folders for data files that are not found near the scenario.
  std::vector<std::filesystem::path> search = {};
};

struct Loaded {
  std::optional<Scenario> scenario;  // absent exactly when the report has errors
  std::optional<Sweep> sweep;        // what the file says under `sweep`, if it does
  bool not_found = false;            // the file itself is missing or unreadable
  Report report;
};

/// Reads a scenario file: parses, follows `extends`, applies `set`, fills in defaults, checks that
/// all fits together. Every error is in the report with its place; nothing is thrown.
Loaded load_file(const std::filesystem::path& path, const LoadOptions& options = {});

/// The same for a text. name: what errors call it; folder: where its relative paths begin.
Loaded load_text(std::string name, std::string text, const std::filesystem::path& folder = {},
                 const LoadOptions& options = {});

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_LOAD_H_
