// Drives one machine in a test: a store in an ordered map, and the loop that every driver has.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "model/machine.h"

namespace greytick::model {

/// The durable records of one machine. Writes are applied as one transaction a Persist, at once;
/// a test that wants to lose unsynced ones copies the store first.
class Store {
 public:
  /// nullptr when there is none.
  template <class R>
  [[nodiscard]] const R* find(const Key& key) const {
    const auto it = rows_.find(key);
    return it == rows_.end() ? nullptr : &std::get<R>(it->second);
  }
  template <class R>
  void put(const Key& key, R record) {
    CHECK(key.table == R::kTable);
    rows_.insert_or_assign(key, Record(std::move(record)));
  }
  void erase(const Key& key) { rows_.erase(key); }
  [[nodiscard]] std::size_t count(Table table) const {
    std::size_t n = 0;
    for (const auto& [key, record] : rows_) n += key.table == table ? 1 : 0;
    return n;
  }
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  /// All rows, ascending by key.
  [[nodiscard]] const std::map<Key, Record>& rows() const { return rows_; }

  /// Loads what is asked for into the view.
  void load(const ReadSet& reads, View& view) const {
    for (const Key& key : reads.keys) {
      const auto it = rows_.find(key);
      view.load(key, it == rows_.end() ? nullptr : address(it->second));
    }
    for (const Range& range : reads.ranges) {
      view.load_range(range);
      std::uint32_t n = 0;
      for (auto it = rows_.lower_bound({range.table, range.entity, range.first});
           it != rows_.end() && n < range.limit; ++it, ++n) {
        if (it->first > Key{range.table, range.entity, range.last}) break;
        view.add_row(it->first.sub, address(it->second));
      }
    }
  }
  void apply(const Write& write) {
    if (write.record) {
      rows_.insert_or_assign(write.key, *write.record);
    } else {
      rows_.erase(write.key);
    }
  }

  friend bool operator==(const Store&, const Store&) = default;

 private:
  static const void* address(const Record& record) {
    return std::visit([](const auto& r) -> const void* { return &r; }, record);
  }
  std::map<Key, Record> rows_;
};

/// One machine, its store and its timers. Every step checks what drivers rely on: a step that needs
/// more has changed nothing, and no write is left outside a transaction.
template <Machine M>
class Bench {
 public:
  explicit Bench(typename M::State initial) : state(std::move(initial)) {}

  typename M::State state;
  Store store;
  Instant now{}, wall{};
  std::uint64_t entropy = 1;  // of the next step; each takes a new one

  // What all steps gave since the last forget(), oldest first.
  std::vector<Send> sends;
  std::vector<Fact> facts;
  std::map<std::pair<Timer, std::uint64_t>, Instant> timers;

  /// One input, and whatever it posts, in the same instant.
  void step(const Input& input) {
    std::vector<Input> todo{input};
    for (std::size_t i = 0; i < todo.size(); ++i) {
      CHECK_MSG(i < 100'000, "a machine posts to itself for ever");
      const Input current = todo[i];
      run(current, todo);
    }
  }
  void arrive(Address from, Frame frame) { step(Arrive{from, std::move(frame)}); }

  /// Lets time pass, wall clock and all, and fires what is due, in order of time, then name.
  void advance(Duration by) {
    const Instant end = now + by;
    const Duration skew = wall - now;
    while (true) {
      auto next = timers.end();
      for (auto it = timers.begin(); it != timers.end(); ++it) {
        if (it->second <= end && (next == timers.end() || it->second < next->second)) next = it;
      }
      if (next == timers.end()) break;
      now = std::max(now, next->second);
      wall = now + skew;
      const Fired fired{next->first.first, next->first.second};
      timers.erase(next);
      step(fired);
    }
    now = end;
    wall = now + skew;
  }
  /// A crash and a start: what is volatile is gone, the store stays.
  void restart(typename M::State fresh, const Start& start) {
    state = std::move(fresh);
    timers.clear();
    step(start);
  }

  void forget() {
    sends.clear();
    facts.clear();
  }
  /// The frames or facts of one kind, oldest first.
  template <class F>
  [[nodiscard]] std::vector<F> sent() const {
    std::vector<F> all;
    for (const Send& send : sends) {
      if (const auto* f = std::get_if<F>(&send.frame)) all.push_back(*f);
    }
    return all;
  }
  template <class F>
  [[nodiscard]] std::vector<F> noted() const {
    std::vector<F> all;
    for (const Fact& fact : facts) {
      if (const auto* f = std::get_if<F>(&fact)) all.push_back(*f);
    }
    return all;
  }
  [[nodiscard]] std::size_t took(Branch branch) const {
    std::size_t n = 0;
    for (const Took& t : noted<Took>()) n += t.branch == branch ? 1 : 0;
    return n;
  }
  [[nodiscard]] std::optional<Instant> timer(Timer name, std::uint64_t entity = 0) const {
    const auto it = timers.find({name, entity});
    return it == timers.end() ? std::nullopt : std::optional(it->second);
  }

 private:
  void run(const Input& input, std::vector<Input>& todo) {
    const Stimulus stimulus{now, wall, payload_internal::mix(entropy++)};
    View view;
    Outputs out;
    store.load(M::keys_of(state, input), view);
    for (int tries = 0;; ++tries) {
      CHECK_MSG(tries < 16, "a step never gets what it needs");
      const typename M::State before = state;
      if (M::handle(state, stimulus, input, view, out) == Step::kDone) break;
      CHECK(state == before);
      CHECK(out.writes.empty());
      CHECK(out.list.empty());
      CHECK(!view.complete());
      const ReadSet missing = view.missing();
      view.clear_missing();
      store.load(missing, view);
    }
    std::size_t persisted = 0;
    for (const Output& output : out.list) {
      if (const auto* persist = std::get_if<Persist>(&output)) {
        CHECK(persist->first == persisted);
        persisted += persist->count;
      } else if (const auto* post = std::get_if<Post>(&output)) {
        todo.push_back(Posted{post->chore, post->entity});
      } else if (const auto* wake = std::get_if<Wake>(&output)) {
        timers.erase({wake->timer, wake->entity});
        if (wake->at != kNever) timers[{wake->timer, wake->entity}] = wake->at;
      } else if (const auto* send = std::get_if<Send>(&output)) {
        sends.push_back(*send);
      } else if (const auto* note = std::get_if<Note>(&output)) {
        facts.push_back(note->fact);
      }
    }
    CHECK(persisted == out.writes.size());
    // Last, because the view points into the store.
    for (const Write& write : out.writes) store.apply(write);
  }
};

}  // namespace greytick::model
