#include "model/mailbox_shard.h"

#include <algorithm>

#include "model/mailbox_steps.h"

namespace greytick::model {
namespace {

using State = MailboxShard::State;

std::vector<Address> channel_targets(const Placement& p) {
  std::vector<Address> all;
  for (std::uint32_t i = 0; i < p.regions * p.conversation_shards; ++i) {
    all.push_back({Role::kConversation, i, ConnectionId{}});
  }
  for (std::uint32_t i = 0; i < p.regions * p.mailbox_shards; ++i) {
    all.push_back({Role::kMailbox, i, ConnectionId{}});
  }
  return all;
}

Step on_start(State& state, const Stimulus& t, const Start& start, View& view, Outputs& out) {
  const std::vector<Address> targets = channel_targets(state.placement);
  const auto* shard_clock = view.get<ShardClock>(key_of<ShardClock>(0));
  ChannelPaces paces{.version = state.config.version, .of = {}, .old = {}};
  if (recover_channels(state.self, targets, paces, t, view, out) == Step::kNeedMore)
    return Step::kNeedMore;
  if (!view.complete()) return Step::kNeedMore;
  if (shard_clock != nullptr) out.took(Branch::kShardRecovered);
  state.paces = std::move(paces);
  state.acks.clear();
  state.sessions.clear();
  state.pushed.clear();
  state.lease = start.lease;
  // Time to live goes on from where the store saw it last; the process's own clock is only a hint.
  const Instant seen = shard_clock != nullptr ? shard_clock->watermark : Instant{};
  state.clock = ClockGuard(std::max(start.store_clock, seen), t.now);
  state.started = true;
  out.wake(Timer::kSweep, 0, t.now + state.config.sweep_every);
  out.post(Chore::kPump, 0);
  return Step::kDone;
}

Step on_arrive(State& state, const Stimulus& t, const Arrive& arrive, View& view, Outputs& out) {
  namespace steps = mailbox_steps;
  const Frame& frame = arrive.frame;
  if (const auto* f = std::get_if<Hello>(&frame))
    return steps::on_hello(state, t, *f, arrive.from, view, out);
  if (const auto* f = std::get_if<Ack>(&frame))
    return steps::on_ack(state, t, *f, nullptr, arrive.from, view, out);
  if (const auto* f = std::get_if<Read>(&frame)) {
    const Ack ack{f->device, f->user, f->incarnation, f->epoch, f->cursor};
    return steps::on_ack(state, t, ack, f, arrive.from, view, out);
  }
  if (const auto* f = std::get_if<ChangeMembership>(&frame))
    return steps::on_change_membership(state, t, *f, arrive.from, view, out);
  if (const auto* f = std::get_if<TickAck>(&frame))
    return steps::on_tick_ack(state, *f, arrive.from, view, out);
  if (const auto* f = std::get_if<SessionClosed>(&frame))
    return steps::on_session_closed(state, t, *f, view, out);
  if (const auto* f = std::get_if<LogOut>(&frame))
    return steps::on_log_out(state, t, *f, arrive.from, view, out);
  if (const auto* f = std::get_if<Register>(&frame))
    return steps::on_register(state, t, *f, arrive.from, view, out);
  if (const auto* f = std::get_if<ChannelAck>(&frame)) {
    return on_channel_ack(state.self, *f, state.paces, t, view, out);
  }
  if (const auto* f = std::get_if<ChannelEntry>(&frame)) {
    if (const auto* item = std::get_if<FanOut>(&f->item))
      return steps::on_fan_out(state, t, *f, *item, view, out);
    if (const auto* item = std::get_if<RegisterUpdate>(&f->item)) {
      return steps::on_register_update(state, t, *f, *item, view, out);
    }
    if (const auto* item = std::get_if<JoinRefused>(&f->item)) {
      return steps::on_join_refused(state, t, *f, *item, view, out);
    }
  }
  return Step::kDone;  // not for this role: a peer's mistake changes nothing
}

Step on_fired(State& state, const Stimulus& t, const Fired& fired, View& view, Outputs& out) {
  const DeviceId d(static_cast<std::uint32_t>(fired.entity));
  switch (fired.timer) {
    case Timer::kResend:
      return on_resend(state.self, fired.entity, state.paces, t, view, out);
    case Timer::kAckDue:
      return on_ack_due(state.self, state.config.version, fired.entity, state.acks, view, out);
    case Timer::kRedeliver:
      return mailbox_steps::on_redeliver(state, t, d, view, out);
    case Timer::kPushAgain:
      return mailbox_steps::on_push_again(state, t, d, view, out);
    case Timer::kSweep:
      return mailbox_steps::on_sweep(state, t, view, out);
    default:
      return Step::kDone;
  }
}

Step on_posted(State& state, const Stimulus& t, const Posted& posted, View& view, Outputs& out) {
  const DeviceId d(static_cast<std::uint32_t>(posted.entity));
  switch (posted.chore) {
    case Chore::kOffer:
      return mailbox_steps::on_offer(state, t, d, view, out);
    case Chore::kOfferTicks:
      return mailbox_steps::on_offer_ticks(state, t, d, view, out);
    case Chore::kExpire:
      return mailbox_steps::on_expire(state, t, d, view, out);
    case Chore::kRetire:
      return mailbox_steps::on_retire(state, t, d, view, out);
    case Chore::kPump:
      return mailbox_steps::on_recover(state, t, posted.entity, view, out);
  }
  return Step::kDone;
}

}  // namespace

ReadSet MailboxShard::keys_of(const State& state, const Input& input) {
  ReadSet set;
  if (std::holds_alternative<Start>(input)) {
    keys_of_recover(channel_targets(state.placement), set);
    set.keys.push_back(key_of<ShardClock>(0));
  } else if (const auto* fired = std::get_if<Fired>(&input)) {
    if (fired->timer == Timer::kResend) keys_of_resend(fired->entity, set);
    if (fired->timer == Timer::kAckDue)
      set.keys.push_back(channel_in_key(shard_of_entity(fired->entity)));
    if (fired->timer == Timer::kRedeliver || fired->timer == Timer::kPushAgain) {
      set.keys.push_back(mailbox_key(DeviceId(static_cast<std::uint32_t>(fired->entity))));
    }
  } else if (const auto* posted = std::get_if<Posted>(&input)) {
    if (posted->chore == Chore::kPump) return set;
    set.keys.push_back(mailbox_key(DeviceId(static_cast<std::uint32_t>(posted->entity))));
  } else if (const auto* arrive = std::get_if<Arrive>(&input)) {
    std::visit(
        [&]<class F>(const F& f) {
          if constexpr (std::is_same_v<F, Hello> || std::is_same_v<F, Ack> ||
                        std::is_same_v<F, Read> || std::is_same_v<F, SessionClosed> ||
                        std::is_same_v<F, Register> || std::is_same_v<F, ChangeMembership> ||
                        std::is_same_v<F, LogOut>) {
            set.keys.push_back(mailbox_key(f.device));
          } else if constexpr (std::is_same_v<F, TickAck>) {
            set.keys.push_back(mailbox_key(f.device));
            if (fits_key(f.conversation, f.number)) {
              set.keys.push_back(tick_slot_key(f.device, f.conversation, f.number));
            }
          } else if constexpr (std::is_same_v<F, ChannelAck>) {
            keys_of_ack(f, set);
          } else if constexpr (std::is_same_v<F, ChannelEntry>) {
            set.keys.push_back(channel_in_key(f.source));
            if (const auto* fan_out = std::get_if<FanOut>(&f.item)) {
              for (const Recipient& r : fan_out->recipients)
                set.keys.push_back(mailbox_key(r.device));
            } else if (const auto* update = std::get_if<RegisterUpdate>(&f.item)) {
              set.keys.push_back(mailbox_key(update->sender.device));
              set.keys.push_back(
                  tick_slot_key(update->sender.device, update->conversation, update->number));
              set.ranges.push_back(mailbox_steps::devices_of(update->sender.user));
            }
          }
        },
        arrive->frame);
  }
  return set;
}

Step MailboxShard::handle(State& state, const Stimulus& t, const Input& input, View& view,
                          Outputs& out) {
  if (const auto* start = std::get_if<Start>(&input)) return on_start(state, t, *start, view, out);
  if (!state.started) return Step::kDone;
  if (const auto* arrive = std::get_if<Arrive>(&input))
    return on_arrive(state, t, *arrive, view, out);
  if (const auto* fired = std::get_if<Fired>(&input)) return on_fired(state, t, *fired, view, out);
  if (const auto* posted = std::get_if<Posted>(&input))
    return on_posted(state, t, *posted, view, out);
  return Step::kDone;
}

static_assert(Machine<MailboxShard>);

}  // namespace greytick::model
