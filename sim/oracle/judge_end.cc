// What must hold once faults have healed and queues have drained (I9, I17, I18, and the promise of
// I8 that a sender is told).

#include <algorithm>
#include <bit>
#include <string>

#include "sim/oracle/judge_state.h"

namespace greytick::oracle {

using model::Cause;
using model::DeviceId;
using model::LogPos;

void Judge::State::finish() {
  const model::Duration bound = config.ttl + config.settle + config.leeway();
  for (std::uint32_t index = 0; index < ledger.size(); ++index) {
    Conversation& c = ledger[index];
    const model::ConversationId id(c.id);
    for (std::uint32_t k = c.window.base() + 1; k <= c.window.head(); ++k) {
      const Entry& e = c.window.at(k);
      if (e.sender == Entry::kNobody) continue;
      const Party& sender = c.parties[e.sender];
      const model::StreamId stream{DeviceId(sender.device), model::Incarnation(sender.incarnation),
                                   id};
      const bool waits = e.answered && !ledger.is_over(sender);
      const bool is_due =
          config.ttl.count() != 0 && model::to_ns(tally.instant()) - e.committed_at > bound.count();
      for (const Receipt& r : e.receipts) {
        const Party& p = c.parties[r.party];
        const DeviceId device(p.device);
        const Place place{device, id, LogPos(k), stream, model::ClientSeq(e.cseq)};
        const auto what = [&] {
          return name_of(stream, e.cseq) + " at position " + std::to_string(k);
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
      const std::uint32_t read = std::min(opened_by(c, p.marks.recipient, true), p.marks.sent);
      // Both marks are positions of its own messages once they have reached the first of them.
      if (p.first_commit != 0 && read >= p.first_commit && p.marks.read < read) {
        tally.violate(18, {stream.device, id, LogPos(read), stream, {}},
                      name_of(stream.device) + " ends with READ shown up to " +
                          std::to_string(p.marks.read) + " in conversation " +
                          std::to_string(c.id) + ", which was read up to " + std::to_string(read));
      }
    }
  }
  tally.close_gaps();
}

}  // namespace greytick::oracle
