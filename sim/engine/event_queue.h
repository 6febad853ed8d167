#ifndef GREYTICK_SIM_ENGINE_EVENT_QUEUE_H_
#define GREYTICK_SIM_ENGINE_EVENT_QUEUE_H_

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/engine/event.h"
#include "sim/memory/slab.h"

namespace greytick::engine {

/// The pending events, handed out in the total order of event.h. Any Instant may be pushed at any
/// time, also one before the event popped last: keeping causality is the caller's CHECK, not this
/// one's. top and pop CHECK that the queue is not empty; top may reorganise and so is not const.
template <typename Q>
concept EventQueue = requires(Q queue, const Q& view, const Event& event) {
  { queue.push(event) } -> std::same_as<void>;
  { queue.top() } -> std::same_as<const Event&>;
  { queue.pop() } -> std::same_as<Event>;
  { view.empty() } -> std::same_as<bool>;
  { view.size() } -> std::same_as<std::size_t>;
};

/// The reference: a 4-ary heap, O(log n) a call. Four children share two cache lines, so that it
/// is half as deep as a binary heap at the same misses a level.
class HeapQueue {
 public:
  void push(const Event& event);
  const Event& top() const;
  Event pop();
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }

 private:
  // Invariant: heap_[i] does not come before heap_[(i - 1) / 4].
  std::vector<Event> heap_;
};

/// The fast one: a timing wheel of four levels, O(1) a call, exactly the order of HeapQueue.
///
/// Time is cut into ticks of 2^tick_log2 ns. The first wheel holds the next 4096 ticks, one
/// unsorted bucket each; a bucket of the second wheel covers 4096 ticks, and so on, so that a timer
/// 30 days away is moved twice in its life. The bucket whose turn has come is sorted once; what is
/// pushed into its tick, or before it, goes to a small heap and is merged on pop. Buckets are lists
/// of chunks from a common pool: no allocation a call in the steady state, memory for the peak of
/// pending events. Source: Varghese and Lauck, "Hashed and hierarchical timing wheels", SOSP 1987;
/// the sorted current bucket is that of a calendar queue, Brown, CACM 31(10), 1988.
class BucketQueue {
 public:
  /// 2^18 ns = 262 us: some 500 events a bucket at 2 M events/s, and shorter than a network hop, so
  /// that most of what an event schedules misses the current bucket.
  static constexpr int kDefaultTickLog2 = 18;

  /// tick_log2: in [16, 40], CHECKed.
  explicit BucketQueue(int tick_log2 = kDefaultTickLog2);

  void push(const Event& event);
  const Event& top();
  Event pop();
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  /// The events of the current bucket in order, those that are over included, and how many are. A
  /// hint at what memory will be wanted soon, never part of the order: what was pushed since the
  /// bucket became current is not in it.
  struct Current {
    std::span<const Event> events;
    std::size_t over;
    std::uint64_t tick;  // of the bucket
  };
  Current current() const { return {current_, next_, now_tick_}; }

  /// Bytes held by the pool of chunks and the current bucket, for reports of memory.
  std::size_t bytes() const;

 private:
  static constexpr int kLevels = 4;
  static constexpr int kSlotBits = 12;
  static constexpr std::uint32_t kSlots = 1U << kSlotBits;
  static constexpr std::uint32_t kChunkEvents = 31;

  struct Chunk {
    // Written out, since value initialisation by an implicit constructor would zero the events
    // first.
    Chunk() {}
    std::array<Event, kChunkEvents> events;
    std::uint32_t next = 0;
    // Rounds the chunk up to 1 KiB, so that no event straddles two cache lines.
    std::array<std::uint32_t, 7> padding;
  };
  static_assert(sizeof(Chunk) == 1024);
  using ChunkHandle = memory::Slab<Chunk>::Handle;
  static constexpr ChunkHandle kNoChunk = memory::Slab<Chunk>::kNone;

  // The newest chunk and how many events are in it; older ones are full. The count lies here and
  // not in the chunk, so that filing an event reads no memory of long ago.
  struct Bucket {
    ChunkHandle newest = kNoChunk;
    std::uint32_t count = 0;
  };
  // One wheel of buckets, and which of them are not empty.
  struct Wheel {
    std::vector<Bucket> buckets;
    std::array<std::uint64_t, kSlots / 64> filled{};
    std::uint64_t filled_words = 0;  // Bit w: filled[w] != 0.

    /// The first filled bucket at or after `from`, or kSlots.
    std::uint32_t next_filled(std::uint32_t from) const;
  };

  std::uint64_t tick_of(const Event& event) const;
  static std::uint32_t slot_of(std::uint64_t tick, int level) {
    return static_cast<std::uint32_t>(tick >> (level * kSlotBits)) & (kSlots - 1);
  }
  void file(const Event& event, std::uint64_t tick);
  static Bucket take_bucket(Wheel& wheel, std::uint32_t slot);
  template <typename F>
  void drain(Bucket bucket, F&& visit);
  void advance();
  void sort_current();
  void refill();
  bool early_first() const;

  // Invariants:
  //   an event is in current_[next_..), in early_, or in exactly one bucket
  //   events in buckets have tick > now_tick_; those in current_ and early_ have tick <= now_tick_
  //   an event of tick t lies at the level of the highest slot digit in which t and now_tick_
  //   differ
  int tick_log2_;
  std::uint64_t now_tick_ = 0;
  std::size_t size_ = 0;
  std::array<Wheel, kLevels> wheels_;
  memory::Slab<Chunk> chunks_;
  std::vector<Event> current_;
  std::size_t next_ = 0;
  HeapQueue early_;
  std::vector<Event> unsorted_;            // Scratch of sort_current.
  std::vector<std::uint32_t> bin_starts_;  // Scratch of sort_current.
};

static_assert(EventQueue<HeapQueue>);
static_assert(EventQueue<BucketQueue>);

}  // namespace greytick::engine

#endif  // GREYTICK_SIM_ENGINE_EVENT_QUEUE_H_
