// What a run measures, by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/time.h"

namespace greytick::results {

using model::Duration;
using model::Instant;

enum class Latency : std::uint8_t {
  kE2e,  // create to apply, on devices in session at commit
  kAll,  // create to apply
  kSent,
  kTick2,
  kRead,
  kCommit,
  kLogin,
  kFlush,
  kWake,
  kDetect,
  kReconnect,
};
inline constexpr std::size_t kLatencies = static_cast<std::size_t>(Latency::kReconnect) + 1;
std::string_view latency_name(Latency latency);  // as thresholds spell it

enum class Count : std::uint8_t {
  kLogins,
  kAttempts,
  kRefused,
  kMessages,
  kCommitted,
  kDelivered,
  kFailed,
  kRejected,
  kRetries,
  kRetryable,
  kRedeliveries,
  kTombstones,
  kDeadLetters,
  kUnconfirmed,
  kExpired,
  kPushes,
  kPushErrors,
  kFramesLost,
  kConnectionsLost,
  kLeaseChanges,
  kReconnects,
};
inline constexpr std::size_t kCounts = static_cast<std::size_t>(Count::kReconnects) + 1;
std::string_view count_name(Count count);  // as thresholds spell it

/// How high something stood at its highest.
enum class Peak : std::uint8_t {
  kQueued,
  kQueueDepth,
  kChannelDepth,
  kInFlight,
  kConnected,
  kStoreBytes,
  kSessionBytes,
};
inline constexpr std::size_t kPeaks = static_cast<std::size_t>(Peak::kSessionBytes) + 1;
std::string_view peak_name(Peak peak);  // as thresholds spell it

/// Where a device is at home, and on what access network: indices into topology.regions and
/// network.access.
struct Place {
  std::uint16_t region = 0;
  std::uint8_t access = 0;
};

/// Where a kind stands in the arrays that hold one value of each.
template <class E>
constexpr std::size_t index(E value) {
  return static_cast<std::size_t>(value);
}

}  // namespace greytick::results
