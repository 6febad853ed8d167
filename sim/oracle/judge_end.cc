// What must hold once faults have healed and queues have drained (I9, I17, I18, and the promise of
// I8 that a sender is told).

#include <algorithm>
#include <bit>
#include <string>
#include <utility>
#include <vector>

#include "sim/oracle/judge_state.h"

namespace greytick::oracle {

using model::Cause;
using model::DeviceId;
using model::LogPos;

// Once a device has opened a sender's messages, the sender ends with showing them as READ.
void Judge::State::check_read_marks(std::uint32_t index, std::uint16_t s) {
  Conversation& c = ledger[index];
  const Party p = c.parties[s];
  if (p.first_commit == 0) return;
  const model::ConversationId id(c.id);
  const model::StreamId stream{DeviceId(p.device), model::Incarnation(p.incarnation), id};
  for (std::size_t r = 0; r < c.parties.size(); ++r) {
    const Party& reader = c.parties[r];
    if (same_user(reader, p) || reader.opened == 0 || ledger.is_over(reader)) continue;
    if (reader.first_visible == 0) continue;
    // Of two, what was opened is the other's. Among more, it may be a third one's: then only the
    // end of the sender's messages tells, and only of one who was there all the time.
    const bool pair = c.members.size() <= 2;
    const bool knows_the_end = !reader.has_left && reader.opened >= p.last_commit &&
                               reader.first_visible <= p.first_commit;
    if (!pair && !knows_the_end) continue;
    const std::uint32_t read = std::min(pair ? reader.opened : p.last_commit, p.sent);
    if (read < p.first_commit) continue;
    const std::uint32_t shown = marks_of(index, s, reader.device).read;
    if (shown >= read) continue;
    tally.violate(18, {stream.device, id, LogPos(read), stream, {}},
                  name_of(stream.device) + " ends with READ shown up to " + std::to_string(shown) +
                      " in conversation " + std::to_string(c.id) + ", which was read up to " +
                      std::to_string(read));
  }
}

// What two devices of one user show of a recipient is the same, as far as that reaches the user's
// last message: who is told of that is told on both.
void Judge::State::compare_ticks(std::uint32_t index, std::uint16_t s, std::uint16_t other,
                                 std::uint32_t last_commit) {
  Conversation& c = ledger[index];
  const model::ConversationId id(c.id);
  const Party& p = c.parties[s];
  const Party& o = c.parties[other];
  const auto compare = [&](const char* level, std::uint32_t shown, std::uint32_t theirs) {
    if (shown < last_commit || theirs >= last_commit) return;
    const DeviceId device(o.device);
    const model::StreamId stream{device, model::Incarnation(o.incarnation), id};
    tally.violate(18, {device, id, LogPos(last_commit), stream, {}},
                  name_of(device) + " ends with " + level + " shown up to " +
                      std::to_string(theirs) + " in conversation " + std::to_string(c.id) +
                      ", where " + name_of(DeviceId(p.device)) +
                      " of the same user shows it up to " + std::to_string(shown));
  };
  for (std::size_t r = 0; r < c.parties.size(); ++r) {
    if (same_user(c.parties[r], p)) continue;
    const Marks shown = marks_of(index, s, c.parties[r].device);
    const Marks theirs = marks_of(index, other, c.parties[r].device);
    compare("DELIVERED", shown.delivered, theirs.delivered);
    compare("READ", shown.read, theirs.read);
  }
}

void Judge::State::check_siblings(std::uint32_t index) {
  Conversation& c = ledger[index];
  std::vector<std::uint16_t> by_user;
  for (std::size_t i = 0; i < c.parties.size(); ++i) {
    if (c.parties[i].user != kNoUser) by_user.push_back(static_cast<std::uint16_t>(i));
  }
  std::ranges::sort(by_user, {}, [&](std::uint16_t i) { return std::pair(c.parties[i].user, i); });
  for (std::size_t begin = 0, end = 0; begin < by_user.size(); begin = end) {
    std::uint32_t last_commit = 0;
    for (end = begin; end < by_user.size(); ++end) {
      const Party& p = c.parties[by_user[end]];
      if (p.user != c.parties[by_user[begin]].user) break;
      last_commit = std::max(last_commit, p.last_commit);
    }
    if (last_commit == 0) continue;
    // Those who have been there since, to the end.
    const auto is_witness = [&](const Party& p) {
      const bool saw = p.first_visible != 0 && p.first_visible <= last_commit;
      const bool wrote = p.first_commit != 0;
      return (saw || wrote) && !p.has_left && !ledger.is_over(p) && p.sent >= last_commit;
    };
    for (std::size_t i = begin; i < end; ++i) {
      for (std::size_t j = begin; j < end; ++j) {
        if (i == j || !is_witness(c.parties[by_user[i]]) || !is_witness(c.parties[by_user[j]])) {
          continue;
        }
        tally.check(18);
        compare_ticks(index, by_user[i], by_user[j], last_commit);
        compare_aggregates(index, by_user[i], by_user[j]);
      }
    }
  }
}

void Judge::State::finish() {
  sort_aggregates();
  const model::Duration bound = config.ttl + config.settle + config.leeway();
  for (std::uint32_t index = 0; index < ledger.size(); ++index) {
    Conversation& c = ledger[index];
    const model::ConversationId id(c.id);
    for (std::uint32_t k = c.window.base() + 1; k <= c.window.head(); ++k) {
      const Entry& e = c.window.at(k);
      if (e.sender == Entry::kNobody) continue;
      const bool is_change = e.sender == Entry::kLog;
      const Party sender = is_change ? Party{} : c.parties[e.sender];
      const model::StreamId stream{DeviceId(sender.device), model::Incarnation(sender.incarnation),
                                   id};
      const bool waits = e.answered && !ledger.is_over(sender);
      if (waits && owes_aggregate(index, k, e)) {
        tally.violate(18, {stream.device, id, LogPos(k), stream, model::ClientSeq(e.cseq)},
                      name_of(stream.device) + " ends without showing that " +
                          name_of(stream, e.cseq) + " was delivered to all");
      }
      const bool is_due =
          config.ttl.count() != 0 && model::to_ns(tally.instant()) - e.committed_at > bound.count();
      for (const Receipt& r : e.receipts) {
        const Party& p = c.parties[r.party];
        const DeviceId device(p.device);
        const Place place{device, id, LogPos(k), stream, model::ClientSeq(e.cseq)};
        const auto what = [&] {
          return (is_change ? "the change of membership" : name_of(stream, e.cseq)) +
                 " at position " + std::to_string(k);
        };
        const bool is_pending = !r.applied && r.cause == Cause::kNone;
        if (is_pending) ++tally.counters.undelivered;
        if (is_pending && !ledger.is_over(p)) {
          tally.violate(9, place, what() + " never reached " + name_of(device));
          tally.violate(18, place, name_of(device) + " never saw " + what());
          if (e.answered) {
            tally.violate(17, place, what() + " was told SENT, and nothing followed");
          }
        }
        if (!waits) continue;
        const bool told = is_told(c, index, e, r, k);
        if (is_due) tally.check(8);
        if (told) continue;
        const Place at_sender{DeviceId(sender.device), id, LogPos(k), stream,
                              model::ClientSeq(e.cseq)};
        if (is_due) {
          tally.violate(8, at_sender,
                        what() + " is neither DELIVERED nor FAILED at its sender after the bound");
        }
        if (is_pending) continue;
        tally.violate(18, at_sender,
                      name_of(stream.device) + " ends without showing that " + what() +
                          (r.cause == Cause::kNone ? " was applied" : " was given up"));
        if (r.cause != Cause::kNone && !r.applied &&
            marks_of(index, e.sender, p.device).top_delivered >= k) {
          tally.violate(6, at_sender,
                        name_of(stream.device) + " ends with " + what() +
                            " shown as DELIVERED, though it was given up");
        }
      }
    }

    for (std::size_t i = 0; i < c.parties.size(); ++i) {
      const auto s = static_cast<std::uint16_t>(i);
      const Party& p = c.parties[s];
      if (p.created == 0 || ledger.is_over(p)) continue;
      const model::StreamId stream{DeviceId(p.device), model::Incarnation(p.incarnation), id};
      tally.check(9);
      tally.check(18);
      std::uint32_t missing = 0;
      std::uint32_t first = 0;
      for (std::uint32_t n = p.answered_upto + 1; n <= p.created; ++n) {
        const std::uint32_t ahead = n - p.answered_upto - 1;
        const bool answered = ahead > 32 ? answered_far.contains({index, s, n})
                                         : ahead > 0 && ((p.answered_ahead >> (ahead - 1)) & 1U);
        if (answered) continue;
        if (missing++ == 0) first = n;
      }
      tally.counters.unanswered += missing;
      if (missing != 0) {
        tally.violate(9, {stream.device, id, {}, stream, model::ClientSeq(first)},
                      name_of(stream, first) + " never had its answer (one of " +
                          std::to_string(missing) + ")");
      }
      check_read_marks(index, s);
    }
    check_siblings(index);
  }
  check_aggregates();
  tally.close_gaps();
}

}  // namespace greytick::oracle
