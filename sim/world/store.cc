#include "sim/world/store.h"

#include <array>
#include <utility>

namespace greytick::world {
namespace {

using model::Key;
using model::Record;
using model::Table;

// Calls f with the element of the tuple that stands at the table's number: the order of
// model::Record is the order of model::Table.
template <class Tuple, class F, std::size_t... I>
void dispatch(Tuple& tuple, std::size_t index, F&& f, std::index_sequence<I...>) {
  static_cast<void>(((I == index ? (f(std::get<I>(tuple)), true) : false) || ...));
}

template <std::size_t... I>
constexpr bool tables_match(std::index_sequence<I...>) {
  return ((static_cast<std::size_t>(std::variant_alternative_t<I, Record>::kTable) == I) && ...);
}
static_assert(tables_match(std::make_index_sequence<std::variant_size_v<Record>>{}));

constexpr std::uint64_t kRowOverhead = 16;

template <class T>
struct RowOf;
template <template <class> class T, class R>
struct RowOf<T<R>> {
  using type = R;
};

}  // namespace

template <class F>
void Store::with(Table table, F&& f) {
  dispatch(tables_, static_cast<std::size_t>(table), f,
           std::make_index_sequence<std::variant_size_v<Record>>{});
}
template <class F>
void Store::with(Table table, F&& f) const {
  dispatch(tables_, static_cast<std::size_t>(table), f,
           std::make_index_sequence<std::variant_size_v<Record>>{});
}

void Store::load(const model::ReadSet& wanted, model::View& view) const {
  for (const Key& key : wanted.keys) {
    with(key.table, [&](const auto& t) { view.load(key, t.find({key.entity, key.sub})); });
  }
  for (const model::Range& range : wanted.ranges) {
    view.load_range(range);
    with(range.table, [&](const auto& t) { t.scan(range, view); });
  }
}

void Store::set(const Key& key, const std::optional<Record>& record,
                std::optional<Record>* replaced) {
  with(key.table, [&]<class T>(T& t) {
    using R = typename RowOf<T>::type;
    constexpr std::uint64_t kBytes = sizeof(R) + kRowOverhead;
    const Slot slot{key.entity, key.sub};
    const auto it = t.rows.find(slot);
    if (it != t.rows.end()) {
      if (replaced != nullptr) *replaced = std::move(it->second);
      if (record) {
        it->second = std::get<R>(*record);
      } else {
        t.rows.erase(it);
        bytes_ -= kBytes;
        --rows_;
      }
    } else if (record) {
      t.rows.emplace(slot, std::get<R>(*record));
      bytes_ += kBytes;
      ++rows_;
    }
  });
}

void Store::apply(std::span<const model::Write> writes, Undo& undo) {
  for (const model::Write& w : writes) {
    undo.push_back({w.key, std::nullopt});
    set(w.key, w.record, &undo.back().record);
  }
}

void Store::rollback(Undo& undo) {
  for (auto it = undo.rbegin(); it != undo.rend(); ++it) set(it->key, it->record, nullptr);
  undo.clear();
}

void Store::provision(const Key& key, const Record& record) { set(key, record, nullptr); }

void Store::forget_device(model::DeviceId device) {
  const std::uint64_t entity = device.value();
  set(model::identity_key(device), std::nullopt, nullptr);
  std::vector<Key> gone;
  for (const auto& [slot, row] : std::get<Ordered<model::Outbox>>(tables_).rows) {
    if (slot.entity == entity) gone.push_back({Table::kOutbox, slot.entity, slot.sub});
  }
  for (const auto& [slot, row] : std::get<Ordered<model::PendingRead>>(tables_).rows) {
    if (slot.entity == entity) gone.push_back({Table::kPendingRead, slot.entity, slot.sub});
  }
  for (const auto& [slot, row] : std::get<Hashed<model::Thread>>(tables_).rows) {
    if (slot.entity == entity) gone.push_back({Table::kThread, slot.entity, slot.sub});
  }
  for (const Key& key : gone) set(key, std::nullopt, nullptr);
}

}  // namespace greytick::world
