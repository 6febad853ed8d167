// The messages of a run that are worth a look.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/cli/story.h"

namespace greytick::cli {

struct Subject {
  MessageName name;
  std::string reason;
};

/// The message that a gate or an invariant of summary.json names as its first offender, if one.
std::optional<Subject> of_offender(const nlohmann::json& finding);

/// The slowest messages that summary.json lists, slowest first. reason: "1.9 s from create to
/// device".
std::vector<Subject> slowest_of(const nlohmann::json& summary);

}  // namespace greytick::cli
