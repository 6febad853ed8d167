// A folder that appears whole or not at all.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

#include "sim/results/run_record.h"

namespace greytick::results {

/// A run folder in the making: ".partial-..." under the parent until finish() gives it its name.
/// Unless it was finished, the destructor removes it. Errors are sentences for the user, exit 73.
class RunFolder {
 public:
  /// Makes the parent and the partial folder, so that a full or read-only disk shows before the
  /// run. tag: tells apart partial folders of several processes.
  static std::expected<RunFolder, std::string> begin(const std::filesystem::path& parent,
                                                     std::string_view tag);
  RunFolder(RunFolder&& other) noexcept;
  RunFolder& operator=(RunFolder&&) = delete;
  ~RunFolder();

  /// Where a file of that name is being written.
  std::filesystem::path file(std::string_view name) const { return partial_ / name; }
  std::expected<void, std::string> write(std::string_view name, std::string_view text) const;

  /// Writes every file of the record, names the folder and points `latest` at it. Returns its path.
  std::expected<std::filesystem::path, std::string> finish(const RunRecord& run);

 private:
  RunFolder(std::filesystem::path parent, std::filesystem::path partial);
  std::filesystem::path parent_, partial_;  // partial_ is empty once finished or moved from
};

}  // namespace greytick::results
