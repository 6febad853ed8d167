// A transactional key-value store in memory. Writes are visible at once and can be taken back,
// newest first, until they are synced: that is all a crash does. The shards of one process group
// share nothing; each shard has a store of its own.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/machine.h"
#include "sim/engine/fingerprint.h"

namespace greytick::world {

/// What a transaction replaced, in the order of its writes.
using Undo = std::vector<model::Write>;

class Store {
 public:
  /// Loads what a machine will read.
  void load(const model::ReadSet& wanted, model::View& view) const;

  /// Applies one transaction; what it replaced is appended to `undo`.
  void apply(std::span<const model::Write> writes, Undo& undo);
  /// Takes back what `undo` holds, newest first, and empties it.
  void rollback(Undo& undo);
  /// The same write without a way back: for what exists before the run.
  void provision(const model::Key& key, const model::Record& record);

  template <class R>
  [[nodiscard]] const R* get(const model::Key& key) const {
    return std::get<TableOf<R>>(tables_).find({key.entity, key.sub});
  }
  /// Erases every row of `entity` in a device's tables; returns nothing to undo: the disk is gone.
  void forget_device(model::DeviceId device);

  /// Size of all records by a fixed size a table, dead letters included.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t rows() const { return rows_; }

 private:
  struct Slot {
    std::uint64_t entity = 0, sub = 0;
    friend constexpr auto operator<=>(const Slot&, const Slot&) = default;
  };
  struct SlotHash {
    using is_avalanching = void;
    std::size_t operator()(const Slot& s) const noexcept {
      return engine::mix64(s.entity * 0x9E3779B97F4A7C15ULL + s.sub);
    }
  };
  // Rows found by key; a range walks successive subs, so it suits tables that have no holes.
  template <class R>
  struct Hashed {
    boost::unordered_flat_map<Slot, R, SlotHash> rows;
    const R* find(const Slot& s) const {
      const auto it = rows.find(s);
      return it == rows.end() ? nullptr : &it->second;
    }
    void scan(const model::Range& range, model::View& view) const {
      std::uint32_t left = range.limit;
      for (std::uint64_t sub = range.first; sub <= range.last && left > 0; ++sub, --left) {
        if (const R* row = find({range.entity, sub}); row != nullptr) view.add_row(sub, row);
      }
    }
  };
  // Rows in order: for ranges with holes.
  template <class R>
  struct Ordered {
    std::map<Slot, R> rows;
    const R* find(const Slot& s) const {
      const auto it = rows.find(s);
      return it == rows.end() ? nullptr : &it->second;
    }
    void scan(const model::Range& range, model::View& view) const {
      std::uint32_t left = range.limit;
      const Slot last{range.entity, range.last};
      for (auto it = rows.lower_bound({range.entity, range.first});
           it != rows.end() && it->first <= last && left > 0; ++it, --left) {
        view.add_row(it->first.sub, &it->second);
      }
    }
  };
  template <class R>
  static constexpr bool kOrdered =
      std::is_same_v<R, model::Member> || std::is_same_v<R, model::Due> ||
      std::is_same_v<R, model::TickSlot> || std::is_same_v<R, model::UserConversation> ||
      std::is_same_v<R, model::Outbox> || std::is_same_v<R, model::PendingRead> ||
      std::is_same_v<R, model::ChannelOut>;
  template <class R>
  using TableOf = std::conditional_t<kOrdered<R>, Ordered<R>, Hashed<R>>;
  template <class V>
  struct Tables;
  template <class... R>
  struct Tables<std::variant<R...>> {
    using type = std::tuple<TableOf<R>...>;
  };
  static_assert(std::variant_size_v<model::Record> == 19);

  template <class F>
  void with(model::Table table, F&& f);
  template <class F>
  void with(model::Table table, F&& f) const;
  void set(const model::Key& key, const std::optional<model::Record>& record,
           std::optional<model::Record>* replaced);

  Tables<model::Record>::type tables_;
  std::uint64_t bytes_ = 0, rows_ = 0;
};

}  // namespace greytick::world
