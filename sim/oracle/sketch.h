// A second oracle, independent of the cursors: linear sketches of what was committed for whom and
// of what became of it. They hold no message, do not care for order, and two of them add up, so
// parts of a run can be sketched apart.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "model/fact.h"
#include "model/time.h"

namespace greytick::oracle {

/// One message for one device.
struct Copy {
  model::StreamId stream;
  std::uint32_t entry = 0;  // cseq of a message; position, with the top bit, of a member change
  model::DeviceId recipient;
  friend constexpr auto operator<=>(const Copy&, const Copy&) = default;

  static Copy of(const model::Message& message, model::DeviceId recipient);
  /// Whether it is a change of membership, and the position or cseq without the top bit.
  [[nodiscard]] bool is_change() const { return (entry >> 31) != 0; }
  [[nodiscard]] std::uint64_t number() const { return entry & 0x7fffffffU; }
  /// Injective for ids below 2^32, positions and cseqs below 2^31; conversations of 64 bits.
  [[nodiscard]] std::array<std::uint64_t, 3> words() const;
  static Copy from(const std::array<std::uint64_t, 3>& words);
  /// 64 bits of all of it.
  [[nodiscard]] std::uint64_t hash() const;
};

/// What is left in a sketch: copies that were added more often than taken away, or less often.
struct Difference {
  Copy copy;
  std::int64_t count = 0;  // positive: lost; negative: doubled
  friend constexpr auto operator<=>(const Difference&, const Difference&) = default;
};

/// An invertible Bloom lookup table with signed counts: names the differences of two multisets,
/// whatever their size, as long as the differences are few.
/// Source: Goodrich and Mitzenmacher, "Invertible Bloom lookup tables", Allerton 2011.
///
/// Sums are exact (128 bits for each word of the key), so a copy that differs by two is found too.
class Iblt {
 public:
  /// Three parts of `cells` / 3; a copy has one cell in each. Up to a quarter as many differences
  /// decode but for about one table in 2000; beyond four fifths hardly any does.
  explicit Iblt(std::size_t cells = kCells);
  static constexpr std::size_t kCells = 1536;

  /// count: +1 adds the copy, -1 takes it away.
  void add(const Copy& copy, std::int64_t count);
  /// Both tables as one. CHECKs that they have the same number of cells.
  void merge(const Iblt& other);

  struct Decoded {
    std::vector<Difference> differences;  // ascending
    bool whole = true;                    // false: there are more than these
  };
  [[nodiscard]] Decoded decode() const;

 private:
  struct Cell {
    std::array<__int128, 3> words{};
    std::uint64_t check = 0;
    std::int64_t count = 0;

    [[nodiscard]] bool empty() const;
  };
  [[nodiscard]] std::array<std::size_t, 3> places(std::uint64_t hash) const;
  void add(const std::array<std::uint64_t, 3>& words, std::uint64_t hash, std::int64_t count);
  /// The one copy in the cell, if it is alone there.
  [[nodiscard]] bool alone(std::size_t cell, Difference& out) const;

  std::vector<Cell> cells_;
};

struct SketchConfig {
  std::uint32_t shards = 8;                            // of conversations, for the sums
  model::Duration interval = std::chrono::minutes(1);  // of acceptance, for the sums
  std::size_t cells = Iblt::kCells;
};

/// Of copies accepted by one shard in one interval: how many more were committed than arrived, and
/// the sum of their hashes. A sum, since in an exclusive or a copy that arrives twice cancels. When
/// one copy is missing, the sum is its hash.
struct Balance {
  std::uint32_t shard = 0;
  std::int64_t interval = 0;  // its number, from the start of the run
  std::int64_t count = 0;
  std::uint64_t sum = 0;
  friend constexpr bool operator==(const Balance&, const Balance&) = default;
};

struct SketchReport {
  std::uint64_t committed = 0, applied = 0, settled = 0;  // copies
  std::vector<Difference> lost, doubled;                  // ascending
  bool whole = true;              // false: there are more differences than those named
  std::vector<Balance> balances;  // that are not even; ascending by shard, then interval
  [[nodiscard]] bool clean() const { return whole && lost.empty() && doubled.empty(); }
};

/// Fed with the facts of a run; says at the end of its drain which copies were lost or doubled.
///
/// A copy that was given up while in doubt (unconfirmed, or of an installation that is gone) may
/// have been applied or not: it is neither lost nor doubled. Those copies are remembered one by
/// one, 32 B each, and taken as not applied: only one that was applied before stays in the table,
/// since many may be given up when a phone is lost, and few of them were applied.
class Sketches {
 public:
  explicit Sketches(const SketchConfig& config = {});
  void on_fact(const model::Fact& fact);
  /// Another part of the same run, of the same configuration.
  void merge(const Sketches& other);
  [[nodiscard]] SketchReport report() const;

 private:
  struct CopyHash {
    std::size_t operator()(const Copy& copy) const { return copy.hash(); }
  };
  void count(const model::Message& message, model::DeviceId recipient, std::int64_t count);

  SketchConfig config_;
  Iblt table_;
  std::map<std::pair<std::uint32_t, std::int64_t>, std::pair<std::int64_t, std::uint64_t>> sums_;
  boost::unordered_flat_set<Copy, CopyHash> doubtful_;  // looked up only, never walked for results
  std::uint64_t committed_ = 0, applied_ = 0, settled_ = 0;
};

}  // namespace greytick::oracle
