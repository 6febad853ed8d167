#ifndef GREYTICK_TESTS_ARCHITECTURE_INCLUDE_TABLE_H_
#define GREYTICK_TESTS_ARCHITECTURE_INCLUDE_TABLE_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/architecture/source_text.h"

namespace greytick::architecture {

/// What the sources of one folder may include besides the folder's own headers and the standard
/// library's. An entry is a folder ("sim/engine/"), or one header ("model/time.h").
struct Row {
  std::string_view folder;
  std::vector<std::string_view> ours;
  std::vector<std::string_view> libraries;
};

/// The include table, from the bottom up: a row names folders of earlier rows only, so the arrows
/// cannot turn round.
std::span<const Row> include_table();

/// One sentence for each include of the source that its folder's row does not allow. A source
/// outside the table's folders may include nothing, so that a new folder must get its row.
std::vector<std::string> forbidden_includes(const Source& source);

}  // namespace greytick::architecture

#endif  // GREYTICK_TESTS_ARCHITECTURE_INCLUDE_TABLE_H_
