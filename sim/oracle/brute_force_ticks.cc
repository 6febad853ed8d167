// What the sender's app shows, against the whole history.
#include <algorithm>
#include <tuple>

#include "sim/oracle/brute_force.h"

namespace greytick::oracle {

using model::Cause;
using model::LogPos;

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

}  // namespace greytick::oracle
