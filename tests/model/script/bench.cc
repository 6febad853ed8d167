#include "tests/model/script/bench.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "model/draw.h"
#include "tests/model/script/print.h"

namespace greytick::model::script {
namespace {

constexpr Placement kPlacement{1, 1, 2};
constexpr std::uint32_t kPeople[] = {1, 2, 3, 4};
constexpr std::uint32_t kLaptop = 5;  // of the first, and not linked yet
constexpr std::uint32_t kPair[] = {1, 2};
constexpr std::uint32_t kCrew[] = {1, 2, 3};
constexpr std::uint32_t kGateways[] = {0, 1};

Address bare(const Address& a) { return {a.role, a.index, ConnectionId{}}; }
Address device_at(std::uint32_t index) { return {Role::kDevice, index, ConnectionId{}}; }

}  // namespace

World::World() {
  for (const std::uint32_t p : kPeople) add_device(p, UserId(p));
  add_device(kLaptop, UserId(kPeople[0]));
  for (std::uint32_t n = 1; n <= kTablets; ++n) add_device(kLaptop + n, UserId(kPeople[0]));
  for (const std::uint32_t g : kGateways) {
    Gateway::State s;
    s.config.gateway = GatewayId(g);
    s.config.placement = kPlacement;
    s.config.heartbeat.every = {};
    add({Role::kGateway, g, ConnectionId{}}, s);
  }
  ConversationShard::State c;
  c.placement = kPlacement;
  c.self = kPlacement.conversation_shard(kTalk);
  add(c.self, c);
  for (const std::uint32_t p : kPeople) {
    MailboxShard::State m;
    m.placement = kPlacement;
    m.self = kPlacement.mailbox_shard(UserId(p));
    add(m.self, m);
  }
  add({Role::kPush, 0, ConnectionId{}}, Push::State{});
  provision();
  for (const auto& [at, seat] : seats_) start(at);
  deliver_all();
  lines_.clear();
}

void World::add_device(std::uint32_t device, UserId user) {
  Device::State s;
  s.config.device = DeviceId(device);
  s.config.user = user;
  s.config.key = PayloadKey{42};
  s.config.placement = kPlacement;
  s.config.heartbeat.every = {};
  s.config.backoff.jitter = Jitter::kNone;
  add(device_at(device), s);
  home_[device] = 0;
  seats_.at(device_at(device)).install_id = 100 + device;
}

void World::add(const Address& at, AnyState fresh) {
  Seat& seat = seats_[at];
  seat.fresh = fresh;
  seat.state = std::move(fresh);
}

// All are installed, registered and members, as a world finds them.
void World::provision() {
  for (const std::uint32_t p : kPeople) {
    const DeviceId device(p);
    const UserId user(p);
    const std::uint64_t install_id = seats_.at(device_at(p)).install_id;
    Identity identity;
    identity.user = user;
    identity.install_id = install_id;
    identity.incarnation = Incarnation(1);
    seats_.at(device_at(p)).rows.put(identity_key(device), identity);
    Store& m = seats_.at(kPlacement.mailbox_shard(user)).rows;
    Mailbox mailbox;
    mailbox.user = user;
    mailbox.incarnation = Incarnation(1);
    mailbox.install_id = install_id;
    m.put(mailbox_key(device), mailbox);
    m.put(user_device_key(user, device), UserDevice{});
  }
  provision(kTalk, kPair);
  provision(kGroup, kCrew);
}

void World::provision(ConversationId conversation, std::span<const std::uint32_t> people) {
  Store& c = seats_.at(kPlacement.conversation_shard(conversation)).rows;
  const auto count = static_cast<std::uint32_t>(people.size());
  c.put(conversation_key(conversation),
        Conversation{LogPos{}, LogPos{}, count, MemberNumber(count)});
  for (const std::uint32_t p : people) {
    const DeviceId device(p);
    c.put(member_key(conversation, device),
          Member{{UserId(p), device, Incarnation(1), MemberNumber(p)}});
    seats_.at(kPlacement.mailbox_shard(UserId(p)))
        .rows.put(user_conversation_key(UserId(p), conversation), UserConversation{true});
  }
}

// ---------------------------------------------------------------- machines

void World::start(const Address& at) {
  Seat& seat = seats_.at(at);
  Start s;
  s.lease = LeaseEpoch(++seat.starts);
  s.store_clock = now_;
  s.install_id = seat.install_id;
  input(at, s);
}

void World::crash(const Address& at) {
  Seat& seat = seats_.at(at);
  if (seat.durable) seat.rows = *seat.durable;
  seat.durable.reset();
  seat.held.clear();
  seat.timers.clear();
  seat.state = seat.fresh;
  // Its sockets die with it, and the other end hears of it.
  for (auto& [connection, socket] : sockets_) {
    const bool phone = at.role == Role::kDevice && socket.device == at.index;
    const bool server = at.role == Role::kGateway && socket.gateway == at.index;
    if (socket.open && (phone || server)) close(connection, server, phone);
  }
  start(at);
}

void World::input(const Address& at, const Input& in) {
  Seat& seat = seats_.at(at);
  std::vector<Input> todo{in};
  for (std::size_t i = 0; i < todo.size(); ++i) {
    CHECK_MSG(i < 10'000, "a machine posts to itself for ever");
    const Input current = todo[i];
    const std::uint64_t who = (std::uint64_t{static_cast<std::uint8_t>(at.role)} << 32) | at.index;
    const Stimulus stimulus{now_, now_ + seat.wall_offset, derive(who, ++seat.steps)};
    Outputs out;
    step(seat, stimulus, current, out);
    apply(at, out, todo);
  }
}

void World::apply(const Address& at, const Outputs& out, std::vector<Input>& todo) {
  Seat& seat = seats_.at(at);
  for (const Output& output : out.list) {
    if (const auto* persist = std::get_if<Persist>(&output)) {
      std::string line = fmt::format("{} writes", name_of(at));
      for (std::uint32_t i = persist->first; i < persist->first + persist->count; ++i) {
        const Write& write = out.writes[i];
        line += fmt::format(" {}{}", write.record ? "" : "-", table_name(write.key.table));
        seat.rows.apply(write);
      }
      if (writes_) say(std::move(line));
    } else if (const auto* post = std::get_if<Post>(&output)) {
      todo.push_back(Posted{post->chore, post->entity});
    } else if (const auto* wake = std::get_if<Wake>(&output)) {
      seat.timers.erase({wake->timer, wake->entity});
      if (wake->at != kNever) seat.timers[{wake->timer, wake->entity}] = wake->at;
    } else if (seat.durable) {
      seat.held.push_back(output);
    } else {
      emit(at, output);
    }
  }
}

void World::emit(const Address& at, const Output& output) {
  if (const auto* send = std::get_if<Send>(&output)) {
    Address from = at;
    // Between a phone and its gateway an address names the connection.
    const bool up = at.role == Role::kDevice && send->to.role == Role::kGateway;
    const bool down = at.role == Role::kGateway && send->to.role == Role::kDevice;
    if (up || down) from.connection = send->to.connection;
    wire_.push_back({from, send->to, send->frame});
  } else if (const auto* note = std::get_if<Note>(&output)) {
    history_.push_back(note->fact);
    const bool branch = std::holds_alternative<Took>(note->fact);
    if (facts_ && (branches_ || !branch)) say("  " + text_of(note->fact));
  }
}

void World::stall(const Address& at) {
  Seat& seat = seats_.at(at);
  if (!seat.durable) seat.durable = seat.rows;
}

void World::sync(const Address& at) {
  Seat& seat = seats_.at(at);
  seat.durable.reset();
  for (const Output& output : std::exchange(seat.held, {})) emit(at, output);
}

// ---------------------------------------------------------------- the link

bool World::passes(const InFlight& f) const {
  const ConnectionId connection = std::max(f.from.connection, f.to.connection);
  if (connection == ConnectionId{}) return true;
  if (std::holds_alternative<Disconnected>(f.frame)) return true;
  const auto it = sockets_.find(connection);
  return it != sockets_.end() && it->second.open && !it->second.silent;
}

void World::deliver(const InFlight& f) {
  if (f.to.role == Role::kTransport) {
    at_transport(f);
    return;
  }
  if (!passes(f)) return;
  if (frames_ && !std::holds_alternative<Connected>(f.frame)) {
    say(fmt::format("{} > {} {}", name_of(f.from), name_of(f.to), text_of(f.frame)));
  }
  if (f.to.role == Role::kProvider) {
    at_provider(f);
  } else if (seats_.contains(bare(f.to))) {
    input(bare(f.to), Arrive{f.from, f.frame});
  }
}

void World::deliver_front() {
  const InFlight f = wire_.front();
  wire_.pop_front();
  deliver(f);
}

void World::deliver_all() {
  for (int i = 0; !wire_.empty(); ++i) {
    CHECK_MSG(i < 100'000, "frames without end");
    deliver_front();
  }
}

void World::at_transport(const InFlight& f) {
  if (const auto* dial = std::get_if<Dial>(&f.frame)) {
    const std::uint32_t d = dial->device.value();
    const std::uint32_t g = home_.at(d);
    const ConnectionId connection(++connections_);
    sockets_[connection] = {d, g, true, false};
    const Address phone{Role::kDevice, d, connection}, gateway{Role::kGateway, g, connection};
    wire_.push_back({phone, gateway, Connected{dial->device, GatewayId(g)}});
    wire_.push_back({gateway, phone, Connected{dial->device, GatewayId(g)}});
  } else if (std::holds_alternative<HangUp>(f.frame)) {
    close(f.to.connection, f.from.role == Role::kGateway, f.from.role == Role::kDevice);
  }
}

void World::close(ConnectionId connection, bool tell_device, bool tell_gateway) {
  const auto it = sockets_.find(connection);
  if (it == sockets_.end() || !it->second.open) return;
  Socket& socket = it->second;
  socket.open = false;
  if (socket.silent) return;
  const Address phone{Role::kDevice, socket.device, connection};
  const Address gateway{Role::kGateway, socket.gateway, connection};
  if (tell_device) wire_.push_back({gateway, phone, Disconnected{}});
  if (tell_gateway) wire_.push_back({phone, gateway, Disconnected{}});
}

void World::cut(const Address& device, bool tell) {
  for (auto& [connection, socket] : sockets_) {
    if (socket.device != device.index || !socket.open) continue;
    if (tell) {
      close(connection, true, true);
    } else {
      socket.silent = true;
    }
  }
}

void World::at_provider(const InFlight& f) {
  const auto* notify = std::get_if<Notify>(&f.frame);
  if (notify == nullptr) return;
  const Address provider{Role::kProvider, 0, ConnectionId{}};
  wire_.push_back(
      {provider, f.from, Notified{notify->device, provider_, std::chrono::seconds(10)}});
  if (provider_ == NotifyOutcome::kAccepted && wakes_) {
    const Address phone = device_at(notify->device.value());
    wire_.push_back({provider, phone, Nudge{notify->device}});
    input(phone, App{GoOnline{}});
  }
}

std::optional<std::size_t> World::find(std::string_view name) const {
  for (std::size_t i = 0; i < wire_.size(); ++i) {
    if (frame_name(wire_[i].frame) == name) return i;
  }
  return std::nullopt;
}

// ---------------------------------------------------------------- time

void World::pass_time(Duration by, bool deliver) {
  const Instant end = now_ + by;
  for (int i = 0;; ++i) {
    CHECK_MSG(i < 1'000'000, "a timer fires without end");
    if (deliver) deliver_all();
    std::optional<std::pair<Address, std::pair<Timer, std::uint64_t>>> next;
    Instant at = end;
    for (const auto& [address, seat] : seats_) {
      for (const auto& [name, due] : seat.timers) {
        if (due < at || (due == end && !next)) {
          at = due;
          next = {address, name};
        }
      }
    }
    if (!next) break;
    now_ = std::max(now_, at);
    seats_.at(next->first).timers.erase(next->second);
    input(next->first, Fired{next->second.first, next->second.second});
  }
  now_ = end;
}

void World::say(std::string line) {
  if (now_ != said_at_) {
    lines_.push_back(fmt::format("-- {} later", time_text(now_ - said_at_)));
    said_at_ = now_;
  }
  lines_.push_back(std::move(line));
}

std::vector<std::string> World::take_lines() { return std::exchange(lines_, {}); }

}  // namespace greytick::model::script
