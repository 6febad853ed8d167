#include "model/device.h"

#include <type_traits>

#include "model/device_steps.h"

namespace greytick::model {
namespace {

using device::Run;

static_assert(Machine<Device>);

Step on_frame(Run& run, const Address& from, const Frame& frame) {
  return std::visit(
      [&]<class T>(const T& in) {
        if constexpr (std::is_same_v<T, Welcome>) {
          return device::on_welcome(run, in);
        } else if constexpr (std::is_same_v<T, HelloStale>) {
          return device::on_hello_stale(run, in);
        } else if constexpr (std::is_same_v<T, Registered>) {
          return device::on_registered(run, in);
        } else if constexpr (std::is_same_v<T, SendReply>) {
          return device::on_reply(run, in);
        } else if constexpr (std::is_same_v<T, Data>) {
          return device::on_data(run, in);
        } else if constexpr (std::is_same_v<T, ReadAck>) {
          return device::on_read_ack(run, in);
        } else if constexpr (std::is_same_v<T, MembershipReply>) {
          return device::on_membership_reply(run, in);
        } else if constexpr (std::is_same_v<T, LoggedOut>) {
          return device::on_logged_out(run, in);
        } else if constexpr (std::is_same_v<T, Tick>) {
          return device::on_tick(run, in);
        } else if constexpr (std::is_same_v<T, Pong>) {
          device::on_pong(run);
          return Step::kDone;
        } else if constexpr (std::is_same_v<T, Disconnected>) {
          if (from == run.s.conn.gateway) device::drop(run, false, in.retry_after);
          return Step::kDone;
        } else {
          return Step::kDone;  // Not for devices.
        }
      },
      frame);
}

Step on_arrive(Run& run, const Arrive& in) {
  if (std::holds_alternative<Connected>(in.frame)) return device::on_connected(run, in.from);
  if (std::holds_alternative<Nudge>(in.frame)) return device::say_hello_again(run);
  if (const auto* refused = std::get_if<Refused>(&in.frame)) {
    if (run.s.conn.link == Link::kConnecting) device::drop(run, false, refused->retry_after);
    return Step::kDone;
  }
  // What an earlier connection still carries is of no session of ours.
  if (!run.s.conn.connected() || in.from != run.s.conn.gateway) return Step::kDone;
  const Step step = on_frame(run, in.from, in.frame);
  if (step == Step::kDone) run.s.heard_at = run.t.now;
  return step;
}

Step on_fired(Run& run, Timer timer) {
  switch (timer) {
    case Timer::kDial:
      device::dial_due(run);
      return Step::kDone;
    case Timer::kHello:
      if (run.s.conn.link == Link::kResuming) device::drop(run, true, Duration{});
      return Step::kDone;
    case Timer::kHeartbeat:
      device::heartbeat_due(run);
      return Step::kDone;
    case Timer::kPong:
      device::pong_missed(run);
      return Step::kDone;
    case Timer::kRetry:
      return device::retry_due(run);
    case Timer::kSteady:
      if (run.s.conn.in_session()) run.s.backoff.reset();
      return Step::kDone;
    default:
      return Step::kDone;  // The other roles' timers.
  }
}

Step on_posted(Run& run, const Posted& in) {
  if (in.chore == Chore::kPump) return device::pump(run, in.entity);
  if (in.chore == Chore::kRetire) return device::wipe(run);
  return Step::kDone;
}

Step on_app(Run& run, const App& in) {
  return std::visit(
      [&]<class T>(const T& ask) {
        if constexpr (std::is_same_v<T, GoOnline>) {
          device::go_online(run, ask);
          return Step::kDone;
        } else if constexpr (std::is_same_v<T, GoOffline>) {
          device::go_offline(run);
          return Step::kDone;
        } else if constexpr (std::is_same_v<T, Compose>) {
          return device::compose(run, ask);
        } else if constexpr (std::is_same_v<T, JoinConversation>) {
          return device::change_membership(run, ask.conversation, true);
        } else if constexpr (std::is_same_v<T, LeaveConversation>) {
          return device::change_membership(run, ask.conversation, false);
        } else if constexpr (std::is_same_v<T, Unlink>) {
          return device::log_out(run);
        } else {
          return device::open_conversation(run, ask);
        }
      },
      in.ask);
}

}  // namespace

ReadSet Device::keys_of(const State& state, const Input& input) {
  ReadSet set;
  const DeviceId self = state.config.device;
  const auto thread = [&](ConversationId c) { set.keys.push_back(thread_key(self, c)); };
  const auto identity = [&] { set.keys.push_back(identity_key(self)); };
  if (std::holds_alternative<Start>(input)) {
    identity();
  } else if (const auto* app = std::get_if<App>(&input)) {
    if (const auto* ask = std::get_if<Compose>(&app->ask)) thread(ask->conversation);
    if (const auto* ask = std::get_if<OpenConversation>(&app->ask)) {
      identity();
      thread(ask->conversation);
    }
  } else if (const auto* arrive = std::get_if<Arrive>(&input)) {
    if (const auto* data = std::get_if<Data>(&arrive->frame)) {
      identity();
      thread(data->message.stream.conversation);
    } else if (const auto* reply = std::get_if<SendReply>(&arrive->frame)) {
      thread(reply->stream.conversation);
    } else if (const auto* tick = std::get_if<Tick>(&arrive->frame)) {
      thread(tick->conversation);
      if (fits_key(tick->conversation, tick->number)) {
        set.keys.push_back(member_ticks_key(self, tick->conversation, tick->number));
      }
    } else if (std::holds_alternative<Connected>(arrive->frame) ||
               std::holds_alternative<Welcome>(arrive->frame)) {
      identity();
    }
  }
  return set;
}

Step Device::handle(State& state, const Stimulus& t, const Input& input, View& view, Outputs& out) {
  Run run{state, t, view, out};
  return std::visit(
      [&]<class T>(const T& in) {
        if constexpr (std::is_same_v<T, Start>) {
          return device::start(run, in);
        } else if constexpr (std::is_same_v<T, Arrive>) {
          return on_arrive(run, in);
        } else if constexpr (std::is_same_v<T, Fired>) {
          return on_fired(run, in.timer);
        } else if constexpr (std::is_same_v<T, Posted>) {
          return on_posted(run, in);
        } else if constexpr (std::is_same_v<T, App>) {
          return on_app(run, in);
        } else {
          return Step::kDone;  // A phone has no disk pressure.
        }
      },
      input);
}

}  // namespace greytick::model
