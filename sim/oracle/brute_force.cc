#include "sim/oracle/brute_force.h"

#include <algorithm>
#include <variant>

namespace greytick::oracle {

using model::Cause;

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

}  // namespace greytick::oracle
