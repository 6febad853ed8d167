// The messages of one conversation that are still on their way: a ring in the order of the log,
// from a pool, so that a message that comes and goes allocates nothing.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "model/check.h"
#include "model/frame.h"

namespace greytick::oracle {

/// What became of one message at one recipient.
struct Receipt {
  std::uint16_t party = 0;  // of the conversation
  model::Cause cause = model::Cause::kNone;
  bool applied : 1 = false;
  bool displayed : 1 = false;
  bool was_unconfirmed : 1 = false;    // settled so once, whatever came later
  bool failure_shown : 1 = false;      // its sender shows FAILED
  bool shown_unconfirmed : 1 = false;  // and with that word
};

/// A committed message. Complete when its sender has its answer, every recipient has applied it or
/// will certainly not, and the sender has seen which.
struct Entry {
  std::int64_t committed_at = 0;   // ns
  std::uint32_t cseq = 0;          // of a change of membership: which (change_of)
  std::uint16_t sender = kNobody;  // party; nobody: a hole in the log; kLog: a change of membership
  bool answered = false;
  boost::container::small_vector<Receipt, 2> receipts;

  static constexpr std::uint16_t kNobody = 0xffff, kLog = 0xfffe;
  Receipt* receipt_of(std::uint16_t party) {
    for (Receipt& r : receipts) {
      if (r.party == party) return &r;
    }
    return nullptr;
  }
};

/// Blocks of 1, 2, 4, ... entries.
class EntryPool {
 public:
  Entry* take(unsigned log2_size) {
    auto& free = free_[log2_size];
    if (free.empty()) carve(log2_size);
    Entry* block = free.back();
    free.pop_back();
    return block;
  }
  void give(Entry* block, unsigned log2_size) { free_[log2_size].push_back(block); }

 private:
  static constexpr unsigned kPage = 8;  // log2 of the entries made at a time

  void carve(unsigned log2_size) {
    const unsigned log2_page = log2_size < kPage ? kPage : log2_size;
    pages_.push_back(std::make_unique<Entry[]>(std::size_t{1} << log2_page));
    for (std::size_t i = 0; i < (std::size_t{1} << (log2_page - log2_size)); ++i) {
      free_[log2_size].push_back(pages_.back().get() + (i << log2_size));
    }
  }

  std::vector<std::unique_ptr<Entry[]>> pages_;
  std::array<std::vector<Entry*>, 32> free_;
};

/// Invariants: entries exist for positions base+1 .. head and stand at slot position mod capacity;
/// an empty window holds no block.
class Window {
 public:
  [[nodiscard]] std::uint32_t base() const { return base_; }  // all up to here are complete
  [[nodiscard]] std::uint32_t head() const { return head_; }  // last committed
  [[nodiscard]] bool empty() const { return base_ == head_; }

  Entry& at(std::uint32_t position) {
    CHECK(position > base_);
    CHECK(position <= head_);
    return slots_[position & ((1U << log2_size_) - 1)];
  }

  /// The entry of position head+1, blank.
  Entry& push(EntryPool& pool) {
    if (slots_ == nullptr) {
      log2_size_ = 0;
      slots_ = pool.take(0);
    } else if (head_ - base_ == 1U << log2_size_) {
      grow(pool);
    }
    ++head_;
    return at(head_);
  }

  void pop(EntryPool& pool) {
    at(base_ + 1) = Entry{};
    ++base_;
    if (empty()) {
      pool.give(slots_, log2_size_);
      slots_ = nullptr;
    }
  }

 private:
  void grow(EntryPool& pool) {
    Entry* wider = pool.take(log2_size_ + 1);
    for (std::uint32_t k = base_ + 1; k <= head_; ++k) {
      wider[k & ((2U << log2_size_) - 1)] = std::move(at(k));
      at(k) = Entry{};
    }
    pool.give(slots_, log2_size_);
    slots_ = wider;
    ++log2_size_;
  }

  Entry* slots_ = nullptr;
  std::uint32_t base_ = 0, head_ = 0;
  unsigned log2_size_ = 0;
};

}  // namespace greytick::oracle
