#include "model/gateway.h"

#include <algorithm>
#include <type_traits>

namespace greytick::model {
namespace {

static_assert(Machine<Gateway>);

constexpr Duration kRefusedFor = std::chrono::milliseconds(500);

struct Run {
  Gateway::State& s;
  const Stimulus& t;
  Outputs& out;

  [[nodiscard]] Gateway::Socket* find(DeviceId device) const {
    const auto it = s.sockets.find(device);
    return it == s.sockets.end() ? nullptr : &it->second;
  }
  void hang_up(ConnectionId connection) {
    out.send({Role::kTransport, s.config.gateway.value(), connection}, HangUp{});
  }
  template <class F>
  void down(DeviceId device, const Gateway::Socket& socket, F&& frame) {
    out.send({Role::kDevice, device.value(), socket.connection}, std::forward<F>(frame));
  }
  template <class F>
  void to_mailbox(UserId user, F&& frame) {
    out.send(s.config.placement.mailbox_shard(user), std::forward<F>(frame));
  }
  void tell_closed(DeviceId device, const Gateway::Socket& socket) {
    if (socket.epoch == SessionEpoch{}) return;
    to_mailbox(socket.user, SessionClosed{device, socket.user, socket.epoch});
  }
  void forget(DeviceId device) {
    s.sockets.erase(device);
    out.cancel(Timer::kIdle, device.value());
  }
  /// Ends a socket from this side; its session, if any, is over.
  void cut(DeviceId device) {
    const Gateway::Socket socket = *find(device);
    hang_up(socket.connection);
    tell_closed(device, socket);
    forget(device);
  }
};

bool heartbeats(const Gateway::State& s) { return s.config.heartbeat.every > Duration{}; }

Instant idle_at(const Gateway::State& s, Instant heard_at) {
  const Gateway::Config& c = s.config;
  return saturating_add(heard_at, c.heartbeat.every + c.heartbeat.timeout + c.idle_margin);
}

void connected(Run& run, DeviceId device, ConnectionId connection) {
  if (const Gateway::Socket* old = run.find(device)) {
    if (old->connection == connection) return;
    run.cut(device);
  }
  Gateway::Socket& socket = run.s.sockets[device];
  socket.connection = connection;
  socket.heard_at = run.t.now;
  if (heartbeats(run.s)) run.out.wake(Timer::kIdle, device.value(), idle_at(run.s, run.t.now));
}

// True iff one more request fits into this window of time.
bool admit(Run& run) {
  Gateway::State& s = run.s;
  if (s.config.requests_max == 0) return true;
  if (run.t.now - s.window_start >= s.config.request_window) {
    s.window_start = run.t.now;
    s.window_requests = 0;
  }
  if (s.window_requests >= s.config.requests_max) return false;
  ++s.window_requests;
  return true;
}

void on_send(Run& run, DeviceId device, const Gateway::Socket& socket, const SendMessage& in) {
  if (admit(run)) {
    run.out.send(run.s.config.placement.conversation_shard(in.stream.conversation), in);
    return;
  }
  run.out.took(Branch::kBackpressure);
  SendReply reply;
  reply.stream = in.stream;
  reply.cseq = in.cseq;
  reply.id = in.id;
  reply.code = ReplyCode::kRetryable;
  reply.retry_after = kRefusedFor;
  run.down(device, socket, reply);
}

// A session starts at the device's cursor, whatever an earlier one left unacknowledged.
void start_flow(Gateway::Socket& socket, MailboxSeq cursor) {
  socket.offered = socket.acked = cursor;
  socket.unacked_bytes = 0;
}

// Sizes of single entries are not remembered: an ack frees its share of what is unacknowledged.
void on_ack(Gateway::Socket& socket, MailboxSeq cursor) {
  const MailboxSeq upto = std::min(cursor, socket.offered);
  if (upto <= socket.acked) return;
  const std::uint64_t before = socket.offered - socket.acked;
  const std::uint64_t after = socket.offered - upto;
  socket.unacked_bytes = socket.unacked_bytes / before * after;
  socket.acked = upto;
}

void from_device(Run& run, const Address& from, const Frame& frame) {
  const DeviceId device(from.index);
  if (std::holds_alternative<Connected>(frame)) {
    connected(run, device, from.connection);
    return;
  }
  Gateway::Socket* socket = run.find(device);
  // The last words of a socket that was replaced or cut.
  if (socket == nullptr || socket->connection != from.connection) return;
  socket->heard_at = run.t.now;
  std::visit(
      [&]<class T>(const T& in) {
        if constexpr (std::is_same_v<T, Disconnected>) {
          run.tell_closed(device, *socket);
          run.forget(device);
        } else if constexpr (std::is_same_v<T, Ping>) {
          run.down(device, *socket, Pong{device});
        } else if constexpr (std::is_same_v<T, SendMessage>) {
          on_send(run, device, *socket, in);
        } else if constexpr (std::is_same_v<T, Hello>) {
          socket->user = in.user;
          socket->incarnation = in.incarnation;
          start_flow(*socket, in.cursor);
          // A session goes through here, so it is of no version that this gateway cannot carry.
          Hello hello = in;
          hello.version = std::min(in.version, run.s.config.version);
          run.to_mailbox(in.user, hello);
        } else if constexpr (std::is_same_v<T, Register>) {
          socket->user = in.user;
          start_flow(*socket, MailboxSeq{});
          run.to_mailbox(in.user, in);
        } else if constexpr (std::is_same_v<T, Ack> || std::is_same_v<T, Read>) {
          on_ack(*socket, in.cursor);
          run.to_mailbox(in.user, in);
        } else if constexpr (std::is_same_v<T, TickAck> || std::is_same_v<T, ChangeMembership> ||
                             std::is_same_v<T, LogOut>) {
          run.to_mailbox(in.user, in);
        }
      },
      frame);
}

void on_data(Run& run, const Address& shard, const Data& in) {
  Gateway::Socket* socket = run.find(in.device);
  if (socket == nullptr) {
    run.out.send(shard, SessionClosed{in.device, UserId{}, in.epoch});
    return;
  }
  const std::uint64_t limit = run.s.config.unacked_bytes_max;
  if (in.mseq > socket->offered) {
    socket->offered = in.mseq;
    socket->acked =
        std::max(socket->acked, MailboxSeq(std::min(socket->acked.value(), in.mseq.value() - 1)));
    socket->unacked_bytes += data_bytes(in.message);
  }
  const bool no_room = run.s.config.version < Version::k2 && socket->offered - socket->acked > 1;
  if (no_room || (limit != 0 && socket->unacked_bytes > limit)) {
    run.out.took(Branch::kSlowConsumerCut);
    run.cut(in.device);
    return;
  }
  run.down(in.device, *socket, in);
}

void from_mailbox(Run& run, const Address& shard, const Frame& frame) {
  std::visit(
      [&]<class T>(const T& in) {
        if constexpr (std::is_same_v<T, Welcome>) {
          Gateway::Socket* socket = run.find(in.device);
          if (socket == nullptr) {
            run.out.send(shard, SessionClosed{in.device, UserId{}, in.epoch});
            return;
          }
          socket->epoch = std::max(socket->epoch, in.epoch);
          run.down(in.device, *socket, in);
        } else if constexpr (std::is_same_v<T, Data>) {
          on_data(run, shard, in);
        } else if constexpr (std::is_same_v<T, Evict>) {
          const Gateway::Socket* socket = run.find(in.device);
          if (socket == nullptr || socket->epoch == SessionEpoch{} || in.epoch < socket->epoch) {
            return;
          }
          run.hang_up(socket->connection);
          run.forget(in.device);
        } else if constexpr (std::is_same_v<T, HelloStale> || std::is_same_v<T, Registered> ||
                             std::is_same_v<T, ReadAck> || std::is_same_v<T, Tick> ||
                             std::is_same_v<T, MembershipReply> || std::is_same_v<T, LoggedOut>) {
          // A tick for a device that left is offered again at its next HELLO.
          if (const Gateway::Socket* socket = run.find(in.device)) {
            run.down(in.device, *socket, in);
          }
        }
      },
      frame);
}

void idle_due(Run& run, DeviceId device) {
  const Gateway::Socket* socket = run.find(device);
  if (socket == nullptr) return;
  const Instant at = idle_at(run.s, socket->heard_at);
  if (run.t.now < at) {
    run.out.wake(Timer::kIdle, device.value(), at);
    return;
  }
  run.out.took(Branch::kHalfOpenDetected);
  run.cut(device);
}

}  // namespace

ReadSet Gateway::keys_of(const State& /*state*/, const Input& /*input*/) { return {}; }

Step Gateway::handle(State& state, const Stimulus& t, const Input& input, View& /*view*/,
                     Outputs& out) {
  Run run{state, t, out};
  if (std::holds_alternative<Start>(input)) {
    state.sockets.clear();
    state.window_start = {};
    state.window_requests = 0;
  } else if (const auto* fired = std::get_if<Fired>(&input)) {
    if (fired->timer == Timer::kIdle) {
      idle_due(run, DeviceId(static_cast<std::uint32_t>(fired->entity)));
    }
  } else if (const auto* arrive = std::get_if<Arrive>(&input)) {
    if (arrive->from.role == Role::kDevice) {
      from_device(run, arrive->from, arrive->frame);
    } else if (arrive->from.role == Role::kMailbox) {
      from_mailbox(run, arrive->from, arrive->frame);
    } else if (const auto* reply = std::get_if<SendReply>(&arrive->frame)) {
      const DeviceId device = reply->stream.device;
      if (const Socket* socket = run.find(device)) run.down(device, *socket, *reply);
    }
  }
  return Step::kDone;
}

}  // namespace greytick::model
