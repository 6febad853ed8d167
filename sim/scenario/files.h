#ifndef GREYTICK_SIM_SCENARIO_FILES_H_
#define GREYTICK_SIM_SCENARIO_FILES_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <string_view>
#include <vector>

namespace greytick::scenario {

// Where the files that a scenario names are looked for: beside the file that names it, in the two
// folders above that, then in each folder of `search`.
struct Files {
  std::map<uint32_t, std::filesystem::path> folder_of_source = {};
  std::vector<std::filesystem::path> search = {};

  /// The path of an existing regular file, or an empty path.
  std::filesystem::path find(std::string_view name, uint32_t source) const;
};

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_FILES_H_
