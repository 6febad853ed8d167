#include "sim/cli/past_run.h"

#include <fstream>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/cli/load.h"
#include "sim/results/exit_code.h"
#include "sim/results/run_record.h"

namespace greytick::cli {

namespace fs = std::filesystem;

std::optional<nlohmann::json> read_json(const fs::path& path) {
  std::ifstream in(path);
  if (!in) return std::nullopt;
  nlohmann::json json = nlohmann::json::parse(in, nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

std::expected<PastRun, int> read_run(const std::string& path) {
  const fs::path folder(path);
  auto manifest = read_json(folder / "manifest.json");
  auto summary = read_json(folder / "summary.json");
  if (!manifest || !summary) {
    fmt::print(stderr, "greytick: {} is no run folder: manifest.json or summary.json is missing\n",
               path);
    return std::unexpected(results::kExitNotFound);
  }
  for (const auto& [json, keys] :
       {std::pair{&*manifest, std::vector{"fingerprint", "ending", "simulated_ns", "build"}},
        std::pair{&*summary, std::vector{"invariants", "gates", "slowest"}}}) {
    for (const char* key : keys) {
      if (json->contains(key)) continue;
      fmt::print(stderr, "greytick: {} is damaged: '{}' is missing\n", path, key);
      return std::unexpected(results::kExitInvalid);
    }
  }
  const int schema = manifest->value("schema_version", 0);
  if (schema != results::kSchemaVersion) {
    fmt::print(stderr, "greytick: {} has schema {}, this greytick reads {}\n", path, schema,
               results::kSchemaVersion);
    return std::unexpected(results::kExitInvalid);
  }
  auto scenario = load_scenario({.file = (folder / "resolved.yaml").string(),
                                 .folder = manifest->value("folder", std::string())});
  if (!scenario) return std::unexpected(scenario.error());
  return PastRun{.path = folder,
                 .manifest = std::move(*manifest),
                 .summary = std::move(*summary),
                 .scenario = std::move(*scenario)};
}

}  // namespace greytick::cli
