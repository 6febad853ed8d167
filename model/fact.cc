#include "model/fact.h"

#include <array>

namespace greytick::model {

std::string_view fact_name(const Fact& fact) {
  static constexpr std::array<std::string_view, std::variant_size_v<Fact>> kNames = {
      "created",         "answered",        "turned_away",      "applied",
      "displayed",       "gap_shown",       "opened",           "sent_shown",
      "ticks_shown",     "failure_shown",   "session_adopted",  "incarnation_adopted",
      "committed",       "member_changed",  "join_turned_away", "rejected",
      "settled",         "corrected",       "retired",          "took",
      "lease_committed", "shard_crashed",   "device_crashed",   "footprint",
      "outcome_unknown", "backup_restored", "aggregate_shown"};
  return kNames[fact.index()];
}

std::string_view branch_name(Branch branch) {
  static constexpr std::array<std::string_view, kBranches> kNames = {"retry_answered_from_ring",
                                                                     "gap_refused",
                                                                     "conflict",
                                                                     "stale_incarnation",
                                                                     "backpressure",
                                                                     "channel_replayed",
                                                                     "channel_gap",
                                                                     "channel_resent",
                                                                     "hello_repeated",
                                                                     "stale_hello",
                                                                     "session_resumed",
                                                                     "session_replaced",
                                                                     "expired_in_hello",
                                                                     "tombstoned",
                                                                     "unconfirmed",
                                                                     "corrected",
                                                                     "over_capacity",
                                                                     "retired",
                                                                     "redelivered",
                                                                     "duplicate_ignored",
                                                                     "old_session_ignored",
                                                                     "stale_reply_ignored",
                                                                     "half_open_detected",
                                                                     "degraded",
                                                                     "slow_consumer_cut",
                                                                     "pushed",
                                                                     "push_throttled",
                                                                     "push_woke_device",
                                                                     "shard_recovered",
                                                                     "clock_clamped",
                                                                     "lease_lost",
                                                                     "reinstalled",
                                                                     "join_refused",
                                                                     "linked",
                                                                     "unlinked",

                                                                     "backup_found",
                                                                     "versions_differ",
                                                                     "sent_in_parts",
                                                                     "not_understood",
                                                                     "stale_devices"};
  return kNames[static_cast<std::size_t>(branch)];
}

std::string_view cause_name(Cause cause) {
  static constexpr std::array<std::string_view, 5> kNames = {"none", "expired", "unconfirmed",
                                                             "retired", "over_capacity"};
  return kNames[static_cast<std::size_t>(cause)];
}

}  // namespace greytick::model
