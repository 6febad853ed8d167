#ifndef GREYTICK_SIM_SCENARIO_PLAIN_NAME_H_
#define GREYTICK_SIM_SCENARIO_PLAIN_NAME_H_

#include <algorithm>
#include <string_view>

namespace greytick::scenario {

/// Whether a scenario or a fault may be called this, so that its name can stand in the name of a
/// file: letters, digits, '_', '-' and '.', at most 100, not beginning with '-' or '.'.
inline bool name_is_plain(std::string_view name) {
  return !name.empty() && name.size() <= 100 && name.front() != '.' && name.front() != '-' &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-' || c == '.';
         });
}

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_PLAIN_NAME_H_
