#include "sim/scenario/sweep.h"

#include <algorithm>

#include <fmt/format.h>

namespace greytick::scenario {
namespace {

// Axes that turn together, by index into Sweep::axes; the first of them says when.
using Wheel = std::vector<size_t>;

std::expected<std::vector<Wheel>, ZipError> wheels_of(const Sweep& sweep) {
  std::vector<bool> zipped(sweep.axes.size(), false);
  std::vector<Wheel> groups;
  for (const std::vector<std::string>& keys : sweep.zip) {
    Wheel group;
    for (const std::string& key : keys) {
      const auto axis = std::ranges::find(sweep.axes, key, &SweepAxis::path);
      if (axis == sweep.axes.end()) return std::unexpected(ZipError{key, "it is no axis"});
      const auto index = static_cast<size_t>(axis - sweep.axes.begin());
      if (zipped[index]) return std::unexpected(ZipError{key, "it is zipped twice"});
      zipped[index] = true;
      if (!group.empty() && sweep.axes[group.front()].values.size() != axis->values.size()) {
        return std::unexpected(
            ZipError{key, fmt::format("it has {} values, {} has {}", axis->values.size(),
                                      keys.front(), sweep.axes[group.front()].values.size())});
      }
      group.push_back(index);
    }
    if (!group.empty()) groups.push_back(std::move(group));
  }
  for (size_t i = 0; i < sweep.axes.size(); ++i) {
    if (!zipped[i]) groups.push_back({i});
  }
  // A wheel stands where its first axis does in the file.
  std::ranges::sort(groups, {}, [](const Wheel& w) { return std::ranges::min(w); });
  return groups;
}

}  // namespace

std::expected<std::vector<std::vector<std::string>>, ZipError> sweep_points(const Sweep& sweep,
                                                                            size_t points_max) {
  const auto wheels = wheels_of(sweep);
  if (!wheels) return std::unexpected(wheels.error());
  size_t count = 1;
  for (const Wheel& wheel : *wheels) {
    count *= sweep.axes[wheel.front()].values.size();
    if (count > points_max) {
      return std::unexpected(
          ZipError{sweep.axes[wheel.front()].path,
                   fmt::format("with it there are more than {} points", points_max)});
    }
  }
  std::vector<std::vector<std::string>> points(count);
  for (size_t i = 0; i < count; ++i) {
    points[i].resize(sweep.axes.size());
    size_t rest = i;
    for (size_t k = wheels->size(); k-- > 0;) {
      const Wheel& wheel = (*wheels)[k];
      const size_t n = sweep.axes[wheel.front()].values.size();
      for (const size_t axis : wheel) points[i][axis] = sweep.axes[axis].values[rest % n];
      rest /= n;
    }
  }
  return points;
}

}  // namespace greytick::scenario
