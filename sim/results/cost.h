// What a run cost, all of it: warm-up and drain included.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace greytick::results {

/// Counted by the pipeline under test. Absent: that pipeline has no such thing.
struct Cost {
  std::optional<std::uint64_t> shard_transactions = {}, device_transactions = {};
  std::optional<std::uint64_t> frames = {}, bytes = {};  // whoever sent them
  std::optional<std::uint64_t> packets = {};  // on connections of devices, retransmissions included
  std::uint64_t events = 0;
  std::vector<std::pair<std::string_view, std::uint64_t>> by_kind =
      {};  // of events; names are static
};

/// One row of what a message costs.
struct CostRow {
  std::string_view name;    // "frames"
  std::string_view metric;  // as thresholds spell it; empty: none
  std::optional<std::uint64_t> total;
};

inline constexpr std::size_t kCostRows = 7;

/// Rows in the order in which people read them. deliveries: applies, repeated ones too.
std::array<CostRow, kCostRows> cost_rows(const Cost& cost, std::uint64_t deliveries);

}  // namespace greytick::results
