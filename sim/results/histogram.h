// Counts of whole numbers to three significant digits, small enough to keep one a metric and
// window.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace greytick::results {

/// The HdrHistogram layout with three significant digits: values up to 2047 are exact, above that
/// each doubling has 1024 equal buckets, so a value is known to better than 0.1 %. Values are >= 0
/// and at most kMax (52 days in ns); larger ones count as kMax, negative ones as 0. Memory grows
/// with the largest value seen, to 344 KiB.
/// Source: Gil Tene, HdrHistogram, https://github.com/HdrHistogram/HdrHistogram.
class Histogram {
 public:
  static constexpr int kSignificantDigits = 3;
  static constexpr std::int64_t kMax = (std::int64_t{1} << 52) - 1;

  void record(std::int64_t value, std::uint64_t times = 1);
  /// Adds all of `other`.
  void merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  /// Exact; 0 when empty.
  std::int64_t min() const { return count_ == 0 ? 0 : min_; }
  std::int64_t max() const { return count_ == 0 ? 0 : max_; }
  double mean() const;
  /// The least bucket value that at least a part q of all values does not exceed, as the largest
  /// value of that bucket and never more than max(). q in [0, 1]; nothing when empty.
  std::optional<std::int64_t> quantile(double q) const;

  /// Count of each bucket, up to the last that is not 0.
  std::span<const std::uint64_t> counts() const { return counts_; }
  static std::size_t index_of(std::int64_t value);
  static std::int64_t lowest_of(std::size_t index);
  static std::int64_t highest_of(std::size_t index);

  bool operator==(const Histogram&) const = default;

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::int64_t min_ = 0, max_ = 0;
  __extension__ unsigned __int128 sum_ = 0;  // whole, so that order cannot matter
};

/// Durations of which some had not ended when watching stopped. A quantile is the product-limit
/// estimate and is nothing where the survivors hide it.
/// Source: Kaplan and Meier, "Nonparametric estimation from incomplete observations", JASA 53,
/// 1958.
struct Censored {
  Histogram ended;
  Histogram open;  // lasted at least this long

  std::uint64_t count() const { return ended.count() + open.count(); }
  /// The least duration t with at most 1 - q expected to last longer than t; q in (0, 1).
  std::optional<std::int64_t> quantile(double q) const;
  /// The longest known to have been reached; 0 when empty.
  std::int64_t longest() const { return ended.max() > open.max() ? ended.max() : open.max(); }
  /// Part of the samples that had not ended, in [0, 1].
  double open_share() const;
  void merge(const Censored& other) {
    ended.merge(other.ended);
    open.merge(other.open);
  }
  bool operator==(const Censored&) const = default;
};

}  // namespace greytick::results
