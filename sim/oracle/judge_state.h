// The judge's memory and its rules, one function a kind of fact. Which invariant a rule serves
// stands at each violate(). Private to judge*.cc.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "model/fact.h"
#include "model/time.h"
#include "sim/oracle/judge.h"
#include "sim/oracle/ledger.h"
#include "sim/oracle/tally.h"

namespace greytick::oracle {

/// Positions (of a recipient) or cseqs (of a sender) from..to were overtaken by something newer.
struct Anomaly {
  std::uint64_t fact = 0;  // the one that was found guilty
  std::uint32_t from = 0, to = 0;
  boost::container::small_vector<std::uint32_t, 1> arrived;
};

/// The last answers, so that a second answer can be held against the first. Bounded: an answer that
/// was pushed out is no longer compared.
struct RecentAnswer {
  std::uint64_t hash = 0, position = 0, conversation = 0;
  std::uint32_t device = 0, incarnation = 0, cseq = 0;
  model::ReplyCode code{};
  bool used = false;
};

/// What an entry says of a change of membership, in place of a cseq.
[[nodiscard]] inline std::uint32_t change_of(const model::Message& m) {
  return m.number.value() << 1U | (model::is_join(m.kind) ? 1U : 0U);
}

/// Its own device has no copy of a message. Of a change of membership, its device has.
[[nodiscard]] inline bool is_own(const model::Message& m, model::DeviceId device) {
  return m.kind == model::EntryKind::kContent && m.stream.device == device;
}

/// The entry is a message of the user whose device party `s` is.
[[nodiscard]] inline bool is_by_user_of(const Conversation& c, const Entry& e, std::uint16_t s) {
  return e.sender == s || (e.sender < Entry::kLog && same_user(c.parties[e.sender], c.parties[s]));
}

struct Judge::State {
  explicit State(const JudgeConfig& c) : config(c), tally(c.keep), recent(kRecent) {}

  // judge.cc: what devices say.
  void on(const model::Created& f);
  void on(const model::Answered& f);
  void on(const model::TurnedAway&) { tally.check(17); }
  void on(const model::Applied& f);
  void on(const model::Displayed& f);
  void on(const model::GapShown& f);
  void on(const model::Opened& f);
  void on(const model::SessionAdopted& f);
  void on(const model::IncarnationAdopted& f);
  void on(const model::OutcomeUnknown& f);
  void on(const model::DeviceCrashed& f) { ledger.device(f.device).in_session = false; }
  // judge_ticks.cc
  void on(const model::SentShown& f);
  void on(const model::TicksShown& f);
  void on(const model::FailureShown& f);
  // judge_aggregate.cc
  void on(const model::AggregateShown& f);
  // judge_shards.cc: what shards and the driver say.
  void on(const model::Committed& f);
  void on(const model::MemberChanged& f);
  void on(const model::JoinTurnedAway&) { tally.check(11); }
  void on(const model::RejectedForGood& f);
  void on(const model::Settled& f);
  void on(const model::Corrected& f);
  void on(const model::Retired& f);
  void on(const model::Took&) {}
  void on(const model::LeaseCommitted& f);
  void on(const model::ShardCrashed&) {}
  void on(const model::BackupRestored& f);
  void on(const model::Footprint& f);
  // judge_end.cc
  void finish();
  void check_read_marks(std::uint32_t index, std::uint16_t s);
  void check_siblings(std::uint32_t index);
  void check_aggregates();
  void sort_aggregates();
  void compare_aggregates(std::uint32_t index, std::uint16_t s, std::uint16_t other);
  void compare_ticks(std::uint32_t index, std::uint16_t s, std::uint16_t other,
                     std::uint32_t last_commit);

  // --- shared by the rules ---
  /// Where the mailbox sequence of a device stands against its cursor, which then moves: 0 next,
  /// -1 seen before, +1 one was left out.
  int step_mseq(DeviceRecord& device, model::Incarnation incarnation, model::MailboxSeq mseq);
  /// The first position between the party's cursor and k that it should have handled before k.
  std::optional<std::uint32_t> missing_before(Conversation& c, std::uint16_t party,
                                              std::uint32_t k);
  /// The cursor moves to k; what it passes over without handling is a gap. True iff there is none.
  bool advance(std::uint32_t index, std::uint16_t party, std::uint32_t k, const Place& place,
               std::int64_t adopted_at);
  /// The log grows by position k, seen by these. Nullptr: it cannot, which is judged.
  /// what(): the entry, in words.
  template <class What>
  Entry* append(std::uint32_t index, std::uint32_t k, const model::Recipients& recipients,
                const Place& place, const What& what);
  /// I11: the entry is seen by the members, and by nobody else. message: its sending device is not
  /// among who see it; nullptr for a change of membership, which everybody sees.
  template <class What>
  void check_members(Conversation& c, const model::Recipients& recipients,
                     const model::Message* message, const Place& place, const What& what);
  /// A consumed cseq: 0 next, -1 seen before, +1 left some out. Fills or opens gaps.
  int consume(std::uint32_t index, std::uint16_t party, const model::StreamId& stream,
              std::uint32_t cseq, const Place& place);
  void open_anomaly(std::uint32_t index, std::uint16_t party, bool sender, std::uint32_t from,
                    std::uint32_t to);
  /// Something overtaken arrived after all. False: it was in no gap, or came a second time.
  bool close_anomaly(std::uint32_t index, std::uint16_t party, bool sender, std::uint32_t at);
  /// The levels that a sender shows for a recipient device.
  Marks& marks_of(std::uint32_t index, std::uint16_t sender, std::uint32_t recipient);
  /// The sender shows what became of this message at this recipient, if there is anything to show.
  bool is_told(Conversation& c, std::uint32_t index, const Entry& e, const Receipt& r,
               std::uint32_t k);
  /// What a mark for all of a group stands for, from weakest to strongest.
  enum class Held : std::uint8_t {
    kApplied,        // the user has it on some device
    kOpened,         // and some installation of that device has opened it
    kOpenedForSure,  // that one, which is still in use and has not left: its sender will be told
  };
  /// The first user whom the message of party `author` at k was due to and who does not hold it so;
  /// kNoUser: there is none.
  std::uint32_t who_lacks(std::uint32_t index, std::uint32_t k, std::uint16_t author, Held held);
  /// The sender of this message to a group does not show it as delivered to all, which it is.
  bool owes_aggregate(std::uint32_t index, std::uint32_t k, const Entry& e);
  void trim(std::uint32_t index);
  /// Highest position that any installation of the device has opened; `live`: only those in use.
  std::uint32_t opened_by(Conversation& c, std::uint32_t device, bool live);
  /// I2 of a message whose outcome a device called unknown: nobody sends it again as another.
  void check_resent(const model::MessageId& id, const model::StreamId& stream,
                    model::ClientSeq cseq, const Place& place);
  /// False: it had its answer already.
  bool mark_answered(std::uint32_t index, std::uint16_t party, std::uint32_t cseq);

  struct StreamKey {
    std::uint32_t conversation, party, number;  // number: cseq or recipient
    friend auto operator<=>(const StreamKey&, const StreamKey&) = default;
    friend std::size_t hash_value(const StreamKey& k) {
      const std::uint64_t h = (std::uint64_t{k.conversation} << 32) | k.number;
      return model::payload_internal::mix(h ^ (std::uint64_t{k.party} << 17));
    }
  };

  JudgeConfig config;
  Tally tally;
  Ledger ledger;

  // Rare, hence beside the ledger.
  boost::unordered_flat_set<StreamKey> rejected, answered_far;
  boost::unordered_flat_map<StreamKey, Marks> other_marks;
  // Messages to groups, by position (their party is 0): their sender. And what a party shows of one
  // as delivered to all, or (true) as read by all.
  boost::unordered_flat_map<StreamKey, std::uint16_t> group_messages;
  boost::unordered_flat_map<StreamKey, bool> aggregates;
  std::vector<std::pair<StreamKey, bool>> sorted_aggregates;  // at the end
  std::map<model::MessageId, std::pair<model::StreamId, model::ClientSeq>> unknown;
  boost::unordered_flat_map<std::uint64_t, boost::container::small_vector<Anomaly, 1>> anomalies;
  std::size_t anomaly_count = 0;
  boost::unordered_flat_map<std::uint64_t, std::uint64_t> leases;  // by shard: role and index

  static constexpr std::size_t kRecent = 1UL << 16;
  std::vector<RecentAnswer> recent;

  // The TicksShown before: a FailureShown of the same step is judged against the marks before it.
  struct LastTicks {
    std::uint32_t conversation = 0, recipient = 0, delivered_before = 0;
    std::uint16_t party = Entry::kNobody;
    model::Instant at{};
  } last_ticks;
};

}  // namespace greytick::oracle
