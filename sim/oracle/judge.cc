#include "sim/oracle/judge.h"

#include <algorithm>
#include <bit>
#include <string>
#include <variant>

#include "model/plaintext.h"
#include "sim/oracle/judge_state.h"

namespace greytick::oracle {

using model::DeviceId;
using model::LogPos;

Judge::Judge(const JudgeConfig& config) : state_(std::make_unique<State>(config)) {}
Judge::~Judge() = default;
Judge::Judge(Judge&&) noexcept = default;
Judge& Judge::operator=(Judge&&) noexcept = default;

void Judge::on_fact(model::Instant at, const model::Fact& fact) {
  CHECK(!state_->tally.ended());
  state_->tally.begin(at);
  count(state_->tally, fact);
  std::visit([this](const auto& f) { state_->on(f); }, fact);
}

void Judge::on_bytes(const model::Address& by, std::span<const std::uint8_t> bytes) {
  state_->tally.check(13);
  const auto at = model::find_canary(bytes, state_->config.key);
  if (!at) return;
  state_->tally.violate(13, {},
                        name_of(by) + " gave away plaintext at byte " + std::to_string(*at) +
                            " of " + std::to_string(bytes.size()));
}

void Judge::foresee(model::ConversationId conversation, model::DeviceId device, bool next) const {
  if (next) {
    state_->ledger.foresee_row(conversation);
  } else {
    state_->ledger.foresee(conversation, device);
  }
}

void Judge::finish(model::Instant at) {
  CHECK(!state_->tally.ended());
  state_->tally.begin_end(at);
  state_->finish();
}

std::uint64_t Judge::violations() const { return state_->tally.violations(); }
Report Judge::report() const { return state_->tally.report(); }

// ---------------------------------------------------------------- shared

int Judge::State::step_mseq(DeviceRecord& device, model::Incarnation incarnation,
                            model::MailboxSeq mseq) {
  const std::uint32_t inc = narrow(incarnation.value());
  if (device.mseq_incarnation != inc) {
    device.mseq_incarnation = inc;
    device.mseq = 0;
  }
  const std::uint64_t next = device.mseq + 1;
  device.mseq = std::max(device.mseq, mseq.value());
  return mseq.value() == next ? 0 : mseq.value() < next ? -1 : 1;
}

std::optional<std::uint32_t> Judge::State::missing_before(Conversation& c, std::uint16_t party,
                                                          std::uint32_t k) {
  const Window& w = c.window;
  for (std::uint32_t j = std::max(c.parties[party].cursor, w.base()) + 1; j < k; ++j) {
    const Receipt* r = c.window.at(j).receipt_of(party);
    if (r != nullptr && !r->applied && r->cause == model::Cause::kNone) return j;
  }
  return std::nullopt;
}

bool Judge::State::advance(std::uint32_t index, std::uint16_t party, std::uint32_t k,
                           const Place& place, std::int64_t adopted_at) {
  Conversation& c = ledger[index];
  Party& p = c.parties[party];
  if (k <= p.cursor) return true;
  const auto missing = missing_before(c, party, k);
  p.cursor = k;
  if (!missing) return true;
  const std::string sentence = name_of(DeviceId(p.device)) + " went on to " +
                               name_of(model::ConversationId(c.id), k) + " while position " +
                               std::to_string(*missing) + " was still pending";
  tally.violate(4, place, sentence, Gap::kOpen);
  if (c.window.at(*missing).committed_at <= adopted_at) {
    tally.violate(5, place, sentence + " from before its session", Gap::kOpen);
  }
  open_anomaly(index, party, false, *missing, k - 1);
  return false;
}

void Judge::State::open_anomaly(std::uint32_t index, std::uint16_t party, bool sender,
                                std::uint32_t from, std::uint32_t to) {
  if (anomaly_count >= config.anomalies) return;
  ++anomaly_count;
  const std::uint64_t key =
      (std::uint64_t{index} << 17) | (std::uint64_t{party} << 1) | (sender ? 1U : 0U);
  anomalies[key].push_back({tally.fact(), from, to, {}});
}

bool Judge::State::close_anomaly(std::uint32_t index, std::uint16_t party, bool sender,
                                 std::uint32_t at) {
  const std::uint64_t key =
      (std::uint64_t{index} << 17) | (std::uint64_t{party} << 1) | (sender ? 1U : 0U);
  const auto it = anomalies.find(key);
  if (it == anomalies.end()) return false;
  for (Anomaly& a : it->second) {
    if (at < a.from || a.to < at) continue;
    if (std::ranges::find(a.arrived, at) != a.arrived.end()) return false;
    a.arrived.push_back(at);
    tally.reclassify(a.fact, Gap::kReordered);
    return true;
  }
  return false;
}

Marks& Judge::State::marks_of(std::uint32_t index, std::uint16_t sender, std::uint32_t recipient) {
  Marks& marks = ledger[index].parties[sender].marks;
  if (marks.recipient == recipient) return marks;
  // Before the first tick a device knows that its messages are SENT, not yet to whom.
  if (marks.delivered == 0 && marks.read == 0) {
    marks.recipient = recipient;
    return marks;
  }
  return other_marks[{index, sender, recipient}];
}

bool Judge::State::is_told(Conversation& c, std::uint32_t index, const Entry& e, const Receipt& r,
                           std::uint32_t k) {
  const Party& recipient = c.parties[r.party];
  if (same_user(c.parties[e.sender], recipient)) return r.applied || r.cause != model::Cause::kNone;
  if (r.cause != model::Cause::kNone) return r.failure_shown;
  return r.applied && !r.failure_shown &&
         marks_of(index, e.sender, recipient.device).top_delivered >= k;
}

void Judge::State::trim(std::uint32_t index) {
  Conversation& c = ledger[index];
  while (!c.window.empty()) {
    const std::uint32_t k = c.window.base() + 1;
    Entry& e = c.window.at(k);
    if (e.sender == Entry::kNobody) return;  // A hole never completes: the run is broken anyway.
    const bool sender_waits = e.sender != Entry::kLog && !ledger.is_over(c.parties[e.sender]);
    if (sender_waits && !e.answered) return;
    for (const Receipt& r : e.receipts) {
      if (!r.applied && r.cause == model::Cause::kNone) return;
      // What is unconfirmed may be corrected as long as its device lives.
      if (r.cause == model::Cause::kUnconfirmed && !ledger.is_over(c.parties[r.party])) return;
      if (sender_waits && !is_told(c, index, e, r, k)) return;
    }
    if (sender_waits && owes_aggregate(index, k, e)) return;
    for (const Receipt& r : e.receipts)
      ledger.trimmed(c.parties[r.party], k, is_final(r.cause) || !r.applied);
    c.window.pop(ledger.entries);
  }
}

std::uint32_t Judge::State::opened_by(Conversation& c, std::uint32_t device, bool live) {
  std::uint32_t upto = 0;
  for (const Party& p : c.parties) {
    if (p.device == device && !(live && ledger.is_over(p))) upto = std::max(upto, p.opened);
  }
  return upto;
}

bool Judge::State::mark_answered(std::uint32_t index, std::uint16_t party, std::uint32_t cseq) {
  Party& p = ledger[index].parties[party];
  if (cseq <= p.answered_upto) return false;
  const std::uint32_t ahead = cseq - p.answered_upto - 1;
  if (ahead > 32) return answered_far.insert({index, party, cseq}).second;
  if (ahead > 0) {
    const std::uint32_t bit = 1U << (ahead - 1);
    const bool is_new = (p.answered_ahead & bit) == 0;
    p.answered_ahead |= bit;
    return is_new;
  }
  bool next = true;
  while (next) {
    ++p.answered_upto;
    next = (p.answered_ahead & 1U) != 0;
    p.answered_ahead >>= 1U;
    // The bit that came into reach may have been noted before it was.
    if (!answered_far.empty() && answered_far.erase({index, party, p.answered_upto + 33}) != 0) {
      p.answered_ahead |= 1U << 31U;
    }
  }
  return true;
}

// ---------------------------------------------------------------- devices

void Judge::State::on(const model::Created& f) {
  const std::uint32_t index = ledger.index_of(f.stream.conversation);
  Conversation& c = ledger[index];
  Party& p = c.parties[Ledger::party_of(c, f.stream.device, f.stream.incarnation)];
  const Place place{f.stream.device, f.stream.conversation, {}, f.stream, f.cseq};
  const std::uint32_t n = narrow(f.cseq.value());
  tally.check({2, 3, 4, 12});
  if (!model::proves(f.content, config.key, f.stream, f.cseq)) {
    tally.violate(3, place, name_of(f.stream, n) + " was written with a content not its own");
  }
  if (n <= p.created) {
    tally.violate(2, place, name_of(f.stream, n) + " was written twice");
  } else if (n > p.created + 1) {
    tally.violate(4, place,
                  name_of(f.stream, n) + " was written after message " + std::to_string(p.created));
  }
  p.created = std::max(p.created, n);
  if (narrow(f.dep.value()) != p.top_applied) {
    tally.violate(12, place,
                  name_of(f.stream, n) + " claims cursor " + std::to_string(f.dep.value()) +
                      ", its device had applied up to " + std::to_string(p.top_applied));
  }
  check_resent(f.id, f.stream, f.cseq, place);
}

void Judge::State::on(const model::Answered& f) {
  if (!model::is_definite(f.code)) return;
  const std::uint32_t index = ledger.index_of(f.stream.conversation);
  Conversation& c = ledger[index];
  const std::uint16_t s = Ledger::party_of(c, f.stream.device, f.stream.incarnation);
  const std::uint32_t n = narrow(f.cseq.value());
  const std::uint32_t k = narrow(f.position.value());
  const bool sent = f.code == model::ReplyCode::kSent;
  Place place{f.stream.device, f.stream.conversation, {}, f.stream, f.cseq};
  if (sent) place.position = f.position;
  tally.check(10);
  if (sent) tally.check({1, 17});
  const bool is_first = mark_answered(index, s, n);

  const std::size_t slot = hash_value(StreamKey{index, s, n}) % kRecent;
  RecentAnswer& before = recent[slot];
  if (before.used && before.conversation == c.id && before.device == f.stream.device.value() &&
      before.incarnation == narrow(f.stream.incarnation.value()) && before.cseq == n) {
    if (before.hash != f.hash || before.code != f.code || before.position != f.position.value()) {
      tally.violate(10, place, name_of(f.stream, n) + " got two different definite answers");
    }
    return;
  }
  before = {f.hash,
            f.position.value(),
            c.id,
            f.stream.device.value(),
            narrow(f.stream.incarnation.value()),
            n,
            f.code,
            true};

  if (!sent) {
    if (!rejected.contains({index, s, n})) {
      tally.violate(10, place, name_of(f.stream, n) + " was told REJECTED, which no log holds");
    }
    return;
  }
  const bool is_complete = k != 0 && k <= c.window.base();
  // What is complete has been answered before, unless nobody waited for the answer any more.
  if (is_complete && (!is_first || ledger.is_over(c.parties[s]))) return;
  Entry* e = is_complete || k == 0 || k > c.window.head() ? nullptr : &c.window.at(k);
  if (e == nullptr || e->sender != s || e->cseq != n) {
    tally.violate(1, place,
                  name_of(f.stream, n) + " was told SENT at position " + std::to_string(k) +
                      ", where it is not committed");
    return;
  }
  e->answered = true;
  trim(index);
}

void Judge::State::on(const model::Applied& f) {
  const model::Message& m = f.message;
  const std::uint32_t index = ledger.index_of(m.stream.conversation);
  Conversation& c = ledger[index];
  const std::uint16_t r = Ledger::party_of(c, f.device, f.incarnation);
  const std::uint32_t k = narrow(m.position.value());
  const std::uint32_t n = narrow(m.cseq.value());
  const Place place{f.device, m.stream.conversation, m.position, m.stream, m.cseq};
  const auto where = [&] {
    return name_of(f.device) + " applied " + name_of(m.stream, n) + " at position " +
           std::to_string(k);
  };
  DeviceRecord& device = ledger.device(f.device);
  tally.check({2, 3, 4, 11, 16});
  if (!device.in_session || device.session_incarnation != narrow(f.incarnation.value()) ||
      device.epoch != f.epoch.value()) {
    tally.violate(16, place,
                  where() + " from session " + std::to_string(f.epoch.value()) +
                      ", not the one it last opened (" +
                      (device.in_session ? std::to_string(device.epoch) : "none") + ")");
  }
  const int mseq = step_mseq(device, f.incarnation, f.mseq);
  const std::int64_t adopted_at = device.in_session ? device.adopted_at : -1;
  const bool content = m.kind == model::EntryKind::kContent;
  if (content && !model::proves(m.content, config.key, m.stream, m.cseq)) {
    tally.violate(3, place, where() + " with a content not its own");
  }
  if (k == 0 || k > c.window.head()) {
    tally.violate(3, place, where() + ", where nothing is committed");
    return;
  }
  const auto stranger = [&] {
    tally.violate(3, place, where() + ", but is not a recipient");
    tally.violate(11, place, where() + ", but is not a recipient");
  };
  Party& p = c.parties[r];
  if (k <= c.window.base()) {  // Complete.
    if (is_own(m, f.device) || p.first_visible == 0 || k < p.first_visible) {
      stranger();
    } else if (ledger.gave_up(p, k)) {
      tally.violate(8, place, where() + " after it was given up");
    } else {
      tally.violate(2, place, where() + " twice");
    }
    return;
  }
  Entry& e = c.window.at(k);
  const auto is_sender = [&](const Party& who) {
    return who.device == m.stream.device.value() &&
           who.incarnation == narrow(m.stream.incarnation.value());
  };
  const bool same = content
                        ? e.sender < Entry::kLog && e.cseq == n && is_sender(c.parties[e.sender])
                        : e.sender == Entry::kLog && e.cseq == change_of(m);
  if (!same) {
    tally.violate(3, place, where() + ", where something else is committed");
    return;
  }
  Receipt* receipt = e.receipt_of(r);
  if (receipt == nullptr) {
    stranger();
    return;
  }
  if (is_final(receipt->cause)) {
    tally.violate(
        8, place,
        where() + " after it was given up as " + std::string(model::cause_name(receipt->cause)));
  } else if (receipt->applied) {
    tally.violate(2, place, where() + " twice");
  }
  if (receipt->applied || is_final(receipt->cause)) return;
  if (e.committed_at <= adopted_at) tally.check(5);
  if (content && c.changes_kept) {
    const LogPos list = model::sealed_for(m.content, config.key, m.stream, m.cseq);
    if (list.value() < c.joined_at(f.device.value(), k)) {
      tally.violate(11, place, where() + ", but joined after the list that it was sealed for");
    }
  }
  const bool late = k <= p.cursor;
  if (late) close_anomaly(index, r, false, k);
  const bool in_order = advance(index, r, k, place, adopted_at);
  if (in_order && !late && mseq < 0) {
    tally.violate(2, place, where() + " under a mailbox number it had passed");
  } else if (in_order && !late && mseq > 0) {
    tally.violate(4, place, where() + " and left mailbox numbers out");
  }
  receipt->applied = true;
  p.top_applied = std::max(p.top_applied, k);
  trim(index);
}

void Judge::State::on(const model::Displayed& f) {
  const std::uint32_t index = ledger.index_of(f.conversation);
  Conversation& c = ledger[index];
  const std::uint16_t r = Ledger::party_of(c, f.device, f.incarnation);
  Party& p = c.parties[r];
  const std::uint32_t k = narrow(f.position.value());
  const Place place{f.device, f.conversation, f.position, {}, {}};
  const auto where = [&] { return name_of(f.device) + " displayed " + name_of(f.conversation, k); };
  tally.check({2, 3});
  if (k == 0 || k > c.window.head()) {
    tally.violate(3, place, where() + ", which it has not applied");
    return;
  }
  if (k <= c.window.base()) {
    if (k <= p.displayed) {
      tally.violate(2, place, where() + " twice");
    } else if (k > p.top_applied) {
      tally.violate(3, place, where() + ", which it has not applied");
    }
  } else {
    Receipt* receipt = c.window.at(k).receipt_of(r);
    if (receipt != nullptr && receipt->displayed) {
      tally.violate(2, place, where() + " twice");
    } else if (receipt == nullptr || !receipt->applied) {
      tally.violate(3, place, where() + ", which it has not applied");
    }
    if (receipt != nullptr) receipt->displayed = true;
  }
  p.displayed = std::max(p.displayed, k);
}

void Judge::State::on(const model::GapShown& f) {
  const std::uint32_t index = ledger.index_of(f.conversation);
  Conversation& c = ledger[index];
  const std::uint16_t r = Ledger::party_of(c, f.device, f.incarnation);
  const std::uint32_t k = narrow(f.position.value());
  const Place place{f.device, f.conversation, f.position, {}, {}};
  const auto where = [&] {
    return name_of(f.device) + " shows a gap at " + name_of(f.conversation, k);
  };
  DeviceRecord& device = ledger.device(f.device);
  const int mseq = step_mseq(device, f.incarnation, f.mseq);
  const std::int64_t adopted_at = device.in_session ? device.adopted_at : -1;
  tally.check({4, 8});
  bool given_up = false;
  if (k <= c.window.base()) {
    given_up = ledger.gave_up(c.parties[r], k);
  } else if (k <= c.window.head()) {
    const Receipt* receipt = c.window.at(k).receipt_of(r);
    given_up = receipt != nullptr && (is_final(receipt->cause) ||
                                      (receipt->cause != model::Cause::kNone && !receipt->applied));
  }
  if (!given_up) {
    tally.violate(8, place, where() + ", which was not given up for it");
    return;
  }
  if (!advance(index, r, k, place, adopted_at)) return;
  if (mseq < 0) {
    tally.violate(2, place, where() + " under a mailbox number it had passed");
  } else if (mseq > 0) {
    tally.violate(4, place, where() + " and left mailbox numbers out");
  }
}

void Judge::State::on(const model::Opened& f) {
  Conversation& c = ledger[ledger.index_of(f.conversation)];
  Party& p = c.parties[Ledger::party_of(c, f.device, f.incarnation)];
  const std::uint32_t upto = narrow(f.upto.value());
  tally.check(6);
  if (upto > p.top_applied) {
    tally.violate(6, {f.device, f.conversation, f.upto, {}, {}},
                  name_of(f.device) + " read up to " + name_of(f.conversation, upto) +
                      " and had applied up to " + std::to_string(p.top_applied));
  }
  p.opened = std::max(p.opened, upto);
}

void Judge::State::on(const model::SessionAdopted& f) {
  DeviceRecord& device = ledger.device(f.device);
  const std::uint32_t inc = narrow(f.incarnation.value());
  tally.check(16);
  if (f.epoch.value() < device.epoch || inc < device.incarnation || inc <= device.backup) {
    tally.violate(16, {.device = f.device},
                  name_of(f.device) + " adopted session " + std::to_string(f.epoch.value()) +
                      " of installation " + std::to_string(inc) + " after session " +
                      std::to_string(device.epoch) + " of installation " +
                      std::to_string(device.incarnation));
  }
  device.incarnation = std::max(device.incarnation, inc);
  device.session_incarnation = inc;
  device.epoch = f.epoch.value();
  device.adopted_at = model::to_ns(tally.instant());
  device.in_session = true;
}

void Judge::State::on(const model::IncarnationAdopted& f) {
  DeviceRecord& device = ledger.device(f.device);
  const std::uint32_t inc = narrow(f.incarnation.value());
  tally.check(16);
  if (inc < device.incarnation) {
    tally.violate(16, {.device = f.device},
                  name_of(f.device) + " went back from installation " +
                      std::to_string(device.incarnation) + " to " + std::to_string(inc));
  } else if (inc <= device.backup) {
    tally.violate(16, {.device = f.device},
                  name_of(f.device) + " goes on as installation " + std::to_string(inc) +
                      " from a restored backup");
  }
  if (inc > device.incarnation) device.in_session = false;
  device.incarnation = std::max(device.incarnation, inc);
}

// It may be said twice: an old copy can be restored again. Nothing is owed for it any more, neither
// an answer nor a delivery.
void Judge::State::on(const model::OutcomeUnknown& f) {
  const std::uint32_t index = ledger.index_of(f.stream.conversation);
  Conversation& c = ledger[index];
  const std::uint16_t s = Ledger::party_of(c, f.stream.device, f.stream.incarnation);
  const std::uint32_t n = narrow(f.cseq.value());
  tally.check(2);
  if (n == 0 || n > c.parties[s].created) {
    tally.violate(3, {f.stream.device, f.stream.conversation, {}, f.stream, f.cseq},
                  name_of(f.stream, n) + " is shown as unknown, but nobody wrote it");
    return;
  }
  mark_answered(index, s, n);
  unknown.emplace(f.id, std::pair(f.stream, f.cseq));
}

void Judge::State::on(const model::BackupRestored& f) {
  DeviceRecord& device = ledger.device(f.device);
  device.backup = device.incarnation;
  device.in_session = false;
}

void Judge::State::check_resent(const model::MessageId& id, const model::StreamId& stream,
                                model::ClientSeq cseq, const Place& place) {
  if (unknown.empty()) return;
  const auto it = unknown.find(id);
  if (it == unknown.end() || it->second == std::pair(stream, cseq)) return;
  tally.violate(2, place,
                name_of(stream, narrow(cseq.value())) + " is message " +
                    std::to_string(it->second.second.value()) + " of installation " +
                    std::to_string(it->second.first.incarnation.value()) +
                    " again, whose outcome is unknown");
}

}  // namespace greytick::oracle
