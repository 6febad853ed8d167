// What a machine has written and the disk does not have yet. Transactions are gathered in batches;
// a batch takes more until it closes, and is durable some time later. Whatever the machine wanted
// to send or tell after a transaction waits with its batch. A crash loses all that is pending, and
// nothing else.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "model/machine.h"
#include "model/time.h"
#include "sim/world/store.h"

namespace greytick::world {

struct Batch {
  model::Instant opened{}, closes{}, durable{};
  Undo undo;
  std::vector<model::Output> held;  // sends and notes, in their order
  Batch* next = nullptr;
};

/// Batches in use and to be used again, so that a commit allocates nothing.
class BatchPool {
 public:
  Batch* take() {
    if (free_.empty()) {
      all_.push_back(std::make_unique<Batch>());
      return all_.back().get();
    }
    Batch* batch = free_.back();
    free_.pop_back();
    return batch;
  }
  void give(Batch* batch) {
    batch->undo.clear();
    batch->held.clear();
    batch->next = nullptr;
    free_.push_back(batch);
  }
  /// Batches that are not durable, of all machines together.
  [[nodiscard]] std::size_t in_use() const { return all_.size() - free_.size(); }

 private:
  std::vector<std::unique_ptr<Batch>> all_;
  std::vector<Batch*> free_;
};

/// The batches of one machine, oldest first; they become durable in that order.
/// Invariant: a batch closes no earlier than the one before it is durable.
class Pending {
 public:
  [[nodiscard]] bool empty() const { return first_ == nullptr; }
  [[nodiscard]] Batch* front() const { return first_; }
  [[nodiscard]] Batch* back() const { return last_; }
  /// The batch that a transaction at `now` joins, or nullptr: then the caller makes one.
  [[nodiscard]] Batch* open_at(model::Instant now) const {
    return last_ != nullptr && now < last_->closes ? last_ : nullptr;
  }
  void push(Batch* batch) {
    (last_ == nullptr ? first_ : last_->next) = batch;
    last_ = batch;
  }
  Batch* pop() {
    Batch* batch = first_;
    first_ = batch->next;
    if (first_ == nullptr) last_ = nullptr;
    return batch;
  }
  /// Takes what is not durable back in a copy of the disk.
  void lose_in(DiskCopy& copy) const {
    boost::container::small_vector<const Batch*, 8> batches;
    for (const Batch* b = first_; b != nullptr; b = b->next) batches.push_back(b);
    for (auto it = batches.rbegin(); it != batches.rend(); ++it) {
      const Undo& undo = (*it)->undo;
      for (auto write = undo.rbegin(); write != undo.rend(); ++write) {
        if (write->record) {
          copy.insert_or_assign(write->key, *write->record);
        } else {
          copy.erase(write->key);
        }
      }
    }
  }
  /// Loses everything: takes the writes back, newest first, and drops what was held.
  void lose(Store& store, BatchPool& pool) {
    boost::container::small_vector<Batch*, 8> batches;
    while (!empty()) batches.push_back(pop());
    for (auto it = batches.rbegin(); it != batches.rend(); ++it) {
      store.rollback((*it)->undo);
      pool.give(*it);
    }
  }

 private:
  Batch* first_ = nullptr;
  Batch* last_ = nullptr;
};

/// When a batch opened at `now` closes: at the next multiple of `every` (at once when zero), but
/// not before the batch ahead of it is durable.
[[nodiscard]] inline model::Instant closing_time(const Pending& pending, model::Instant now,
                                                 model::Duration every) {
  model::Instant at = now;
  if (every > model::Duration{}) {
    at = model::Instant{(now.time_since_epoch() / every + 1) * every};
  }
  return pending.empty() ? at : std::max(at, pending.back()->durable);
}

}  // namespace greytick::world
