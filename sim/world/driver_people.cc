// What people do: come and go, write, read, follow a script.
#include <algorithm>
#include <array>

#include "model/check.h"
#include "sim/world/driver.h"

namespace greytick::world {

using engine::Purpose;
using scenario::PresenceMode;
using scenario::ScriptAction;
using scenario::ScriptVerb;

namespace {

// The streams of a user's first whereabouts, apart from those of its later ones.
constexpr std::uint64_t kFirstStay = std::uint64_t{1} << 33;
constexpr Duration kUnreadEach = std::chrono::seconds(1);

}  // namespace

// What is left of a stay that was begun before the run: lengths weigh by themselves, and any point
// of a stay is as likely. The weighing is by choice among a few draws (sampling-importance
// resampling, Rubin 1987).
Duration Driver::residual(const net::Law& law, engine::Stream& stream) const {
  std::array<double, 8> lengths{};
  double sum = 0;
  for (double& length : lengths) sum += length = law.sample(stream);
  double left = stream.uniform01() * sum;
  double chosen = lengths.back();
  for (const double length : lengths) {
    if (left < length) {
      chosen = length;
      break;
    }
    left -= length;
  }
  return engine::to_duration(chosen * stream.uniform01());
}

void Driver::begin_presence() {
  const scenario::Presence& presence = scenario_.population.presence;
  if (presence.mode == PresenceMode::kScripted) return;
  const auto spread = presence.login_spread.count();
  for (std::uint32_t device = 0; device < people_.devices(); ++device) {
    engine::Stream stream = streams_.stream(Purpose::kPresence, kFirstStay | device);
    const bool here =
        presence.mode == PresenceMode::kAlways || stream.bernoulli(presence.initially_online.value);
    const Duration after = here ? Duration{spread == 0 ? 0 : stream.uniform_between(0, spread)}
                                : residual(away_, stream);
    if (Instant{after} >= horizon_) continue;
    schedule(world_origin_, Instant{after}, EventClass::kApp, EventKind::kOnline, device,
             here ? 1 : 0);
  }
}

void Driver::begin_load() {
  for (std::uint32_t i = 0; i < scenario_.script.size(); ++i) {
    const ScriptAction& action = scenario_.script[i];
    const std::uint64_t times = action.verb == ScriptVerb::kSend ? action.count : 1;
    for (std::uint64_t n = 0; n < times; ++n) {
      const Instant at{action.at + static_cast<std::int64_t>(n) * action.every};
      for (std::uint64_t d = action.device; d <= action.through.value_or(action.device); ++d) {
        schedule(world_origin_, at, EventClass::kApp, EventKind::kScript,
                 static_cast<std::uint32_t>(d), i);
      }
    }
  }
  if (!trace_.empty()) {
    schedule(world_origin_, trace_.front().at, EventClass::kApp, EventKind::kRecorded, 0, 0);
  }
  next_arrival();
}

// ---------------------------------------------------------------- coming and going

void Driver::set_regular(DeviceNode& n, bool regular) {
  n.regular = regular;
  const std::uint64_t bit = std::uint64_t{1} << (n.number % 64);
  if (regular) {
    regular_bits_[n.number / 64] |= bit;
  } else {
    regular_bits_[n.number / 64] &= ~bit;
  }
}

void Driver::come(std::uint32_t device, bool first) {
  if (draining_ || is_unlinked(device)) return;
  DeviceNode& n = node_of(device);
  set_regular(n, true);
  go_online(n);
  Instant at = now_;
  for (const model::ConversationId c : std::exchange(n.unread, {})) {
    at += kUnreadEach;
    schedule(n.origin, at, EventClass::kApp, EventKind::kRead, node_of_[device], reads_.emplace(c));
  }
  if (scenario_.population.presence.mode == PresenceMode::kAlways) return;
  engine::Stream stream = first ? streams_.stream(Purpose::kPresence, kFirstStay | device, 32)
                                : streams_.stream(Purpose::kPresence, device, n.presence_draws);
  const Duration stay = first ? residual(session_, stream) : session_.sample_duration(stream);
  if (!first) n.presence_draws = static_cast<std::uint32_t>(stream.position());
  const Instant ends = saturating_add(now_, stay);
  if (ends < horizon_) {
    schedule(n.origin, ends, EventClass::kApp, EventKind::kOffline, device, 0);
  }
}

void Driver::leave(std::uint32_t device) {
  if (draining_ || is_unlinked(device)) return;
  DeviceNode& n = node_of(device);
  set_regular(n, false);
  if (now_ >= n.awake_until) go_offline(n);
  engine::Stream stream = streams_.stream(Purpose::kPresence, device, n.presence_draws);
  const Instant back = saturating_add(now_, away_.sample_duration(stream));
  n.presence_draws = static_cast<std::uint32_t>(stream.position());
  if (back < horizon_) {
    schedule(n.origin, back, EventClass::kApp, EventKind::kOnline, device, 0);
  }
}

// The system stops an app that a push had woken.
void Driver::wake_ends(std::uint32_t device) {
  DeviceNode* n = find_node(device);
  if (draining_ || n == nullptr || n->regular || now_ < n->awake_until) return;
  go_offline(*n);
}

// ---------------------------------------------------------------- writing

// Who begins to write, and where. People write while they are there. Where nobody is found in a few
// tries, one who is away writes, and the message waits in the outbox.
Driver::Beginning Driver::pick(engine::Stream& draws) const {
  const auto somebody = [&](auto&& drawn) {
    std::uint32_t user = drawn();
    for (int tries = 0; tries < 15; ++tries) {
      if (is_here(user)) break;
      user = drawn();
    }
    return user;
  };
  Beginning begins;
  if (workload_.to_group(draws)) {
    const std::uint32_t group = people_.draw_group(draws);
    begins.group = group;
    begins.sender = somebody([&] { return people_.draw_member(group, draws); });
    return begins;
  }
  begins.sender = somebody([&] {
    std::uint32_t who = people_.draw_sender(draws);
    // A region may be as good as empty, so the search ends.
    for (int tries = 0; workload_.region() && tries < 1000; ++tries) {
      if (people_.home(who) == *workload_.region()) break;
      who = people_.draw_sender(draws);
    }
    return who;
  });
  begins.peer = people_.draw_contact(begins.sender, draws);
  return begins;
}

void Driver::arrival() {
  if (draining_) return;
  const auto [sender, peer, group] = pick(workload_.draws());
  if (group) {
    compose(device_at_hand(sender), provision_group(*group), workload_.bytes());
    next_arrival();
    return;
  }
  const std::uint32_t length = workload_.length();
  compose(device_at_hand(sender), provision_pair(sender, peer), workload_.bytes());
  if (length > 1) {
    const std::uint32_t handle = talks_.emplace(Talk{sender, peer, length - 1});
    schedule(world_origin_, saturating_add(now_, workload_.gap()), EventClass::kApp,
             EventKind::kTalk, 0, handle);
  }
  next_arrival();
}

void Driver::next_arrival() {
  const Instant at = workload_.next_start(now_);
  if (at == model::kNever) return;
  schedule(world_origin_, at, EventClass::kApp, EventKind::kArrival, 0, 0);
  foresee_arrival();
}

void Driver::talk(std::uint32_t handle) {
  Talk& t = talks_[handle];
  if (draining_ || now_ >= horizon_) {
    talks_.erase(handle);
    return;
  }
  const bool first = workload_.first_speaks();
  compose(device_at_hand(first ? t.a : t.b), provision_pair(t.a, t.b), workload_.bytes());
  if (--t.left == 0) {
    talks_.erase(handle);
    return;
  }
  schedule(world_origin_, saturating_add(now_, workload_.gap()), EventClass::kApp, EventKind::kTalk,
           0, handle);
}

void Driver::recorded() {
  if (draining_) return;
  // Rows of one instant go one after the other, in file order.
  const Recorded& row = trace_[next_recorded_++];
  if (row.to_group) {
    compose(device_at_hand(row.sender), provision_group(row.recipient),
            workload_.wrapped(row.bytes));
  } else if (row.sender != row.recipient) {
    compose(device_at_hand(row.sender), provision_pair(row.sender, row.recipient),
            workload_.bytes());
  }
  if (next_recorded_ < trace_.size()) {
    schedule(world_origin_, std::max(trace_[next_recorded_].at, now_), EventClass::kApp,
             EventKind::kRecorded, 0, 0);
  }
}

bool Driver::is_here(std::uint32_t user) const {
  bool here = false;
  people_.each_device(user, [&](std::uint32_t device) { here = here || is_regular(device); });
  return here;
}

// People write on a device that they are at, any as likely; else on their phone.
std::uint32_t Driver::device_at_hand(std::uint32_t user) {
  boost::container::small_vector<std::uint32_t, 8> here;
  people_.each_device(user, [&](std::uint32_t device) {
    if (is_regular(device)) here.push_back(device);
  });
  if (here.empty()) return user;
  return here.size() == 1 ? here.front() : here[workload_.draws().uniform_below(here.size())];
}

void Driver::compose(std::uint32_t device, model::ConversationId c, std::uint32_t bytes) {
  DeviceNode& n = node_of(device);
  if (!n.alive) return;  // nobody writes with an app that does not run
  ++composed_;
  device_input(n, Input{model::App{model::Compose{c, bytes}}});
}

// ---------------------------------------------------------------- reading

void Driver::plan_read(DeviceNode& n, model::ConversationId conversation) {
  if (draining_ || scenario_.population.presence.mode == PresenceMode::kScripted) return;
  engine::Stream stream = streams_.stream(Purpose::kRead, n.number, n.read_draws);
  const bool reads = stream.bernoulli(scenario_.traffic.read_share.value);
  const Duration after = read_after_.sample_duration(stream);
  n.read_draws = static_cast<std::uint32_t>(stream.position());
  const Instant at = saturating_add(now_, after);
  if (!reads || at >= horizon_) return;
  schedule(n.origin, at, EventClass::kApp, EventKind::kRead, node_of_[n.number],
           reads_.emplace(conversation));
}

void Driver::read_due(DeviceNode& n, std::uint32_t handle) {
  const model::ConversationId conversation = reads_[handle];
  reads_.erase(handle);
  if (draining_) return;
  if (!n.foreground()) {
    if (std::ranges::find(n.unread, conversation) == n.unread.end()) {
      n.unread.push_back(conversation);
    }
    return;
  }
  device_input(n, Input{model::App{model::OpenConversation{conversation}}});
}

// ---------------------------------------------------------------- linked devices

void Driver::link(std::uint32_t device) {
  if (!is_unlinked(device)) return;
  DeviceNode& n = node_of(device);
  unlinked_.erase(device);
  provisioned_[device] = 1;
  if (!n.alive) {
    n.held = false;
    start_app(n);
  }
  if (scenario_.population.presence.mode == PresenceMode::kSessions) return come(device, false);
  set_regular(n, true);
  go_online(n);
}

// Who takes a device off has it in hand: it goes online to say so.
void Driver::unlink(std::uint32_t device) {
  if (is_unlinked(device)) return;
  DeviceNode& n = node_of(device);
  if (!n.alive) return;
  device_input(n, Input{model::App{model::Unlink{}}});
  go_online(n);
  set_regular(n, false);
  n.unread.clear();
  unlinked_.insert(device);
}

// ---------------------------------------------------------------- the script

model::ConversationId Driver::place_of(const ScriptAction& action, std::uint32_t device) {
  if (!action.group.empty()) return provision_group(people_.group(action.group));
  return provision_pair(people_.user_of(device), static_cast<std::uint32_t>(action.to));
}

void Driver::act(std::uint32_t device, std::uint32_t number) {
  if (draining_) return;
  const ScriptAction& action = scenario_.script[number];
  DeviceNode& n = node_of(device);
  const auto ask = [&](const auto& what) {
    if (n.alive) device_input(n, Input{model::App{what}});
  };
  switch (action.verb) {
    case ScriptVerb::kConnect:
      if (!n.alive) {
        n.held = false;
        start_app(n);
      }
      set_regular(n, true);
      go_online(n);
      return;
    case ScriptVerb::kDisconnect:
      set_regular(n, false);
      go_offline(n);
      return;
    case ScriptVerb::kVanish:
      network_.set_radio(device, false);
      radio_changed(device, now_);
      return;
    case ScriptVerb::kReturn:
      network_.set_radio(device, true);
      radio_changed(device, now_);
      return;
    case ScriptVerb::kKill:
      n.wants = false;
      kill_app(device, now_);
      return;
    case ScriptVerb::kReinstall:
      n.wants = false;
      reinstall_app(device, now_);
      return;
    case ScriptVerb::kLink:
      link(device);
      return;
    case ScriptVerb::kUnlink:
      unlink(device);
      return;
    case ScriptVerb::kSend:
      compose(device, place_of(action, device), workload_.bytes());
      return;
    case ScriptVerb::kRead:
      ask(model::OpenConversation{place_of(action, device)});
      return;
    case ScriptVerb::kJoin:
      ask(model::JoinConversation{place_of(action, device)});
      return;
    case ScriptVerb::kLeave:
      ask(model::LeaveConversation{place_of(action, device)});
      return;
  }
}

}  // namespace greytick::world
