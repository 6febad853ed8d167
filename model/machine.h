// What a machine takes and gives. A machine is a pure step: state, durable view, stimulus and input
// in; writes, sends, wake-ups and facts out. The same step runs under the simulator, the explorer,
// the server and a replayed journal.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "model/check.h"
#include "model/fact.h"
#include "model/frame.h"
#include "model/ids.h"
#include "model/record.h"
#include "model/time.h"

namespace greytick::model {

/// What the driver knows and a machine may not ask for: monotonic time, wall time (skew-bounded,
/// for time to live only), and 64 fresh random bits.
struct Stimulus {
  Instant now, wall;
  std::uint64_t entropy = 0;
};

// ---------------------------------------------------------------- in

/// Rows (table, entity, first..last) ascending by sub, at most `limit` of them.
struct Range {
  Table table{};
  std::uint64_t entity = 0, first = 0, last = 0;
  std::uint32_t limit = 0;
  friend constexpr auto operator<=>(const Range&, const Range&) = default;
};

/// The records an input is expected to touch: a prefetch, not a promise.
struct ReadSet {
  boost::container::small_vector<Key, 8> keys;
  boost::container::small_vector<Range, 2> ranges;
  friend bool operator==(const ReadSet&, const ReadSet&) = default;
};

struct RawRow {
  std::uint64_t sub = 0;
  const void* record = nullptr;
};

/// The rows of one range, ascending by `sub`.
template <class R>
class Rows {
 public:
  struct Row {
    std::uint64_t sub;
    const R& record;
  };
  explicit Rows(std::span<const RawRow> rows) : rows_(rows) {}
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] Row operator[](std::size_t i) const {
    return {rows_[i].sub, *static_cast<const R*>(rows_[i].record)};
  }

 private:
  std::span<const RawRow> rows_;
};

/// The durable records as one step sees them (unsynced writes of earlier steps included). The
/// driver loads it; what a machine asks for and was not loaded is noted, and the step answers
/// kNeedMore. Pointers stay good until the step's writes are applied.
class View {
 public:
  /// Driver: empties the view, keeping its memory.
  void reset() {
    records_.clear();
    rows_.clear();
    loaded_.clear();
    missing_.keys.clear();
    missing_.ranges.clear();
  }
  /// Driver: `record` is the row at `key`, or nullptr when there is none.
  void load(const Key& key, const void* record) { records_.push_back({key, record}); }
  /// Driver: begins a range; rows follow by add_row, ascending.
  void load_range(const Range& range) { loaded_.push_back({range, rows_.size(), 0}); }
  void add_row(std::uint64_t sub, const void* record) {
    rows_.push_back({sub, record});
    ++loaded_.back().count;
  }

  /// The record at `key`, or nullptr: absent, or not loaded (then complete() turns false).
  template <class R>
  const R* get(const Key& key) {
    CHECK(key.table == R::kTable);
    for (const Loaded& l : records_) {
      if (l.key == key) return static_cast<const R*>(l.record);
    }
    missing_.keys.push_back(key);
    return nullptr;
  }

  /// The rows of a range, ascending, never above its limit; empty when not loaded (then complete()
  /// turns false).
  template <class R>
  Rows<R> scan(const Range& range) {
    CHECK(range.table == R::kTable);
    for (const LoadedRange& l : loaded_) {
      if (l.range == range) return Rows<R>(std::span(rows_).subspan(l.first, l.count));
    }
    missing_.ranges.push_back(range);
    return Rows<R>({});
  }

  [[nodiscard]] bool complete() const { return missing_.keys.empty() && missing_.ranges.empty(); }
  [[nodiscard]] const ReadSet& missing() const { return missing_; }
  /// Driver: what was missing is about to be loaded; the step runs again.
  void clear_missing() {
    missing_.keys.clear();
    missing_.ranges.clear();
  }

 private:
  struct Loaded {
    Key key;
    const void* record;
  };
  struct LoadedRange {
    Range range;
    std::size_t first, count;
  };
  boost::container::small_vector<Loaded, 12> records_;
  std::vector<RawRow> rows_;
  boost::container::small_vector<LoadedRange, 2> loaded_;
  ReadSet missing_;
};

/// Timers. A machine names each by (entity, timer); arming it again replaces it.
enum class Timer : std::uint8_t {
  // device; entity 0
  kDial,       // backoff is over
  kHello,      // no WELCOME yet
  kHeartbeat,  // send a ping
  kPong,       // no pong yet
  kRetry,      // the oldest unanswered SEND, READ or registration is due again
  kSteady,     // the session has lasted long enough to forget earlier failures
  // gateway; entity: device
  kIdle,  // nothing heard
  // shard, channels; entity: the other shard
  kResend,  // entries unacknowledged for too long
  kAckDue,  // a cumulative channel ack is owed
  // mailbox shard; entity: device
  kRedeliver,
  kPushAgain,
  // mailbox shard; entity 0
  kSweep,
  // push gateway; entity: device
  kPushRetry,
};

/// Work that a machine posts to itself, to keep each step bounded.
enum class Chore : std::uint8_t { kOffer, kOfferTicks, kExpire, kRetire, kPump };

// --- what the app asks of its device ---
struct GoOnline {
  Duration spread{};  // dial after a uniform draw from [0, spread]
};
struct GoOffline {};
struct Compose {
  ConversationId conversation;
  std::uint32_t bytes = 0;
};
struct OpenConversation {  // read everything applied so far
  ConversationId conversation;
};

struct JoinConversation {
  ConversationId conversation;
};
struct LeaveConversation {
  ConversationId conversation;
};
struct Unlink {};  // the user takes this device off

struct Start {  // first input of every machine, and of every restart: the crash path is the start
                // path
  LeaseEpoch lease;              // shards
  Instant store_clock{};         // shards: the store's commit clock, which no process can skew
  std::uint64_t install_id = 0;  // devices: drawn by this installation, in no backup
};
struct Arrive {
  Address from;
  Frame frame;
};
struct Fired {
  Timer timer{};
  std::uint64_t entity = 0;
};
struct Posted {
  Chore chore{};
  std::uint64_t entity = 0;
};
struct App {
  std::variant<GoOnline, GoOffline, Compose, OpenConversation, JoinConversation, LeaveConversation,
               Unlink>
      ask;
};
struct Pressure {  // from the store: little room is left, or there is room again
  std::uint64_t bytes_free = 0;
};
using Input = std::variant<Start, Arrive, Fired, Posted, App, Pressure>;

// ---------------------------------------------------------------- out

struct Write {  // of one record; an empty `record` erases
  Key key;
  std::optional<Record> record;
};
/// One atomic transaction: writes first .. first+count-1 of Outputs::writes. The driver stamps the
/// lease epoch.
struct Persist {
  std::uint32_t first = 0, count = 0;
};
struct Send {  // held until every earlier Persist of this machine is durable
  Address to;
  Frame frame;
};
struct Post {
  Chore chore{};
  std::uint64_t entity = 0;
};
struct Wake {  // replaces; kNever cancels
  Timer timer{};
  std::uint64_t entity = 0;
  Instant at = kNever;
};
struct Note {  // held like a Send
  Fact fact;
};
using Output = std::variant<Persist, Send, Post, Wake, Note>;

/// What one step gives, in order. The order is a promise: see Send. Reused between steps, so that a
/// step allocates nothing.
class Outputs {
 public:
  void clear() {
    writes.clear();
    list.clear();
  }
  // Records, frames and facts are made where they will lie: variants that hold lists are dear to
  // move.
  template <class R>
  void put(const Key& key, R&& record) {
    writes.emplace_back(key, std::forward<R>(record));
  }
  void erase(const Key& key) { writes.emplace_back(key, std::nullopt); }
  /// Makes one transaction of everything put and erased since the last one. Nothing to do when that
  /// is nothing.
  void persist() {
    const auto end = static_cast<std::uint32_t>(writes.size());
    if (end == persisted()) return;
    list.push_back(Persist{persisted(), end - persisted()});
  }
  template <class F>
  void send(Address to, F&& frame) {
    list.emplace_back(std::in_place_type<Send>, to, std::forward<F>(frame));
  }
  void post(Chore chore, std::uint64_t entity) { list.push_back(Post{chore, entity}); }
  void wake(Timer timer, std::uint64_t entity, Instant at) {
    list.push_back(Wake{timer, entity, at});
  }
  void cancel(Timer timer, std::uint64_t entity) { list.push_back(Wake{timer, entity, kNever}); }
  template <class F>
  void note(F&& fact) {
    list.emplace_back(std::in_place_type<Note>, std::forward<F>(fact));
  }
  void took(Branch branch) { list.push_back(Note{Took{branch}}); }

  std::vector<Write> writes;
  std::vector<Output> list;

 private:
  [[nodiscard]] std::uint32_t persisted() const {
    for (auto it = list.rbegin(); it != list.rend(); ++it) {
      if (const auto* p = std::get_if<Persist>(&*it)) return p->first + p->count;
    }
    return 0;
  }
};

/// kNeedMore: the view lacked something; nothing was changed, nothing emitted. The driver loads it
/// and steps again.
enum class Step : std::uint8_t { kDone, kNeedMore };

/// handle does all its reads first and all its effects after, so that a step run again needs no
/// roll-back.
template <class M>
concept Machine = std::copyable<typename M::State> && std::equality_comparable<typename M::State> &&
                  requires(typename M::State& s, const typename M::State& cs, const Stimulus& t,
                           const Input& in, View& v, Outputs& out) {
                    { M::keys_of(cs, in) } -> std::same_as<ReadSet>;
                    { M::handle(s, t, in, v, out) } -> std::same_as<Step>;
                  };

}  // namespace greytick::model
