#ifndef GREYTICK_SIM_SCENARIO_DATA_FILE_H_
#define GREYTICK_SIM_SCENARIO_DATA_FILE_H_

#include <string>

namespace greytick::scenario {

/// A file that a scenario names.
///
/// name: as written in the scenario; what resolved.yaml repeats. Empty: no file.
/// path: where the loader found it. Not part of equality, since it differs between machines.
struct DataFile {
  std::string name = {};
  std::string path = {};

  bool empty() const { return name.empty(); }
  bool operator==(const DataFile& other) const { return name == other.name; }
};

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_DATA_FILE_H_
