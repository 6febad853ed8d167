#include "sim/results/kinds.h"

#include <array>

namespace greytick::results {
namespace {

constexpr std::array<std::string_view, kLatencies> kLatencyNames = {
    "e2e",   "all",   "sent", "tick2",  "read",     "commit",
    "login", "flush", "wake", "detect", "reconnect"};
constexpr std::array<std::string_view, kCounts> kCountNames = {
    "logins",           "attempts",      "refused",  "messages",  "committed",    "delivered",
    "failed",           "rejected",      "retries",  "retryable", "redeliveries", "tombstones",
    "dead_letters",     "unconfirmed",   "expired",  "pushes",    "push_errors",  "frames_lost",
    "connections_lost", "lease_changes", "reconnect"};
constexpr std::array<std::string_view, kPeaks> kPeakNames = {
    "queued_peak",    "queue.depth",      "channel.depth",     "in_flight_peak",
    "connected_peak", "store.bytes_peak", "session.bytes_peak"};

}  // namespace

std::string_view latency_name(Latency latency) {
  return kLatencyNames[static_cast<std::size_t>(latency)];
}
std::string_view count_name(Count count) { return kCountNames[static_cast<std::size_t>(count)]; }
std::string_view peak_name(Peak peak) { return kPeakNames[static_cast<std::size_t>(peak)]; }

}  // namespace greytick::results
