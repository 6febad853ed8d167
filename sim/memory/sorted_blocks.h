// Rows in ascending order of a key, in blocks that lie side by side: to find one takes a search of
// the blocks' first keys, which stay in the cache, and one of a block. A B+ tree of two levels.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "model/check.h"

namespace greytick::memory {

/// Key: ordered by <. Pointers to values hold until the next insert or erase. O(log n + kBlock + n
/// / kBlock) each.
template <class Key, class Value>
class SortedBlocks {
 public:
  struct Row {
    Key key;
    Value value;
  };
  static constexpr std::size_t kBlock = 128;  // rows of a block, at most

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const Value* find(const Key& key) const {
    if (blocks_.empty()) return nullptr;
    const Block& block = blocks_[block_of(key)];
    const auto row = place(block, key);
    return row == block.end() || row->key != key ? nullptr : &row->value;
  }
  [[nodiscard]] Value* find(const Key& key) {
    return const_cast<Value*>(std::as_const(*this).find(key));
  }

  /// CHECKs that the key is new.
  void insert(const Key& key, Value&& value) {
    if (blocks_.empty()) add_block(0, {}, key);
    std::size_t b = block_of(key);
    if (blocks_[b].size() == kBlock) {
      split(b);
      b = block_of(key);
    }
    Block& block = blocks_[b];
    const auto at = place(block, key);
    CHECK(at == block.end() || at->key != key);
    block.insert(at, Row{key, std::move(value)});
    firsts_[b] = block.front().key;
    ++size_;
  }
  /// CHECKs that the key is there.
  void erase(const Key& key) {
    CHECK(!blocks_.empty());
    const std::size_t b = block_of(key);
    Block& block = blocks_[b];
    const auto at = place(block, key);
    CHECK(at != block.end() && at->key == key);
    block.erase(at);
    --size_;
    if (block.empty()) {
      remove_block(b);
      return;
    }
    firsts_[b] = block.front().key;
    // Two neighbours that have become small are one again: blocks stay a quarter full on average.
    const std::size_t left = b > 0 ? b - 1 : b;
    if (left + 1 < blocks_.size() &&
        blocks_[left].size() + blocks_[left + 1].size() <= kBlock / 2) {
      std::ranges::move(blocks_[left + 1], std::back_inserter(blocks_[left]));
      remove_block(left + 1);
    }
  }

  /// Calls visit(key, value) in ascending order from the first key >= `from`, until it is false.
  template <class F>
  void each_from(const Key& from, F&& visit) const {
    if (blocks_.empty()) return;
    std::size_t b = block_of(from);
    auto row = place(blocks_[b], from);
    for (;;) {
      if (row == blocks_[b].end()) {
        if (++b == blocks_.size()) return;
        row = blocks_[b].begin();
      }
      if (!visit(row->key, row->value)) return;
      ++row;
    }
  }

 private:
  using Block = std::vector<Row>;

  static auto place(const Block& block, const Key& key) {
    return std::ranges::lower_bound(block, key, {}, &Row::key);
  }
  // The only block in which the key can be: the last that does not begin after it, else the first.
  [[nodiscard]] std::size_t block_of(const Key& key) const {
    const auto after = std::ranges::upper_bound(firsts_, key);
    return after == firsts_.begin() ? 0 : static_cast<std::size_t>(after - firsts_.begin()) - 1;
  }
  void add_block(std::size_t b, Block&& block, const Key& first) {
    firsts_.insert(firsts_.begin() + static_cast<std::ptrdiff_t>(b), first);
    block.reserve(kBlock);
    blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(b), std::move(block));
  }
  void remove_block(std::size_t b) {
    firsts_.erase(firsts_.begin() + static_cast<std::ptrdiff_t>(b));
    blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(b));
  }
  void split(std::size_t b) {
    Block& full = blocks_[b];
    const auto half = full.begin() + kBlock / 2;
    Block upper(std::make_move_iterator(half), std::make_move_iterator(full.end()));
    full.erase(half, full.end());
    const Key first = upper.front().key;
    add_block(b + 1, std::move(upper), first);
  }

  // Invariant: firsts_[b] is the first key of blocks_[b]; no block is empty; keys ascend.
  std::vector<Key> firsts_;
  std::vector<Block> blocks_;
  std::size_t size_ = 0;
};

}  // namespace greytick::memory
