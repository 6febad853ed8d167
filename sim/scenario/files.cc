#include "sim/scenario/files.h"

#include <system_error>

namespace greytick::scenario {

std::filesystem::path Files::find(std::string_view name, uint32_t source) const {
  namespace fs = std::filesystem;
  if (name.empty() || name.find('\0') != std::string_view::npos) return {};
  const fs::path wanted(name);
  std::vector<fs::path> candidates;
  if (wanted.is_absolute()) {
    candidates.push_back(wanted);
  } else {
    if (const auto it = folder_of_source.find(source); it != folder_of_source.end()) {
      candidates.push_back(it->second / wanted);
      candidates.push_back(it->second / ".." / wanted);
      candidates.push_back(it->second / ".." / ".." / wanted);
    }
    for (const fs::path& folder : search) candidates.push_back(folder / wanted);
  }
  for (const fs::path& candidate : candidates) {
    std::error_code error;
    if (fs::is_regular_file(candidate, error)) return candidate.lexically_normal();
  }
  return {};
}

}  // namespace greytick::scenario
