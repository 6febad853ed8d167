#include "sim/oracle/brute_force.h"

#include <algorithm>
#include <variant>

namespace greytick::oracle {

using model::Cause;
using model::LogPos;

void BruteForce::on_fact(model::Instant at, const model::Fact& fact) {
  history_.emplace_back(at, fact);
  tally_.begin(at);
  count(tally_, fact);
  std::visit([this](const auto& f) { on(f); }, fact);
}

bool BruteForce::is_over(Phone phone) const {
  const auto retired = retired_.find(phone.first);
  const auto newest = incarnation_.find(phone.first);
  return (retired != retired_.end() && phone.second <= retired->second) ||
         (newest != incarnation_.end() && phone.second < newest->second);
}

const BruteForce::Log* BruteForce::log(Conv c, Pos k) const {
  const auto conversation = logs_.find(c);
  if (conversation == logs_.end()) return nullptr;
  const auto entry = conversation->second.find(k);
  return entry == conversation->second.end() ? nullptr : &entry->second;
}

bool BruteForce::same_user(Conv c, model::DeviceId a, model::DeviceId b) const {
  const auto user_a = users_.find({c, a});
  const auto user_b = users_.find({c, b});
  return a == b ||
         (user_a != users_.end() && user_b != users_.end() && user_a->second == user_b->second);
}

bool BruteForce::is_by_user_of(const Log& entry, model::DeviceId device) const {
  return entry.message.kind == model::EntryKind::kContent &&
         same_user(entry.message.stream.conversation.value(), entry.message.stream.device, device);
}

bool BruteForce::is_recipient(const Copy& copy) const {
  const Log* entry = log(std::get<0>(copy), std::get<1>(copy));
  return entry != nullptr &&
         std::ranges::find(entry->recipients, std::get<2>(copy)) != entry->recipients.end();
}

Cause BruteForce::cause(const Copy& copy) const {
  const auto it = settled_.find(copy);
  return it == settled_.end() ? Cause::kNone : it->second;
}

BruteForce::Pos BruteForce::furthest(const std::set<Copy>& copies, Conv c, Phone phone) const {
  Pos upto = 0;
  for (const auto& [conversation, k, who] : copies) {
    if (conversation == c && who == phone) upto = std::max(upto, k);
  }
  return upto;
}

bool BruteForce::in_order(Conv c, Pos k, Phone phone, const Place& place) {
  const Pos cursor = std::max(furthest(applied_, c, phone), furthest(passed_, c, phone));
  for (Pos j = cursor + 1; j < k; ++j) {
    if (!is_recipient({c, j, phone}) || !is_pending({c, j, phone})) continue;
    violate(4, place);
    const auto session = session_.find(phone.first);
    if (session != session_.end() && log(c, j)->at <= session->second.at) violate(5, place);
    return false;
  }
  return true;
}

bool BruteForce::take_number(model::StreamId stream, std::uint64_t n, const Place& place) {
  std::uint64_t top = 0;
  for (const auto& [s, taken] : consumed_) {
    if (s == stream) top = std::max(top, taken);
  }
  const bool is_new = consumed_.insert({stream, n}).second;
  if (n > top + 1) violate(4, place);
  return is_new;
}

void BruteForce::on(const model::Created& f) {
  const Place place{f.stream.device, f.stream.conversation, {}, f.stream, f.cseq};
  tally_.check({2, 3, 4, 12});
  if (!model::proves(f.content, config_.key, f.stream, f.cseq)) violate(3, place);
  std::uint64_t top = 0;
  for (const auto& [sent, dep] : created_) {
    if (sent.first == f.stream) top = std::max(top, sent.second);
  }
  if (f.cseq.value() <= top) violate(2, place);
  if (f.cseq.value() > top + 1) violate(4, place);
  created_[{f.stream, f.cseq.value()}] = f.dep;
  const Phone self{f.stream.device.value(), f.stream.incarnation.value()};
  if (f.dep.value() != furthest(applied_, f.stream.conversation.value(), self)) violate(12, place);
  check_resent(f.id, {f.stream, f.cseq.value()}, place);
}

void BruteForce::check_resent(const model::MessageId& id, const Sent& sent, const Place& place) {
  for (const auto& [first, its_id] : unknown_) {
    if (its_id != id) continue;
    if (first != sent) violate(2, place);
    return;
  }
}

void BruteForce::on(const model::OutcomeUnknown& f) {
  tally_.check(2);
  std::uint64_t top = 0;
  for (const auto& [sent, dep] : created_) {
    if (sent.first == f.stream) top = std::max(top, sent.second);
  }
  if (f.cseq.value() == 0 || f.cseq.value() > top) {
    violate(3, {f.stream.device, f.stream.conversation, {}, f.stream, f.cseq});
    return;
  }
  unknown_.try_emplace({f.stream, f.cseq.value()}, f.id);
}

void BruteForce::on(const model::BackupRestored& f) {
  backup_[f.device.value()] = incarnation_[f.device.value()];
  session_.erase(f.device.value());
}

void BruteForce::on(const model::Answered& f) {
  if (!model::is_definite(f.code)) return;
  const bool sent = f.code == model::ReplyCode::kSent;
  Place place{f.stream.device, f.stream.conversation, {}, f.stream, f.cseq};
  if (sent) place.position = f.position;
  tally_.check(10);
  if (sent) tally_.check({1, 17});
  const auto [before, is_first] = answers_.try_emplace({f.stream, f.cseq.value()}, f);
  if (!is_first) {
    const model::Answered& b = before->second;
    if (b.hash != f.hash || b.code != f.code || b.position != f.position) violate(10, place);
    return;
  }
  if (!sent) {
    if (!rejected_.contains({f.stream, f.cseq.value()})) violate(10, place);
    return;
  }
  const Log* entry = log(f.stream.conversation.value(), f.position.value());
  if (entry == nullptr || entry->message.stream != f.stream || entry->message.cseq != f.cseq) {
    violate(1, place);
  }
}

void BruteForce::on(const model::Applied& f) {
  const model::Message& m = f.message;
  const Conv c = m.stream.conversation.value();
  const Pos k = m.position.value();
  const Phone self{f.device.value(), f.incarnation.value()};
  const Copy copy{c, k, self};
  const Place place{f.device, m.stream.conversation, m.position, m.stream, m.cseq};
  tally_.check({2, 3, 4, 11, 16});
  const auto session = session_.find(f.device.value());
  if (session == session_.end() || session->second.phone != self ||
      session->second.epoch != f.epoch.value()) {
    violate(16, place);
  }
  const std::uint64_t next = mseq_[self] + 1;
  mseq_[self] = std::max(mseq_[self], f.mseq.value());
  const bool content = m.kind == model::EntryKind::kContent;
  if (content && !model::proves(m.content, config_.key, m.stream, m.cseq)) violate(3, place);
  const Log* entry = log(c, k);
  if (entry == nullptr || entry->message.stream != m.stream || entry->message.cseq != m.cseq ||
      entry->message.kind != m.kind || entry->message.number != m.number) {
    violate(3, place);
    return;
  }
  if (!is_recipient(copy)) {
    violate(3, place);
    violate(11, place);
    return;
  }
  if (is_final(cause(copy))) {
    violate(8, place);
  } else if (applied_.contains(copy)) {
    violate(2, place);
  }
  if (applied_.contains(copy) || is_final(cause(copy))) return;
  if (session != session_.end() && entry->at <= session->second.at) tally_.check(5);
  if (content) {
    Pos joined = 0;
    for (const auto& [position, other] : logs_[c]) {
      const model::Message& change = other.message;
      if (position < k && model::is_join(change.kind) && change.stream.device == f.device) {
        joined = position;
      }
    }
    if (model::sealed_for(m.content, config_.key, m.stream, m.cseq).value() < joined) {
      violate(11, place);
    }
  }
  const bool late = k <= std::max(furthest(applied_, c, self), furthest(passed_, c, self));
  const bool ordered = in_order(c, k, self, place);
  if (ordered && !late && f.mseq.value() < next) violate(2, place);
  if (ordered && !late && f.mseq.value() > next) violate(4, place);
  applied_.insert(copy);
}

void BruteForce::on(const model::Displayed& f) {
  const Copy copy{
      f.conversation.value(), f.position.value(), {f.device.value(), f.incarnation.value()}};
  const Place place{f.device, f.conversation, f.position, {}, {}};
  tally_.check({2, 3});
  if (displayed_.contains(copy)) {
    violate(2, place);
  } else if (!applied_.contains(copy)) {
    violate(3, place);
  }
  if (is_recipient(copy)) displayed_.insert(copy);
}

void BruteForce::on(const model::GapShown& f) {
  const Phone self{f.device.value(), f.incarnation.value()};
  const Copy copy{f.conversation.value(), f.position.value(), self};
  const Place place{f.device, f.conversation, f.position, {}, {}};
  tally_.check({4, 8});
  const std::uint64_t next = mseq_[self] + 1;
  mseq_[self] = std::max(mseq_[self], f.mseq.value());
  if (cause(copy) == Cause::kNone || (applied_.contains(copy) && !is_final(cause(copy)))) {
    violate(8, place);
    return;
  }
  if (in_order(f.conversation.value(), f.position.value(), self, place)) {
    if (f.mseq.value() < next) violate(2, place);
    if (f.mseq.value() > next) violate(4, place);
  }
  passed_.insert(copy);
}

void BruteForce::on(const model::Opened& f) {
  const Phone self{f.device.value(), f.incarnation.value()};
  tally_.check(6);
  if (f.upto.value() > furthest(applied_, f.conversation.value(), self)) {
    violate(6, {f.device, f.conversation, f.upto, {}, {}});
  }
  Pos& upto = opened_[{f.conversation.value(), self}];
  upto = std::max(upto, f.upto.value());
}

void BruteForce::on(const model::SentShown& f) {
  const model::StreamId stream{f.device, f.incarnation, f.conversation};
  const Pos k = f.sent.value();
  const Place place{f.device, f.conversation, f.sent, stream, {}};
  tally_.check({6, 7});
  Pos last_own = 0;
  for (const auto& [position, entry] : logs_[f.conversation.value()]) {
    if (is_by_user_of(entry, f.device)) last_own = position;
  }
  if (k < sent_[stream]) violate(7, place);
  if (k > last_own) violate(6, place);
  sent_[stream] = k;
}

void BruteForce::on(const model::TicksShown& f) {
  const model::StreamId stream{f.device, f.incarnation, f.conversation};
  Marks& marks = marks_[{stream, f.recipient.value()}];
  const Marks old = marks;
  marks = {f.delivered.value(), f.read.value(), std::max(old.top_delivered, f.delivered.value())};
  const auto place = [&](Pos k) { return Place{f.device, f.conversation, LogPos(k), stream, {}}; };
  tally_.check({6, 7});
  if (marks.delivered < old.delivered) {
    violate(7, place(old.delivered));
  } else if (marks.read < old.read) {
    violate(7, place(old.read));
  } else if (marks.read > marks.delivered) {
    violate(7, place(marks.read));
  } else if (marks.delivered > sent_[stream]) {
    violate(7, place(marks.delivered));
  }
  for (const auto& [k, entry] : logs_[f.conversation.value()]) {
    if (k <= old.delivered || k > marks.delivered || !is_by_user_of(entry, f.device)) continue;
    const bool is_false = std::ranges::any_of(entry.recipients, [&](Phone r) {
      return r.first == f.recipient.value() && is_pending({f.conversation.value(), k, r});
    });
    if (!is_false) continue;
    Place at = place(k);
    at.cseq = entry.message.cseq;
    violate(6, at);
    break;
  }
  Pos read_upto = 0;
  for (const auto& [who, upto] : opened_) {
    const auto& [c, phone] = who;
    if (c == f.conversation.value() && phone.first == f.recipient.value()) {
      read_upto = std::max(read_upto, upto);
    }
  }
  if (marks.read > old.read && marks.read > read_upto) violate(6, place(marks.read));
}

void BruteForce::on(const model::FailureShown& f) {
  const model::StreamId stream{f.device, f.incarnation, f.conversation};
  const Conv c = f.conversation.value();
  const auto place = [&](Pos k) { return Place{f.device, f.conversation, LogPos(k), stream, {}}; };
  // The delivered mark before this step: not that of a TicksShown just before, but the one before.
  Pos delivered = 0;
  const auto same = [&](const model::Fact& fact) -> const model::TicksShown* {
    const auto* t = std::get_if<model::TicksShown>(&fact);
    return t != nullptr && t->device == f.device && t->incarnation == f.incarnation &&
                   t->conversation == f.conversation && t->recipient == f.recipient
               ? t
               : nullptr;
  };
  bool is_latest = true;
  for (auto it = history_.rbegin(); it != history_.rend(); ++it) {
    if (!std::holds_alternative<model::TicksShown>(it->second)) continue;
    const model::TicksShown* t = same(it->second);
    const bool same_step = is_latest && t != nullptr && it->first == tally_.instant();
    is_latest = false;
    if (t == nullptr || same_step) continue;
    delivered = t->delivered.value();
    break;
  }

  tally_.check({6, 7});
  const Pos head = logs_[c].empty() ? 0 : logs_[c].rbegin()->first;
  if (f.from == LogPos{} || f.from > f.to || f.from.value() > head) {
    if (f.cause != Cause::kNone) violate(6, place(f.from.value()));
    return;
  }
  bool is_false = false;
  bool turns = false;
  for (const auto& [k, entry] : logs_[c]) {
    if (k < f.from.value() || k > f.to.value() || !is_by_user_of(entry, f.device)) continue;
    const bool is_author = entry.message.stream == stream;
    for (const Phone& r : entry.recipients) {
      if (r.first != f.recipient.value()) continue;
      const Copy copy{c, k, r};
      const auto key = std::make_tuple(stream, r.first, k);
      const auto shown = failures_.find(key);
      const bool is_shown = shown != failures_.end();
      if (f.cause == Cause::kNone) {
        if (!is_author) continue;  // what it showed before is followed for the author alone
        if (is_shown && is_final(shown->second) && !turns) violate(7, place(k)), turns = true;
        if (is_shown) failures_.erase(shown);
        continue;
      }
      const bool old_news = f.cause == Cause::kUnconfirmed && was_unconfirmed_.contains(copy);
      const bool is_lie = cause(copy) == Cause::kNone && !old_news;
      if (is_lie && !is_false) violate(6, place(k)), is_false = true;
      if (!is_author) continue;
      if (k <= delivered && !is_shown && !turns) violate(7, place(k)), turns = true;
      if (is_lie) continue;  // Judged; what follows from it is not judged again.
      failures_[key] = f.cause;
    }
  }
}

template <class Has>
std::map<model::UserId, bool> BruteForce::who_has(const Log& entry, Has has) const {
  const model::StreamId& by = entry.message.stream;
  const Conv c = by.conversation.value();
  std::map<model::UserId, bool> users;
  for (const Phone& r : entry.recipients) {
    const model::DeviceId device(r.first);
    if (same_user(c, by.device, device)) continue;
    bool& held = users[users_.at({c, device})];
    held = held || has(r);
  }
  return users;
}

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

void BruteForce::on(const model::SessionAdopted& f) {
  const std::uint32_t d = f.device.value();
  tally_.check(16);
  if (f.epoch.value() < highest_epoch_[d] || f.incarnation.value() < incarnation_[d] ||
      f.incarnation.value() <= backup_[d]) {
    violate(16, {.device = f.device});
  }
  incarnation_[d] = std::max(incarnation_[d], f.incarnation.value());
  highest_epoch_[d] = f.epoch.value();
  session_[d] = {{d, f.incarnation.value()}, f.epoch.value(), tally_.instant()};
}

void BruteForce::on(const model::IncarnationAdopted& f) {
  const std::uint32_t d = f.device.value();
  tally_.check(16);
  if (f.incarnation.value() < incarnation_[d] || f.incarnation.value() <= backup_[d]) {
    violate(16, {.device = f.device});
  }
  if (f.incarnation.value() > incarnation_[d]) session_.erase(d);
  incarnation_[d] = std::max(incarnation_[d], f.incarnation.value());
}

void BruteForce::on(const model::Committed& f) {
  const model::Message& m = f.message;
  const Conv c = m.stream.conversation.value();
  const Place place{m.stream.device, m.stream.conversation, m.position, m.stream, m.cseq};
  tally_.check({2, 3, 4, 11, 12});
  tally_.check(9, f.recipients.size());
  if (!model::proves(m.content, config_.key, m.stream, m.cseq)) violate(3, place);
  // Numbers are written in order (or I4 has said so), so the highest tells.
  const auto written = created_.lower_bound({m.stream, m.cseq.value()});
  if (written == created_.end() || written->first.first != m.stream) violate(3, place);
  if (m.dep >= m.position) violate(12, place);
  if (rejected_.contains({m.stream, m.cseq.value()})) {
    violate(10, place);
  } else if (!take_number(m.stream, m.cseq.value(), place)) {
    violate(2, place);
  }
  check_resent(m.id, {m.stream, m.cseq.value()}, place);
  if (members_[c].empty()) {
    members_[c].insert(m.stream.device);
    for (const model::Recipient& r : f.recipients) members_[c].insert(r.device);
  }
  append(m, f.recipients, m.stream.device, place);
}

void BruteForce::append(const model::Message& m, const model::Recipients& recipients,
                        std::optional<model::DeviceId> sender, const Place& place) {
  const Conv c = m.stream.conversation.value();
  const Pos k = m.position.value();
  if (sender) users_[{c, *sender}] = m.sender;
  std::set<model::DeviceId> devices;
  std::set<model::UserId> users;
  std::vector<Phone> seen_by;
  for (const model::Recipient& r : recipients) {
    devices.insert(r.device);
    users.insert(r.user);
    seen_by.emplace_back(r.device.value(), r.incarnation.value());
  }
  std::set<model::DeviceId> due = members_[c];
  const bool is_stranger = sender && due.erase(*sender) == 0;
  if (sender) users.insert(m.sender);
  if (devices.size() != recipients.size() || devices != due || is_stranger ||
      users.size() > config_.member_cap) {
    violate(11, place);
  }
  auto& positions = logs_[c];
  const Pos head = positions.empty() ? 0 : positions.rbegin()->first;
  if (k <= head) {
    violate(1, place);
    return;
  }
  if (k > head + 1) violate(4, place);
  for (const model::Recipient& r : recipients) users_[{c, r.device}] = r.user;
  positions[k] = {m, tally_.instant(), seen_by};
}

void BruteForce::on(const model::MemberChanged& f) {
  const model::Message& m = f.message;
  auto& members = members_[m.stream.conversation.value()];
  const Place place{m.stream.device, m.stream.conversation, m.position, {}, {}};
  const bool joins = model::is_join(m.kind);
  tally_.check({3, 4, 11});
  tally_.check(9, f.recipients.size());
  if (members.empty()) {
    for (const model::Recipient& r : f.recipients) members.insert(r.device);
  } else {
    if (members.contains(m.stream.device) == joins) violate(11, place);
    if (joins) members.insert(m.stream.device);
  }
  append(m, f.recipients, std::nullopt, place);
  if (!joins) members.erase(m.stream.device);
}

void BruteForce::on(const model::RejectedForGood& f) {
  const Place place{f.stream.device, f.stream.conversation, {}, f.stream, f.cseq};
  tally_.check(10);
  if (!take_number(f.stream, f.cseq.value(), place)) {
    violate(10, place);
  }
  rejected_.insert({f.stream, f.cseq.value()});
}

void BruteForce::on(const model::Settled& f) {
  const model::Message& m = f.message;
  const Copy copy{
      m.stream.conversation.value(), m.position.value(), {f.device.value(), f.incarnation.value()}};
  const Place place{f.device, m.stream.conversation, m.position, m.stream, m.cseq};
  tally_.check({8, 11});
  const Log* entry = log(std::get<0>(copy), std::get<1>(copy));
  if (entry == nullptr) {
    violate(3, place);
    return;
  }
  if (!is_recipient(copy)) {
    violate(11, place);
    return;
  }
  if (is_final(cause(copy)) || cause(copy) == f.cause) {
    violate(8, place);
    return;
  }
  if (applied_.contains(copy) && is_final(f.cause)) {
    violate(8, place);
    return;  // Judged; what follows from it is not judged again.
  }
  if (f.cause == Cause::kExpired && config_.ttl.count() != 0 &&
      tally_.instant() - entry->at < config_.ttl - config_.leeway()) {
    violate(8, place);
  }
  settled_[copy] = f.cause;
  if (f.cause == Cause::kUnconfirmed) was_unconfirmed_.insert(copy);
}

void BruteForce::on(const model::Corrected& f) {
  const model::Message& m = f.message;
  const Copy copy{
      m.stream.conversation.value(), m.position.value(), {f.device.value(), f.incarnation.value()}};
  tally_.check(8);
  const Phone sender{m.stream.device.value(), m.stream.incarnation.value()};
  // Nobody waits to hear of it any more: whether it was in doubt need not be remembered.
  if (cause(copy) == Cause::kNone && applied_.contains(copy) && is_over(sender)) return;
  if (cause(copy) != Cause::kUnconfirmed || !applied_.contains(copy)) {
    violate(8, {f.device, m.stream.conversation, m.position, m.stream, m.cseq});
    return;
  }
  settled_.erase(copy);
}

void BruteForce::on(const model::Retired& f) {
  std::uint64_t& retired = retired_[f.device.value()];
  retired = std::max(retired, f.incarnation.value());
}

void BruteForce::on(const model::LeaseCommitted& f) {
  std::uint64_t& epoch = leases_[f.shard];
  tally_.check(15);
  if (f.epoch.value() < epoch) violate(15, {});
  epoch = std::max(epoch, f.epoch.value());
}

void BruteForce::on(const model::Footprint& f) {
  tally_.check(14);
  if (f.bytes > config_.device_bytes + config_.conversation_bytes * f.conversations +
                    config_.entry_bytes * f.waiting) {
    violate(14, {.device = f.device});
  }
}

void BruteForce::finish(model::Instant at) {
  tally_.begin_end(at);
  for (const auto& [c, positions] : logs_) {
    for (const auto& [k, entry] : positions) {
      const model::Message& m = entry.message;
      const Phone sender{m.stream.device.value(), m.stream.incarnation.value()};
      const auto answer = answers_.find({m.stream, m.cseq.value()});
      const bool answered = answer != answers_.end() &&
                            answer->second.code == model::ReplyCode::kSent &&
                            answer->second.position == m.position;
      if (answered && !is_over(sender) && is_to_group(entry) &&
          !aggregates_.contains({m.stream, k})) {
        const auto users = who_has(entry, [&](Phone r) { return applied_.contains({c, k, r}); });
        const bool in_doubt = std::ranges::any_of(entry.recipients, [&](Phone r) {
          return applied_.contains({c, k, r}) && cause({c, k, r}) != Cause::kNone;
        });
        const bool all = std::ranges::all_of(users, [](const auto& u) { return u.second; });
        if (all && !in_doubt) {
          violate(18, {m.stream.device, m.stream.conversation, m.position, m.stream, m.cseq});
        }
      }
      const bool is_due = config_.ttl.count() != 0 &&
                          at - entry.at > config_.ttl + config_.settle + config_.leeway();
      for (const Phone& r : entry.recipients) {
        const Copy copy{c, k, r};
        const Place place{model::DeviceId(r.first), m.stream.conversation, m.position, m.stream,
                          m.cseq};
        const Place at_sender{m.stream.device, m.stream.conversation, m.position, m.stream, m.cseq};
        if (is_pending(copy)) {
          ++tally_.counters.undelivered;
          if (!is_over(r)) {
            violate(9, place);
            violate(18, place);
            if (answered) violate(17, place);
          }
        }
        if (!answered || is_over(sender)) continue;
        const Marks marks = marks_[{m.stream, r.first}];
        const bool failed = failures_.contains({m.stream, r.first, k});
        const bool told = same_user(c, m.stream.device, model::DeviceId(r.first))
                              ? !is_pending(copy)
                          : cause(copy) != Cause::kNone
                              ? failed
                              : applied_.contains(copy) && !failed && marks.top_delivered >= k;
        if (is_due && !told) violate(8, at_sender);
        if (told || is_pending(copy)) continue;
        violate(18, at_sender);
        if (cause(copy) != Cause::kNone && !applied_.contains(copy) && marks.top_delivered >= k) {
          violate(6, at_sender);
        }
      }
    }
  }
  std::map<model::StreamId, std::uint64_t> missing;
  for (const auto& [sent, dep] : created_) {
    const auto& [stream, n] = sent;
    if (is_over({stream.device.value(), stream.incarnation.value()})) continue;
    const bool is_new = missing.try_emplace(stream, 0).second;
    if (is_new) {
      tally_.check(9);
      tally_.check(18);
    }
    if (answers_.contains(sent) || unknown_.contains(sent)) continue;
    ++tally_.counters.unanswered;
    if (++missing[stream] == 1) {
      violate(9, {stream.device, stream.conversation, {}, stream, model::ClientSeq(n)});
    }
  }
  for (const auto& [stream, count] : missing) check_read_marks(stream);
  for (const auto& [c, positions] : logs_) check_siblings(c);
  check_aggregates();
}

// All devices of an author show the same ticks: each pair that was there for the author's last
// message, and is still.
void BruteForce::check_siblings(Conv c) {
  std::map<model::UserId, Pos> last;
  std::map<Phone, Pos> first_seen;  // or first wrote
  std::set<Phone> has_left;
  std::set<std::uint32_t> devices;
  for (const auto& [k, entry] : logs_[c]) {
    const model::StreamId& by = entry.message.stream;
    const Phone author{by.device.value(), by.incarnation.value()};
    devices.insert(by.device.value());
    for (const Phone& r : entry.recipients) {
      first_seen.try_emplace(r, k);
      devices.insert(r.first);
    }
    if (entry.message.kind == model::EntryKind::kContent) {
      first_seen.try_emplace(author, k);
      last[users_.at({c, by.device})] = k;
    } else if (!model::is_join(entry.message.kind)) {
      has_left.insert(author);
    }
  }
  const model::ConversationId id(c);
  const auto stream_of = [&](Phone phone) {
    return model::StreamId{model::DeviceId(phone.first), model::Incarnation(phone.second), id};
  };
  const auto is_witness = [&](Phone phone, Pos upto) {
    return first_seen.at(phone) <= upto && !has_left.contains(phone) && !is_over(phone) &&
           sent_[stream_of(phone)] >= upto;
  };
  for (const auto& [a, seen_a] : first_seen) {
    for (const auto& [b, seen_b] : first_seen) {
      const model::DeviceId device(a.first);
      if (a == b || !same_user(c, device, model::DeviceId(b.first))) continue;
      const auto upto = last.find(users_.at({c, device}));
      if (upto == last.end()) continue;
      if (!is_witness(a, upto->second) || !is_witness(b, upto->second)) continue;
      tally_.check(18);
      for (const auto& [shown, read] : aggregates_) {
        const auto& [stream, k] = shown;
        if (stream != stream_of(a)) continue;
        const Copy copy{c, k, b};
        const bool wrote = logs_[c].at(k).message.stream == stream_of(b);
        if (!wrote && !(is_recipient(copy) && applied_.contains(copy))) continue;
        const auto theirs = aggregates_.find({stream_of(b), k});
        if (theirs != aggregates_.end() && (theirs->second || !read)) continue;
        violate(18, {model::DeviceId(b.first), id, LogPos(k), stream_of(b), {}});
      }
      for (const std::uint32_t r : devices) {
        if (same_user(c, device, model::DeviceId(r))) continue;
        const Marks shown = marks_[{stream_of(a), r}];
        const Marks theirs = marks_[{stream_of(b), r}];
        const Place place{model::DeviceId(b.first), id, LogPos(upto->second), stream_of(b), {}};
        const Pos k = upto->second;
        if (shown.delivered >= k && theirs.delivered < k) violate(18, place);
        if (shown.read >= k && theirs.read < k) violate(18, place);
      }
    }
  }
}

void BruteForce::check_read_marks(const model::StreamId& stream) {
  const Conv conversation = stream.conversation.value();
  Pos first_own = 0;
  Pos last_own = 0;
  std::map<Phone, Pos> first_visible;
  std::set<Phone> has_left;
  for (const auto& [k, entry] : logs_[conversation]) {
    for (const Phone& r : entry.recipients) first_visible.try_emplace(r, k);
    if (!model::is_join(entry.message.kind) && entry.message.kind != model::EntryKind::kContent) {
      const model::StreamId& who = entry.message.stream;
      has_left.emplace(who.device.value(), who.incarnation.value());
    }
    if (entry.message.stream != stream || entry.message.kind != model::EntryKind::kContent)
      continue;
    if (first_own == 0) first_own = k;
    last_own = k;
  }
  if (first_own == 0) return;
  const bool pair = members_[conversation].size() <= 2;
  for (const auto& [who, opened] : opened_) {
    const auto& [c, phone] = who;
    if (c != conversation || same_user(c, stream.device, model::DeviceId(phone.first))) continue;
    if (is_over(phone)) continue;
    const auto seen = first_visible.find(phone);
    if (seen == first_visible.end()) continue;
    const bool knows_the_end =
        !has_left.contains(phone) && opened >= last_own && seen->second <= first_own;
    if (!pair && !knows_the_end) continue;
    const Pos read = std::min(pair ? opened : last_own, sent_[stream]);
    const auto shown = marks_.find({stream, phone.first});
    if (read < first_own || (shown != marks_.end() && shown->second.read >= read)) continue;
    violate(18, {stream.device, stream.conversation, LogPos(read), stream, {}});
  }
}

}  // namespace greytick::oracle
