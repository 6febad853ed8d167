// What a judge has found so far: how much was checked, what broke, and where first.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "model/fact.h"
#include "model/time.h"
#include "sim/oracle/report.h"

namespace greytick::oracle {

/// The message or cursor that a violation is about, as far as known.
struct Place {
  std::optional<model::DeviceId> device = {};
  std::optional<model::ConversationId> conversation = {};
  std::optional<model::LogPos> position = {};
  std::optional<model::StreamId> stream = {};
  std::optional<model::ClientSeq> cseq = {};
};

class Tally {
 public:
  explicit Tally(std::size_t keep) : keep_(keep) {}

  /// The facts that follow happened at this instant; counts one.
  void begin(model::Instant at) {
    at_ = at;
    ++counters.facts;
  }
  /// What follows is found at the end of the run, by no fact.
  void begin_end(model::Instant at) {
    at_ = at;
    ended_ = true;
  }
  [[nodiscard]] model::Instant instant() const { return at_; }
  [[nodiscard]] std::uint64_t fact() const { return ended_ ? 0 : counters.facts; }
  [[nodiscard]] bool ended() const { return ended_; }

  void check(std::initializer_list<int> invariants) {
    for (const int i : invariants) ++checked_[static_cast<std::size_t>(i)];
  }
  void check(int invariant, std::uint64_t times = 1) {
    checked_[static_cast<std::size_t>(invariant)] += times;
  }

  [[gnu::cold]] void violate(int invariant, const Place& place, std::string sentence,
                             Gap gap = Gap::kNone);
  /// The violations that fact number `fact` was found guilty of are of this kind of gap.
  [[gnu::cold]] void reclassify(std::uint64_t fact, Gap gap);
  /// Gaps that are still open will not close any more.
  void close_gaps();

  [[nodiscard]] std::uint64_t violations() const { return total_; }
  [[nodiscard]] Report report() const;

  Counters counters;
  std::array<std::uint64_t, model::kBranches> branches{};

 private:
  static constexpr std::size_t kSlots = kInvariants + 1;  // by invariant; slot 0 is unused

  std::size_t keep_;
  model::Instant at_{};
  bool ended_ = false;
  std::uint64_t total_ = 0;
  std::array<std::uint64_t, kSlots> checked_{}, violated_{};
  std::array<std::optional<Violation>, kSlots> first_;
  std::vector<Violation> kept_;
};

/// Adds one to the counter that a fact belongs to.
void count(Tally& tally, const model::Fact& fact);

/// "message 4 of device 2 in conversation 3"
std::string name_of(const model::StreamId& stream, std::uint64_t cseq);
/// "position 5 of conversation 3"
std::string name_of(model::ConversationId conversation, std::uint64_t position);
/// "device 7"
std::string name_of(model::DeviceId device);
/// "mailbox shard 3"
std::string name_of(const model::Address& who);

/// May never be taken back: everything but kNone and kUnconfirmed.
constexpr bool is_final(model::Cause cause) {
  return cause != model::Cause::kNone && cause != model::Cause::kUnconfirmed;
}

}  // namespace greytick::oracle
