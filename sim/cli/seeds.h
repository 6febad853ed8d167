// Ranges of seeds, as the command line has them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace greytick::cli {

struct SeedRange {
  std::uint64_t first = 0, last = 0;  // both included
};

/// "1..20", or "7" for that one alone; nothing when it is neither.
std::optional<SeedRange> parse_seeds(std::string_view text);

}  // namespace greytick::cli
