#ifndef GREYTICK_SIM_SCENARIO_NAMES_H_
#define GREYTICK_SIM_SCENARIO_NAMES_H_

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/scenario.h"

// The words of the scenario form for every enumeration, both ways.
namespace greytick::scenario {

template <class E>
struct EnumName {
  std::string_view name;
  E value;
};

/// All names of E, in the order they are listed to people. Specialised below for each enumeration.
template <class E>
inline constexpr std::array<EnumName<E>, 0> kNames{};

template <>
inline constexpr auto kNames<PipelineKind> = std::to_array<EnumName<PipelineKind>>(
    {{"real", PipelineKind::kReal}, {"naive", PipelineKind::kNaive}});

template <>
inline constexpr auto kNames<PopOrder> =
    std::to_array<EnumName<PopOrder>>({{"fifo", PopOrder::kFifo}, {"lifo", PopOrder::kLifo}});

template <>
inline constexpr auto kNames<NaiveRoute> = std::to_array<EnumName<NaiveRoute>>(
    {{"sticky", NaiveRoute::kSticky}, {"alternate", NaiveRoute::kAlternate}});

template <>
inline constexpr auto kNames<PresenceMode> =
    std::to_array<EnumName<PresenceMode>>({{"sessions", PresenceMode::kSessions},
                                           {"always_online", PresenceMode::kAlways},
                                           {"scripted", PresenceMode::kScripted}});

template <>
inline constexpr auto kNames<Arrivals> =
    std::to_array<EnumName<Arrivals>>({{"open", Arrivals::kOpen}});

template <>
inline constexpr auto kNames<HeartbeatMode> = std::to_array<EnumName<HeartbeatMode>>(
    {{"elided", HeartbeatMode::kElided}, {"explicit", HeartbeatMode::kExplicit}});

template <>
inline constexpr auto kNames<Jitter> =
    std::to_array<EnumName<Jitter>>({{"none", Jitter::kNone},
                                     {"equal", Jitter::kEqual},
                                     {"full", Jitter::kFull},
                                     {"decorrelated", Jitter::kDecorrelated}});

template <>
inline constexpr auto kNames<RegionMatrix> =
    std::to_array<EnumName<RegionMatrix>>({{"aws", RegionMatrix::kAws},
                                           {"azure_p95", RegionMatrix::kAzureP95},
                                           {"ibm_zones", RegionMatrix::kIbmZones},
                                           {"uniform", RegionMatrix::kUniform}});

template <>
inline constexpr auto kNames<WireMode> = std::to_array<EnumName<WireMode>>(
    {{"struct", WireMode::kStruct}, {"encoded", WireMode::kEncoded}});

template <>
inline constexpr auto kNames<ScriptVerb> =
    std::to_array<EnumName<ScriptVerb>>({{"connect", ScriptVerb::kConnect},
                                         {"disconnect", ScriptVerb::kDisconnect},
                                         {"vanish", ScriptVerb::kVanish},
                                         {"return", ScriptVerb::kReturn},
                                         {"kill", ScriptVerb::kKill},
                                         {"reinstall", ScriptVerb::kReinstall},
                                         {"send", ScriptVerb::kSend},
                                         {"read", ScriptVerb::kRead},
                                         {"join", ScriptVerb::kJoin},
                                         {"leave", ScriptVerb::kLeave},
                                         {"link", ScriptVerb::kLink},
                                         {"unlink", ScriptVerb::kUnlink}});

template <>
inline constexpr auto kNames<DistKind> =
    std::to_array<EnumName<DistKind>>({{"constant", DistKind::kConstant},
                                       {"uniform", DistKind::kUniform},
                                       {"exponential", DistKind::kExponential},
                                       {"lognormal", DistKind::kLognormal},
                                       {"weibull", DistKind::kWeibull},
                                       {"pareto", DistKind::kPareto},
                                       {"gamma", DistKind::kGamma},
                                       {"empirical", DistKind::kEmpirical}});

template <>
inline constexpr auto kNames<DistKey> = std::to_array<EnumName<DistKey>>(
    {{"value", DistKey::kValue}, {"low", DistKey::kLow},    {"high", DistKey::kHigh},
     {"mean", DistKey::kMean},   {"p1", DistKey::kP1},      {"p5", DistKey::kP5},
     {"p10", DistKey::kP10},     {"p25", DistKey::kP25},    {"median", DistKey::kMedian},
     {"p75", DistKey::kP75},     {"p90", DistKey::kP90},    {"p95", DistKey::kP95},
     {"p99", DistKey::kP99},     {"p99.9", DistKey::kP999}, {"scale", DistKey::kScale},
     {"min", DistKey::kMin},     {"max", DistKey::kMax},    {"sigma", DistKey::kSigma},
     {"shape", DistKey::kShape}, {"cv", DistKey::kCv}});

template <>
inline constexpr auto kNames<FaultKind> =
    std::to_array<EnumName<FaultKind>>({{"drop", FaultKind::kDrop},
                                        {"latency", FaultKind::kLatency},
                                        {"duplicate", FaultKind::kDuplicate},
                                        {"reorder", FaultKind::kReorder},
                                        {"corrupt", FaultKind::kCorrupt},
                                        {"partition", FaultKind::kPartition},
                                        {"reset_peer", FaultKind::kResetPeer},
                                        {"half_open", FaultKind::kHalfOpen},
                                        {"crash", FaultKind::kCrash},
                                        {"power_loss", FaultKind::kPowerLoss},
                                        {"pause", FaultKind::kPause},
                                        {"clock_skew", FaultKind::kClockSkew},
                                        {"clock_jump", FaultKind::kClockJump},
                                        {"slow_disk", FaultKind::kSlowDisk},
                                        {"disk_full", FaultKind::kDiskFull},
                                        {"write_error", FaultKind::kWriteError},
                                        {"lease_steal", FaultKind::kLeaseSteal},
                                        {"shard_move", FaultKind::kShardMove},
                                        {"rebalance", FaultKind::kRebalance},
                                        {"replay", FaultKind::kReplay},
                                        {"drain", FaultKind::kDrain},
                                        {"rolling_deploy", FaultKind::kRollingDeploy},
                                        {"reconnect_storm", FaultKind::kReconnectStorm},
                                        {"churn", FaultKind::kChurn},
                                        {"push_throttle", FaultKind::kPushThrottle},
                                        {"push_error", FaultKind::kPushError},
                                        {"app_kill", FaultKind::kAppKill},
                                        {"reinstall", FaultKind::kReinstall},
                                        {"restore_backup", FaultKind::kRestoreBackup}});

template <>
inline constexpr auto kNames<TargetKind> =
    std::to_array<EnumName<TargetKind>>({{"service", TargetKind::kService},
                                         {"region", TargetKind::kRegion},
                                         {"gateway", TargetKind::kGateway},
                                         {"process", TargetKind::kProcess},
                                         {"conversation_shard", TargetKind::kConversationShard},
                                         {"mailbox_shard", TargetKind::kMailboxShard},
                                         {"store", TargetKind::kStore},
                                         {"push", TargetKind::kPush},
                                         {"device", TargetKind::kDevice}});

template <>
inline constexpr auto kNames<TargetMode> =
    std::to_array<EnumName<TargetMode>>({{"all", TargetMode::kAll},
                                         {"one", TargetMode::kOne},
                                         {"fixed", TargetMode::kFixed},
                                         {"percent", TargetMode::kPercent}});

template <>
inline constexpr auto kNames<Direction> = std::to_array<EnumName<Direction>>(
    {{"both", Direction::kBoth}, {"to", Direction::kTo}, {"from", Direction::kFrom}});

template <>
inline constexpr auto kNames<JitterShape> =
    std::to_array<EnumName<JitterShape>>({{"uniform", JitterShape::kUniform},
                                          {"normal", JitterShape::kNormal},
                                          {"pareto", JitterShape::kPareto},
                                          {"paretonormal", JitterShape::kParetonormal}});

template <>
inline constexpr auto kNames<PushAnswer> =
    std::to_array<EnumName<PushAnswer>>({{"lost", PushAnswer::kLost},
                                         {"410", PushAnswer::kExpiredToken410},
                                         {"503", PushAnswer::kUnavailable503}});

template <>
inline constexpr auto kNames<Invariant> =
    std::to_array<EnumName<Invariant>>({{"sent_durable", Invariant::kSentDurable},
                                        {"no_duplicate", Invariant::kNoDuplicate},
                                        {"no_creation", Invariant::kNoCreation},
                                        {"fifo", Invariant::kFifo},
                                        {"offline_flush", Invariant::kOfflineFlush},
                                        {"tick_truth", Invariant::kTickTruth},
                                        {"tick_order", Invariant::kTickOrder},
                                        {"dlq_exclusive", Invariant::kDlqExclusive},
                                        {"no_loss", Invariant::kNoLoss},
                                        {"idempotent_retry", Invariant::kIdempotentRetry},
                                        {"membership", Invariant::kMembership},
                                        {"causality", Invariant::kCausality},
                                        {"confidential", Invariant::kConfidential},
                                        {"bounded_state", Invariant::kBoundedState},
                                        {"single_writer", Invariant::kSingleWriter},
                                        {"session_fence", Invariant::kSessionFence},
                                        {"no_silent_drop", Invariant::kNoSilentDrop},
                                        {"converged", Invariant::kConverged}});

template <>
inline constexpr auto kNames<Rare> =
    std::to_array<EnumName<Rare>>({{"push_woke_device", Rare::kPushWokeDevice},
                                   {"session_resumed", Rare::kSessionResumed},
                                   {"expired_in_hello", Rare::kExpiredInHello},
                                   {"tombstoned", Rare::kTombstoned},
                                   {"dead_lettered", Rare::kDeadLettered},
                                   {"unconfirmed", Rare::kUnconfirmed},
                                   {"unconfirmed_corrected", Rare::kUnconfirmedCorrected},
                                   {"lease_stolen", Rare::kLeaseStolen},
                                   {"shard_moved", Rare::kShardMoved},
                                   {"frame_misrouted", Rare::kFrameMisrouted},
                                   {"persist_fenced", Rare::kPersistFenced},
                                   {"retry_answered_from_ring", Rare::kRetryAnsweredFromRing},
                                   {"channel_replayed", Rare::kChannelReplayed},
                                   {"gap_seen", Rare::kGapSeen},
                                   {"half_open_detected", Rare::kHalfOpenDetected},
                                   {"backpressure", Rare::kBackpressure},
                                   {"stale_hello", Rare::kStaleHello},
                                   {"hello_repeated", Rare::kHelloRepeated},
                                   {"device_rolled_back", Rare::kDeviceRolledBack},
                                   {"shard_recovered", Rare::kShardRecovered},
                                   {"store_rolled_back", Rare::kStoreRolledBack},
                                   {"duplicate_ignored", Rare::kDuplicateIgnored},
                                   {"incarnation_retired", Rare::kIncarnationRetired},
                                   {"slow_consumer_cut", Rare::kSlowConsumerCut},
                                   {"gateway_drained", Rare::kGatewayDrained},
                                   {"push_throttled", Rare::kPushThrottled},
                                   {"member_changed", Rare::kMemberChanged},
                                   {"join_refused", Rare::kJoinRefused},
                                   {"device_linked", Rare::kDeviceLinked},
                                   {"device_unlinked", Rare::kDeviceUnlinked},
                                   {"backup_found", Rare::kBackupFound},
                                   {"outcome_unknown", Rare::kOutcomeUnknown},
                                   {"versions_differ", Rare::kVersionsDiffer},
                                   {"sent_in_parts", Rare::kSentInParts},
                                   {"not_understood", Rare::kNotUnderstood},
                                   {"stale_devices", Rare::kStaleDevices},
                                   {"queue_depth", Rare::kQueueDepth}});

template <>
inline constexpr auto kNames<Compare> = std::to_array<EnumName<Compare>>({{"<", Compare::kBelow},
                                                                          {"<=", Compare::kAtMost},
                                                                          {">", Compare::kAbove},
                                                                          {">=", Compare::kAtLeast},
                                                                          {"==", Compare::kEqual}});

static_assert(kNames<FaultKind>.size() == kFaultKinds);
static_assert(kNames<Invariant>.size() == kInvariants);
static_assert(kNames<Rare>.size() == kRares);

/// The word for a value; empty only for a value that is no enumerator (TargetMode::kIndex has
/// none).
template <class E>
constexpr std::string_view name_of(E value) {
  for (const auto& n : kNames<E>) {
    if (n.value == value) return n.name;
  }
  return {};
}

template <class E>
constexpr std::optional<E> value_of(std::string_view name) {
  for (const auto& n : kNames<E>) {
    if (n.name == name) return n.value;
  }
  return std::nullopt;
}

template <class E>
std::vector<std::string> all_names() {
  std::vector<std::string> out;
  out.reserve(kNames<E>.size());
  for (const auto& n : kNames<E>) out.emplace_back(n.name);
  return out;
}

/// An invariant by name or number: "no_loss", "I9".
constexpr std::optional<Invariant> invariant_of(std::string_view word) {
  if (word.size() >= 2 && word.size() <= 3 && word.front() == 'I' && word[1] != '0') {
    int number = 0;
    for (const char c : word.substr(1)) {
      if (c < '0' || c > '9') return std::nullopt;
      number = number * 10 + (c - '0');
    }
    if (number >= 1 && number <= kInvariants) return static_cast<Invariant>(number);
    return std::nullopt;
  }
  return value_of<Invariant>(word);
}

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_NAMES_H_
