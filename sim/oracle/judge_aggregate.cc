// What senders show of a group as a whole: delivered to all, read by all (I6, I7, I18).

#include <algorithm>
#include <string>
#include <vector>

#include "sim/oracle/judge_state.h"

namespace greytick::oracle {

using model::DeviceId;
using model::LogPos;

std::uint32_t Judge::State::who_lacks(std::uint32_t index, std::uint32_t k, std::uint16_t author,
                                      Held held) {
  Conversation& c = ledger[index];
  struct Due {
    std::uint32_t user, device;
    bool has;
  };
  std::vector<Due> due;
  const auto add = [&](const Party& p, bool applied) {
    if (same_user(p, c.parties[author])) return;
    const bool has = applied && (held != Held::kOpenedForSure ||
                                 (p.opened >= k && !p.has_left && !ledger.is_over(p)));
    due.push_back({p.user, p.device, has});
  };
  if (k > c.window.base()) {
    for (const Receipt& r : c.window.at(k).receipts) add(c.parties[r.party], r.applied);
  } else {
    for (const Party& p : c.parties) {
      const bool saw = p.first_visible != 0 && p.first_visible <= k && k <= p.last_trimmed;
      if (saw && !c.was_away(p.device, k)) add(p, !ledger.gave_up(p, k));
    }
  }
  if (held == Held::kOpened) {
    std::vector<std::uint32_t> opened;
    for (const Party& p : c.parties) {
      if (p.opened >= k) opened.push_back(p.device);
    }
    std::ranges::sort(opened);
    for (Due& d : due) d.has = d.has && std::ranges::binary_search(opened, d.device);
  }
  std::ranges::sort(due, {}, &Due::user);
  for (auto it = due.begin(); it != due.end();) {
    const auto end = std::find_if(it, due.end(), [&](const Due& d) { return d.user != it->user; });
    if (std::none_of(it, end, [](const Due& d) { return d.has; })) return it->user;
    it = end;
  }
  return kNoUser;
}

bool Judge::State::owes_aggregate(std::uint32_t index, std::uint32_t k, const Entry& e) {
  return e.receipts.size() > 1 && group_messages.contains({index, 0, k}) &&
         !aggregates.contains({index, e.sender, k}) &&
         std::ranges::none_of(
             e.receipts,
             [](const Receipt& r) { return r.applied && r.cause != model::Cause::kNone; }) &&
         who_lacks(index, k, e.sender, Held::kApplied) == kNoUser;
}

void Judge::State::on(const model::AggregateShown& f) {
  const std::uint32_t index = ledger.index_of(f.conversation);
  Conversation& c = ledger[index];
  const std::uint16_t s = Ledger::party_of(c, f.device, f.incarnation);
  const std::uint32_t k = narrow(f.position.value());
  const Place place{f.device,
                    f.conversation,
                    f.position,
                    model::StreamId{f.device, f.incarnation, f.conversation},
                    {}};
  const auto shows = [&] {
    return name_of(f.device) + " shows " + name_of(f.conversation, k) +
           (f.read ? " as read by all" : " as delivered to all");
  };
  tally.check({6, 7});
  const auto message = group_messages.find({index, 0, k});
  if (message == group_messages.end() ||
      (message->second != s && !same_user(c.parties[message->second], c.parties[s]))) {
    tally.violate(6, place, shows() + ", where its user has no message to a group");
    return;
  }
  const auto [level, is_new] = aggregates.try_emplace({index, s, k}, f.read);
  if (k > c.parties[s].sent) {
    tally.violate(7, place, shows() + ", beyond SENT");
  } else if (is_new ? f.read : !f.read || level->second) {
    tally.violate(7, place, shows() + (is_new ? " before it is delivered" : " a second time"));
  }
  level->second = level->second || f.read;
  const std::uint32_t lacks =
      who_lacks(index, k, message->second, f.read ? Held::kOpened : Held::kApplied);
  if (lacks != kNoUser) {
    tally.violate(6, place,
                  shows() + ", but user " + std::to_string(lacks) +
                      (f.read ? " has not read it" : " does not have it"));
  }
  trim(index);
}

void Judge::State::sort_aggregates() {
  sorted_aggregates.assign(aggregates.begin(), aggregates.end());
  std::ranges::sort(sorted_aggregates);
}

// Once all have read it, those of its author's devices that showed it as delivered end with showing
// that.
void Judge::State::check_aggregates() {
  for (const auto& [key, read] : sorted_aggregates) {
    const Conversation& c = ledger[key.conversation];
    const Party& p = c.parties[key.party];
    if (read || ledger.is_over(p)) continue;
    tally.check(18);
    const std::uint16_t author = group_messages.at({key.conversation, 0, key.number});
    const bool all_have_read =
        who_lacks(key.conversation, key.number, author, Held::kOpenedForSure) == kNoUser;
    if (!all_have_read) continue;
    const model::ConversationId id(c.id);
    const model::StreamId stream{DeviceId(p.device), model::Incarnation(p.incarnation), id};
    tally.violate(18, {stream.device, id, LogPos(key.number), stream, {}},
                  name_of(stream.device) + " ends without showing that " + name_of(id, key.number) +
                      " was read by all");
  }
}

// What one device of an author shows of a message to a group, another shows too that was given it.
void Judge::State::compare_aggregates(std::uint32_t index, std::uint16_t s, std::uint16_t other) {
  Conversation& c = ledger[index];
  const model::ConversationId id(c.id);
  const Party& o = c.parties[other];
  auto it = std::ranges::lower_bound(sorted_aggregates, StreamKey{index, s, 0}, {},
                                     &std::pair<StreamKey, bool>::first);
  for (; it != sorted_aggregates.end(); ++it) {
    const auto& [key, read] = *it;
    if (key.conversation != index || key.party != s) break;
    const std::uint32_t k = key.number;
    const bool wrote = group_messages.at({index, 0, k}) == other;
    if (!wrote) {
      if (o.first_visible == 0 || o.first_visible > k) continue;
      const bool waits = k > c.window.base();
      const Receipt* r = waits ? c.window.at(k).receipt_of(other) : nullptr;
      if (waits ? r == nullptr || !r->applied : ledger.gave_up(o, k)) continue;
    }
    const auto theirs = aggregates.find({index, other, k});
    if (theirs != aggregates.end() && (theirs->second || !read)) continue;
    const model::StreamId stream{DeviceId(o.device), model::Incarnation(o.incarnation), id};
    tally.violate(18, {stream.device, id, LogPos(k), stream, {}},
                  name_of(stream.device) + " ends without showing " + name_of(id, k) +
                      (read ? " as read by all" : " as delivered to all") + ", as " +
                      name_of(DeviceId(c.parties[s].device)) + " of the same user does");
  }
}

}  // namespace greytick::oracle
