#include "tests/architecture/include_table.h"

#include <algorithm>
#include <string>

namespace greytick::architecture {
namespace {

bool covers(const std::vector<std::string_view>& entries, std::string_view path) {
  return std::ranges::any_of(entries, [path](std::string_view entry) {
    return entry.ends_with('/') ? path.starts_with(entry) : path == entry;
  });
}

// The innermost folder with a row: one inside another has arrows of its own.
const Row* row_of(std::string_view path) {
  const Row* found = nullptr;
  for (const Row& row : include_table()) {
    if (!path.starts_with(row.folder)) continue;
    if (found == nullptr || row.folder.size() > found->folder.size()) found = &row;
  }
  return found;
}

// <vector>, <cstdint>: the standard library's names have neither a dot nor a slash.
bool is_standard(const Include& include) {
  return !include.quoted && include.path.find_first_of("./") == std::string::npos;
}

}  // namespace

std::span<const Row> include_table() {
  static const std::vector<Row> kTable = {
      {.folder = "model/", .ours = {}, .libraries = {"boost/container/", "boost/unordered/"}},
      // The only user of protobuf: the core knows frames, not their bytes.
      {.folder = "model/wire/",
       .ours = {"model/"},
       .libraries = {"boost/container/", "google/protobuf/"}},
      {.folder = "sim/memory/", .ours = {"model/check.h"}, .libraries = {}},
      {.folder = "sim/engine/",
       .ours = {"model/check.h", "model/ids.h", "model/time.h", "sim/memory/"},
       .libraries = {"boost/"}},
      // The judges also stand beside a live server: neither world nor engine.
      {.folder = "sim/oracle/", .ours = {"model/", "sim/memory/"}, .libraries = {"boost/"}},
      {.folder = "sim/stats/",
       .ours = {"model/", "sim/engine/"},
       .libraries = {"boost/", "Eigen/", "fmt/"}},
      // The only reader of YAML. Its resolved form is plain data that the folders above read.
      {.folder = "sim/scenario/",
       .ours = {"model/", "sim/engine/", "sim/stats/"},
       .libraries = {"boost/", "fmt/", "nlohmann/", "libfyaml.h"}},
      {.folder = "sim/net/",
       .ours = {"model/", "sim/engine/", "sim/scenario/"},
       .libraries = {"boost/", "fmt/"}},
      {.folder = "sim/faults/",
       .ours = {"model/", "sim/engine/", "sim/scenario/", "sim/net/"},
       .libraries = {"boost/", "fmt/"}},
      {.folder = "sim/world/",
       .ours = {"model/", "sim/memory/", "sim/engine/", "sim/oracle/", "sim/stats/",
                "sim/scenario/", "sim/net/", "sim/faults/"},
       .libraries = {"boost/", "Eigen/", "fmt/"}},
      {.folder = "sim/results/",
       .ours = {"model/", "sim/memory/", "sim/engine/", "sim/oracle/", "sim/stats/",
                "sim/scenario/", "sim/net/", "sim/faults/", "sim/world/"},
       .libraries = {"boost/", "fmt/", "nlohmann/", "pugixml.hpp", "sqlite3.h", "spdlog/"}},
      {.folder = "sim/report/",
       .ours = {"model/time.h", "model/check.h", "sim/results/"},
       .libraries = {"fmt/", "nlohmann/"}},
      {.folder = "sim/cli/",
       .ours = {"model/", "sim/"},
       .libraries = {"boost/", "fmt/", "nlohmann/", "CLI/", "spdlog/", "sqlite3.h", "sys/",
                     "unistd.h", "signal.h", "fcntl.h", "poll.h"}},
  };
  return kTable;
}

std::vector<std::string> forbidden_includes(const Source& source) {
  std::vector<std::string> sentences;
  const Row* row = row_of(source.path);
  for (const Include& include : source.includes) {
    const bool allowed =
        row != nullptr &&
        (include.quoted ? row_of(include.path) == row || covers(row->ours, include.path)
                        : is_standard(include) || covers(row->libraries, include.path));
    if (!allowed) {
      sentences.push_back(source.path + ":" + std::to_string(include.line) + ": may not include " +
                          include.path);
    }
  }
  return sentences;
}

}  // namespace greytick::architecture
