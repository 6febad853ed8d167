// What senders show, against what happened (I6, I7).

#include <algorithm>
#include <string>

#include "sim/oracle/judge_state.h"

namespace greytick::oracle {

using model::Cause;
using model::LogPos;

void Judge::State::on(const model::SentShown& f) {
  Conversation& c = ledger[ledger.index_of(f.conversation)];
  Party& p = c.parties[Ledger::party_of(c, f.device, f.incarnation)];
  const std::uint32_t k = narrow(f.sent.value());
  const model::StreamId stream{f.device, f.incarnation, f.conversation};
  const Place place{f.device, f.conversation, LogPos(k), stream, {}};
  const auto shows = [&] {
    return name_of(f.device) + " shows SENT up to " + name_of(f.conversation, k);
  };
  tally.check({6, 7});
  if (k < p.sent) tally.violate(7, place, shows() + " after " + std::to_string(p.sent));
  const auto committed = [&](const Party& other) {
    return k <= other.last_commit && same_user(other, p);
  };
  if (k > p.last_commit && std::ranges::none_of(c.parties, committed)) {
    tally.violate(6, place, shows() + ", where its user has no commit");
  }
  p.sent = k;
}

void Judge::State::on(const model::TicksShown& f) {
  const std::uint32_t index = ledger.index_of(f.conversation);
  Conversation& c = ledger[index];
  const std::uint16_t s = Ledger::party_of(c, f.device, f.incarnation);
  Marks& marks = marks_of(index, s, f.recipient.value());
  const Marks old = marks;
  marks = {f.recipient.value(), narrow(f.delivered.value()), narrow(f.read.value()),
           std::max(old.top_delivered, narrow(f.delivered.value()))};
  last_ticks = {index, marks.recipient, old.delivered, s, tally.instant()};
  const model::StreamId stream{f.device, f.incarnation, f.conversation};
  const auto place = [&](std::uint32_t k) {
    return Place{f.device, f.conversation, LogPos(k), stream, {}};
  };
  const auto shows = [&](const char* level, std::uint32_t k) {
    return name_of(f.device) + " shows " + level + " up to " + name_of(f.conversation, k);
  };
  tally.check({6, 7});

  const auto falls = [&](const char* level, std::uint32_t before, std::uint32_t is) {
    if (is >= before) return false;
    tally.violate(7, place(before), shows(level, is) + " after " + std::to_string(before));
    return true;
  };
  if (!falls("DELIVERED", old.delivered, marks.delivered) && !falls("READ", old.read, marks.read)) {
    if (marks.read > marks.delivered) {
      tally.violate(7, place(marks.read), shows("READ", marks.read) + " beyond DELIVERED");
    } else if (marks.delivered > c.parties[s].sent) {
      tally.violate(7, place(marks.delivered),
                    shows("DELIVERED", marks.delivered) + " beyond SENT");
    }
  }

  const std::uint32_t upto = std::min(marks.delivered, c.window.head());
  for (std::uint32_t k = std::max(old.delivered, c.window.base()) + 1; k <= upto; ++k) {
    const Entry& e = c.window.at(k);
    if (!is_by_user_of(c, e, s)) continue;
    const bool is_false = std::ranges::any_of(e.receipts, [&](const Receipt& r) {
      return c.parties[r.party].device == marks.recipient && !r.applied && r.cause == Cause::kNone;
    });
    if (!is_false) continue;
    Place at = place(k);
    at.cseq = model::ClientSeq(e.cseq);
    tally.violate(6, at,
                  shows("DELIVERED", marks.delivered) + ", but " + name_of(f.recipient) +
                      " has not applied " + name_of(f.conversation, k));
    break;
  }
  if (marks.read > old.read && marks.read > opened_by(c, marks.recipient, false)) {
    tally.violate(
        6, place(marks.read),
        shows("READ", marks.read) + ", which " + name_of(f.recipient) + " has not opened");
  }
  trim(index);
}

void Judge::State::on(const model::FailureShown& f) {
  const std::uint32_t index = ledger.index_of(f.conversation);
  Conversation& c = ledger[index];
  const std::uint16_t s = Ledger::party_of(c, f.device, f.incarnation);
  const std::uint32_t recipient = f.recipient.value();
  const std::uint32_t from = narrow(f.from.value());
  const std::uint32_t to = narrow(f.to.value());
  // Marks that rose in the same step do not count: the message went from SENT to FAILED at once.
  const bool same_step = last_ticks.conversation == index && last_ticks.party == s &&
                         last_ticks.recipient == recipient && last_ticks.at == tally.instant();
  const std::uint32_t delivered_before =
      same_step ? last_ticks.delivered_before : marks_of(index, s, recipient).delivered;
  const model::StreamId stream{f.device, f.incarnation, f.conversation};
  const auto place = [&](std::uint32_t k) {
    return Place{f.device, f.conversation, LogPos(k), stream, {}};
  };
  const auto shows = [&](std::uint32_t k) {
    return name_of(f.device) + " shows FAILED (" + std::string(model::cause_name(f.cause)) +
           ") at " + name_of(f.conversation, k);
  };
  tally.check({6, 7});
  bool is_false = false;
  bool turns = false;
  const auto false_failure = [&](std::uint32_t k) {
    if (is_false) return;
    is_false = true;
    tally.violate(6, place(k), shows(k) + ", which was not given up");
  };
  const auto turn = [&](std::uint32_t k, const char* why) {
    if (turns) return;
    turns = true;
    tally.violate(7, place(k), shows(k) + why);
  };
  if (from == 0 || from > to || from > c.window.head()) {
    if (f.cause != Cause::kNone) false_failure(from);
    return;
  }

  // Ends of an interval are failed messages; what lies between may be of others, and is looked at
  // only while it is in the window. What is left of an unconfirmed interval, once a part of it was
  // corrected, may end anywhere.
  const auto complete_end = [&](std::uint32_t k) {
    if (k > c.window.base() || f.cause == Cause::kUnconfirmed) return;
    const bool given_up = std::ranges::any_of(
        c.parties, [&](const Party& p) { return p.device == recipient && ledger.gave_up(p, k); });
    if (f.cause == Cause::kNone && given_up) turn(k, " no more, though that was final");
    if (f.cause != Cause::kNone && !given_up) {
      false_failure(k);
      if (k <= delivered_before) turn(k, " after DELIVERED");
    }
  };
  complete_end(from);
  complete_end(to);

  const std::uint32_t last = std::min(to, c.window.head());
  for (std::uint32_t k = std::max(from, c.window.base() + 1); k <= last; ++k) {
    Entry& e = c.window.at(k);
    if (!is_by_user_of(c, e, s)) continue;
    const bool is_author = e.sender == s;
    for (Receipt& r : e.receipts) {
      if (c.parties[r.party].device != recipient) continue;
      if (f.cause == Cause::kNone) {
        if (!is_author) continue;  // what it showed before is followed for the author alone
        if (r.failure_shown && !r.shown_unconfirmed) turn(k, " no more, though that was final");
        r.failure_shown = false;
        continue;
      }
      const bool old_news = f.cause == Cause::kUnconfirmed && r.was_unconfirmed;
      const bool is_lie = r.cause == Cause::kNone && !old_news;
      if (is_lie) false_failure(k);
      if (!is_author) continue;
      if (k <= delivered_before && !r.failure_shown) turn(k, " after DELIVERED");
      if (is_lie) continue;  // Judged; what follows from it is not judged again.
      r.failure_shown = true;
      r.shown_unconfirmed = f.cause == Cause::kUnconfirmed;
    }
  }
  trim(index);
}

}  // namespace greytick::oracle
