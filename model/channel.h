// The channel between two shards: numbered entries, written in the transaction that causes them (a
// transactional outbox) and applied exactly once, in order, whatever the bus between drops, repeats
// or reorders. State is per pair of shards, never per user. Entries acked+1 .. last are stored at
// the source until the target acknowledges.
#pragma once

#include <cstdint>
#include <span>

#include <boost/container/flat_map.hpp>
#include <boost/container/flat_set.hpp>
#include <boost/container/small_vector.hpp>

#include "model/machine.h"

namespace greytick::model {

inline constexpr Duration kResendAfter = std::chrono::milliseconds(500);
inline constexpr Duration kResendMax = std::chrono::seconds(8);
inline constexpr Duration kGapResendAfter = std::chrono::milliseconds(50);
inline constexpr Duration kAckDelay = std::chrono::milliseconds(20);
inline constexpr std::uint32_t kResendBatch = 64;

/// What a source remembers of a channel that has unacknowledged entries; other channels have no
/// pace and no timer. Lost in a crash, rebuilt by recover_channels().
struct ChannelPace {
  // Entries up to here are on the wire. Later ones wait until these are acknowledged: after a loss
  // the target can apply nothing beyond the hole, so sending more would only bring more gap acks.
  ChannelSeq sent_upto;
  Instant quiet_since{};               // the last progress, or resend
  Duration wait{};                     // from then until kResend does its work; grows
  Instant resent_at = Instant::min();  // gap acks come in bursts: at most one resend in a while
  friend bool operator==(const ChannelPace&, const ChannelPace&) = default;
};
/// The source's side of all its channels. Lost in a crash too.
struct ChannelPaces {
  Version version = Version::k2;  // that the source speaks
  boost::container::flat_map<Address, ChannelPace> of;
  // Targets whose last ack said that they read version 1. Of others the source does not know better
  // than that they read what it writes; one that does not says so, and changes nothing.
  boost::container::flat_set<Address> old;

  /// Whether an entry with several recipients goes to that target in parts.
  [[nodiscard]] bool in_parts(Address target) const {
    return version == Version::k1 || (!old.empty() && old.contains(target));
  }
  friend bool operator==(const ChannelPaces&, const ChannelPaces&) = default;
};

/// The entries of one step to one target, written into its transaction. Construct (one writer for
/// each target in a step), append any number, then out.persist() and send().
class ChannelWriter {
 public:
  ChannelWriter(Address self, Address target, const ChannelOut* stored)
      : self_(self), target_(target), row_(stored != nullptr ? *stored : ChannelOut{}) {}
  /// Adds one entry to the transaction.
  void append(Outputs& out, ChannelItem item);
  /// After the transaction: hands the new entries to the bus, unless they wait behind a loss, and
  /// keeps the resend timer armed. CHECKs that recover_channels() knew this target.
  void send(Outputs& out, ChannelPaces& paces, Instant now);
  /// Entries not acknowledged yet, those appended here included.
  [[nodiscard]] std::uint64_t backlog() const { return row_.last - row_.acked; }
  [[nodiscard]] Address target() const { return target_; }

 private:
  Address self_, target_;
  ChannelOut row_;
  boost::container::small_vector<ChannelEntry, 1> fresh_;
};

// --- the source's side ---
/// Keys and ranges of a ChannelAck.
void keys_of_ack(const ChannelAck& ack, ReadSet& set);
/// Trims what the target has applied and sends what waited for it; on a reported gap sends the rest
/// again at once. Learns what the target reads.
Step on_channel_ack(Address self, const ChannelAck& ack, ChannelPaces& paces, const Stimulus& t,
                    View& view, Outputs& out);
void keys_of_resend(std::uint64_t target_entity, ReadSet& set);
/// kResend fired: entries that saw no progress are sent again, with growing pauses.
Step on_resend(Address self, std::uint64_t target_entity, ChannelPaces& paces, const Stimulus& t,
               View& view, Outputs& out);
/// Start: every channel with unacknowledged entries resends soon. `targets`: all shards this one
/// may write to. `paces` is empty, and an effect only when the answer is kDone.
void keys_of_recover(std::span<const Address> targets, ReadSet& set);
Step recover_channels(Address self, std::span<const Address> targets, ChannelPaces& paces,
                      const Stimulus& t, View& view, Outputs& out);

// --- the target's side ---
enum class ChannelVerdict : std::uint8_t { kApply, kReplayed, kGap };
/// What to do with an entry, or a part of one, when `stored` has been applied.
[[nodiscard]] constexpr ChannelVerdict judge(const ChannelIn* stored, const ChannelEntry& entry) {
  const ChannelIn in = stored != nullptr ? *stored : ChannelIn{};
  if (entry.n <= in.applied) return ChannelVerdict::kReplayed;
  if (entry.n != in.applied.next()) return ChannelVerdict::kGap;
  if (entry.part == 0) return ChannelVerdict::kApply;  // what is left of it
  if (entry.part <= in.parts) return ChannelVerdict::kReplayed;
  return entry.part == in.parts + 1 ? ChannelVerdict::kApply : ChannelVerdict::kGap;
}
/// What is stored when an entry that judge() lets through has been applied.
[[nodiscard]] constexpr ChannelIn applied_with(const ChannelEntry& entry) {
  if (entry.part != 0 && entry.more) return {ChannelSeq(entry.n.value() - 1), entry.part};
  return {entry.n, 0};
}
/// Sources that are owed a cumulative ack; lost in a crash, and then the source's resend asks
/// again.
using AcksDue = boost::container::flat_map<Address, bool>;
/// An ack of `source` is owed within kAckDelay.
void owe_ack(Address source, AcksDue& due, Instant now, Outputs& out);
/// Answers a gap at once, or a replay where owe_ack would be too late. Replays come in batches, so
/// owe_ack is the better answer to them. reads: the version of the target.
void ack_now(Address self, Version reads, const ChannelEntry& entry, const ChannelIn* stored,
             bool gap, Outputs& out);
/// kAckDue fired.
Step on_ack_due(Address self, Version reads, std::uint64_t source_entity, AcksDue& due, View& view,
                Outputs& out);

}  // namespace greytick::model
