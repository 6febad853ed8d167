#include "sim/scenario/nearest.h"

#include <algorithm>

namespace greytick::scenario {
namespace {

// Longer words are never typos of ours, and the distance is quadratic.
constexpr size_t kWordMax = 64;

std::string folded(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (c == '-') {
      out += '_';
    } else if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c - 'A' + 'a');
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > kWordMax) return {};
  const std::string wanted = folded(word);
  std::string best;
  size_t best_distance = word.size() + 1;
  for (const std::string& c : candidates) {
    const size_t allowed = std::max<size_t>(1, std::max(word.size(), c.size()) / 3);
    const size_t distance = edit_distance(wanted, folded(c));
    if (distance <= allowed && distance < best_distance && distance < word.size()) {
      best = c;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace greytick::scenario
