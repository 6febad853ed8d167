#include "sim/results/run_folder.h"

#include <fstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "sim/results/database.h"
#include "sim/results/summary.h"

namespace greytick::results {
namespace {

namespace fs = std::filesystem;

std::unexpected<std::string> cannot(std::string_view what, const fs::path& path,
                                    std::string_view why) {
  return std::unexpected(fmt::format("cannot {} {}: {}", what, path.string(), why));
}

}  // namespace

RunFolder::RunFolder(fs::path parent, fs::path partial)
    : parent_(std::move(parent)), partial_(std::move(partial)) {}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : parent_(std::move(other.parent_)), partial_(std::exchange(other.partial_, fs::path())) {}

RunFolder::~RunFolder() {
  if (partial_.empty()) return;
  std::error_code ignored;
  fs::remove_all(partial_, ignored);
}

std::expected<RunFolder, std::string> RunFolder::begin(const fs::path& parent,
                                                       std::string_view tag) {
  std::error_code error;
  fs::create_directories(parent, error);
  if (error) return cannot("make the folder", parent, error.message());
  const fs::path partial = parent / fmt::format(".partial-{}", tag);
  fs::remove_all(partial, error);
  fs::create_directory(partial, error);
  if (error) return cannot("make the folder", partial, error.message());
  return RunFolder(parent, partial);
}

std::expected<void, std::string> RunFolder::write(std::string_view name,
                                                  std::string_view text) const {
  const fs::path path = file(name);
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) return cannot("write", path, "the disk is full or not writable");
  return {};
}

std::expected<fs::path, std::string> RunFolder::finish(const RunRecord& run) {
  std::string log;
  for (const std::string& line : run.log) log += line + "\n";
  const std::pair<std::string_view, std::string> files[] = {
      {"resolved.yaml", run.resolved},       {"summary.json", summary_json(run)},
      {"summary.md", summary_markdown(run)}, {"junit.xml", junit_xml(run)},
      {"latency.hlog", latency_log(run)},    {"log.txt", log},
      {"manifest.json", manifest_json(run)}};
  for (const auto& [name, text] : files) {
    if (const auto written = write(name, text); !written) return std::unexpected(written.error());
  }
  const fs::path database = file("run.sqlite");
  if (const auto written = write_database(database.string(), run); !written) {
    return cannot("write", database, written.error());
  }

  // The same scenario may run twice within a second.
  const std::string name = run_name(run);
  fs::path path = parent_ / name;
  for (int i = 2; fs::exists(path); ++i) path = parent_ / fmt::format("{}-{}", name, i);
  std::error_code error;
  fs::rename(partial_, path, error);
  if (error) return cannot("name the folder", path, error.message());
  partial_.clear();

  // A link can be replaced in one step only by renaming another over it.
  const fs::path link = parent_ / "latest", fresh = parent_ / ".latest";
  fs::remove(fresh, error);
  fs::create_directory_symlink(path.filename(), fresh, error);
  if (!error) fs::rename(fresh, link, error);
  if (error) {
    const std::string why = error.message();
    fs::remove(fresh, error);
    return cannot("point the link", link, why);
  }
  return path;
}

}  // namespace greytick::results
