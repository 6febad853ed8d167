#include "model/channel.h"

#include <algorithm>

namespace greytick::model {
namespace {

Range unacked(Address target, const ChannelOut& row) {
  return {Table::kOutgoing, entity_of(target), row.acked.value() + 1, row.last.value(),
          kResendBatch};
}

// Sends the rows, which follow what is on the wire without a hole.
void send_rows(Address self, Address target, const Rows<Outgoing>& rows, ChannelPace& pace,
               Outputs& out) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ChannelSeq n(rows[i].sub);
    CHECK(n == pace.sent_upto.next());
    out.send(target, ChannelEntry{self, target, n, rows[i].record.item});
    pace.sent_upto = n;
  }
}

void resend(Address self, Address target, const Rows<Outgoing>& rows, ChannelSeq acked,
            ChannelPace& pace, Instant now, Outputs& out) {
  pace.sent_upto = acked;
  send_rows(self, target, rows, pace, out);
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
  const auto found = paces.find(target_);
  if (found == paces.end()) {
    const ChannelSeq before(fresh_.front().n.value() - 1);
    CHECK(before == row_.acked);
    arm(target_, paces[target_], now, kResendAfter, out);
    paces[target_].sent_upto = before;
  }
  ChannelPace& pace = paces[target_];
  for (ChannelEntry& entry : fresh_) {
    if (entry.n != pace.sent_upto.next()) break;  // behind a loss: its turn comes with an ack
    pace.sent_upto = entry.n;
    out.send(target_, std::move(entry));
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
  const auto found = paces.find(ack.target);
  if (found == paces.end()) return Step::kDone;
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
  if (progress) {
    for (ChannelSeq n = row->acked.next(); n <= next.acked; n = n.next()) {
      out.erase(outgoing_key(ack.target, n));
    }
    out.put(channel_out_key(ack.target), next);
    out.persist();
  }
  if (!waiting) {
    paces.erase(found);
    out.cancel(Timer::kResend, entity_of(ack.target));
    return Step::kDone;
  }
  if (again) {
    resend(self, ack.target, rows, next.acked, pace, t.now, out);
  } else if (go_on) {
    pace.sent_upto = next.acked;
    send_rows(self, ack.target, rows, pace, out);
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
  const auto found = paces.find(target);
  if (found == paces.end()) return Step::kDone;
  ChannelPace& pace = found->second;
  if (t.now < pace.quiet_since + pace.wait) return Step::kDone;  // armed again since
  const auto* row = view.get<ChannelOut>(channel_out_key(target));
  if (!view.complete()) return Step::kNeedMore;
  CHECK(row != nullptr);
  CHECK(row->acked < row->last);
  const Rows<Outgoing> rows = view.scan<Outgoing>(unacked(target, *row));
  if (!view.complete()) return Step::kNeedMore;
  resend(self, target, rows, row->acked, pace, t.now, out);
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
  CHECK(paces.empty());
  for (const Address& target : targets) {
    const auto* row = view.get<ChannelOut>(channel_out_key(target));
    if (row == nullptr || row->acked == row->last) continue;
    // Nobody knows what was on the wire, so all of it counts as lost.
    ChannelPace& pace = paces[target];
    pace.sent_upto = row->acked;
    arm(target, pace, t.now, kGapResendAfter, out);
  }
  return Step::kDone;
}

void owe_ack(Address source, AcksDue& due, Instant now, Outputs& out) {
  if (!due.emplace(source, true).second) return;
  out.wake(Timer::kAckDue, entity_of(source), now + kAckDelay);
}

void ack_now(Address self, const ChannelEntry& entry, const ChannelIn* stored, bool gap,
             Outputs& out) {
  const ChannelSeq applied = stored != nullptr ? stored->applied : ChannelSeq{};
  out.send(entry.source, ChannelAck{entry.source, self, applied, gap});
}

Step on_ack_due(Address self, std::uint64_t source_entity, AcksDue& due, View& view, Outputs& out) {
  const Address source = shard_of_entity(source_entity);
  const auto* row = view.get<ChannelIn>(channel_in_key(source));
  if (!view.complete()) return Step::kNeedMore;
  due.erase(source);
  if (row != nullptr) out.send(source, ChannelAck{source, self, row->applied, false});
  return Step::kDone;
}

}  // namespace greytick::model
