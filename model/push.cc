#include "model/push.h"

#include "model/draw.h"

namespace greytick::model {
namespace {

static_assert(Machine<Push>);

struct Waking {
  Push::State& s;
  const Stimulus& t;
  Outputs& out;

  [[nodiscard]] Push::Wanted* find(DeviceId device) const {
    const auto it = s.wanted.find(device);
    return it == s.wanted.end() ? nullptr : &it->second;
  }
  void forget(DeviceId device) {
    s.wanted.erase(device);
    out.cancel(Timer::kPushRetry, device.value());
  }
};

// An answer that never comes counts as one that failed.
void notify(Waking& run, DeviceId device, Push::Wanted& wanted) {
  wanted.outstanding = true;
  run.out.send(Address{Role::kProvider, 0, ConnectionId{}}, Notify{device});
  run.out.wake(Timer::kPushRetry, device.value(),
               saturating_add(run.t.now, run.s.config.answer_timeout));
}

void retry_later(Waking& run, DeviceId device, Push::Wanted& wanted, Duration at_least) {
  if (wanted.backoff.attempts >= run.s.config.attempts_max) {
    run.forget(device);
    return;
  }
  wanted.outstanding = false;
  const Duration wait = wanted.backoff.next(run.s.config.backoff, run.t.entropy);
  run.out.wake(Timer::kPushRetry, device.value(), saturating_add(run.t.now, at_least + wait));
}

void on_wake_up(Waking& run, DeviceId device) {
  if (run.find(device) != nullptr) return;  // One request stands for all who ask.
  if (run.s.wanted.size() >= run.s.config.devices_max) return;
  notify(run, device, run.s.wanted[device]);
}

void on_notified(Waking& run, const Notified& in) {
  Push::Wanted* wanted = run.find(in.device);
  if (wanted == nullptr || !wanted->outstanding) return;
  switch (in.outcome) {
    case NotifyOutcome::kAccepted:
      run.forget(in.device);
      return;
    case NotifyOutcome::kThrottled:
      run.out.took(Branch::kPushThrottled);
      retry_later(run, in.device, *wanted, in.retry_after);
      return;
    case NotifyOutcome::kUnavailable:
      retry_later(run, in.device, *wanted, Duration{});
      return;
    case NotifyOutcome::kTokenExpired:
      run.forget(in.device);
      return;
  }
}

void retry_due(Waking& run, DeviceId device) {
  Push::Wanted* wanted = run.find(device);
  if (wanted == nullptr) return;
  if (wanted->outstanding) {
    retry_later(run, device, *wanted, Duration{});
  } else {
    notify(run, device, *wanted);
  }
}

}  // namespace

ReadSet Push::keys_of(const State& /*state*/, const Input& /*input*/) { return {}; }

Step Push::handle(State& state, const Stimulus& t, const Input& input, View& /*view*/,
                  Outputs& out) {
  Waking run{state, t, out};
  if (std::holds_alternative<Start>(input)) {
    state.wanted.clear();
  } else if (const auto* fired = std::get_if<Fired>(&input)) {
    if (fired->timer == Timer::kPushRetry) {
      retry_due(run, DeviceId(static_cast<std::uint32_t>(fired->entity)));
    }
  } else if (const auto* arrive = std::get_if<Arrive>(&input)) {
    if (const auto* wake_up = std::get_if<WakeUp>(&arrive->frame)) {
      on_wake_up(run, wake_up->device);
    } else if (const auto* notified = std::get_if<Notified>(&arrive->frame)) {
      on_notified(run, *notified);
    }
  }
  return Step::kDone;
}

}  // namespace greytick::model
