#include "model/conversation_shard.h"

#include <algorithm>

#include "model/dedup.h"

namespace greytick::model {
namespace {

using State = ConversationShard::State;

Range members_of(ConversationId c) { return {Table::kMember, c.value(), 0, ~0ULL, 1024}; }

std::vector<Address> mailbox_shards(const Placement& p) {
  std::vector<Address> all;
  for (std::uint32_t i = 0; i < p.regions * p.mailbox_shards; ++i) {
    all.push_back({Role::kMailbox, i, ConnectionId{}});
  }
  return all;
}

SendReply reply_to(const SendMessage& send, ReplyCode code) {
  return {.stream = send.stream,
          .cseq = send.cseq,
          .id = send.id,
          .code = code,
          .reason = RejectReason::kNone,
          .position = {},
          .accepted_at = {},
          .expected = {},
          .retry_after = {}};
}

SendReply reply_from(const SendMessage& send, const Response& stored) {
  SendReply reply = reply_to(send, stored.code);
  reply.reason = stored.reason;
  reply.position = stored.position;
  reply.accepted_at = stored.accepted_at;
  return reply;
}

// A SEND that has not been seen: one transaction of dedup mark, response, log position and channel
// entries, or of a definite rejection.
class Ingest {
 public:
  Ingest(State& state, const Stimulus& t, const SendMessage& send, Address from)
      : state_(state), t_(t), send_(send), from_(from) {}

  Step run(const Stream* stream, View& view, Outputs& out) {
    const ConversationId c = send_.stream.conversation;
    const auto* conversation = view.get<Conversation>(conversation_key(c));
    const Rows<Member> members = view.scan<Member>(members_of(c));
    if (!view.complete()) return Step::kNeedMore;
    const Recipient* sender = nullptr;
    Recipients recipients;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const Recipient& who = members[i].record.who;
      if (who.device == send_.stream.device) {
        sender = &who;
      } else {
        recipients.push_back(who);
      }
    }
    boost::container::small_vector<ChannelWriter, 2> channels;
    for (const Recipient& r : recipients) {
      const Address target = state_.placement.mailbox_shard(r.user);
      if (std::ranges::none_of(channels, [&](auto& w) { return w.target() == target; })) {
        channels.emplace_back(state_.self, target, view.get<ChannelOut>(channel_out_key(target)));
      }
    }
    if (!view.complete()) return Step::kNeedMore;

    // The reinstalled device is known to its mailbox shard first; the conversation hears of it
    // soon.
    const bool not_yet = sender != nullptr && sender->incarnation < send_.stream.incarnation;
    const bool full = std::ranges::any_of(
        channels, [&](auto& w) { return w.backlog() >= state_.config.channel_max; });
    if (sender != nullptr && sender->incarnation > send_.stream.incarnation) {
      out.send(from_, reply_to(send_, ReplyCode::kStaleIncarnation));
      out.took(Branch::kStaleIncarnation);
      return Step::kDone;
    }
    if (not_yet || full || state_.short_of_room) {
      SendReply reply = reply_to(send_, ReplyCode::kRetryable);
      reply.retry_after = state_.config.retry_after;
      out.send(from_, reply);
      if (!not_yet) out.took(Branch::kBackpressure);
      return Step::kDone;
    }
    const RejectReason reason = sender == nullptr ? RejectReason::kNotMember
                                : send_.content.bytes > state_.config.content_max
                                    ? RejectReason::kTooLarge
                                    : RejectReason::kNone;
    if (reason != RejectReason::kNone) return reject(stream, reason, out);
    CHECK(conversation != nullptr);  // members come with their conversation
    return commit(stream, *conversation, *sender, recipients, channels, out);
  }

 private:
  // The cseq is consumed, so that what follows it is not held up.
  Step reject(const Stream* stream, RejectReason reason, Outputs& out) {
    const Response response =
        respond(stream, ReplyCode::kRejected, reason, LogPos{}, Instant{}, out);
    out.persist();
    out.note(RejectedForGood{send_.stream, send_.cseq});
    out.send(from_, reply_from(send_, response));
    return Step::kDone;
  }

  template <class Channels>
  Step commit(const Stream* stream, const Conversation& conversation, const Recipient& sender,
              const Recipients& recipients, Channels& channels, Outputs& out) {
    const Instant accepted_at = state_.clock.read(t_.wall, t_.now);
    Conversation head = conversation;
    head.head = head.head.next();
    const Message message{.stream = send_.stream,
                          .sender = sender.user,
                          .cseq = send_.cseq,
                          .position = head.head,
                          .id = send_.id,
                          .dep = send_.dep,
                          .accepted_at = accepted_at,
                          .content = send_.content};
    out.put(conversation_key(send_.stream.conversation), head);
    const Response response =
        respond(stream, ReplyCode::kSent, RejectReason::kNone, head.head, accepted_at, out);
    for (ChannelWriter& channel : channels) {
      FanOut item;
      item.message = message;
      for (const Recipient& r : recipients) {
        if (state_.placement.mailbox_shard(r.user) == channel.target())
          item.recipients.push_back(r);
      }
      channel.append(out, std::move(item));
    }
    out.persist();
    out.note(Committed{message, recipients});
    const bool jumped = state_.clock.jumped(t_.wall, t_.now);
    if (jumped && !state_.clock_jumped) out.took(Branch::kClockClamped);
    state_.clock_jumped = jumped;
    out.send(from_, reply_from(send_, response));
    for (ChannelWriter& channel : channels) channel.send(out, state_.paces, t_.now);
    return Step::kDone;
  }

  Response respond(const Stream* stream, ReplyCode code, RejectReason reason, LogPos position,
                   Instant accepted_at, Outputs& out) {
    const ConversationId c = send_.stream.conversation;
    const DeviceId d = send_.stream.device;
    Stream next{send_.stream.incarnation, ClientSeq{}, ClientSeq{}};
    const bool known = stream != nullptr && stream->incarnation == send_.stream.incarnation;
    if (known) next = *stream;
    // Responses that the device has seen may be forgotten; never the one given here. Those of an
    // earlier incarnation go too.
    const ClientSeq acked = std::max(next.acked, std::min(send_.acked, next.high_water));
    ClientSeq first = next.acked.next(), last = acked;
    if (stream != nullptr && !known) {
      first = stream->acked.next();
      last = stream->high_water;
    }
    for (ClientSeq n = first; n <= last; n = n.next()) {
      const Key key = response_key(c, d, n);
      if (key != response_key(c, d, send_.cseq)) out.erase(key);
    }
    next.acked = acked;
    next.high_water = send_.cseq;
    const Response response{.incarnation = send_.stream.incarnation,
                            .cseq = send_.cseq,
                            .id = send_.id,
                            .code = code,
                            .reason = reason,
                            .position = position,
                            .accepted_at = accepted_at};
    out.put(stream_key(c, d), next);
    out.put(response_key(c, d, send_.cseq), response);
    return response;
  }

  State& state_;
  const Stimulus& t_;
  const SendMessage& send_;
  Address from_;
};

Step on_send(State& state, const Stimulus& t, const SendMessage& send, Address from, View& view,
             Outputs& out) {
  const ConversationId c = send.stream.conversation;
  const auto* stream = view.get<Stream>(stream_key(c, send.stream.device));
  const auto* slot = view.get<Response>(response_key(c, send.stream.device, send.cseq));
  if (!view.complete()) return Step::kNeedMore;
  switch (dedup(stream, slot, send)) {
    case Dedup::kNew:
      // The window holds a cseq back until its ring slot is free; a device that ignores it waits.
      if (slot != nullptr && slot->incarnation == send.stream.incarnation &&
          slot->cseq > send.acked) {
        SendReply reply = reply_to(send, ReplyCode::kRetryable);
        reply.retry_after = state.config.retry_after;
        out.send(from, reply);
        return Step::kDone;
      }
      return Ingest(state, t, send, from).run(stream, view, out);
    case Dedup::kRepeat:
      out.send(from, reply_from(send, *slot));
      out.took(Branch::kRetryAnsweredFromRing);
      return Step::kDone;
    case Dedup::kForgotten:
      out.send(from, reply_to(send, ReplyCode::kForgotten));
      return Step::kDone;
    case Dedup::kConflict:
      out.send(from, reply_to(send, ReplyCode::kConflict));
      out.took(Branch::kConflict);
      return Step::kDone;
    case Dedup::kGap: {
      SendReply reply = reply_to(send, ReplyCode::kGap);
      const bool same = stream != nullptr && stream->incarnation == send.stream.incarnation;
      reply.expected = same ? stream->high_water.next() : ClientSeq(1);
      out.send(from, reply);
      out.took(Branch::kGapRefused);
      return Step::kDone;
    }
    case Dedup::kStaleIncarnation:
      out.send(from, reply_to(send, ReplyCode::kStaleIncarnation));
      out.took(Branch::kStaleIncarnation);
      return Step::kDone;
  }
  return Step::kDone;
}

// A member's device has a new incarnation: membership changes in the log's own serial order.
Step on_member_update(State& state, const Stimulus& t, const ChannelEntry& entry,
                      const MemberUpdate& update, View& view, Outputs& out) {
  const auto* in = view.get<ChannelIn>(channel_in_key(entry.source));
  const auto* conversation = view.get<Conversation>(conversation_key(update.conversation));
  const auto* member = view.get<Member>(member_key(update.conversation, update.member.device));
  if (!view.complete()) return Step::kNeedMore;
  switch (judge(in, entry.n)) {
    case ChannelVerdict::kReplayed:
      out.took(Branch::kChannelReplayed);
      owe_ack(entry.source, state.acks, t.now, out);
      return Step::kDone;
    case ChannelVerdict::kGap:
      out.took(Branch::kChannelGap);
      ack_now(state.self, entry, in, true, out);
      return Step::kDone;
    case ChannelVerdict::kApply:
      break;
  }
  out.put(channel_in_key(entry.source), ChannelIn{entry.n});
  if (conversation != nullptr && member != nullptr &&
      member->who.incarnation < update.member.incarnation) {
    Conversation next = *conversation;
    ++next.membership_version;
    out.put(conversation_key(update.conversation), next);
    out.put(member_key(update.conversation, update.member.device), Member{update.member});
  }
  out.persist();
  owe_ack(entry.source, state.acks, t.now, out);
  return Step::kDone;
}

Step on_start(State& state, const Stimulus& t, const Start& start, View& view, Outputs& out) {
  const std::vector<Address> targets = mailbox_shards(state.placement);
  ChannelPaces paces;
  if (recover_channels(state.self, targets, paces, t, view, out) == Step::kNeedMore) {
    return Step::kNeedMore;
  }
  if (std::ranges::any_of(targets, [&](Address target) {
        return view.get<ChannelOut>(channel_out_key(target)) != nullptr;
      })) {
    out.took(Branch::kShardRecovered);
  }
  state.paces = std::move(paces);
  state.acks.clear();
  state.lease = start.lease;
  state.clock = ClockGuard(start.store_clock, t.now);
  state.short_of_room = false;
  state.clock_jumped = false;
  state.started = true;
  return Step::kDone;
}

Step on_arrive(State& state, const Stimulus& t, const Arrive& arrive, View& view, Outputs& out) {
  if (const auto* send = std::get_if<SendMessage>(&arrive.frame)) {
    return on_send(state, t, *send, arrive.from, view, out);
  }
  if (const auto* ack = std::get_if<ChannelAck>(&arrive.frame)) {
    return on_channel_ack(state.self, *ack, state.paces, t, view, out);
  }
  if (const auto* entry = std::get_if<ChannelEntry>(&arrive.frame)) {
    if (const auto* update = std::get_if<MemberUpdate>(&entry->item)) {
      return on_member_update(state, t, *entry, *update, view, out);
    }
  }
  return Step::kDone;  // not for this role: a peer's mistake changes nothing
}

}  // namespace

ReadSet ConversationShard::keys_of(const State& state, const Input& input) {
  ReadSet set;
  if (std::holds_alternative<Start>(input)) {
    keys_of_recover(mailbox_shards(state.placement), set);
  } else if (const auto* fired = std::get_if<Fired>(&input)) {
    if (fired->timer == Timer::kResend) keys_of_resend(fired->entity, set);
    if (fired->timer == Timer::kAckDue) {
      set.keys.push_back(channel_in_key(shard_of_entity(fired->entity)));
    }
  } else if (const auto* arrive = std::get_if<Arrive>(&input)) {
    if (const auto* send = std::get_if<SendMessage>(&arrive->frame)) {
      const ConversationId c = send->stream.conversation;
      set.keys.push_back(stream_key(c, send->stream.device));
      set.keys.push_back(response_key(c, send->stream.device, send->cseq));
      set.keys.push_back(conversation_key(c));
      set.ranges.push_back(members_of(c));
    } else if (const auto* ack = std::get_if<ChannelAck>(&arrive->frame)) {
      keys_of_ack(*ack, set);
    } else if (const auto* entry = std::get_if<ChannelEntry>(&arrive->frame)) {
      set.keys.push_back(channel_in_key(entry->source));
      if (const auto* update = std::get_if<MemberUpdate>(&entry->item)) {
        set.keys.push_back(conversation_key(update->conversation));
        set.keys.push_back(member_key(update->conversation, update->member.device));
      }
    }
  }
  return set;
}

Step ConversationShard::handle(State& state, const Stimulus& t, const Input& input, View& view,
                               Outputs& out) {
  if (const auto* start = std::get_if<Start>(&input)) return on_start(state, t, *start, view, out);
  if (!state.started) return Step::kDone;
  if (const auto* arrive = std::get_if<Arrive>(&input)) {
    return on_arrive(state, t, *arrive, view, out);
  }
  if (const auto* fired = std::get_if<Fired>(&input)) {
    if (fired->timer == Timer::kResend) {
      return on_resend(state.self, fired->entity, state.paces, t, view, out);
    }
    if (fired->timer == Timer::kAckDue) {
      return on_ack_due(state.self, fired->entity, state.acks, view, out);
    }
  }
  if (const auto* pressure = std::get_if<Pressure>(&input)) {
    state.short_of_room = pressure->bytes_free < state.config.bytes_reserve;
  }
  return Step::kDone;
}

static_assert(Machine<ConversationShard>);

}  // namespace greytick::model
