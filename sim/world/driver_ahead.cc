// Memory ahead of its use. Each event touches a parcel, a node and a few rows that nothing touched
// for long, and waiting for them one after the other would be most of the run time. So while one
// event is handled, the memory of those some places behind it is asked for. Hints only: nothing
// here changes anything.
#include <algorithm>

#include "model/check.h"
#include "sim/memory/prefetch.h"
#include "sim/world/driver.h"

namespace greytick::world {
namespace {

// Places ahead at which each kind of memory is asked for: what it takes to know the next address
// has to be there by then.
constexpr std::size_t kNodes = 28, kCells = 20, kRows = 12, kLists = 6, kRegisters = 3;

using Socket = model::Gateway::Socket;

EventKind kind_of(const engine::Event& event) { return static_cast<EventKind>(event.kind()); }

}  // namespace

// Calls f(event) for those of the current bucket that come within `places` of the one being handled
// and that this stage has not seen.
template <class F>
void Driver::each_ahead(std::size_t& seen, std::size_t places, F&& f) {
  const auto [events, over, tick] = queue_.current();
  const std::size_t upto = std::min(over + places, events.size());
  for (seen = std::max(seen, over); seen < upto; ++seen) f(events[seen]);
}

// The next to write, guessed by drawing ahead: right unless something else draws first. Several are
// drawn until one is found who is there.
void Driver::foresee_arrival() {
  constexpr int kTries = 3;
  arriving_.step = 0;
  arriving_.next_step_at = events_;
  engine::Stream draws = workload_.draws();
  if (workload_.to_group(draws)) return;
  for (int i = 0; i < kTries; ++i) people_.prefetch_sender(draws);
}

void Driver::guess_arrival() {
  engine::Stream draws = workload_.draws();
  const Beginning guess = pick(draws);
  arriving_.device = guess.sender;
  arriving_.conversation = {};
  if (guess.group) {
    arriving_.conversation = People::conversation_of_group(*guess.group);
  } else if (const auto known = people_.known_conversation(guess.sender, guess.peer)) {
    arriving_.conversation = *known;
  }
}

// One step of asking for what it wants: each needs what the one before has asked for.
void Driver::step_to_arrival() {
  constexpr std::uint64_t kEvents = 4;  // from step to step
  arriving_.next_step_at += kEvents;
  const int step = arriving_.step++;
  if (step == 0) return;
  if (step == 1) guess_arrival();
  const DeviceId d(arriving_.device);
  const model::Key thread = model::thread_key(d, arriving_.conversation);
  const model::Key conversation = model::conversation_key(arriving_.conversation);
  const Store& home = shard_at(placement_.conversation_shard(arriving_.conversation)).store;
  switch (step) {
    case 1:
      memory::prefetch(&node_of_[arriving_.device], sizeof(std::uint32_t));
      phones_.prefetch_cell<model::Thread>(thread);
      phones_.prefetch_cell<model::Outbox>(thread);
      home.prefetch_cell<model::Conversation>(conversation);
      return;
    case 2:
      if (const DeviceNode* n = find_node(arriving_.device)) {
        memory::prefetch(n, sizeof(DeviceNode));
      }
      phones_.prefetch_row<model::Thread>(thread);
      phones_.prefetch_row<model::Outbox>(thread);
      home.prefetch_row<model::Conversation>(conversation);
      return;
    case 3:
      phones_.prefetch_list<model::Thread>(thread);
      return;
    default:
      arriving_.next_step_at = ~std::uint64_t{0};
  }
}

void Driver::look_ahead() {
  if (events_ >= arriving_.next_step_at) step_to_arrival();
  if (const std::uint64_t tick = queue_.current().tick; tick != seen_.tick) seen_ = {.tick = tick};
  each_ahead(seen_.nodes, kNodes, [&](const engine::Event& e) { want_nodes(e); });
  each_ahead(seen_.cells, kCells, [&](const engine::Event& e) {
    want_socket(e, Reach::kNode);
    wanted_rows(e, [](const Store& store, auto record, const model::Key& key) {
      store.prefetch_cell<decltype(record)>(key);
    });
  });
  each_ahead(seen_.rows, kRows, [&](const engine::Event& e) {
    want_socket(e, Reach::kConnection);
    wanted_rows(e, [](const Store& store, auto record, const model::Key& key) {
      store.prefetch_row<decltype(record)>(key);
    });
  });
  each_ahead(seen_.lists, kLists, [&](const engine::Event& e) {
    want_wires(e);
    want_socket(e, Reach::kWire);
    wanted_rows(e, [](const Store& store, auto record, const model::Key& key) {
      store.prefetch_list<decltype(record)>(key);
    });
  });
  each_ahead(seen_.registers, kRegisters, [&](const engine::Event& e) {
    if (kind_of(e) == EventKind::kDeviceDurable) foresee_held(e, true);
    want_socket(e, Reach::kSocket);
    wanted_register(e, [](const Store& store, const model::Key& key) {
      store.prefetch_row<model::DeviceRegister>(key);
    });
  });
}

// An ack names its conversation only through the entry that it covers.
template <class F>
void Driver::wanted_register(const engine::Event& event, F&& f) {
  if (kind_of(event) != EventKind::kToShard) return;
  const auto* arrive = std::get_if<model::Arrive>(&parcels_[event.body()].input);
  const auto* ack = arrive == nullptr ? nullptr : std::get_if<model::Ack>(&arrive->frame);
  if (ack == nullptr) return;
  const Store& store = shards_[event.target()].store;
  const auto* entry = store.get<model::Entry>(model::entry_key(ack->device, ack->cursor));
  if (entry == nullptr) return;
  f(store, model::register_key(ack->device, entry->message.stream.conversation));
}

void Driver::want_nodes(const engine::Event& event) {
  switch (kind_of(event)) {
    case EventKind::kToDevice:
      memory::prefetch(&parcels_[event.body()], sizeof(Parcel));
      [[fallthrough]];
    case EventKind::kDeviceDurable:
    case EventKind::kDeviceTimer:
    case EventKind::kRead:
      memory::prefetch(&devices_[event.target()], sizeof(DeviceNode));
      return;
    case EventKind::kToGateway:
    case EventKind::kToShard:
    case EventKind::kToPush:
      memory::prefetch(&parcels_[event.body()], sizeof(Parcel));
      return;
    case EventKind::kEstablished:
      if (const Wire* w = find_wire(event.body())) memory::prefetch(w, sizeof(Wire));
      return;
    default:
      return;
  }
}

// Calls f(store, R{}, key) for the rows that the event will read, as far as its frame tells.
template <class F>
void Driver::wanted_rows(const engine::Event& event, F&& f) {
  const EventKind kind = kind_of(event);
  if (kind == EventKind::kDeviceDurable) {
    const Batch* batch = devices_[event.target()].pending.front();
    if (batch != nullptr) memory::prefetch(batch, sizeof(Batch));
    return;
  }
  if (kind == EventKind::kEstablished) {
    if (const Wire* w = find_wire(event.body())) {
      memory::prefetch(&devices_[w->node], sizeof(DeviceNode));
      f(phones_, model::Identity{}, model::identity_key(DeviceId(w->device)));
    }
    return;
  }
  if (kind == EventKind::kShardTimer) {
    const ShardNode& s = shards_[event.target()];
    // A timer of a device, or of another shard: then the row asked for is not there, or not needed.
    const DeviceId d(event.body() & 0x0fff'ffffU);
    if (s.address.role == Role::kMailbox) f(s.store, model::Mailbox{}, model::mailbox_key(d));
    return;
  }
  if (kind != EventKind::kToDevice && kind != EventKind::kToShard) return;
  const auto* arrive = std::get_if<model::Arrive>(&parcels_[event.body()].input);
  if (arrive == nullptr) return;
  const model::Frame& frame = arrive->frame;
  if (kind == EventKind::kToDevice) {
    const DeviceId d(devices_[event.target()].number);
    const model::ConversationId any{};  // rows of a device lie together
    if (std::holds_alternative<model::Data>(frame) ||
        std::holds_alternative<model::Welcome>(frame)) {
      f(phones_, model::Identity{}, model::identity_key(d));
    }
    if (std::holds_alternative<model::Data>(frame) || std::holds_alternative<model::Tick>(frame) ||
        std::holds_alternative<model::SendReply>(frame)) {
      f(phones_, model::Thread{}, model::thread_key(d, any));
    }
    if (const auto* tick = std::get_if<model::Tick>(&frame)) {
      f(phones_, model::MemberTicks{},
        model::member_ticks_key(d, tick->conversation, tick->number));
    }
    if (std::holds_alternative<model::SendReply>(frame)) {
      f(phones_, model::Outbox{}, model::outbox_key(d, any, model::ClientSeq(1)));
    }
    return;
  }
  const Store& store = shards_[event.target()].store;
  if (const auto* send = std::get_if<model::SendMessage>(&frame)) {
    const model::ConversationId c = send->stream.conversation;
    const DeviceId d = send->stream.device;
    f(store, model::Conversation{}, model::conversation_key(c));
    f(store, model::Member{}, model::member_key(c, d));
    f(store, model::Stream{}, model::stream_key(c, d));
    f(store, model::Response{}, model::response_key(c, d, send->cseq));
  } else if (const auto* ack = std::get_if<model::Ack>(&frame)) {
    f(store, model::Mailbox{}, model::mailbox_key(ack->device));
    f(store, model::Entry{}, model::entry_key(ack->device, ack->cursor));
  } else if (const auto* read = std::get_if<model::Read>(&frame)) {
    f(store, model::Mailbox{}, model::mailbox_key(read->device));
    f(store, model::DeviceRegister{}, model::register_key(read->device, read->conversation));
  } else if (const auto* tick_ack = std::get_if<model::TickAck>(&frame)) {
    const model::ConversationId c = tick_ack->conversation;
    f(store, model::Mailbox{}, model::mailbox_key(tick_ack->device));
    f(store, model::TickSlot{}, model::tick_slot_key(tick_ack->device, c, tick_ack->number));
  } else if (const auto* hello = std::get_if<model::Hello>(&frame)) {
    f(store, model::Mailbox{}, model::mailbox_key(hello->device));
  } else if (const auto* closed = std::get_if<model::SessionClosed>(&frame)) {
    f(store, model::Mailbox{}, model::mailbox_key(closed->device));
  } else if (const auto* entry = std::get_if<model::ChannelEntry>(&frame)) {
    if (const auto* fan_out = std::get_if<model::FanOut>(&entry->item)) {
      for (const model::Recipient& r : fan_out->recipients) {
        f(store, model::Mailbox{}, model::mailbox_key(r.device));
      }
    } else if (const auto* update = std::get_if<model::RegisterUpdate>(&entry->item)) {
      f(store, model::Mailbox{}, model::mailbox_key(update->sender.device));
      f(store, model::UserDevice{},
        model::user_device_key(update->sender.user, update->sender.device));
      f(store, model::TickSlot{},
        model::tick_slot_key(update->sender.device, update->conversation, update->number));
    }
  }
}

// What will be told of this output: judges and metrics have memory to ask for, too.
void Driver::foresee(const model::Output& output, bool next) {
  const auto* note = std::get_if<model::Note>(&output);
  if (note == nullptr) return;
  std::visit(
      [&](const auto& f) {
        if constexpr (requires {
                        f.message.stream;
                        f.device;
                      }) {
          facts_.foresee(f.message.stream, f.device, next);
        } else if constexpr (requires { f.message.stream; }) {
          facts_.foresee(f.message.stream, f.message.stream.device, next);
        } else if constexpr (requires { f.stream; }) {
          facts_.foresee(f.stream, f.stream.device, next);
        } else if constexpr (requires {
                               f.device;
                               f.incarnation;
                               f.conversation;
                             }) {
          facts_.foresee({f.device, f.incarnation, f.conversation}, f.device, next);
        }
      },
      note->fact);
}

// The same for all that waits for a phone's disk.
void Driver::foresee_held(const engine::Event& event, bool next) {
  const Batch* batch = devices_[event.target()].pending.front();
  if (batch == nullptr) return;
  for (const model::Output& output : batch->held) foresee(output, next);
}

// What a gateway knows of a connection lies behind the wire, and a frame from a server names only
// the phone: one step further each time.
void Driver::want_socket(const engine::Event& event, Reach reach) {
  if (kind_of(event) != EventKind::kToGateway) return;
  const auto* arrive = std::get_if<model::Arrive>(&parcels_[event.body()].input);
  if (arrive == nullptr) return;
  if (arrive->from.role == Role::kDevice) {
    const std::uint32_t connection = arrive->from.connection.value();
    if (reach == Reach::kNode) {
      wire_book_.prefetch(connection);
      return;
    }
    const std::uint32_t handle = wire_book_.find(connection);
    if (handle == kNone) return;
    if (reach == Reach::kConnection) memory::prefetch(&wires_[handle].socket, sizeof(void*));
    if (reach == Reach::kWire) memory::prefetch(wires_[handle].socket, sizeof(Socket));
    return;
  }
  std::uint32_t device = 0;
  if (const auto* data = std::get_if<model::Data>(&arrive->frame)) {
    device = data->device.value();
  } else if (const auto* tick = std::get_if<model::Tick>(&arrive->frame)) {
    device = tick->device.value();
  } else if (const auto* reply = std::get_if<model::SendReply>(&arrive->frame)) {
    device = reply->stream.device.value();
  } else {
    return;
  }
  if (reach == Reach::kNode) {
    memory::prefetch(&node_of_[device], sizeof(std::uint32_t));
    return;
  }
  const DeviceNode* n = find_node(device);
  if (n == nullptr) return;
  if (reach == Reach::kConnection) {
    memory::prefetch(&n->wire, sizeof(n->wire));
  } else if (const Wire* w = wire_of(*n)) {
    if (reach == Reach::kWire) memory::prefetch(w, sizeof(Wire));
    if (reach == Reach::kSocket) {
      memory::prefetch(w->socket, sizeof(Socket));
      wire_book_.prefetch(w->net.id.value());
    }
  }
}

void Driver::want_wires(const engine::Event& event) {
  switch (kind_of(event)) {
    case EventKind::kDeviceDurable: {
      const DeviceNode& n = devices_[event.target()];
      const Batch* batch = n.pending.front();
      if (batch != nullptr)
        memory::prefetch(batch->held.data(), batch->held.size() * sizeof(model::Output));
      if (n.wire != kNone) memory::prefetch(&wires_[n.wire], sizeof(Wire));
      foresee_held(event, false);
      return;
    }
    case EventKind::kToShard:
      wanted_register(event, [](const Store& store, const model::Key& key) {
        store.prefetch_cell<model::DeviceRegister>(key);
      });
      return;
    default:
      return;
  }
}

}  // namespace greytick::world
