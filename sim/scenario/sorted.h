#ifndef GREYTICK_SIM_SCENARIO_SORTED_H_
#define GREYTICK_SIM_SCENARIO_SORTED_H_

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace greytick::scenario {

/// The values ascending by key, equal ones in the order they had.
/// By indices, since std::stable_sort of libstdc++ 12 uses what C++23 took away and clang warns of.
template <class T, class Key>
std::vector<T> sorted_stably(const std::vector<T>& values, Key key) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, {}, [&](size_t i) { return std::pair(key(values[i]), i); });
  std::vector<T> out;
  out.reserve(values.size());
  for (const size_t i : order) out.push_back(values[i]);
  return out;
}

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_SORTED_H_
