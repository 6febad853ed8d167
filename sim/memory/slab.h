#ifndef GREYTICK_SIM_MEMORY_SLAB_H_
#define GREYTICK_SIM_MEMORY_SLAB_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "model/check.h"

namespace greytick::memory {

/// Objects of one type, addressed by 32-bit handles that fit into an event record.
///
/// A handle is 28 bits of place and 4 bits of generation. The generation is part of the handle in
/// every build, so that builds with and without kDeepChecks give out the same numbers; only the
/// comparison at each access is left to kDeepChecks. It catches 15 of 16 uses after erase.
///
/// Invariants:
///   addresses are stable: blocks are never moved and never given back (no shrink)
///   places are reused last-in first-out, so that handles depend on the calls alone
///   size() == number of slots whose live bit is set
template <typename T>
class Slab {
 public:
  using Handle = std::uint32_t;
  static constexpr Handle kNone = 0xffff'ffff;

  Slab() = default;
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  Slab(Slab&& other) noexcept
      : blocks_(std::move(other.blocks_)),
        marks_(std::move(other.marks_)),
        free_(std::exchange(other.free_, kNone)),
        size_(std::exchange(other.size_, 0)) {
    other.blocks_.clear();
    other.marks_.clear();
  }
  Slab& operator=(Slab&&) = delete;

  ~Slab() {
    for_each([](Handle, T& value) { std::destroy_at(&value); });
  }

  /// Constructs a T in the place freed last, or in a new one. CHECKs that places are left (2^28 -
  /// 1).
  template <typename... Args>
  Handle emplace(Args&&... args) {
    if (free_ == kNone) {
      CHECK(marks_.size() < kPlacesMax);
      if (marks_.size() % kBlockSlots == 0) {
        blocks_.push_back(std::make_unique<Slot[]>(kBlockSlots));
      }
      free_ = static_cast<Handle>(marks_.size());
      slot(free_).next_free = kNone;
      marks_.push_back(0);
    }
    const Handle place = free_;
    Slot& taken = slot(place);
    free_ = taken.next_free;
    std::construct_at(&taken.value, std::forward<Args>(args)...);
    marks_[place] |= kLive;
    ++size_;
    return place | static_cast<Handle>(marks_[place] & kGenerationMask) << kPlaceBits;
  }

  /// Destroys the object; its handle is stale from now on. CHECKs that the handle is live.
  void erase(Handle handle) {
    CHECK(live(handle));
    const Handle place = handle & kPlaceMask;
    Slot& freed = slot(place);
    std::destroy_at(&freed.value);
    freed.next_free = free_;
    free_ = place;
    marks_[place] = static_cast<std::uint8_t>((marks_[place] + 1) & kGenerationMask);
    --size_;
  }

  /// The object behind a live handle; a stale one is our own bug, found under kDeepChecks.
  T& operator[](Handle handle) {
    DEEP_CHECK(live(handle));
    return slot(handle & kPlaceMask).value;
  }
  const T& operator[](Handle handle) const {
    DEEP_CHECK(live(handle));
    return slot(handle & kPlaceMask).value;
  }

  /// False for a handle that was never given out or was erased since (up to 16 generations ago).
  bool live(Handle handle) const {
    const Handle place = handle & kPlaceMask;
    return place < marks_.size() && marks_[place] == (kLive | handle >> kPlaceBits);
  }

  std::size_t size() const { return size_; }
  /// Places ever used: the peak of size(), which is what the memory is held for.
  std::size_t places() const { return marks_.size(); }

  /// Calls visit(handle, object) for each live object in the order of places. Must not emplace.
  template <typename F>
  void for_each(F&& visit) {
    each_live([&](Handle place, Handle handle) { visit(handle, slot(place).value); });
  }
  template <typename F>
  void for_each(F&& visit) const {
    each_live([&](Handle place, Handle handle) { visit(handle, slot(place).value); });
  }

 private:
  static constexpr int kPlaceBits = 28;
  static constexpr Handle kPlaceMask = (Handle{1} << kPlaceBits) - 1;
  // One less than the mask allows, so that kNone is never a handle.
  static constexpr std::size_t kPlacesMax = kPlaceMask;
  static constexpr std::uint8_t kGenerationMask = 0x0f;
  static constexpr std::uint8_t kLive = 0x10;
  // Some 32 KiB a block, a power of two of slots: place to address is a shift and a mask.
  static constexpr std::size_t kBlockSlots = sizeof(T) >= 1024 ? 32 : sizeof(T) >= 128 ? 256 : 1024;

  union Slot {
    // Written out: a union of a T without trivial constructor has none by default. The slab
    // constructs and destroys what lives.
    Slot() {}
    ~Slot() {}
    Handle next_free;
    T value;
  };

  template <typename F>
  void each_live(F&& visit) const {
    for (std::size_t place = 0; place < marks_.size(); ++place) {
      if ((marks_[place] & kLive) == 0) continue;
      const auto generation = static_cast<Handle>(marks_[place] & kGenerationMask);
      visit(static_cast<Handle>(place), static_cast<Handle>(place) | generation << kPlaceBits);
    }
  }

  Slot& slot(Handle place) { return blocks_[place / kBlockSlots][place % kBlockSlots]; }
  const Slot& slot(Handle place) const { return blocks_[place / kBlockSlots][place % kBlockSlots]; }

  std::vector<std::unique_ptr<Slot[]>> blocks_;
  std::vector<std::uint8_t> marks_;  // Live bit and generation of each place.
  Handle free_ = kNone;              // Head of the list of free places.
  std::size_t size_ = 0;
};

}  // namespace greytick::memory

#endif  // GREYTICK_SIM_MEMORY_SLAB_H_
