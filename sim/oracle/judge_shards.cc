// What shards and the driver say: the log, what is given up, leases, footprints.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "sim/oracle/judge_state.h"

namespace greytick::oracle {

using model::Cause;
using model::LogPos;

namespace {

// A log with a wider hole than this is not followed through it.
constexpr std::uint32_t kWidestHole = 4096;

// How many users are among these, the one that is named counted too.
std::size_t users_of(const model::Recipients& recipients, std::optional<model::UserId> named) {
  std::vector<model::UserId> users;
  if (named) users.push_back(*named);
  for (const model::Recipient& r : recipients) users.push_back(r.user);
  std::ranges::sort(users);
  const auto repeated = std::ranges::unique(users);
  return users.size() - repeated.size();
}

constexpr std::uint32_t kNoDevice = 0xffff'ffff;

}  // namespace

int Judge::State::consume(std::uint32_t index, std::uint16_t party, const model::StreamId& stream,
                          std::uint32_t cseq, const Place& place) {
  Party& p = ledger[index].parties[party];
  if (cseq == p.consumed + 1) {
    p.consumed = cseq;
    return 0;
  }
  if (cseq <= p.consumed) return close_anomaly(index, party, true, cseq) ? 0 : -1;
  tally.violate(4, place,
                name_of(stream, cseq) + " was taken while message " +
                    std::to_string(p.consumed + 1) + " was not",
                Gap::kOpen);
  open_anomaly(index, party, true, p.consumed + 1, cseq - 1);
  p.consumed = cseq;
  return 1;
}

template <class What>
void Judge::State::check_members(Conversation& c, const model::Recipients& recipients,
                                 const model::Message* message, const Place& place,
                                 const What& what) {
  const std::uint32_t sender = message == nullptr ? kNoDevice : message->stream.device.value();
  boost::container::small_vector<std::uint32_t, 2> seen;
  for (const model::Recipient& r : recipients) seen.push_back(r.device.value());
  std::ranges::sort(seen);
  const char* wrong = nullptr;
  std::size_t i = 0;
  bool is_sender = sender == kNoDevice;
  for (const std::uint32_t member : c.members) {
    if (member == sender) {
      is_sender = true;
    } else if (i < seen.size() && seen[i] == member) {
      ++i;
    } else {
      wrong = ", but is not for every member";
      break;
    }
  }
  if (std::ranges::adjacent_find(seen) != seen.end()) wrong = " with a recipient twice";
  if (std::ranges::binary_search(seen, sender)) wrong = " with its sender as recipient";
  if (wrong == nullptr && i < seen.size()) wrong = ", but is for one who is no member";
  if (wrong == nullptr && !is_sender) wrong = ", but is by one who is no member";
  if (recipients.size() >= config.member_cap &&
      users_of(recipients, message == nullptr ? std::nullopt : std::optional(message->sender)) >
          config.member_cap) {
    wrong = ", but is for more members than the cap allows";
  }
  if (wrong == nullptr) return;
  tally.violate(11, place, what() + wrong);
  // Who was left out has no part in this entry, whatever they see before and after it.
  const std::uint32_t k = narrow(place.position->value());
  for (const std::uint32_t member : c.members) {
    const bool is_left_out = member != sender && !std::ranges::binary_search(seen, member);
    if (is_left_out && k > 0) c.changes().absences[member].push_back({k - 1, k + 1});
  }
}

template <class What>
Entry* Judge::State::append(std::uint32_t index, std::uint32_t k,
                            const model::Recipients& recipients, const Place& place,
                            const What& what) {
  Conversation& c = ledger[index];
  if (k == 0 || k <= c.window.head()) {
    tally.violate(1, place, what() + ", over what was committed there");
    return nullptr;
  }
  if (k != c.window.head() + 1) {
    tally.violate(4, place, what() + " after position " + std::to_string(c.window.head()));
    if (k - c.window.head() > kWidestHole) return nullptr;
    while (c.window.head() + 1 < k) c.window.push(ledger.entries);
  }
  Entry& e = c.window.push(ledger.entries);
  e.committed_at = model::to_ns(tally.instant());
  for (const model::Recipient& r : recipients) {
    const std::uint16_t party = Ledger::party_of(c, r.device, r.incarnation);
    Ledger::set_user(c, party, r.user);
    if (e.receipt_of(party) != nullptr) continue;
    Party& p = c.parties[party];
    if (p.first_visible == 0) p.first_visible = k;
    e.receipts.push_back({.party = party});
  }
  return &e;
}

void Judge::State::on(const model::Committed& f) {
  const model::Message& m = f.message;
  const std::uint32_t index = ledger.index_of(m.stream.conversation);
  Conversation& c = ledger[index];
  const std::uint16_t s = Ledger::party_of(c, m.stream.device, m.stream.incarnation);
  const std::uint32_t k = narrow(m.position.value());
  const std::uint32_t n = narrow(m.cseq.value());
  const Place place{m.stream.device, m.stream.conversation, m.position, m.stream, m.cseq};
  const auto what = [&] {
    return name_of(m.stream, n) + " was committed at position " + std::to_string(k);
  };
  tally.check({2, 3, 4, 11, 12});
  tally.check(9, f.recipients.size());
  if (!model::proves(m.content, config.key, m.stream, m.cseq)) {
    tally.violate(3, place, what() + " with a content not its own");
  }
  Ledger::set_user(c, s, m.sender);
  if (n > c.parties[s].created) tally.violate(3, place, what() + ", but nobody wrote it");
  if (m.dep >= m.position) {
    tally.violate(12, place,
                  what() + ", before its cause at position " + std::to_string(m.dep.value()));
  }
  if (!rejected.empty() && rejected.contains({index, s, n})) {
    tally.violate(10, place, what() + " after it was rejected");
  } else if (consume(index, s, m.stream, n, place) < 0) {
    tally.violate(2, place, what() + ", but had a position already");
  }
  check_resent(m.id, m.stream, m.cseq, place);

  if (c.members.empty()) {
    c.members.push_back(m.stream.device.value());
    for (const model::Recipient& r : f.recipients) c.members.push_back(r.device.value());
    std::ranges::sort(c.members);
  }
  check_members(c, f.recipients, &m, place, what);
  Entry* e = append(index, k, f.recipients, place, what);
  if (e == nullptr) return;
  e->cseq = n;
  e->sender = s;
  if (f.recipients.size() > 1 && users_of(f.recipients, m.sender) > 2) {
    group_messages.insert_or_assign({index, 0, k}, s);
  }
  Party& sender = c.parties[s];
  if (sender.first_commit == 0) sender.first_commit = k;
  sender.last_commit = k;
}

void Judge::State::on(const model::MemberChanged& f) {
  const model::Message& m = f.message;
  const std::uint32_t index = ledger.index_of(m.stream.conversation);
  Conversation& c = ledger[index];
  const std::uint32_t k = narrow(m.position.value());
  const std::uint32_t device = m.stream.device.value();
  const Place place{m.stream.device, m.stream.conversation, m.position, {}, {}};
  const bool joins = model::is_join(m.kind);
  const auto what = [&] {
    return name_of(m.stream.device) + (joins ? " joined at " : " left at ") +
           name_of(m.stream.conversation, k);
  };
  tally.check({3, 4, 11});
  tally.check(9, f.recipients.size());
  if (c.members.empty()) {
    for (const model::Recipient& r : f.recipients) c.members.push_back(r.device.value());
    std::ranges::sort(c.members);
  } else {
    const auto at = std::ranges::lower_bound(c.members, device);
    const bool is_member = at != c.members.end() && *at == device;
    if (is_member == joins) {
      tally.violate(11, place, what() + (joins ? ", but was a member" : ", but was none"));
    }
    if (joins && !is_member) c.members.insert(at, device);
  }
  check_members(c, f.recipients, nullptr, place, what);
  if (!joins) {
    const auto at = std::ranges::lower_bound(c.members, device);
    if (at != c.members.end() && *at == device) c.members.erase(at);
    c.parties[Ledger::party_of(c, m.stream.device, m.stream.incarnation)].has_left = true;
    c.leaves(device, k);
  } else {
    c.joins(device, k);
  }
  Entry* e = append(index, k, f.recipients, place, what);
  if (e == nullptr) return;
  e->cseq = change_of(m);
  e->sender = Entry::kLog;
  trim(index);
}

void Judge::State::on(const model::RejectedForGood& f) {
  const std::uint32_t index = ledger.index_of(f.stream.conversation);
  const std::uint16_t s = Ledger::party_of(ledger[index], f.stream.device, f.stream.incarnation);
  const std::uint32_t n = narrow(f.cseq.value());
  const Place place{f.stream.device, f.stream.conversation, {}, f.stream, f.cseq};
  tally.check(10);
  if (consume(index, s, f.stream, n, place) < 0) {
    tally.violate(10, place, name_of(f.stream, n) + " was rejected after it had an outcome");
  }
  rejected.insert({index, s, n});
}

void Judge::State::on(const model::Settled& f) {
  const model::Message& m = f.message;
  const std::uint32_t index = ledger.index_of(m.stream.conversation);
  Conversation& c = ledger[index];
  const std::uint16_t r = Ledger::party_of(c, f.device, f.incarnation);
  const std::uint32_t k = narrow(m.position.value());
  const Place place{f.device, m.stream.conversation, m.position, m.stream, m.cseq};
  const auto what = [&] {
    return name_of(m.stream.conversation, k) + " was given up as " +
           std::string(model::cause_name(f.cause)) + " for " + name_of(f.device);
  };
  tally.check({8, 11});
  if (k == 0 || k > c.window.head()) {
    tally.violate(3, place, what() + ", but nothing is committed there");
    return;
  }
  const auto stranger = [&] { tally.violate(11, place, what() + ", which is no recipient"); };
  const Party& p = c.parties[r];
  if (k <= c.window.base()) {
    if (is_own(m, f.device) || p.first_visible == 0 || k < p.first_visible) {
      stranger();
    } else if (ledger.gave_up(p, k)) {
      tally.violate(8, place, what() + " a second time");
    } else if (is_final(f.cause)) {
      tally.violate(8, place, what() + " after it was applied");
    }
    return;
  }
  Entry& e = c.window.at(k);
  if (e.sender == Entry::kNobody) {
    tally.violate(3, place, what() + ", but nothing is committed there");
    return;
  }
  Receipt* receipt = e.receipt_of(r);
  if (receipt == nullptr) {
    stranger();
    return;
  }
  if (is_final(receipt->cause) || receipt->cause == f.cause) {
    tally.violate(8, place, what() + " a second time");
    return;
  }
  if (receipt->applied && is_final(f.cause)) {
    tally.violate(8, place, what() + " after it was applied");
    return;  // Judged; what follows from it is not judged again.
  }
  const std::int64_t age = model::to_ns(tally.instant()) - e.committed_at;
  if (f.cause == Cause::kExpired && config.ttl.count() != 0 &&
      age < (config.ttl - config.leeway()).count()) {
    tally.violate(8, place, what() + " at an age of " + std::to_string(age / 1'000'000) + " ms");
  }
  receipt->cause = f.cause;
  if (f.cause == Cause::kUnconfirmed) receipt->was_unconfirmed = true;
  trim(index);
}

void Judge::State::on(const model::Corrected& f) {
  const model::Message& m = f.message;
  const std::uint32_t index = ledger.index_of(m.stream.conversation);
  Conversation& c = ledger[index];
  const std::uint16_t r = Ledger::party_of(c, f.device, f.incarnation);
  const std::uint32_t k = narrow(m.position.value());
  const Place place{f.device, m.stream.conversation, m.position, m.stream, m.cseq};
  tally.check(8);
  const bool is_complete = k != 0 && k <= c.window.base();
  Receipt* receipt =
      k <= c.window.base() || k > c.window.head() ? nullptr : c.window.at(k).receipt_of(r);
  const bool is_applied =
      is_complete ? !ledger.gave_up(c.parties[r], k)
                  : receipt != nullptr && receipt->applied && receipt->cause == Cause::kNone;
  if (is_applied) {
    // Nobody waits to hear of it any more: whether it was in doubt need not be remembered.
    const std::uint16_t s = Ledger::party_of(c, m.stream.device, m.stream.incarnation);
    if (ledger.is_over(c.parties[s])) return;
  }
  if (receipt == nullptr || receipt->cause != Cause::kUnconfirmed || !receipt->applied) {
    tally.violate(8, place,
                  name_of(m.stream.conversation, k) + " was corrected to delivered for " +
                      name_of(f.device) + ", but was not both in doubt and applied");
    return;
  }
  receipt->cause = Cause::kNone;
  trim(index);
}

void Judge::State::on(const model::Retired& f) {
  DeviceRecord& device = ledger.device(f.device);
  device.retired = std::max(device.retired, narrow(f.incarnation.value()));
}

void Judge::State::on(const model::LeaseCommitted& f) {
  const std::uint64_t shard =
      (std::uint64_t{static_cast<std::uint8_t>(f.shard.role)} << 32) | f.shard.index;
  std::uint64_t& epoch = leases[shard];
  tally.check(15);
  if (f.epoch.value() < epoch) {
    tally.violate(15, {},
                  std::string(f.shard.role == model::Role::kMailbox ? "mailbox" : "conversation") +
                      " shard " + std::to_string(f.shard.index) + " committed under lease " +
                      std::to_string(f.epoch.value()) + " after " + std::to_string(epoch));
  }
  epoch = std::max(epoch, f.epoch.value());
}

void Judge::State::on(const model::Footprint& f) {
  const std::uint64_t bound = config.device_bytes + config.conversation_bytes * f.conversations +
                              config.entry_bytes * f.waiting;
  tally.check(14);
  if (f.bytes > bound) {
    tally.violate(14, {.device = f.device},
                  name_of(f.device) + " takes " + std::to_string(f.bytes) + " B with " +
                      std::to_string(f.waiting) + " entries waiting and " +
                      std::to_string(f.conversations) + " conversations; the bound is " +
                      std::to_string(bound) + " B");
  }
}

}  // namespace greytick::oracle
