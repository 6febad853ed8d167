// What can be judged only when everything has come to rest.
#include <algorithm>
#include <tuple>

#include "sim/oracle/brute_force.h"

namespace greytick::oracle {

using model::Cause;
using model::LogPos;

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
