// A scenario from the command line, with what the user is told when it cannot be had.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/scenario.h"

namespace greytick::cli {

struct LoadRequest {
  std::string file;
  std::vector<std::string> set = {};
  std::optional<std::uint64_t> seed = {};
  std::string folder = {};  // also searched for data files, before the usual ones
};

/// The scenario; a seed of `random` has been drawn. On error the exit code, 65 or 66, and the
/// errors are on stderr.
std::expected<scenario::Scenario, int> load_scenario(const LoadRequest& request);

}  // namespace greytick::cli
