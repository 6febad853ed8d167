#include "model/device_steps.h"

namespace greytick::model::device {
namespace {

constexpr std::uint32_t kWipeAStep = 256;

Range all_rows(const Run& run, Table table) {
  return {table, run.self().value(), 0, ~std::uint64_t{0}, kWipeAStep};
}

Identity identity_of(const Run& run, std::uint64_t install_id, Incarnation incarnation) {
  Identity identity;
  identity.user = run.s.config.user;
  identity.install_id = install_id;
  identity.incarnation = incarnation;
  return identity;
}

void await_answer(Run& run) {
  run.out.wake(Timer::kHello, 0, saturating_add(run.t.now, run.s.config.hello_timeout));
}

// The HELLO's number is durable before it leaves, so that no restart ever reuses one.
void say_hello(Run& run, Identity identity) {
  forget_session(run);
  identity.hello_seq = identity.hello_seq.next();
  run.out.put(run.identity(), identity);
  run.out.persist();
  run.s.hello_seq = identity.hello_seq;
  run.s.nonce = Nonce(run.bits(kNonceDraw));
  run.send_up(Hello{run.self(), run.s.config.user, identity.incarnation, identity.hello_seq,
                    run.s.nonce, identity.cursor, run.s.config.version});
  await_answer(run);
}

void note_unknown(Run& run, Incarnation of, const Rows<Outbox>& outbox) {
  for (std::size_t i = 0; i < outbox.size(); ++i) {
    const Key key = key_of<Outbox>(run.self().value(), outbox[i].sub);
    run.out.note(OutcomeUnknown{
        {run.self(), of, outbox_conversation(key)}, outbox_cseq(key), outbox[i].record.id});
  }
}

}  // namespace

void forget_session(Run& run) {
  Device::State& s = run.s;
  s.epoch = {};
  s.in_flight.clear();
  s.backlog = false;
  s.reads_due = kNever;
  s.changes_due = kNever;
  s.retry_at = kNever;
  for (const Timer timer :
       {Timer::kHello, Timer::kHeartbeat, Timer::kPong, Timer::kRetry, Timer::kSteady}) {
    run.out.cancel(timer, 0);
  }
}

Step start(Run& run, const Start& in) {
  const Identity* stored = run.v.get<Identity>(run.identity());
  if (!run.v.complete()) return Step::kNeedMore;
  Device::State fresh;
  fresh.config = run.s.config;
  fresh.install_id = in.install_id;
  run.s = fresh;
  if (stored != nullptr && stored->install_id != 0 &&
      (in.install_id == 0 || stored->install_id == in.install_id)) {
    run.s.install_id = stored->install_id;
    run.s.incarnation = stored->incarnation;
    run.s.hello_seq = stored->hello_seq;
    run.s.leaving = stored->leaving;
  } else if (stored != nullptr && stored->install_id != 0 && stored->incarnation != Incarnation{}) {
    // A backup. Its Identity stays until the last of its rows is gone, so that a crash on the way
    // finds a backup again, and knows whose rows they are.
    run.out.took(Branch::kBackupFound);
  }
  if (run.s.incarnation == Incarnation{}) {
    run.s.wiping = true;
    run.out.post(Chore::kRetire, 0);
  } else {
    run.out.note(IncarnationAdopted{run.self(), run.s.incarnation});
  }
  return Step::kDone;
}

Step introduce(Run& run) {
  const Identity* identity = run.v.get<Identity>(run.identity());
  if (!run.v.complete()) return Step::kNeedMore;
  if (identity != nullptr && run.s.incarnation != Incarnation{}) {
    say_hello(run, *identity);
  } else if (!run.s.wiping) {
    run.send_up(Register{run.self(), run.s.config.user, run.s.install_id});
    await_answer(run);
  }
  return Step::kDone;
}

Step say_hello_again(Run& run) {
  if (!run.s.conn.in_session()) return Step::kDone;
  run.v.get<Identity>(run.identity());
  if (!run.v.complete()) return Step::kNeedMore;
  run.s.conn.move(Link::kResuming);
  return introduce(run);
}

Step on_welcome(Run& run, const Welcome& in) {
  Device::State& s = run.s;
  if (s.conn.link != Link::kResuming || in.hello_seq != s.hello_seq || in.nonce != s.nonce ||
      s.incarnation == Incarnation{}) {
    return Step::kDone;
  }
  if (in.version > s.config.version) {  // a session that this app cannot have
    run.out.took(Branch::kNotUnderstood);
    return Step::kDone;
  }
  const Identity* identity = run.v.get<Identity>(run.identity());
  const Rows<PendingRead> reads = run.v.scan<PendingRead>(pending_reads(run));
  const Rows<PendingChange> changes = run.v.scan<PendingChange>(pending_changes(run));
  if (!run.v.complete()) return Step::kNeedMore;
  run.out.cancel(Timer::kHello, 0);
  s.epoch = in.epoch;
  s.backlog = true;  // Until the pump has been through the outbox.
  s.conn.move(Link::kFlushing);
  run.out.note(SessionAdopted{run.self(), s.incarnation, in.epoch});
  if (identity != nullptr) send_reads(run, *identity, reads);
  send_changes(run, changes);
  if (s.leaving) send_log_out(run);
  run.out.wake(Timer::kSteady, 0, saturating_add(run.t.now, s.config.backoff.reset_after));
  if (s.config.heartbeat.every > Duration{}) {
    run.out.wake(Timer::kHeartbeat, 0, saturating_add(run.t.now, s.config.heartbeat.every));
  }
  run.out.post(Chore::kPump, 0);
  return Step::kDone;
}

Step on_hello_stale(Run& run, const HelloStale& in) {
  if (run.s.conn.link != Link::kResuming || in.hello_seq != run.s.hello_seq ||
      in.nonce != run.s.nonce || run.s.incarnation == Incarnation{}) {
    return Step::kDone;
  }
  begin_again(run);
  return Step::kDone;
}

void begin_again(Run& run) {
  if (run.s.wiping) return;
  forget_session(run);
  if (run.s.conn.in_session()) run.s.conn.move(Link::kResuming);
  // No installation's, until the rows are gone: a start on the way goes on with wiping them.
  run.out.put(run.identity(), identity_of(run, 0, run.s.incarnation));
  run.out.persist();
  run.s.incarnation = {};
  run.s.hello_seq = {};
  run.s.install_id = run.bits(kInstallDraw) | 1;  // Zero would mean "none".
  run.s.wiping = true;
  run.s.leaving = false;
  run.out.post(Chore::kRetire, 0);
}

// What an older incarnation left: its streams are over, and of its unanswered messages nobody can
// say what became of them, so they are shown as that and never resent.
Step wipe(Run& run) {
  if (!run.s.wiping) return Step::kDone;
  const Identity* found = run.v.get<Identity>(run.identity());
  const auto outbox = run.v.scan<Outbox>(all_rows(run, Table::kOutbox));
  const auto threads = run.v.scan<Thread>(all_rows(run, Table::kThread));
  const auto reads = run.v.scan<PendingRead>(all_rows(run, Table::kPendingRead));
  const auto changes = run.v.scan<PendingChange>(all_rows(run, Table::kPendingChange));
  const auto ticks = run.v.scan<MemberTicks>(all_rows(run, Table::kMemberTicks));
  const auto messages = run.v.scan<GroupMessage>(all_rows(run, Table::kGroupMessage));
  const auto rosters = run.v.scan<Roster>(all_rows(run, Table::kRoster));
  if (!run.v.complete()) return Step::kNeedMore;
  const std::uint64_t self = run.self().value();
  for (std::size_t i = 0; i < outbox.size(); ++i) {
    run.out.erase(key_of<Outbox>(self, outbox[i].sub));
  }
  for (std::size_t i = 0; i < threads.size(); ++i) {
    run.out.erase(key_of<Thread>(self, threads[i].sub));
  }
  for (std::size_t i = 0; i < reads.size(); ++i) {
    run.out.erase(key_of<PendingRead>(self, reads[i].sub));
  }
  for (std::size_t i = 0; i < changes.size(); ++i) {
    run.out.erase(key_of<PendingChange>(self, changes[i].sub));
  }
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    run.out.erase(key_of<MemberTicks>(self, ticks[i].sub));
  }
  for (std::size_t i = 0; i < messages.size(); ++i) {
    run.out.erase(key_of<GroupMessage>(self, messages[i].sub));
  }
  for (std::size_t i = 0; i < rosters.size(); ++i) {
    run.out.erase(key_of<Roster>(self, rosters[i].sub));
  }
  const bool more = outbox.size() == kWipeAStep || threads.size() == kWipeAStep ||
                    reads.size() == kWipeAStep || ticks.size() == kWipeAStep ||
                    changes.size() == kWipeAStep || messages.size() == kWipeAStep ||
                    rosters.size() == kWipeAStep;
  if (!more) run.out.put(run.identity(), identity_of(run, run.s.install_id, {}));
  run.out.persist();
  note_unknown(run, found == nullptr ? Incarnation{} : found->incarnation, outbox);
  if (more) {
    run.out.post(Chore::kRetire, 0);
    return Step::kDone;
  }
  run.s.wiping = false;
  if (run.s.conn.link == Link::kResuming) {
    run.send_up(Register{run.self(), run.s.config.user, run.s.install_id});
    await_answer(run);
  }
  return Step::kDone;
}

Step on_registered(Run& run, const Registered& in) {
  if (run.s.conn.link != Link::kResuming || run.s.incarnation != Incarnation{} || run.s.wiping ||
      in.install_id != run.s.install_id) {
    return Step::kDone;
  }
  run.s.incarnation = in.incarnation;
  say_hello(run, identity_of(run, in.install_id, in.incarnation));
  run.out.note(IncarnationAdopted{run.self(), in.incarnation});
  return Step::kDone;
}

}  // namespace greytick::model::device
