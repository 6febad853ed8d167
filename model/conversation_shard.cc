#include "model/conversation_shard.h"

#include <algorithm>

#include "model/dedup.h"

namespace greytick::model {
namespace {

using State = ConversationShard::State;

Range members_of(ConversationId c) { return {Table::kMember, c.value(), 0, ~0ULL, kMembersMax}; }

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
          .retry_after = {},
          .audience = 0,
          .last_number = {},
          .devices = {}};
}

SendReply reply_from(const SendMessage& send, const Response& stored) {
  SendReply reply = reply_to(send, stored.code);
  reply.reason = stored.reason;
  reply.position = stored.position;
  reply.accepted_at = stored.accepted_at;
  reply.audience = stored.audience;
  reply.last_number = stored.last_number;
  return reply;
}

// The users among who see a message, the sender's own apart; zero when there are not two: then
// there is nothing to fold.
std::uint16_t audience_of(const Recipients& recipients, UserId sender) {
  if (recipients.size() < 2) return 0;
  boost::container::small_vector<UserId, 16> users;
  for (const Recipient& r : recipients) {
    if (r.user != sender) users.push_back(r.user);
  }
  std::ranges::sort(users);
  const auto count = std::ranges::unique(users).begin() - users.begin();
  static_assert(kMembersMax <= 0xffff);
  return count < 2 ? std::uint16_t{0} : static_cast<std::uint16_t>(count);
}

using Channels = boost::container::small_vector<ChannelWriter, 2>;

// Opens the channels to the shards of these devices. The view may lack one: then the step runs
// again.
void open_channels(const State& state, const Recipients& devices, Channels& channels, View& view) {
  for (const Recipient& r : devices) {
    const Address target = state.placement.mailbox_shard(r.user);
    if (std::ranges::none_of(channels, [&](auto& w) { return w.target() == target; })) {
      channels.emplace_back(state.self, target, view.get<ChannelOut>(channel_out_key(target)));
    }
  }
}

// One entry of the log, to every shard that has somebody who sees it.
void fan_out(const State& state, const Message& message, const Recipients& recipients,
             Channels& channels, Outputs& out) {
  for (ChannelWriter& channel : channels) {
    FanOut item;
    item.message = message;
    for (const Recipient& r : recipients) {
      if (state.placement.mailbox_shard(r.user) == channel.target()) item.recipients.push_back(r);
    }
    if (!item.recipients.empty()) channel.append(out, std::move(item));
  }
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
    Channels channels;
    open_channels(state_, recipients, channels, view);
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
    // Who joined since could not open it. Who left since is no reason: the list only grows so.
    if (send_.devices < conversation->devices) {
      SendReply reply = reply_to(send_, ReplyCode::kStaleDevices);
      reply.devices = conversation->devices;
      out.send(from_, reply);
      out.took(Branch::kStaleDevices);
      return Step::kDone;
    }
    return commit(stream, *conversation, *sender, recipients, channels, out);
  }

 private:
  // The cseq is consumed, so that what follows it is not held up.
  Step reject(const Stream* stream, RejectReason reason, Outputs& out) {
    Message none;
    const Response response = respond(stream, ReplyCode::kRejected, reason, none, out);
    out.persist();
    out.note(RejectedForGood{send_.stream, send_.cseq});
    out.send(from_, reply_from(send_, response));
    return Step::kDone;
  }

  Step commit(const Stream* stream, const Conversation& conversation, const Recipient& sender,
              const Recipients& recipients, Channels& channels, Outputs& out) {
    const Instant accepted_at = state_.clock.read(t_.wall, t_.now);
    Conversation head = conversation;
    head.head = head.head.next();
    const std::uint16_t audience = audience_of(recipients, sender.user);
    const Message message{.stream = send_.stream,
                          .sender = sender.user,
                          .number = {},
                          .kind = EntryKind::kContent,
                          .audience = audience,
                          .last_number = audience > 0 ? conversation.last_number : MemberNumber{},
                          .cseq = send_.cseq,
                          .position = head.head,
                          .id = send_.id,
                          .dep = send_.dep,
                          .accepted_at = accepted_at,
                          .content = send_.content};
    out.put(conversation_key(send_.stream.conversation), head);
    const Response response = respond(stream, ReplyCode::kSent, RejectReason::kNone, message, out);
    fan_out(state_, message, recipients, channels, out);
    out.persist();
    out.note(Committed{message, recipients});
    const bool jumped = state_.clock.jumped(t_.wall, t_.now);
    if (jumped && !state_.clock_jumped) out.took(Branch::kClockClamped);
    state_.clock_jumped = jumped;
    out.send(from_, reply_from(send_, response));
    for (ChannelWriter& channel : channels) channel.send(out, state_.paces, t_.now);
    return Step::kDone;
  }

  /// message: what was committed, or one with nothing in it.
  Response respond(const Stream* stream, ReplyCode code, RejectReason reason,
                   const Message& message, Outputs& out) {
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
                            .audience = message.audience,
                            .last_number = message.last_number,
                            .position = message.position,
                            .accepted_at = message.accepted_at};
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

// A change of membership takes its place in the log's own serial order; the cap holds because it is
// looked at in that order.
class Membership {
 public:
  Membership(State& state, const Stimulus& t, const ChannelEntry& entry, const MemberUpdate& update)
      : state_(state), t_(t), entry_(entry), update_(update) {}

  Step run(View& view, Outputs& out) {
    const auto* in = view.get<ChannelIn>(channel_in_key(entry_.source));
    const auto* stored = view.get<Conversation>(conversation_key(update_.conversation));
    const Rows<Member> rows = view.scan<Member>(members_of(update_.conversation));
    if (!view.complete()) return Step::kNeedMore;
    for (std::size_t i = 0; i < rows.size(); ++i) members_.push_back(rows[i].record.who);
    Channels channels;
    open_channels(state_, members_, channels, view);
    open_channels(state_, update_.devices, channels, view);
    if (!view.complete()) return Step::kNeedMore;
    switch (judge(in, entry_)) {
      case ChannelVerdict::kReplayed:
        out.took(Branch::kChannelReplayed);
        owe_ack(entry_.source, state_.acks, t_.now, out);
        return Step::kDone;
      case ChannelVerdict::kGap:
        out.took(Branch::kChannelGap);
        ack_now(state_.self, state_.config.version, entry_, in, true, out);
        return Step::kDone;
      case ChannelVerdict::kApply:
        break;
    }
    out.put(channel_in_key(entry_.source), applied_with(entry_));
    Conversation next = stored != nullptr ? *stored : Conversation{};
    const bool refused =
        update_.change == MemberChange::kJoin && (stored == nullptr || !has_room(next));
    if (refused) {
      refuse(channels, out);
    } else if (stored != nullptr) {
      for (const Recipient& device : update_.devices) change(device, next, channels, out);
      if (next != *stored) out.put(conversation_key(update_.conversation), next);
    }
    out.persist();
    if (refused) out.note(JoinTurnedAway{update_.conversation, update_.devices.front().user});
    for (MemberChanged& fact : facts_) out.note(std::move(fact));
    for (ChannelWriter& channel : channels) channel.send(out, state_.paces, t_.now);
    owe_ack(entry_.source, state_.acks, t_.now, out);
    return Step::kDone;
  }

 private:
  [[nodiscard]] bool has_user(UserId user) const {
    return std::ranges::find(members_, user, &Recipient::user) != members_.end();
  }
  [[nodiscard]] bool has_room(const Conversation& c) const {
    return !update_.devices.empty() &&
           (has_user(update_.devices.front().user) || c.users < state_.config.members_max);
  }

  void change(const Recipient& device, Conversation& next, Channels& channels, Outputs& out) {
    const auto known = std::ranges::find(members_, device.device, &Recipient::device);
    const bool is_member = known != members_.end();
    const Key key = member_key(update_.conversation, device.device);
    switch (update_.change) {
      case MemberChange::kRenew:
        if (!is_member || known->incarnation >= device.incarnation) return;
        known->incarnation = device.incarnation;
        out.put(key, Member{*known});
        return;
      case MemberChange::kJoin: {
        if (is_member) return;
        const bool first = !has_user(device.user);
        if (first) ++next.users;
        next.last_number = MemberNumber(next.last_number.value() + 1);
        Recipient member = device;
        member.number = next.last_number;
        members_.push_back(member);
        out.put(key, Member{member});
        log(member, first ? EntryKind::kJoined : EntryKind::kLinked, next, channels, out);
        return;
      }
      case MemberChange::kLeave: {
        if (!is_member) return;
        const Recipient member = *known;
        const bool last = std::ranges::count(members_, member.user, &Recipient::user) == 1;
        if (last) --next.users;
        log(member, last ? EntryKind::kLeft : EntryKind::kUnlinked, next, channels, out);
        members_.erase(std::ranges::find(members_, device.device, &Recipient::device));
        out.erase(key);
        return;
      }
    }
  }

  // All members see the entry, the one that it is about too.
  void log(const Recipient& member, EntryKind kind, Conversation& next, Channels& channels,
           Outputs& out) {
    next.head = next.head.next();
    if (is_join(kind)) next.devices = next.head;
    Message message;
    message.stream = {member.device, member.incarnation, update_.conversation};
    message.sender = member.user;
    message.number = member.number;
    message.kind = kind;
    message.position = next.head;
    message.accepted_at = state_.clock.read(t_.wall, t_.now);
    fan_out(state_, message, members_, channels, out);
    facts_.push_back({message, members_});
  }

  void refuse(Channels& channels, Outputs& out) {
    if (update_.devices.empty()) return;
    const UserId user = update_.devices.front().user;
    const Address home = state_.placement.mailbox_shard(user);
    for (ChannelWriter& channel : channels) {
      if (channel.target() == home) channel.append(out, JoinRefused{update_.conversation, user});
    }
    out.took(Branch::kJoinRefused);
  }

  State& state_;
  const Stimulus& t_;
  const ChannelEntry& entry_;
  const MemberUpdate& update_;
  Recipients members_;
  boost::container::small_vector<MemberChanged, 1> facts_;
};

Step on_start(State& state, const Stimulus& t, const Start& start, View& view, Outputs& out) {
  const std::vector<Address> targets = mailbox_shards(state.placement);
  ChannelPaces paces{.version = state.config.version, .of = {}, .old = {}};
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
      return Membership(state, t, *entry, *update).run(view, out);
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
        set.ranges.push_back(members_of(update->conversation));
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
      return on_ack_due(state.self, state.config.version, fired->entity, state.acks, view, out);
    }
  }
  if (const auto* pressure = std::get_if<Pressure>(&input)) {
    state.short_of_room = pressure->bytes_free < state.config.bytes_reserve;
  }
  return Step::kDone;
}

static_assert(Machine<ConversationShard>);

}  // namespace greytick::model
