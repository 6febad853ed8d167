#include "sim/oracle/tally.h"

#include <type_traits>
#include <utility>
#include <variant>

namespace greytick::oracle {
namespace {

// Judged by finish() alone, so that a run that was cut short has proved nothing about them.
constexpr bool needs_the_end(int invariant) {
  return invariant == 9 || invariant == 17 || invariant == 18;
}

std::uint64_t* counter_of(Counters& c, const model::Fact& fact) {
  return std::visit(
      [&](const auto& f) -> std::uint64_t* {
        using F = std::decay_t<decltype(f)>;
        if constexpr (std::is_same_v<F, model::Created>) return &c.created;
        if constexpr (std::is_same_v<F, model::Answered>) return &c.answered;
        if constexpr (std::is_same_v<F, model::TurnedAway>) return &c.turned_away;
        if constexpr (std::is_same_v<F, model::Applied>) return &c.applied;
        if constexpr (std::is_same_v<F, model::Displayed>) return &c.displayed;
        if constexpr (std::is_same_v<F, model::GapShown>) return &c.gaps_shown;
        if constexpr (std::is_same_v<F, model::Opened>) return &c.opened;
        if constexpr (std::is_same_v<F, model::SentShown>) return &c.ticks_shown;
        if constexpr (std::is_same_v<F, model::TicksShown>) return &c.ticks_shown;
        if constexpr (std::is_same_v<F, model::FailureShown>) return &c.failures_shown;
        if constexpr (std::is_same_v<F, model::SessionAdopted>) return &c.sessions;
        if constexpr (std::is_same_v<F, model::IncarnationAdopted>) return &c.incarnations;
        if constexpr (std::is_same_v<F, model::Committed>) return &c.committed;
        if constexpr (std::is_same_v<F, model::RejectedForGood>) return &c.rejected;
        if constexpr (std::is_same_v<F, model::Settled>) {
          return &c.settled[static_cast<std::size_t>(f.cause)];
        }
        if constexpr (std::is_same_v<F, model::Corrected>) return &c.corrected;
        if constexpr (std::is_same_v<F, model::Retired>) return &c.retired;
        if constexpr (std::is_same_v<F, model::ShardCrashed>) return &c.shard_crashes;
        if constexpr (std::is_same_v<F, model::DeviceCrashed>) return &c.device_crashes;
        return nullptr;
      },
      fact);
}

}  // namespace

void Tally::violate(int invariant, const Place& place, std::string sentence, Gap gap) {
  const auto i = static_cast<std::size_t>(invariant);
  ++violated_[i];
  ++total_;
  const bool is_first = violated_[i] == 1;
  if (!is_first && kept_.size() >= keep_) return;
  Violation v{invariant,      at_,
              fact(),         gap,
              place.device,   place.conversation,
              place.position, place.stream,
              place.cseq,     std::move(sentence)};
  if (is_first) first_[i] = v;
  if (kept_.size() < keep_) kept_.push_back(std::move(v));
}

void Tally::reclassify(std::uint64_t fact, Gap gap) {
  const auto settle = [&](Violation& v) {
    if (v.fact == fact && v.gap == Gap::kOpen) v.gap = gap;
  };
  for (auto& v : first_) {
    if (v) settle(*v);
  }
  for (Violation& v : kept_) settle(v);
}

void Tally::close_gaps() {
  for (auto& v : first_) {
    if (v && v->gap == Gap::kOpen) v->gap = Gap::kLost;
  }
  for (Violation& v : kept_) {
    if (v.gap == Gap::kOpen) v.gap = Gap::kLost;
  }
}

Report Tally::report() const {
  Report report;
  report.findings.reserve(kInvariants);
  for (int n = 1; n <= kInvariants; ++n) {
    const auto i = static_cast<std::size_t>(n);
    Finding f{n, invariant_name(n), checked_[i], violated_[i], Verdict::kUnknown, first_[i]};
    if (violated_[i] != 0) {
      f.verdict = Verdict::kFail;
    } else if (checked_[i] != 0 && (ended_ || !needs_the_end(n))) {
      f.verdict = Verdict::kPass;
    }
    report.findings.push_back(std::move(f));
  }
  report.violations = kept_;
  report.branches = branches;
  report.counters = counters;
  report.finished = ended_;
  return report;
}

void count(Tally& tally, const model::Fact& fact) {
  if (std::uint64_t* counter = counter_of(tally.counters, fact)) ++*counter;
  if (const auto* took = std::get_if<model::Took>(&fact)) {
    ++tally.branches[static_cast<std::size_t>(took->branch)];
  }
}

std::string name_of(const model::StreamId& stream, std::uint64_t cseq) {
  return "message " + std::to_string(cseq) + " of device " + std::to_string(stream.device.value()) +
         " in conversation " + std::to_string(stream.conversation.value());
}

std::string name_of(model::ConversationId conversation, std::uint64_t position) {
  return "position " + std::to_string(position) + " of conversation " +
         std::to_string(conversation.value());
}

std::string name_of(model::DeviceId device) { return "device " + std::to_string(device.value()); }

std::string name_of(const model::Address& who) {
  const std::string number = " " + std::to_string(who.index);
  switch (who.role) {
    case model::Role::kDevice:
      return "device" + number;
    case model::Role::kGateway:
      return "gateway" + number;
    case model::Role::kConversation:
      return "conversation shard" + number;
    case model::Role::kMailbox:
      return "mailbox shard" + number;
    case model::Role::kPush:
      return "the push gateway";
    case model::Role::kTransport:
      return "the network";
    case model::Role::kProvider:
      return "the push provider";
  }
  return "?";
}

}  // namespace greytick::oracle
