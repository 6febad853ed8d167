// A user's place in conversations: who asks to join or leave, and what the log says became of it.
#include <algorithm>

#include "model/mailbox_steps.h"

namespace greytick::model::mailbox_steps {

// The wish is written down once; while it is on its way to the conversation, asking again changes
// nothing. What becomes of a join, the log tells.
Step on_change_membership(State& state, const Stimulus& t, const ChangeMembership& in, Address from,
                          View& view, Outputs& out) {
  const ConversationId c = in.conversation;
  if (c.value() >= (1ULL << 40)) return Step::kDone;
  const Key key = user_conversation_key(in.user, c);
  const Address target = state.placement.conversation_shard(c);
  const auto* row = view.get<UserConversation>(key);
  const auto* m = view.get<Mailbox>(mailbox_key(in.device));
  const Rows<UserDevice> devices = view.scan<UserDevice>(devices_of(in.user));
  const auto* channel_row = view.get<ChannelOut>(channel_out_key(target));
  Recipients all;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const DeviceId d(static_cast<std::uint32_t>(devices[i].sub));
    const auto* box = view.get<Mailbox>(mailbox_key(d));
    // One that is still being registered is joined when it is.
    if (box == nullptr || box->incarnation == Incarnation{}) continue;
    all.push_back({in.user, d, box->incarnation});
  }
  if (!view.complete()) return Step::kNeedMore;
  if (m == nullptr || m->user != in.user || m->incarnation != in.incarnation) return Step::kDone;
  const auto reply = [&](MembershipOutcome outcome) {
    out.send(from, MembershipReply{in.device, c, outcome});
  };
  if (in.join == (row != nullptr)) {
    if (!in.join) reply(MembershipOutcome::kLeft);
    if (in.join && row->joined) reply(MembershipOutcome::kMember);
    return Step::kDone;
  }
  ChannelWriter channel(state.self, target, channel_row);
  if (in.join) {
    out.put(key, UserConversation{});
    channel.append(out, MemberUpdate{c, MemberChange::kJoin, all});
  } else {
    out.erase(key);
    channel.append(out, MemberUpdate{c, MemberChange::kLeave, all});
  }
  out.persist();
  channel.send(out, state.paces, t.now);
  if (!in.join) reply(MembershipOutcome::kLeft);
  return Step::kDone;
}

Step on_join_refused(State& state, const Stimulus& t, const ChannelEntry& entry,
                     const JoinRefused& item, View& view, Outputs& out) {
  const auto* in = view.get<ChannelIn>(channel_in_key(entry.source));
  const Key key = user_conversation_key(item.user, item.conversation);
  const auto* row = view.get<UserConversation>(key);
  const Rows<UserDevice> devices = view.scan<UserDevice>(devices_of(item.user));
  struct Told {
    DeviceId device;
    Address gateway;
  };
  boost::container::small_vector<Told, 2> told;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const DeviceId d(static_cast<std::uint32_t>(devices[i].sub));
    const auto* box = view.get<Mailbox>(mailbox_key(d));
    if (box == nullptr || !live(state, *box, d)) continue;
    told.push_back({d, {Role::kGateway, box->gateway, ConnectionId{}}});
  }
  if (!view.complete()) return Step::kNeedMore;
  if (!next_of(state, entry, in, t.now, out)) return Step::kDone;
  out.put(channel_in_key(entry.source), applied_with(entry));
  if (row != nullptr && !row->joined) out.erase(key);
  out.persist();
  // A device that does not hear this asks again, and is told then.
  for (const Told& w : told) {
    out.send(w.gateway, MembershipReply{w.device, item.conversation, MembershipOutcome::kFull});
  }
  owe_ack(entry.source, state.acks, t.now, out);
  return Step::kDone;
}

void load_membership(const Message& message, View& view) {
  view.get<UserConversation>(user_conversation_key(message.sender, message.stream.conversation));
}

// The log has decided: the user's own row follows it, whoever asked.
void note_membership(const Message& message, View& view, Outputs& out) {
  const Key key = user_conversation_key(message.sender, message.stream.conversation);
  const auto* row = view.get<UserConversation>(key);
  const bool joined = row != nullptr && row->joined;
  if (message.kind == EntryKind::kJoined && !joined) out.put(key, UserConversation{true});
  // A row that says "asked" was written after the user had left, and stays.
  if (message.kind == EntryKind::kLeft && joined) out.erase(key);
}

}  // namespace greytick::model::mailbox_steps
