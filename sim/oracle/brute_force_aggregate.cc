// What a sender's device shows of all of a group, said again without cleverness.
#include <algorithm>
#include <map>
#include <set>

#include "sim/oracle/brute_force.h"

namespace greytick::oracle {

using model::LogPos;

bool BruteForce::is_to_group(const Log& entry) const {
  return entry.message.kind == model::EntryKind::kContent &&
         who_has(entry, [](Phone) { return false; }).size() > 1;
}

void BruteForce::on(const model::AggregateShown& f) {
  const model::StreamId stream{f.device, f.incarnation, f.conversation};
  const Conv c = f.conversation.value();
  const Pos k = f.position.value();
  const Place place{f.device, f.conversation, f.position, stream, {}};
  tally_.check({6, 7});
  const Log* entry = log(c, k);
  if (entry == nullptr || !is_by_user_of(*entry, f.device) || !is_to_group(*entry)) {
    violate(6, place);
    return;
  }
  const auto before = aggregates_.find({stream, k});
  const bool was_delivered = before != aggregates_.end();
  const bool was_read = was_delivered && before->second;
  if (k > sent_[stream] || was_read || was_delivered != f.read) violate(7, place);
  aggregates_[{stream, k}] = was_read || f.read;
  const auto opened = [&](Phone phone) {
    return std::ranges::any_of(opened_, [&](const auto& o) {
      const auto& [conversation, who] = o.first;
      return conversation == c && who.first == phone.first && o.second >= k;
    });
  };
  const auto users = who_has(
      *entry, [&](Phone r) { return applied_.contains({c, k, r}) && (!f.read || opened(r)); });
  if (std::ranges::any_of(users, [](const auto& u) { return !u.second; })) violate(6, place);
}

// All have it and its sender does not show that; or all have read it.
void BruteForce::check_aggregates() {
  for (const auto& [c, positions] : logs_) {
    std::set<Phone> has_left;
    for (const auto& [k, entry] : positions) {
      const model::StreamId& who = entry.message.stream;
      if (entry.message.kind != model::EntryKind::kContent && !model::is_join(entry.message.kind)) {
        has_left.emplace(who.device.value(), who.incarnation.value());
      }
    }
    for (const auto& [shown, read] : aggregates_) {
      const auto& [stream, k] = shown;
      if (stream.conversation.value() != c || read) continue;
      if (is_over({stream.device.value(), stream.incarnation.value()})) continue;
      tally_.check(18);
      const Pos position = k;
      const auto users = who_has(positions.at(k), [&](Phone r) {
        const auto opened = opened_.find({c, r});
        return applied_.contains({c, position, r}) && opened != opened_.end() &&
               opened->second >= position && !has_left.contains(r) && !is_over(r);
      });
      if (std::ranges::any_of(users, [](const auto& u) { return !u.second; })) continue;
      violate(18, {stream.device, stream.conversation, LogPos(k), stream, {}});
    }
  }
}

}  // namespace greytick::oracle
