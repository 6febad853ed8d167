#include "model/channel.h"

#include <algorithm>

namespace greytick::model {
namespace {

Range unacked(Address target, const ChannelOut& row) {
  return {Table::kOutgoing, entity_of(target), row.acked.value() + 1, row.last.value(),
          kResendBatch};
}

Duration pause(std::uint32_t attempts) {
  return std::min<Duration>(kResendAfter * (1LL << std::min(attempts, 5U)), kResendMax);
}

void arm(Address target, ChannelPace& pace, const ChannelOut& row, Instant now, Outputs& out) {
  pace.armed = true;
  pace.acked = row.acked;
  out.wake(Timer::kResend, entity_of(target), now + pause(pace.attempts));
}

void resend(Address self, Address target, const Rows<Outgoing>& rows, ChannelPace& pace,
            Instant now, Outputs& out) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.send(target, ChannelEntry{self, target, ChannelSeq(rows[i].sub), rows[i].record.item});
  }
  out.took(Branch::kChannelResent);
  pace.resent_at = now;
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
  for (ChannelEntry& entry : fresh_) out.send(target_, std::move(entry));
  fresh_.clear();
  ChannelPace& pace = paces[target_];
  if (!pace.armed) arm(target_, pace, row_, now, out);
}

void keys_of_ack(const ChannelAck& ack, ReadSet& set) {
  set.keys.push_back(channel_out_key(ack.target));
}

Step on_channel_ack(Address self, const ChannelAck& ack, ChannelPaces& paces, const Stimulus& t,
                    View& view, Outputs& out) {
  const auto* row = view.get<ChannelOut>(channel_out_key(ack.target));
  if (!view.complete()) return Step::kNeedMore;
  if (row == nullptr || ack.applied > row->last || ack.applied < row->acked) return Step::kDone;
  ChannelOut next = *row;
  next.acked = ack.applied;
  ChannelPace& pace = paces[ack.target];
  const bool again =
      ack.gap && next.acked < next.last &&
      (pace.resent_at == Instant::min() || t.now - pace.resent_at >= kGapResendAfter);
  Rows<Outgoing> rows({});
  if (again) {
    rows = view.scan<Outgoing>(unacked(ack.target, next));
    if (!view.complete()) return Step::kNeedMore;
  }
  if (next.acked > row->acked) {
    for (ChannelSeq n = row->acked.next(); n <= next.acked; n = n.next()) {
      out.erase(outgoing_key(ack.target, n));
    }
    out.put(channel_out_key(ack.target), next);
    out.persist();
    pace.attempts = 0;
  }
  if (again) resend(self, ack.target, rows, pace, t.now, out);
  return Step::kDone;
}

void keys_of_resend(std::uint64_t target_entity, ReadSet& set) {
  set.keys.push_back(channel_out_key(shard_of_entity(target_entity)));
}

Step on_resend(Address self, std::uint64_t target_entity, ChannelPaces& paces, const Stimulus& t,
               View& view, Outputs& out) {
  const Address target = shard_of_entity(target_entity);
  const auto* row = view.get<ChannelOut>(channel_out_key(target));
  if (!view.complete()) return Step::kNeedMore;
  ChannelPace& pace = paces[target];
  if (row == nullptr || row->acked == row->last) {
    pace.armed = false;
    pace.attempts = 0;
    return Step::kDone;
  }
  if (row->acked > pace.acked) {  // progress since: look again later
    pace.attempts = 0;
    arm(target, pace, *row, t.now, out);
    return Step::kDone;
  }
  const Rows<Outgoing> rows = view.scan<Outgoing>(unacked(target, *row));
  if (!view.complete()) return Step::kNeedMore;
  ++pace.attempts;
  resend(self, target, rows, pace, t.now, out);
  arm(target, pace, *row, t.now, out);
  return Step::kDone;
}

void keys_of_recover(std::span<const Address> targets, ReadSet& set) {
  for (const Address& target : targets) set.keys.push_back(channel_out_key(target));
}

Step recover_channels(Address self, std::span<const Address> targets, ChannelPaces& paces,
                      const Stimulus& t, View& view, Outputs& out) {
  static_cast<void>(self);
  boost::container::small_vector<Address, 32> open;
  for (const Address& target : targets) {
    const auto* row = view.get<ChannelOut>(channel_out_key(target));
    if (row != nullptr && row->acked < row->last) open.push_back(target);
  }
  if (!view.complete()) return Step::kNeedMore;
  for (const Address& target : open) {
    paces[target].armed = true;
    paces[target].acked =
        ChannelSeq(~0ULL);  // nothing counts as progress: the first firing resends
    out.wake(Timer::kResend, entity_of(target), t.now + kGapResendAfter);
  }
  return Step::kDone;
}

void owe_ack(Address source, AcksDue& due, Instant now, Outputs& out) {
  if (due[source]) return;
  due[source] = true;
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
  due[source] = false;
  if (row != nullptr) out.send(source, ChannelAck{source, self, row->applied, false});
  return Step::kDone;
}

}  // namespace greytick::model
