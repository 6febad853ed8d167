#include <algorithm>

#include "model/device_steps.h"

namespace greytick::model::device {
namespace {

void dial(Run& run) {
  run.s.conn.move(Link::kConnecting);
  run.out.send(Address{Role::kTransport, 0, ConnectionId{}}, Dial{run.self()});
  run.out.wake(Timer::kDial, 0, saturating_add(run.t.now, run.s.config.connect_timeout));
}

void hang_up_on(Run& run, const Address& gateway) {
  run.out.send(Address{Role::kTransport, gateway.index, gateway.connection}, HangUp{});
}

void wait_to_dial(Run& run, Duration wait) {
  run.s.conn.move(Link::kBackoff);
  run.out.wake(Timer::kDial, 0, saturating_add(run.t.now, wait));
}

}  // namespace

void go_online(Run& run, const GoOnline& ask) {
  const Link link = run.s.conn.link;
  // In backoff the app's wish is "try now"; in every other state it is fulfilled already.
  if (link != Link::kOffline && link != Link::kBackoff) return;
  if (ask.spread <= Duration{}) {
    dial(run);
  } else {
    wait_to_dial(run, uniform_upto(run.bits(kDialDraw), ask.spread));
  }
}

void go_offline(Run& run) {
  if (run.s.conn.link == Link::kOffline) return;
  if (run.s.conn.connected()) hang_up_on(run, run.s.conn.gateway);
  forget_session(run);
  run.out.cancel(Timer::kDial, 0);
  run.s.conn.move(Link::kOffline);
}

Step on_connected(Run& run, const Address& from) {
  if (run.s.conn.link != Link::kConnecting) {
    // A dial that was given up came through after all.
    if (from != run.s.conn.gateway) hang_up_on(run, from);
    return Step::kDone;
  }
  run.v.get<Identity>(run.identity());
  if (!run.v.complete()) return Step::kNeedMore;
  run.out.cancel(Timer::kDial, 0);
  run.s.conn.move(Link::kResuming);
  run.s.conn.gateway = from;
  return introduce(run);
}

void drop(Run& run, bool hang_up, Duration retry_after) {
  if (hang_up) hang_up_on(run, run.s.conn.gateway);
  forget_session(run);
  run.s.conn.move(Link::kDropped);
  const Duration wait = run.s.backoff.next(run.s.config.backoff, run.bits(kDialDraw));
  const Duration hint = uniform_upto(run.bits(kHintDraw), std::max(retry_after, Duration{}));
  wait_to_dial(run, std::max(wait, hint));
}

void dial_due(Run& run) {
  if (run.s.conn.link == Link::kBackoff) {
    dial(run);
  } else if (run.s.conn.link == Link::kConnecting) {
    drop(run, false, Duration{});
  }
}

void heartbeat_due(Run& run) {
  if (!run.s.conn.in_session()) return;
  run.s.pinged_at = run.t.now;
  run.send_up(Ping{run.self()});
  run.out.wake(Timer::kPong, 0, saturating_add(run.t.now, run.s.config.heartbeat.timeout));
}

void on_pong(Run& run) {
  if (!run.s.conn.in_session()) return;
  if (run.s.conn.link == Link::kDegraded) {
    run.s.conn.move(run.s.backlog ? Link::kFlushing : Link::kOpen);
  }
  if (run.s.config.heartbeat.every <= Duration{}) return;
  run.out.cancel(Timer::kPong, 0);
  run.out.wake(Timer::kHeartbeat, 0, saturating_add(run.t.now, run.s.config.heartbeat.every));
}

void pong_missed(Run& run) {
  if (!run.s.conn.in_session()) return;
  if (run.s.heard_at >= run.s.pinged_at) {
    // Whatever arrived since the ping proves as much as its pong.
    on_pong(run);
  } else if (run.s.conn.link == Link::kDegraded) {
    run.out.took(Branch::kHalfOpenDetected);
    drop(run, true, Duration{});
  } else {
    run.out.took(Branch::kDegraded);
    run.s.conn.move(Link::kDegraded);
    heartbeat_due(run);
  }
}

}  // namespace greytick::model::device
