#include "sim/results/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "model/check.h"

namespace greytick::results {
namespace {

constexpr int kHalfBits = 10;  // 1024 buckets a doubling
constexpr std::int64_t kHalf = std::int64_t{1} << kHalfBits;

}  // namespace

std::size_t Histogram::index_of(std::int64_t value) {
  const auto v = static_cast<std::uint64_t>(value);
  const int bucket = std::max(0, 64 - std::countl_zero(v | (2 * kHalf - 1)) - (kHalfBits + 1));
  const std::uint64_t sub = v >> bucket;
  return (static_cast<std::size_t>(bucket) << kHalfBits) + sub;
}

std::int64_t Histogram::lowest_of(std::size_t index) {
  const auto i = static_cast<std::int64_t>(index);
  if (i < 2 * kHalf) return i;
  const std::int64_t bucket = (i >> kHalfBits) - 1;
  return (i - (bucket << kHalfBits)) << bucket;
}

std::int64_t Histogram::highest_of(std::size_t index) { return lowest_of(index + 1) - 1; }

void Histogram::record(std::int64_t value, std::uint64_t times) {
  if (times == 0) return;
  value = std::clamp<std::int64_t>(value, 0, kMax);
  const std::size_t index = index_of(value);
  if (index >= counts_.size()) counts_.resize(index + 1, 0);
  counts_[index] += times;
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = count_ == 0 ? value : std::max(max_, value);
  count_ += times;
  __extension__ using Wide = unsigned __int128;
  sum_ += static_cast<Wide>(value) * times;
}

void Histogram::merge(const Histogram& other) {
  if (other.count_ == 0) return;
  if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size(), 0);
  for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = count_ == 0 ? other.max_ : std::max(max_, other.max_);
  count_ += other.count_;
  sum_ += other.sum_;
}

double Histogram::mean() const {
  return count_ == 0 ? 0.0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

std::optional<std::int64_t> Histogram::quantile(double q) const {
  CHECK(q >= 0.0);
  CHECK(q <= 1.0);
  if (count_ == 0) return std::nullopt;
  const double wanted = std::max(1.0, std::ceil(q * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (static_cast<double>(seen) >= wanted) return std::min(highest_of(i), max_);
  }
  return max_;
}

std::optional<std::int64_t> Censored::quantile(double q) const {
  CHECK(q > 0.0);
  CHECK(q < 1.0);
  // Without censoring the estimate is the usual quantile; the product would only add rounding.
  if (open.empty()) return ended.quantile(q);
  const auto done = ended.counts();
  const auto cut = open.counts();
  std::uint64_t at_risk = count();
  double surviving = 1.0;
  for (std::size_t i = 0; i < done.size(); ++i) {
    if (done[i] != 0) {
      surviving *= 1.0 - static_cast<double>(done[i]) / static_cast<double>(at_risk);
      // A margin of rounding, so that 99 ended of 100 do answer p99.
      if (surviving <= (1.0 - q) * (1.0 + 1e-12)) {
        return std::min(Histogram::highest_of(i), ended.max());
      }
      at_risk -= done[i];
    }
    if (i < cut.size()) at_risk -= cut[i];
  }
  return std::nullopt;
}

double Censored::open_share() const {
  return count() == 0 ? 0.0 : static_cast<double>(open.count()) / static_cast<double>(count());
}

}  // namespace greytick::results
