// The judge of the judge: keeps the whole history and looks everything up in it, without windows,
// cursors or trimming. Slow and large; for tests, on small runs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "model/fact.h"
#include "model/time.h"
#include "sim/oracle/report.h"
#include "sim/oracle/tally.h"

namespace greytick::oracle {

/// The same interface and the same verdicts as Judge.
class BruteForce {
 public:
  explicit BruteForce(const JudgeConfig& config) : config_(config), tally_(config.keep) {}

  void on_fact(model::Instant at, const model::Fact& fact);
  void finish(model::Instant at);
  [[nodiscard]] std::uint64_t violations() const { return tally_.violations(); }
  [[nodiscard]] Report report() const { return tally_.report(); }

 private:
  using Conv = std::uint64_t;
  using Pos = std::uint64_t;
  using Phone = std::pair<std::uint32_t, std::uint64_t>;   // device, incarnation
  using Sent = std::pair<model::StreamId, std::uint64_t>;  // stream, cseq
  using Copy = std::tuple<Conv, Pos, Phone>;               // one message at one recipient
  struct Log {
    model::Message message;
    model::Instant at{};
    std::vector<Phone> recipients;
  };
  struct Marks {
    std::uint64_t delivered = 0, read = 0, top_delivered = 0;
  };

  void on(const model::Created& f);
  void on(const model::Answered& f);
  void on(const model::TurnedAway&) { tally_.check(17); }
  void on(const model::Applied& f);
  void on(const model::Displayed& f);
  void on(const model::GapShown& f);
  void on(const model::Opened& f);
  void on(const model::SentShown& f);
  void on(const model::TicksShown& f);
  void on(const model::FailureShown& f);
  void on(const model::AggregateShown& f);
  void on(const model::SessionAdopted& f);
  void on(const model::IncarnationAdopted& f);
  void on(const model::OutcomeUnknown& f);
  void on(const model::Committed& f);
  void on(const model::MemberChanged& f);
  void on(const model::JoinTurnedAway&) { tally_.check(11); }
  void on(const model::RejectedForGood& f);
  void append(const model::Message& m, const model::Recipients& recipients,
              std::optional<model::DeviceId> sender, const Place& place);
  void on(const model::Settled& f);
  void on(const model::Corrected& f);
  void on(const model::Retired& f);
  void on(const model::Took&) {}
  void on(const model::LeaseCommitted& f);
  void on(const model::ShardCrashed&) {}
  void on(const model::BackupRestored& f);
  void on(const model::DeviceCrashed& f) { session_.erase(f.device.value()); }
  void on(const model::Footprint& f);

  void check_read_marks(const model::StreamId& stream);
  void check_siblings(Conv c);
  void check_aggregates();
  /// The users whom a message was due to, its author's own apart, and who of them has it: on a
  /// device for which has(phone) holds.
  template <class Has>
  [[nodiscard]] std::map<model::UserId, bool> who_has(const Log& entry, Has has) const;
  [[nodiscard]] bool is_to_group(const Log& entry) const;
  void violate(int invariant, const Place& place) { tally_.violate(invariant, place, "broken"); }
  [[nodiscard]] bool is_over(Phone phone) const;
  [[nodiscard]] const Log* log(Conv c, Pos k) const;
  [[nodiscard]] bool is_recipient(const Copy& copy) const;
  [[nodiscard]] bool same_user(Conv c, model::DeviceId a, model::DeviceId b) const;
  /// A message of the user whose device that is.
  [[nodiscard]] bool is_by_user_of(const Log& entry, model::DeviceId device) const;
  [[nodiscard]] model::Cause cause(const Copy& copy) const;
  [[nodiscard]] bool is_pending(const Copy& copy) const {
    return !applied_.contains(copy) && cause(copy) == model::Cause::kNone;
  }
  /// The highest position of c among the copies of this phone.
  [[nodiscard]] Pos furthest(const std::set<Copy>& copies, Conv c, Phone phone) const;
  /// I4 and I5 of a phone that is about to handle k. True iff all is in order.
  bool in_order(Conv c, Pos k, Phone phone, const Place& place);
  /// I2 of a message whose outcome is unknown: nobody sends it again as another.
  void check_resent(const model::MessageId& id, const Sent& sent, const Place& place);
  /// Consumes a cseq; false: it was consumed before.
  bool take_number(model::StreamId stream, std::uint64_t n, const Place& place);

  JudgeConfig config_;
  Tally tally_;
  std::vector<std::pair<model::Instant, model::Fact>> history_;

  std::map<Sent, model::LogPos> created_;  // and their dep
  std::map<Sent, model::Answered> answers_;
  std::set<Sent> rejected_, consumed_;
  std::map<Sent, model::MessageId> unknown_;
  std::map<Conv, std::map<Pos, Log>> logs_;
  std::map<Conv, std::set<model::DeviceId>> members_;                // at the end of the log
  std::map<std::pair<Conv, model::DeviceId>, model::UserId> users_;  // as the log has said
  std::set<Copy> applied_, displayed_, passed_;
  std::map<Copy, model::Cause> settled_;
  std::set<Copy> was_unconfirmed_;
  std::map<model::StreamId, Pos> sent_;
  std::map<std::tuple<model::StreamId, std::uint32_t>, Marks> marks_;  // by recipient device
  std::map<std::tuple<model::StreamId, std::uint32_t, Pos>, model::Cause> failures_;
  std::map<std::tuple<model::StreamId, Pos>, bool> aggregates_;  // delivered to all; read by all
  std::map<std::tuple<Conv, Phone>, Pos> opened_;
  std::map<Phone, std::uint64_t> mseq_;
  struct Session {
    Phone phone;
    std::uint64_t epoch;
    model::Instant at;
  };
  std::map<std::uint32_t, Session> session_;
  std::map<std::uint32_t, std::uint64_t> highest_epoch_, incarnation_, retired_;
  std::map<std::uint32_t, std::uint64_t> backup_;  // restored: installations up to here
  std::map<model::Address, std::uint64_t> leases_;
};

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

}  // namespace greytick::oracle
