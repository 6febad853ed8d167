#ifndef GREYTICK_SIM_SCENARIO_NEAREST_H_
#define GREYTICK_SIM_SCENARIO_NEAREST_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace greytick::scenario {

/// Number of insertions, deletions, replacements and swaps of neighbours that turn a into b.
/// Source: the optimal string alignment distance, Boytsov, "Indexing methods for approximate
/// dictionary searching", ACM JEA 16, 2011.
size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate closest to `word` if it is close enough to have been meant (a third of its length;
/// case, '-' and '_' count nothing), else empty. The first of equals wins.
std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates);

/// One text member of each value, for the function above: names_of(faults, &Fault::name).
template <class Values, class Member>
std::vector<std::string> names_of(const Values& values, Member member) {
  std::vector<std::string> out;
  out.reserve(values.size());
  for (const auto& v : values) out.push_back(v.*member);
  return out;
}

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_NEAREST_H_
