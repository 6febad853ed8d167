#ifndef GREYTICK_SIM_SCENARIO_YAML_H_
#define GREYTICK_SIM_SCENARIO_YAML_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "sim/scenario/diagnostic.h"
#include "sim/scenario/node.h"

namespace greytick::scenario {

inline constexpr size_t kFileBytesMax = size_t{4} << 20;
inline constexpr int kNestingMax = 32;

/// The tree of a YAML text, one document.
///
/// source: number of the text in `report`; `base` bytes of it are skipped first (a --set value).
/// Nothing, and at least one error in the report, when the text is over kFileBytesMax, empty, not
/// UTF-8, not YAML, nests deeper than kNestingMax, holds a tab in its indentation, an anchor,
/// alias, tag or merge key, a key twice, a key that is not plain text, or a second document.
std::optional<Node> parse_yaml(Report& report, uint32_t source, size_t base = 0);

/// Canonical YAML of a tree: block style, but what fits on one line of 100 columns in flow style;
/// strings are quoted where they would not read back as themselves. Ends with a newline.
std::string emit_yaml(const Node& node);

/// The tree on one line, in flow style.
std::string emit_flow(const Node& node);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_YAML_H_
