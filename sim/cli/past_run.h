// A run folder, read back.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "model/time.h"
#include "sim/scenario/scenario.h"

namespace greytick::cli {

struct PastRun {
  std::filesystem::path path;
  nlohmann::json manifest, summary;
  scenario::Scenario scenario;  // of resolved.yaml

  std::string fingerprint() const { return manifest.at("fingerprint").get<std::string>(); }
  bool partial() const { return manifest.at("ending").get<std::string>() != "done"; }
  model::Instant reached() const {
    return model::from_ns(manifest.at("simulated_ns").get<std::int64_t>());
  }
};

/// Reads a run folder. On error the exit code, 65 or 66, and the reason is on stderr.
std::expected<PastRun, int> read_run(const std::string& path);

/// A JSON file; nothing when it is missing or no JSON.
std::optional<nlohmann::json> read_json(const std::filesystem::path& path);

}  // namespace greytick::cli
