// A transactional key-value store in memory. Writes are visible at once and can be taken back,
// newest first, until they are synced: that is all a crash does. The shards of one process group
// share nothing; each shard has a store of its own.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "model/machine.h"
#include "sim/engine/fingerprint.h"
#include "sim/memory/index_table.h"
#include "sim/memory/prefetch.h"
#include "sim/memory/sorted_blocks.h"

namespace greytick::world {

/// What a transaction replaced, in the order of its writes.
using Undo = std::vector<model::Write>;
/// The records of one phone.
using DiskCopy = std::map<model::Key, model::Record>;

class Store {
 public:
  /// Loads what a machine will read. Pointers stay good until the next write.
  void load(const model::ReadSet& wanted, model::View& view) const;

  /// Applies one transaction; what it replaced is appended to `undo`. Moves the records out of
  /// `writes`.
  void apply(std::span<model::Write> writes, Undo& undo);
  /// Takes back what `undo` holds, newest first, and empties it.
  void rollback(Undo& undo);
  /// The same write without a way back: for what exists before the run.
  void provision(const model::Key& key, const model::Record& record);

  template <class R>
  [[nodiscard]] const R* get(const model::Key& key) const {
    return std::get<TableOf<R>>(tables_).find({key.entity, key.sub});
  }
  /// Asks for the memory of a row, in steps some time apart, so that get() will not wait.
  template <class R>
  void prefetch_cell(const model::Key& key) const {
    std::get<TableOf<R>>(tables_).prefetch_cell({key.entity, key.sub});
  }
  template <class R>
  void prefetch_row(const model::Key& key) const {
    std::get<TableOf<R>>(tables_).prefetch_row({key.entity, key.sub});
  }
  /// The third step, where the rows of an entity lie in a list of their own.
  template <class R>
  void prefetch_list(const model::Key& key) const {
    if constexpr (kGrouped<R>) {
      if (const auto* rows = std::get<Grouped<R>>(tables_).group(key.entity)) {
        memory::prefetch(rows->data(), rows->size() * sizeof(*rows->data()));
      }
    }
  }
  /// Calls visit(sub, record) for each row of the entity, ascending; R's table is a grouped one.
  template <class R, class F>
  void each_of(std::uint64_t entity, F&& visit) const {
    if (const auto* rows = std::get<Grouped<R>>(tables_).group(entity)) {
      for (const auto& row : *rows) visit(row.sub, row.record);
    }
  }
  [[nodiscard]] DiskCopy copy_device(model::DeviceId device) const;
  /// Erases the tables of a phone; there is nothing to undo: the disk is gone.
  void forget_device(model::DeviceId device);

  /// Size of all records by a fixed size a table, dead letters included.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t rows() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t rows : rows_) sum += rows;
    return sum;
  }
  [[nodiscard]] std::uint64_t rows(model::Table table) const {
    return rows_[static_cast<std::size_t>(table)];
  }
  /// What one row of the table counts for in bytes().
  [[nodiscard]] static std::uint64_t row_bytes(model::Table table);

 private:
  struct Slot {
    std::uint64_t entity = 0, sub = 0;
    friend constexpr auto operator<=>(const Slot&, const Slot&) = default;
  };
  struct SlotHash {
    std::uint64_t operator()(const Slot& s) const noexcept {
      return engine::mix64(s.entity * 0x9E3779B97F4A7C15ULL + s.sub);
    }
  };
  struct EntityHash {
    std::uint64_t operator()(std::uint64_t entity) const noexcept {
      return engine::mix64(entity + 0x9E3779B97F4A7C15ULL);
    }
  };
  // Rows found by key; a range walks successive subs, so it suits tables that have no holes.
  template <class R>
  struct Hashed {
    memory::IndexTable<Slot, R, SlotHash> rows;
    R* find(const Slot& s) { return rows.find(s); }
    const R* find(const Slot& s) const { return rows.find(s); }
    void insert(const Slot& s, R&& record) { rows.insert(s, std::move(record)); }
    void erase(const Slot& s) { rows.erase(s); }
    void prefetch_cell(const Slot& s) const { rows.prefetch_cell(s); }
    void prefetch_row(const Slot& s) const { rows.prefetch_row(s); }
    void scan(const model::Range& range, model::View& view) const {
      std::uint32_t left = range.limit;
      for (std::uint64_t sub = range.first; sub <= range.last && left > 0; ++sub, --left) {
        if (const R* row = find({range.entity, sub}); row != nullptr) view.add_row(sub, row);
      }
    }
  };
  // The rows of an entity side by side, ascending: for ranges with holes, of few rows each.
  template <class R>
  struct Grouped {
    struct Row {
      std::uint64_t sub;
      R record;
    };
    static constexpr std::size_t kInline = std::is_same_v<R, model::Member>             ? 2
                                           : std::is_same_v<R, model::Thread>           ? 0
                                           : std::is_same_v<R, model::UserConversation> ? 4
                                                                                        : 1;
    using Group = boost::container::small_vector<Row, kInline>;
    memory::IndexTable<std::uint64_t, Group, EntityHash> groups;
    const Group* group(std::uint64_t entity) const { return groups.find(entity); }
    static auto place(const Group& group, std::uint64_t sub) {
      return std::ranges::lower_bound(group, sub, {}, &Row::sub);
    }
    const R* find(const Slot& s) const {
      const Group* rows = group(s.entity);
      if (rows == nullptr) return nullptr;
      const auto it = place(*rows, s.sub);
      return it == rows->end() || it->sub != s.sub ? nullptr : &it->record;
    }
    R* find(const Slot& s) { return const_cast<R*>(std::as_const(*this).find(s)); }
    void insert(const Slot& s, R&& record) {
      Group* rows = groups.find(s.entity);
      if (rows == nullptr) rows = &groups.insert(s.entity, Group{});
      rows->insert(place(*rows, s.sub), Row{s.sub, std::move(record)});
    }
    void erase(const Slot& s) {
      Group& rows = *groups.find(s.entity);
      rows.erase(place(rows, s.sub));
      if (rows.empty()) groups.erase(s.entity);
    }
    void prefetch_cell(const Slot& s) const { groups.prefetch_cell(s.entity); }
    void prefetch_row(const Slot& s) const { groups.prefetch_row(s.entity); }
    void scan(const model::Range& range, model::View& view) const {
      const Group* rows = group(range.entity);
      if (rows == nullptr) return;
      std::uint32_t left = range.limit;
      for (auto it = place(*rows, range.first);
           it != rows->end() && it->sub <= range.last && left > 0; ++it, --left) {
        view.add_row(it->sub, &it->record);
      }
    }
  };
  // Rows in order: for the one table whose rows all belong to one entity.
  template <class R>
  struct Ordered {
    memory::SortedBlocks<Slot, R> rows;
    R* find(const Slot& s) { return rows.find(s); }
    const R* find(const Slot& s) const { return rows.find(s); }
    void insert(const Slot& s, R&& record) { rows.insert(s, std::move(record)); }
    void erase(const Slot& s) { rows.erase(s); }
    void scan(const model::Range& range, model::View& view) const {
      std::uint32_t left = range.limit;
      if (left == 0) return;
      const Slot last{range.entity, range.last};
      rows.each_from({range.entity, range.first}, [&](const Slot& s, const R& record) {
        if (last < s) return false;
        view.add_row(s.sub, &record);
        return --left > 0;
      });
    }
  };
  template <class R>
  static constexpr bool kGrouped =
      std::is_same_v<R, model::Member> || std::is_same_v<R, model::TickSlot> ||
      std::is_same_v<R, model::UserConversation> || std::is_same_v<R, model::Thread> ||
      std::is_same_v<R, model::Outbox> || std::is_same_v<R, model::PendingRead> ||
      std::is_same_v<R, model::MemberTicks> || std::is_same_v<R, model::PendingChange> ||
      std::is_same_v<R, model::UserDevice> || std::is_same_v<R, model::GroupMessage> ||
      std::is_same_v<R, model::Roster>;
  template <class R>
  using TableOf = std::conditional_t<std::is_same_v<R, model::Due>, Ordered<R>,
                                     std::conditional_t<kGrouped<R>, Grouped<R>, Hashed<R>>>;
  template <class V>
  struct Tables;
  template <class... R>
  struct Tables<std::variant<R...>> {
    using type = std::tuple<TableOf<R>...>;
  };
  static constexpr std::size_t kTables = std::variant_size_v<model::Record>;

  void set(const model::Key& key, std::optional<model::Record>&& record,
           std::optional<model::Record>* replaced);

  Tables<model::Record>::type tables_;
  std::array<std::uint64_t, kTables> rows_{};
  std::uint64_t bytes_ = 0;
};

}  // namespace greytick::world
