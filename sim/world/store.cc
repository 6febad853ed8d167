#include "sim/world/store.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace greytick::world {
namespace {

using model::Key;
using model::Record;
using model::Table;

constexpr std::size_t kRecords = std::variant_size_v<Record>;

template <std::size_t... I>
constexpr bool tables_match(std::index_sequence<I...>) {
  return ((static_cast<std::size_t>(std::variant_alternative_t<I, Record>::kTable) == I) && ...);
}
static_assert(tables_match(std::make_index_sequence<kRecords>{}));

// Calls f with the number of the table as a constant: the order of model::Record is the order of
// model::Table.
template <class F>
void with(Table table, F&& f) {
  static_assert(kRecords == 25);
  const auto at = [&]<std::size_t I>() { f(std::integral_constant<std::size_t, I>{}); };
  switch (static_cast<std::size_t>(table)) {
#define GREYTICK_TABLE(n) \
  case n:                 \
    return at.template operator()<n>();
    GREYTICK_TABLE(0)
    GREYTICK_TABLE(1)
    GREYTICK_TABLE(2)
    GREYTICK_TABLE(3)
    GREYTICK_TABLE(4)
    GREYTICK_TABLE(5)
    GREYTICK_TABLE(6)
    GREYTICK_TABLE(7)
    GREYTICK_TABLE(8)
    GREYTICK_TABLE(9)
    GREYTICK_TABLE(10)
    GREYTICK_TABLE(11)
    GREYTICK_TABLE(12)
    GREYTICK_TABLE(13)
    GREYTICK_TABLE(14)
    GREYTICK_TABLE(15)
    GREYTICK_TABLE(16)
    GREYTICK_TABLE(17)
    GREYTICK_TABLE(18)
    GREYTICK_TABLE(19)
    GREYTICK_TABLE(20)
    GREYTICK_TABLE(21)
    GREYTICK_TABLE(22)
    GREYTICK_TABLE(23)
    GREYTICK_TABLE(24)
#undef GREYTICK_TABLE
    default:
      CHECK_MSG(false, "no such table");
  }
}

constexpr std::uint64_t kRowOverhead = 16;

template <class R>
constexpr std::uint64_t bytes_of() {
  return (std::is_empty_v<R> ? 0 : sizeof(R)) + kRowOverhead;
}

}  // namespace

std::uint64_t Store::row_bytes(Table table) {
  std::uint64_t bytes = 0;
  with(table, [&](auto i) { bytes = bytes_of<std::variant_alternative_t<i, Record>>(); });
  return bytes;
}

void Store::load(const model::ReadSet& wanted, model::View& view) const {
  for (const Key& key : wanted.keys) {
    with(key.table,
         [&](auto i) { view.load(key, std::get<i>(tables_).find({key.entity, key.sub})); });
  }
  for (const model::Range& range : wanted.ranges) {
    view.load_range(range);
    with(range.table, [&](auto i) { std::get<i>(tables_).scan(range, view); });
  }
}

void Store::set(const Key& key, std::optional<Record>&& record, std::optional<Record>* replaced) {
  with(key.table, [&](auto i) {
    using R = std::variant_alternative_t<i, Record>;
    auto& table = std::get<i>(tables_);
    const Slot slot{key.entity, key.sub};
    if (R* row = table.find(slot); row != nullptr) {
      if (replaced != nullptr) replaced->emplace(std::in_place_index<i>, std::move(*row));
      if (record) {
        *row = std::move(std::get<i>(*record));
      } else {
        table.erase(slot);
        bytes_ -= bytes_of<R>();
        --rows_[i];
      }
    } else if (record) {
      table.insert(slot, std::move(std::get<i>(*record)));
      bytes_ += bytes_of<R>();
      ++rows_[i];
    }
  });
}

void Store::apply(std::span<model::Write> writes, Undo& undo) {
  for (model::Write& w : writes) {
    undo.emplace_back(w.key, std::nullopt);
    set(w.key, std::move(w.record), &undo.back().record);
  }
}

void Store::rollback(Undo& undo) {
  for (auto it = undo.rbegin(); it != undo.rend(); ++it) {
    set(it->key, std::move(it->record), nullptr);
  }
  undo.clear();
}

void Store::provision(const Key& key, const Record& record) { set(key, record, nullptr); }

namespace {

// Calls visit(key, record) for every row of a phone, table by table.
template <class F>
void each_row_of_device(const Store& store, model::DeviceId device, F&& visit) {
  const std::uint64_t entity = device.value();
  const Key identity = model::identity_key(device);
  if (const auto* row = store.get<model::Identity>(identity)) visit(identity, *row);
  const auto table = [&]<class R>(std::type_identity<R>) {
    store.each_of<R>(entity, [&](std::uint64_t sub, const R& row) {
      visit(model::key_of<R>(entity, sub), row);
    });
  };
  table(std::type_identity<model::Thread>{});
  table(std::type_identity<model::Outbox>{});
  table(std::type_identity<model::PendingRead>{});
  table(std::type_identity<model::MemberTicks>{});
  table(std::type_identity<model::PendingChange>{});
  table(std::type_identity<model::GroupMessage>{});
  table(std::type_identity<model::Roster>{});
}

}  // namespace

DiskCopy Store::copy_device(model::DeviceId device) const {
  DiskCopy copy;
  each_row_of_device(*this, device,
                     [&](const Key& key, const auto& row) { copy.emplace(key, row); });
  return copy;
}

void Store::forget_device(model::DeviceId device) {
  std::vector<Key> gone;
  each_row_of_device(*this, device, [&](const Key& key, const auto&) { gone.push_back(key); });
  for (const Key& key : gone) set(key, std::nullopt, nullptr);
}

}  // namespace greytick::world
