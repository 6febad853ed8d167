#include "model/channel.h"

#include <algorithm>

namespace greytick::model {
namespace {

Range unacked(Address target, const ChannelOut& row) {
  return {Table::kOutgoing, entity_of(target), row.acked.value() + 1, row.last.value(),
          kResendBatch};
}

// One frame, or one for each recipient.
void send_entry(ChannelEntry entry, bool in_parts, Outputs& out) {
  const auto* fan_out = std::get_if<FanOut>(&entry.item);
  if (!in_parts || fan_out == nullptr || fan_out->recipients.size() <= 1) {
    const Address target = entry.target;
    out.send(target, std::move(entry));
    return;
  }
  const auto last = static_cast<std::uint32_t>(fan_out->recipients.size());
  for (std::uint32_t part = 1; part <= last; ++part) {
    out.send(entry.target, ChannelEntry{entry.source, entry.target, entry.n,
                                        FanOut{fan_out->message, {fan_out->recipients[part - 1]}},
                                        part, part < last});
  }
  out.took(Branch::kSentInParts);
}

// Sends the rows, which follow what is on the wire without a hole.
void send_rows(Address self, Address target, const Rows<Outgoing>& rows, bool in_parts,
               ChannelPace& pace, Outputs& out) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ChannelSeq n(rows[i].sub);
    CHECK(n == pace.sent_upto.next());
    send_entry({self, target, n, rows[i].record.item}, in_parts, out);
    pace.sent_upto = n;
  }
}

void resend(Address self, Address target, const Rows<Outgoing>& rows, ChannelSeq acked,
            bool in_parts, ChannelPace& pace, Instant now, Outputs& out) {
  pace.sent_upto = acked;
  send_rows(self, target, rows, in_parts, pace, out);
  out.took(Branch::kChannelResent);
  pace.resent_at = now;
}

void arm(Address target, ChannelPace& pace, Instant now, Duration wait, Outputs& out) {
  pace.quiet_since = now;
  pace.wait = wait;
  out.wake(Timer::kResend, entity_of(target), now + wait);
}

}  // namespace

void ChannelWriter::append(Outputs& out, ChannelItem item) {
  row_.last = row_.last.next();
  out.put(outgoing_key(target_, row_.last), Outgoing{item});
  out.put(channel_out_key(target_), row_);
  fresh_.push_back(ChannelEntry{self_, target_, row_.last, std::move(item)});
}

void ChannelWriter::send(Outputs& out, ChannelPaces& paces, Instant now) {
  if (fresh_.empty()) return;
  const auto found = paces.of.find(target_);
  if (found == paces.of.end()) {
    const ChannelSeq before(fresh_.front().n.value() - 1);
    CHECK(before == row_.acked);
    arm(target_, paces.of[target_], now, kResendAfter, out);
    paces.of[target_].sent_upto = before;
  }
  ChannelPace& pace = paces.of[target_];
  const bool in_parts = paces.in_parts(target_);
  for (ChannelEntry& entry : fresh_) {
    if (entry.n != pace.sent_upto.next()) break;  // behind a loss: its turn comes with an ack
    pace.sent_upto = entry.n;
    send_entry(std::move(entry), in_parts, out);
  }
  fresh_.clear();
}

void keys_of_ack(const ChannelAck& ack, ReadSet& set) {
  set.keys.push_back(channel_out_key(ack.target));
}

Step on_channel_ack(Address self, const ChannelAck& ack, ChannelPaces& paces, const Stimulus& t,
                    View& view, Outputs& out) {
  const auto* row = view.get<ChannelOut>(channel_out_key(ack.target));
  if (!view.complete()) return Step::kNeedMore;
  // An older ack tells nothing; an equal one may report a gap; one beyond the last entry is not
  // ours to believe. Without a pace nothing is unacknowledged.
  if (row == nullptr || ack.applied > row->last || ack.applied < row->acked) return Step::kDone;
  const auto found = paces.of.find(ack.target);
  if (found == paces.of.end()) return Step::kDone;
  ChannelPace& pace = found->second;
  ChannelOut next = *row;
  next.acked = ack.applied;
  const bool progress = next.acked > row->acked;
  const bool waiting = next.acked < next.last;
  const bool again =
      ack.gap && waiting &&
      (pace.resent_at == Instant::min() || t.now - pace.resent_at >= kGapResendAfter);
  const bool go_on = progress && waiting && next.acked >= pace.sent_upto;
  Rows<Outgoing> rows({});
  if (again || go_on) {
    rows = view.scan<Outgoing>(unacked(ack.target, next));
    if (!view.complete()) return Step::kNeedMore;
  }
  if (ack.version < Version::k2) {
    paces.old.insert(ack.target);
  } else if (!paces.old.empty()) {
    paces.old.erase(ack.target);
  }
  if (progress) {
    for (ChannelSeq n = row->acked.next(); n <= next.acked; n = n.next()) {
      out.erase(outgoing_key(ack.target, n));
    }
    out.put(channel_out_key(ack.target), next);
    out.persist();
  }
  if (!waiting) {
    paces.of.erase(found);
    out.cancel(Timer::kResend, entity_of(ack.target));
    return Step::kDone;
  }
  if (again) {
    resend(self, ack.target, rows, next.acked, paces.in_parts(ack.target), pace, t.now, out);
  } else if (go_on) {
    pace.sent_upto = next.acked;
    send_rows(self, ack.target, rows, paces.in_parts(ack.target), pace, out);
  }
  if (progress) {
    arm(ack.target, pace, t.now, kResendAfter, out);
  } else if (again) {
    arm(ack.target, pace, t.now, pace.wait, out);
  }
  return Step::kDone;
}

void keys_of_resend(std::uint64_t target_entity, ReadSet& set) {
  set.keys.push_back(channel_out_key(shard_of_entity(target_entity)));
}

Step on_resend(Address self, std::uint64_t target_entity, ChannelPaces& paces, const Stimulus& t,
               View& view, Outputs& out) {
  const Address target = shard_of_entity(target_entity);
  const auto found = paces.of.find(target);
  if (found == paces.of.end()) return Step::kDone;
  ChannelPace& pace = found->second;
  if (t.now < pace.quiet_since + pace.wait) return Step::kDone;  // armed again since
  const auto* row = view.get<ChannelOut>(channel_out_key(target));
  if (!view.complete()) return Step::kNeedMore;
  CHECK(row != nullptr);
  CHECK(row->acked < row->last);
  const Rows<Outgoing> rows = view.scan<Outgoing>(unacked(target, *row));
  if (!view.complete()) return Step::kNeedMore;
  resend(self, target, rows, row->acked, paces.in_parts(target), pace, t.now, out);
  arm(target, pace, t.now, std::clamp<Duration>(2 * pace.wait, kResendAfter, kResendMax), out);
  return Step::kDone;
}

void keys_of_recover(std::span<const Address> targets, ReadSet& set) {
  for (const Address& target : targets) set.keys.push_back(channel_out_key(target));
}

Step recover_channels(Address self, std::span<const Address> targets, ChannelPaces& paces,
                      const Stimulus& t, View& view, Outputs& out) {
  static_cast<void>(self);
  for (const Address& target : targets) view.get<ChannelOut>(channel_out_key(target));
  if (!view.complete()) return Step::kNeedMore;
  CHECK(paces.of.empty());
  for (const Address& target : targets) {
    const auto* row = view.get<ChannelOut>(channel_out_key(target));
    if (row == nullptr || row->acked == row->last) continue;
    // Nobody knows what was on the wire, so all of it counts as lost.
    ChannelPace& pace = paces.of[target];
    pace.sent_upto = row->acked;
    arm(target, pace, t.now, kGapResendAfter, out);
  }
  return Step::kDone;
}

void owe_ack(Address source, AcksDue& due, Instant now, Outputs& out) {
  if (!due.emplace(source, true).second) return;
  out.wake(Timer::kAckDue, entity_of(source), now + kAckDelay);
}

void ack_now(Address self, Version reads, const ChannelEntry& entry, const ChannelIn* stored,
             bool gap, Outputs& out) {
  const ChannelSeq applied = stored != nullptr ? stored->applied : ChannelSeq{};
  out.send(entry.source, ChannelAck{entry.source, self, applied, gap, reads});
}

Step on_ack_due(Address self, Version reads, std::uint64_t source_entity, AcksDue& due, View& view,
                Outputs& out) {
  const Address source = shard_of_entity(source_entity);
  const auto* row = view.get<ChannelIn>(channel_in_key(source));
  if (!view.complete()) return Step::kNeedMore;
  due.erase(source);
  if (row != nullptr) out.send(source, ChannelAck{source, self, row->applied, false, reads});
  return Step::kDone;
}

}  // namespace greytick::model
