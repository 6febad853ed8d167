#include "sim/engine/event_queue.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace greytick::engine {

void HeapQueue::push(const Event& event) {
  std::size_t hole = heap_.size();
  heap_.push_back(event);
  while (hole > 0) {
    const std::size_t parent = (hole - 1) / 4;
    if (!(event < heap_[parent])) {
      break;
    }
    heap_[hole] = heap_[parent];
    hole = parent;
  }
  heap_[hole] = event;
}

const Event& HeapQueue::top() const {
  CHECK(!heap_.empty());
  return heap_.front();
}

Event HeapQueue::pop() {
  CHECK(!heap_.empty());
  const Event first = heap_.front();
  const Event moved = heap_.back();
  heap_.pop_back();
  const std::size_t count = heap_.size();
  if (count == 0) {
    return first;
  }
  std::size_t hole = 0;
  for (std::size_t child = 1; child < count; child = 4 * hole + 1) {
    std::size_t least = child;
    for (std::size_t other = child + 1; other < std::min(child + 4, count); ++other) {
      least = heap_[other] < heap_[least] ? other : least;
    }
    if (!(heap_[least] < moved)) {
      break;
    }
    heap_[hole] = heap_[least];
    hole = least;
  }
  heap_[hole] = moved;
  return first;
}

std::uint32_t BucketQueue::Wheel::next_filled(std::uint32_t from) const {
  if (from >= kSlots) {
    return kSlots;
  }
  const std::uint32_t word = from / 64;
  const std::uint64_t here = filled[word] & (~std::uint64_t{0} << (from % 64));
  if (here != 0) {
    return word * 64 + static_cast<std::uint32_t>(std::countr_zero(here));
  }
  // Two shifts, since a shift by 64 is undefined.
  const std::uint64_t later = filled_words & (~std::uint64_t{0} << word << 1);
  if (later == 0) {
    return kSlots;
  }
  const auto found = static_cast<std::uint32_t>(std::countr_zero(later));
  return found * 64 + static_cast<std::uint32_t>(std::countr_zero(filled[found]));
}

BucketQueue::BucketQueue(int tick_log2) : tick_log2_(tick_log2) {
  static_assert(kSlots / 64 == 64, "one word of filled_words covers a wheel");
  CHECK(tick_log2 >= 64 - kLevels * kSlotBits);
  CHECK(tick_log2 <= 40);
  for (Wheel& wheel : wheels_) {
    wheel.buckets.assign(kSlots, Bucket{});
  }
}

std::uint64_t BucketQueue::tick_of(const Event& event) const {
  // Flipping the sign bit maps signed order to unsigned order, so that every Instant has a tick.
  const auto ns = static_cast<std::uint64_t>(model::to_ns(event.at()));
  return (ns ^ (std::uint64_t{1} << 63)) >> tick_log2_;
}

void BucketQueue::push(const Event& event) {
  const std::uint64_t tick = tick_of(event);
  ++size_;
  if (tick <= now_tick_) {
    early_.push(event);
  } else {
    file(event, tick);
  }
}

void BucketQueue::file(const Event& event, std::uint64_t tick) {
  const int level = (static_cast<int>(std::bit_width(tick ^ now_tick_)) - 1) / kSlotBits;
  const std::uint32_t slot = slot_of(tick, level);
  Wheel& wheel = wheels_[static_cast<std::size_t>(level)];
  Bucket& bucket = wheel.buckets[slot];
  if (bucket.newest == kNoChunk) {
    wheel.filled[slot / 64] |= std::uint64_t{1} << (slot % 64);
    wheel.filled_words |= std::uint64_t{1} << (slot / 64);
  }
  if (bucket.newest == kNoChunk || bucket.count == kChunkEvents) {
    const ChunkHandle fresh = chunks_.emplace();
    chunks_[fresh].next = bucket.newest;
    bucket = {.newest = fresh, .count = 0};
  }
  chunks_[bucket.newest].events[bucket.count++] = event;
}

BucketQueue::Bucket BucketQueue::take_bucket(Wheel& wheel, std::uint32_t slot) {
  std::uint64_t& word = wheel.filled[slot / 64];
  word &= ~(std::uint64_t{1} << (slot % 64));
  if (word == 0) {
    wheel.filled_words &= ~(std::uint64_t{1} << (slot / 64));
  }
  return std::exchange(wheel.buckets[slot], Bucket{});
}

// Calls visit for each event of the bucket and gives its chunks back to the pool, each before the
// next is read, so that what visit files can use them at once.
template <typename F>
void BucketQueue::drain(Bucket bucket, F&& visit) {
  while (bucket.newest != kNoChunk) {
    const Chunk& chunk = chunks_[bucket.newest];
    for (std::uint32_t i = 0; i < bucket.count; ++i) {
      visit(chunk.events[i]);
    }
    const ChunkHandle older = chunk.next;
    chunks_.erase(bucket.newest);
    bucket = {.newest = older, .count = kChunkEvents};
  }
}

// Makes the next filled bucket of the first wheel current. When a bucket of a higher wheel comes
// first, it is spread over the lower ones, which are empty then, and the search starts again below.
// Its first tick is the new now_tick_ itself, so events of that tick are current at once.
void BucketQueue::advance() {
  current_.clear();
  next_ = 0;
  int level = 0;
  while (current_.empty()) {
    CHECK_MSG(level < kLevels, "an event was counted, but lies in no bucket");
    Wheel& wheel = wheels_[static_cast<std::size_t>(level)];
    const std::uint32_t slot = wheel.next_filled(slot_of(now_tick_, level) + 1);
    if (slot == kSlots) {
      ++level;
      continue;
    }
    const int shift = level * kSlotBits;
    now_tick_ = ((now_tick_ >> shift >> kSlotBits << kSlotBits) | slot) << shift;
    drain(take_bucket(wheel, slot), [this](const Event& event) {
      const std::uint64_t tick = tick_of(event);
      if (tick == now_tick_) {
        current_.push_back(event);
      } else {
        file(event, tick);
      }
    });
    level = 0;
  }
}

// One counting pass spreads the bucket over about one bin an event by time within the tick; what is
// left in a bin is sorted by comparison. Ties in time, however many, stay O(n log n).
void BucketQueue::sort_current() {
  constexpr std::size_t kFewEvents = 24;
  constexpr int kBinBitsMax = 12;
  const std::size_t count = current_.size();
  if (count <= kFewEvents) {
    std::sort(current_.begin(), current_.end());
    return;
  }
  const int bin_bits = std::min(static_cast<int>(std::bit_width(count)), kBinBitsMax);
  const int shift = tick_log2_ - bin_bits;
  const std::uint64_t mask = (std::uint64_t{1} << bin_bits) - 1;
  const auto bin_of = [&](const Event& event) {
    return static_cast<std::size_t>(
        (static_cast<std::uint64_t>(model::to_ns(event.at())) >> shift) & mask);
  };
  bin_starts_.assign(mask + 2, 0);
  for (const Event& event : current_) {
    ++bin_starts_[bin_of(event) + 1];
  }
  for (std::size_t bin = 1; bin <= mask + 1; ++bin) {
    bin_starts_[bin] += bin_starts_[bin - 1];
  }
  unsorted_.swap(current_);
  current_.resize(count);
  for (const Event& event : unsorted_) {
    current_[bin_starts_[bin_of(event)]++] = event;
  }
  // bin_starts_[bin] is now where the bin ends.
  std::size_t start = 0;
  for (std::size_t bin = 0; bin <= mask; ++bin) {
    const std::size_t end = bin_starts_[bin];
    if (end - start > 1) {
      std::sort(current_.begin() + static_cast<std::ptrdiff_t>(start),
                current_.begin() + static_cast<std::ptrdiff_t>(end));
    }
    start = end;
  }
}

void BucketQueue::refill() {
  CHECK(size_ > 0);
  if (next_ == current_.size() && early_.empty()) {
    advance();
    sort_current();
  }
}

bool BucketQueue::early_first() const {
  if (early_.empty()) {
    return false;
  }
  return next_ == current_.size() || early_.top() < current_[next_];
}

const Event& BucketQueue::top() {
  refill();
  return early_first() ? early_.top() : current_[next_];
}

Event BucketQueue::pop() {
  refill();
  --size_;
  return early_first() ? early_.pop() : current_[next_++];
}

std::size_t BucketQueue::bytes() const {
  return chunks_.places() * sizeof(Chunk) +
         (current_.capacity() + unsorted_.capacity()) * sizeof(Event) +
         bin_starts_.capacity() * sizeof(std::uint32_t);
}

}  // namespace greytick::engine
