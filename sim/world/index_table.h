// A hash table whose rows never move and whose memory can be asked for ahead of time. Rows lie in a
// slab; the table proper is 8 bytes a cell, so that growing it moves little.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/check.h"
#include "sim/engine/slab.h"

namespace greytick::world {

/// Hash maps a key to 64 well mixed bits. Nothing walks the table: there is no order to depend on.
/// Linear probing with deletion by moving back (Knuth, TAOCP 3, 6.4, algorithm R).
template <class Key, class Value, class Hash>
class IndexTable {
 public:
  [[nodiscard]] std::size_t size() const { return rows_.size(); }

  [[nodiscard]] Value* find(const Key& key) {
    return const_cast<Value*>(std::as_const(*this).find(key));
  }
  [[nodiscard]] const Value* find(const Key& key) const {
    if (cells_.empty()) return nullptr;
    const std::uint32_t tag = tag_of(key);
    for (std::size_t at = tag & mask();; at = (at + 1) & mask()) {
      const Cell& cell = cells_[at];
      if (cell.row == kFree) return nullptr;
      if (cell.tag == tag && rows_[cell.row].key == key) return &rows_[cell.row].value;
    }
  }

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
      CHECK(cells_[hole].row != kFree);
      if (cells_[hole].tag == tag && rows_[cells_[hole].row].key == key) break;
    }
    rows_.erase(cells_[hole].row);
    for (std::size_t at = (hole + 1) & mask(); cells_[at].row != kFree; at = (at + 1) & mask()) {
      // A cell may move back to the hole unless its home lies between the two.
      const std::size_t home = cells_[at].tag & mask();
      if (((at - home) & mask()) >= ((at - hole) & mask())) {
        cells_[hole] = cells_[at];
        hole = at;
      }
    }
    cells_[hole].row = kFree;
  }

  /// Asks for the cell of the key, so that prefetch_row() finds it in the cache some time later.
  void prefetch_cell(const Key& key) const {
    if (!cells_.empty()) __builtin_prefetch(&cells_[tag_of(key) & mask()]);
  }
  /// Asks for the row of the key, where its cell says at once which it is.
  void prefetch_row(const Key& key) const {
    if (cells_.empty()) return;
    const std::uint32_t tag = tag_of(key);
    std::size_t at = tag & mask();
    for (int probes = 0; probes < 4; ++probes, at = (at + 1) & mask()) {
      if (cells_[at].row == kFree) return;
      if (cells_[at].tag != tag) continue;
      const auto* row = reinterpret_cast<const char*>(&rows_[cells_[at].row]);
      for (std::size_t line = 0; line < sizeof(Row); line += 64) __builtin_prefetch(row + line);
      return;
    }
  }

 private:
  struct Row {
    Key key;
    Value value;
  };
  static constexpr std::uint32_t kFree = engine::Slab<Row>::kNone;
  struct Cell {
    std::uint32_t tag = 0;
    std::uint32_t row = kFree;
  };

  static std::uint32_t tag_of(const Key& key) { return static_cast<std::uint32_t>(Hash{}(key)); }
  [[nodiscard]] std::size_t mask() const { return cells_.size() - 1; }
  void place(Cell cell) {
    std::size_t at = cell.tag & mask();
    while (cells_[at].row != kFree) at = (at + 1) & mask();
    cells_[at] = cell;
  }
  void grow() {
    const std::vector<Cell> old =
        std::exchange(cells_, std::vector<Cell>(cells_.empty() ? 16 : 2 * cells_.size()));
    for (const Cell& cell : old) {
      if (cell.row != kFree) place(cell);
    }
  }

  engine::Slab<Row> rows_;
  std::vector<Cell> cells_;  // a power of two, at most three quarters in use
};

}  // namespace greytick::world
