// One mark for a message to a group: delivered to all, read by all. Counted by users, as ticks
// come: a user has a message when one device does that was a member at its position.
#include <algorithm>

#include "model/device_steps.h"
#include "model/ticks.h"

namespace greytick::model::device {
namespace {

constexpr std::uint32_t kGroupRows = 1U << 20;

struct Covers {
  bool delivered = false, read = false;
};

// What one register says of the message at `position`. Who joined after it counts for nothing; who
// had left was given nothing there, so its marks end before.
Covers covers(const GroupMessage& m, LogPos position, MemberNumber number, const TickRegister& r) {
  if (number > m.last_number) return {};
  const Level level = level_of(r, position, position);
  return {level == Level::kDelivered || level == Level::kRead, level == Level::kRead};
}

// Positions of which a newer register may say something else.
struct Reach {
  LogPos from, to;

  void extend(LogPos first, LogPos last) {
    if (first > last) return;
    from = from == LogPos{} ? first : std::min(from, first);
    to = std::max(to, last);
  }
};

Reach reach_of(const TickRegister& before, const TickRegister& after) {
  Reach reach{};
  reach.extend(before.delivered_upto.next(), after.delivered_upto);
  reach.extend(before.read_upto.next(), after.read_upto);
  for (const FailedInterval& f : before.failed) {  // an `unconfirmed` may have been taken back
    if (std::ranges::find(after.failed, f) == after.failed.end()) reach.extend(f.from, f.to);
  }
  return reach;
}

// True when the roster did not know that.
bool enter(Roster& roster, MemberNumber number, DeviceId device, UserId user) {
  const auto at = std::ranges::lower_bound(roster.members, number, {}, &Recipient::number);
  const bool known = at != roster.members.end() && at->number == number;
  if (known && at->user == user) return false;
  if (known) {
    at->user = user;
  } else {
    roster.members.insert(at, Recipient{user, device, {}, number});
  }
  return true;
}

class Marks {
 public:
  Marks(Run& run, ConversationId conversation) : run_(run), conversation_(conversation) {}

  /// Stores what is counted, and keeps what is to be shown when that is durable. A message that all
  /// have read is done with.
  void set(LogPos position, const GroupMessage& before, const GroupMessage& after) {
    const Key key = group_message_key(run_.self(), conversation_, position);
    if (before.delivered < after.audience && after.delivered >= after.audience) {
      shown_.push_back(fact(position, false));
    }
    if (after.read >= after.audience) {
      shown_.push_back(fact(position, true));
      run_.out.erase(key);
    } else {
      run_.out.put(key, after);
    }
  }
  boost::container::small_vector<AggregateShown, 2> take() { return std::move(shown_); }

 private:
  [[nodiscard]] AggregateShown fact(LogPos position, bool read) const {
    return {run_.self(), run_.s.incarnation, conversation_, position, read};
  }

  Run& run_;
  ConversationId conversation_;
  boost::container::small_vector<AggregateShown, 2> shown_;
};

}  // namespace

bool GroupSent::load(Run& run, const Thread* stored, LogPos at, const Counted& message) {
  if (message.audience == 0 || !fits_group_key(conversation, at)) return true;
  position = at;
  counted = message;
  // A register covers it only if it was ahead of SENT, or if SENT has passed over it.
  may_be_covered = stored != nullptr && at <= std::max(stored->sent_upto, stored->ticks_ahead);
  if (may_be_covered) {
    ticks = run.v.scan<MemberTicks>(ticks_of(run, conversation));
    roster = run.v.get<Roster>(roster_key(run.self(), conversation));
  }
  return run.v.complete();
}

AggregatesShown GroupSent::begin(Run& run, Thread& thread) const {
  if (position == LogPos{}) return {};
  thread.in_group = true;
  GroupMessage row{counted.audience, counted.last_number, 0, 0};
  if (may_be_covered) {
    Roster known = roster == nullptr ? Roster{} : *roster;
    bool is_new = false;
    boost::container::small_vector<UserId, 16> delivered, read;
    for (std::size_t i = 0; i < ticks.size(); ++i) {
      const MemberTicks& t = ticks[i].record;
      const MemberNumber number = member_number(ticks[i].sub);
      const Covers c = covers(row, position, number, t.value);
      if (!c.delivered) continue;
      is_new |= enter(known, number, t.member, t.user);
      delivered.push_back(t.user);
      if (c.read) read.push_back(t.user);
    }
    const auto count = [](auto& users) {
      std::ranges::sort(users);
      return static_cast<std::uint16_t>(std::ranges::unique(users).begin() - users.begin());
    };
    row.delivered = count(delivered);
    row.read = count(read);
    if (is_new) run.out.put(roster_key(run.self(), conversation), known);
  }
  Marks marks(run, conversation);
  marks.set(position, GroupMessage{}, row);
  return marks.take();
}

bool GroupTick::load(Run& run, const Tick& in, const TickRegister& before) {
  const Reach reach = reach_of(before, in.value);
  roster = run.v.get<Roster>(roster_key(run.self(), in.conversation));
  if (reach.from != LogPos{} && fits_group_key(in.conversation, reach.from)) {
    const LogPos to =
        fits_group_key(in.conversation, reach.to) ? reach.to : LogPos((1ULL << 24) - 1);
    messages = run.v.scan<GroupMessage>({Table::kGroupMessage, run.self().value(),
                                         group_sub(in.conversation, reach.from),
                                         group_sub(in.conversation, to), kGroupRows});
  }
  if (roster == nullptr) return run.v.complete();
  for (const Recipient& r : roster->members) {
    if (r.user != in.user || r.number == in.number) continue;
    const auto* other =
        run.v.get<MemberTicks>(member_ticks_key(run.self(), in.conversation, r.number));
    if (other != nullptr) others.push_back({r.number, other});
  }
  return run.v.complete();
}

AggregatesShown GroupTick::count(Run& run, const Tick& in, const TickRegister& before) const {
  Roster known = roster == nullptr ? Roster{} : *roster;
  if (enter(known, in.number, in.recipient, in.user)) {
    run.out.put(roster_key(run.self(), in.conversation), known);
  }
  Marks marks(run, in.conversation);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const GroupMessage& stored = messages[i].record;
    const LogPos position(messages[i].sub & ((1ULL << 24) - 1));
    Covers had = covers(stored, position, in.number, before);
    Covers has = covers(stored, position, in.number, in.value);
    for (const Other& other : others) {
      const Covers c = covers(stored, position, other.number, other.ticks->value);
      had = {had.delivered || c.delivered, had.read || c.read};
      has = {has.delivered || c.delivered, has.read || c.read};
    }
    GroupMessage next = stored;
    if (has.delivered && !had.delivered) ++next.delivered;
    if (has.read && !had.read) ++next.read;
    if (next != stored) marks.set(position, stored, next);
  }
  return marks.take();
}

void note_aggregates(Run& run, const AggregatesShown& shown) {
  for (const AggregateShown& fact : shown) run.out.note(fact);
}

}  // namespace greytick::model::device
