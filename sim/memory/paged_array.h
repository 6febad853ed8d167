// An endless array, of which only the parts that are touched take memory.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "sim/memory/prefetch.h"

namespace greytick::memory {

/// Elements are value-initialised, and never move. For indices that are numbered densely from 0:
/// the table of pages reaches up to the highest one.
template <class T>
class PagedArray {
 public:
  /// Makes the element's page when it is the first to be touched.
  T& operator[](std::size_t index) {
    const std::size_t page = index / kPage;
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (pages_[page] == nullptr) pages_[page] = std::make_unique<std::array<T, kPage>>();
    return (*pages_[page])[index % kPage];
  }

  /// Nullptr where nothing was touched nearby.
  [[nodiscard]] const T* find(std::size_t index) const {
    const std::size_t page = index / kPage;
    if (page >= pages_.size() || pages_[page] == nullptr) return nullptr;
    return &(*pages_[page])[index % kPage];
  }

  /// Asks for the memory of the element.
  void prefetch(std::size_t index) const {
    if (const T* at = find(index)) memory::prefetch(at, sizeof(T));
  }

  /// Calls visit(index, element) for every element of the pages that were touched, ascending.
  template <class F>
  void each(F&& visit) const {
    for (std::size_t page = 0; page < pages_.size(); ++page) {
      if (pages_[page] == nullptr) continue;
      for (std::size_t i = 0; i < kPage; ++i) visit(page * kPage + i, (*pages_[page])[i]);
    }
  }

 private:
  static constexpr std::size_t kPage = 512;
  std::vector<std::unique_ptr<std::array<T, kPage>>> pages_;
};

}  // namespace greytick::memory
