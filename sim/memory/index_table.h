// A hash table whose rows never move and whose memory can be asked for ahead of time. Rows lie in a
// slab; the table proper is 8 bytes a cell, so that growing it moves little.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/check.h"
#include "sim/memory/prefetch.h"
#include "sim/memory/slab.h"

namespace greytick::memory {

/// Hash maps a key to 64 well mixed bits.
/// Linear probing with deletion by moving back (Knuth, TAOCP 3, 6.4, algorithm R).
template <class Key, class Value, class Hash>
class IndexTable {
 public:
  [[nodiscard]] std::size_t size() const { return rows_.size(); }

  [[nodiscard]] Value* find(const Key& key) {
    return const_cast<Value*>(std::as_const(*this).find(key));
  }
  [[nodiscard]] const Value* find(const Key& key) const {
    const std::uint32_t row = row_of(key);
    return row == kNone ? nullptr : &rows_[row].value;
  }

  /// Names a row for as long as it is there. Without erasures, rows are numbered 0, 1, 2, ... as
  /// they were inserted.
  static constexpr std::uint32_t kNone = Slab<int>::kNone;
  [[nodiscard]] std::uint32_t row_of(const Key& key) const {
    if (cells_.empty()) return kNone;
    const std::uint32_t tag = tag_of(key);
    for (std::size_t at = tag & mask();; at = (at + 1) & mask()) {
      const Cell& cell = cells_[at];
      if (cell.row == kNone || (cell.tag == tag && rows_[cell.row].key == key)) return cell.row;
    }
  }
  [[nodiscard]] Value& operator[](std::uint32_t row) { return rows_[row].value; }
  [[nodiscard]] const Value& operator[](std::uint32_t row) const { return rows_[row].value; }

  /// CHECKs that the key is new.
  Value& insert(const Key& key, Value&& value) {
    if (4 * (size() + 1) > 3 * cells_.size()) grow();
    const std::uint32_t row = rows_.emplace(Row{key, std::move(value)});
    place({tag_of(key), row});
    return rows_[row].value;
  }

  /// CHECKs that the key is there.
  void erase(const Key& key) {
    CHECK(!cells_.empty());
    const std::uint32_t tag = tag_of(key);
    std::size_t hole = tag & mask();
    for (;; hole = (hole + 1) & mask()) {
      CHECK(cells_[hole].row != kNone);
      if (cells_[hole].tag == tag && rows_[cells_[hole].row].key == key) break;
    }
    rows_.erase(cells_[hole].row);
    for (std::size_t at = (hole + 1) & mask(); cells_[at].row != kNone; at = (at + 1) & mask()) {
      // A cell may move back to the hole unless its home lies between the two.
      const std::size_t home = cells_[at].tag & mask();
      if (((at - home) & mask()) >= ((at - hole) & mask())) {
        cells_[hole] = cells_[at];
        hole = at;
      }
    }
    cells_[hole].row = kNone;
  }

  /// Calls visit(key, value) for all, in an order that depends on what was erased when.
  template <class F>
  void each(F&& visit) const {
    rows_.for_each([&](std::uint32_t, const Row& row) { visit(row.key, row.value); });
  }

  /// Asks for the cell of the key, so that prefetch_row() finds it in the cache some time later.
  void prefetch_cell(const Key& key) const {
    if (!cells_.empty()) memory::prefetch(&cells_[tag_of(key) & mask()], sizeof(Cell));
  }
  /// Asks for the row of the key, where its cell says at once which it is.
  void prefetch_row(const Key& key) const {
    if (cells_.empty()) return;
    const std::uint32_t tag = tag_of(key);
    std::size_t at = tag & mask();
    for (int probes = 0; probes < 4; ++probes, at = (at + 1) & mask()) {
      if (cells_[at].row == kNone) return;
      if (cells_[at].tag != tag) continue;
      memory::prefetch(&rows_[cells_[at].row], sizeof(Row));
      return;
    }
  }

 private:
  struct Row {
    Key key;
    Value value;
  };
  struct Cell {
    std::uint32_t tag = 0;
    std::uint32_t row = kNone;
  };

  static std::uint32_t tag_of(const Key& key) { return static_cast<std::uint32_t>(Hash{}(key)); }
  [[nodiscard]] std::size_t mask() const { return cells_.size() - 1; }
  void place(Cell cell) {
    std::size_t at = cell.tag & mask();
    while (cells_[at].row != kNone) at = (at + 1) & mask();
    cells_[at] = cell;
  }
  void grow() {
    const std::vector<Cell> old =
        std::exchange(cells_, std::vector<Cell>(cells_.empty() ? 16 : 2 * cells_.size()));
    for (const Cell& cell : old) {
      if (cell.row != kNone) place(cell);
    }
  }

  Slab<Row> rows_;
  std::vector<Cell> cells_;  // a power of two, at most three quarters in use
};

}  // namespace greytick::memory
