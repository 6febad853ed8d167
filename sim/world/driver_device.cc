// Phones: their app and its disk, and the records that exist before they do anything.
#include <algorithm>
#include <array>

#include "model/check.h"
#include "sim/world/driver.h"
#include "sim/world/driver_step.h"

namespace greytick::world {

using model::Branch;

DeviceNode& Driver::node_of(std::uint32_t device) {
  CHECK(device < people_.devices());
  if (node_of_[device] == kNone) {
    provision_user(people_.user_of(device));
    node_of_[device] = devices_.emplace(device, people_.endpoint(device), streams_);
    start_app(devices_[node_of_[device]]);
  }
  return devices_[node_of_[device]];
}

// Accounts exist before the run: registered once, nothing received.
void Driver::provision_user(std::uint32_t user) {
  if (provisioned_[user] != 0) return;
  people_.each_device(user, [&](std::uint32_t device) {
    if (!is_unlinked(device)) provision_device(device, user);
  });
}

void Driver::provision_device(std::uint32_t device, std::uint32_t user) {
  provisioned_[device] = 1;
  const DeviceId d(device);
  model::Identity identity;
  identity.user = model::UserId(user);
  identity.install_id = people_.install_id(device, 0);
  identity.incarnation = model::Incarnation(1);
  phones_.provision(model::identity_key(d), identity);
  model::Mailbox mailbox;
  mailbox.user = identity.user;
  mailbox.install_id = identity.install_id;
  mailbox.incarnation = identity.incarnation;
  ShardNode& s = shard_at(placement_.mailbox_shard(identity.user));
  const std::uint64_t before = s.store.bytes();
  s.store.provision(model::mailbox_key(d), mailbox);
  s.store.provision(model::user_device_key(identity.user, d), model::UserDevice{});
  count_bytes(s, before);
}

// So do conversations: they are stored when somebody first speaks in them, as if they had been for
// ever.
model::ConversationId Driver::provision_pair(std::uint32_t a, std::uint32_t b) {
  const model::ConversationId c = people_.conversation(a, b);
  const std::array<std::uint32_t, 2> users{std::min(a, b), std::max(a, b)};
  provision_conversation(c, users);
  return c;
}

model::ConversationId Driver::provision_group(std::uint32_t group) {
  const model::ConversationId c = People::conversation_of_group(group);
  provision_conversation(c, people_.members(group));
  return c;
}

void Driver::provision_conversation(model::ConversationId c, std::span<const std::uint32_t> users) {
  ShardNode& s = shard_at(placement_.conversation_shard(c));
  if (s.store.get<model::Conversation>(model::conversation_key(c)) != nullptr) return;
  const std::uint64_t before = s.store.bytes();
  model::Conversation conversation;
  for (const std::uint32_t user : users) {
    provision_user(user);
    const model::UserId u(user);
    ShardNode& home = shard_at(placement_.mailbox_shard(u));
    ++conversation.users;
    people_.each_device(user, [&](std::uint32_t device) {
      const DeviceId d(device);
      const auto* mailbox = home.store.get<model::Mailbox>(model::mailbox_key(d));
      // One that is being linked joins by itself.
      if (mailbox == nullptr || mailbox->incarnation == model::Incarnation{} ||
          mailbox->logged_out) {
        return;
      }
      conversation.last_number = model::MemberNumber(conversation.last_number.value() + 1);
      s.store.provision(model::member_key(c, d),
                        model::Member{{u, d, mailbox->incarnation, conversation.last_number}});
    });
    const std::uint64_t home_before = home.store.bytes();
    home.store.provision(model::user_conversation_key(u, c), model::UserConversation{true});
    count_bytes(home, home_before);
  }
  s.store.provision(model::conversation_key(c), conversation);
  count_bytes(s, before);
}

void Driver::start_app(DeviceNode& n) {
  if (n.alive) return;
  ++n.life;
  n.alive = true;
  n.machine = {};
  n.machine.config = device_config_;
  n.machine.config.device = DeviceId(n.number);
  n.machine.config.user = model::UserId(people_.user_of(n.number));
  if (has_old_app(scenario_.population, n.number)) n.machine.config.version = model::Version::k1;
  model::Start start;
  start.install_id = people_.install_id(n.number, n.installs);
  device_input(n, start);
}

void Driver::stop_app(DeviceNode& n, bool silent) {
  if (!n.alive) return;
  const bool in_session = n.machine.conn.in_session();
  n.alive = false;
  ++n.life;
  n.pending.lose(phones_, pool_);
  n.late_durables = 0;
  for (Alarm& alarm : n.alarms) alarm = {};
  for (const std::uint32_t parcel : n.waiting) parcels_.erase(parcel);
  n.waiting.clear();
  n.attempt_at = n.flush_since = model::kNever;
  n.machine = {};
  emit(model::DeviceCrashed{DeviceId(n.number)});
  if (in_session) signal(SignalKind::kSessionEnded, DeviceId(n.number));
  if (Wire* w = wire_of(n); w != nullptr && w->device_end) end_device_side(*w, silent);
}

void Driver::go_online(DeviceNode& n, Duration spread) {
  n.wants = true;
  if (n.alive) device_input(n, Input{model::App{model::GoOnline{spread}}});
}

void Driver::go_offline(DeviceNode& n) {
  n.wants = false;
  if (n.alive) device_input(n, Input{model::App{model::GoOffline{}}}, true);
}

void Driver::device_parcel(DeviceNode& n, std::uint32_t parcel) {
  const auto& arrive = std::get<model::Arrive>(parcels_[parcel].input);
  const bool over = !n.alive || n.machine.conn.gateway != arrive.from;
  const bool greets = std::holds_alternative<model::Disconnected>(arrive.frame) ||
                      arrive.from.role != Role::kGateway;
  if (std::holds_alternative<model::Disconnected>(arrive.frame)) {
    if (Wire* w = find_wire(arrive.from.connection.value())) {
      w->device_end = false;
      became_sick(*w);
      forget_if_over(arrive.from.connection.value());
    }
  } else if (over && !greets) {
    // Nobody listens there any more: the phone's system answers for the app.
    Wire* w = find_wire(arrive.from.connection.value());
    if (w != nullptr && !w->device_end && w->gateway_end) {
      transmit(*w, net::Way::kUp, model::Disconnected{});
    }
  }
  if (n.alive && n.paused) {
    n.waiting.push_back(parcel);
    return;
  }
  if (n.alive) device_input(n, parcels_[parcel].input);
  parcels_.erase(parcel);
}

void Driver::device_input(DeviceNode& n, const Input& input, bool own_will) {
  if (n.paused && !std::holds_alternative<model::Arrive>(input)) {
    n.waiting.push_back(wrap(input));
    return;
  }
  const bool was_in_session = n.machine.conn.in_session();
  const auto* fired = std::get_if<model::Fired>(&input);
  n.retrying = fired != nullptr && fired->timer == model::Timer::kRetry;
  step<model::Device>(n.machine, input, n.endpoint, n.entropy, &phones_,
                      [&](model::Output& output) {
                        device_out(n, output);
                        return true;
                      });
  if (was_in_session && !n.machine.conn.in_session()) {
    signal(own_will ? SignalKind::kSessionEnded : SignalKind::kSessionLost, DeviceId(n.number));
  }
}

void Driver::device_out(DeviceNode& n, model::Output& output) {
  if (const auto* persist = std::get_if<model::Persist>(&output)) {
    device_persist(n, std::span(out_.writes).subspan(persist->first, persist->count));
    return;
  }
  if (const auto* wake = std::get_if<model::Wake>(&output)) {
    device_wake(n, *wake);
    return;
  }
  if (auto* send = std::get_if<model::Send>(&output)) {
    if (n.retrying && std::holds_alternative<model::SendMessage>(send->frame)) {
      signal(SignalKind::kResent, DeviceId(n.number));
    }
    if (n.pending.empty()) {
      device_send(n, *send);
      return;
    }
  } else if (n.pending.empty()) {
    device_note(n, std::get<model::Note>(output).fact);
    return;
  }
  n.pending.back()->held.push_back(std::move(output));
}

void Driver::device_persist(DeviceNode& n, std::span<model::Write> writes) {
  Batch* batch = n.pending.open_at(now_);
  if (batch == nullptr) {
    batch = pool_.take();
    batch->opened = now_;
    batch->closes = closing_time(n.pending, now_, Duration{});
    batch->durable = batch->closes + device_commit_.sample_duration(n.disk);
    n.pending.push(batch);
    schedule(n.origin, batch->durable, EventClass::kDurable, EventKind::kDeviceDurable,
             node_of_[n.number], n.life);
  }
  if (letters_.encoded()) letters_.store(writes, [](auto) {});
  phones_.apply(writes, batch->undo);
  ++device_transactions_;
}

void Driver::device_durable(DeviceNode& n) {
  Batch* batch = n.pending.pop();
  for (model::Output& output : batch->held) {
    if (auto* send = std::get_if<model::Send>(&output)) {
      device_send(n, *send);
    } else {
      device_note(n, std::get<model::Note>(output).fact);
    }
  }
  pool_.give(batch);
}

void Driver::device_note(DeviceNode& n, const model::Fact& fact) {
  emit(fact);
  const DeviceId d(n.number);
  if (const auto* applied = std::get_if<model::Applied>(&fact)) {
    const model::Message& m = applied->message;
    // Nobody reads what they wrote on another device of theirs.
    const bool own = m.kind == model::EntryKind::kContent && m.sender == n.machine.config.user;
    if (!own) plan_read(n, m.stream.conversation);
  } else if (std::holds_alternative<model::SessionAdopted>(fact)) {
    if (n.attempt_at != model::kNever) {
      signal(SignalKind::kLoggedIn, d, (now_ - n.attempt_at).count());
      n.attempt_at = model::kNever;
    }
    if (n.woken_at != model::kNever) {
      signal(SignalKind::kWoken, d, (now_ - n.woken_at).count());
      n.woken_at = model::kNever;
    }
    const auto* mailbox = shard_at(placement_.mailbox_shard(n.machine.config.user))
                              .store.get<model::Mailbox>(model::mailbox_key(d));
    if (mailbox != nullptr && mailbox->tail > mailbox->acked) {
      n.flush_since = now_;
      flush_bits_[n.number / 64] |= std::uint64_t{1} << (n.number % 64);
    }
  } else if (const auto* took = std::get_if<model::Took>(&fact)) {
    if (took->branch == Branch::kHalfOpenDetected) {
      if (const Wire* w = wire_of(n); w != nullptr && w->sick_since != model::kNever) {
        signal(SignalKind::kDetected, d, (now_ - w->sick_since).count());
      }
    }
  }
}

void Driver::device_send(DeviceNode& n, model::Send& send) {
  if (send.to.role == Role::kGateway) {
    Wire* w = find_wire(send.to.connection.value());
    // Written to a socket that has just gone.
    if (w == nullptr || !w->device_end) return signal(SignalKind::kFrameLost, DeviceId(n.number));
    transmit(*w, net::Way::kUp, std::move(send.frame));
    return;
  }
  CHECK(send.to.role == Role::kTransport);
  if (std::holds_alternative<model::Dial>(send.frame)) {
    dial(n);
  } else if (Wire* w = find_wire(send.to.connection.value()); w != nullptr && w->device_end) {
    end_device_side(*w, false);
  }
}

void Driver::device_wake(DeviceNode& n, const model::Wake& wake) {
  const auto i = static_cast<std::size_t>(wake.timer);
  CHECK(i < n.alarms.size());
  Alarm& alarm = n.alarms[i];
  if (elided_ && wake.timer == model::Timer::kHeartbeat && wake.at != model::kNever) {
    const Wire* w = wire_of(n);
    if (w != nullptr && w->beats_elided()) {
      // Nothing would come of this beat but a pong. It is remembered, and sent if that changes.
      alarm.deadline = wake.at;
      return;
    }
  }
  if (alarm.arm(wake.at)) {
    schedule(n.origin, std::max(wake.at, now_), EventClass::kTimer, EventKind::kDeviceTimer,
             node_of_[n.number], static_cast<std::uint32_t>(wake.timer));
  }
}

void Driver::device_timer(DeviceNode& n, model::Timer timer) {
  Alarm& alarm = n.alarms[static_cast<std::size_t>(timer)];
  switch (alarm.ring(now_)) {
    case Alarm::Ring::kStale:
      return;
    case Alarm::Ring::kEarly:
      schedule(n.origin, alarm.deadline, EventClass::kTimer, EventKind::kDeviceTimer,
               node_of_[n.number], static_cast<std::uint32_t>(timer));
      return;
    case Alarm::Ring::kNow:
      device_input(n, Input{model::Fired{timer, 0}});
  }
}

}  // namespace greytick::world
