#include <algorithm>
#include <array>
#include <optional>
#include <variant>

#include "tests/oracle/story.h"

namespace greytick::oracle {
namespace {

using model::Cause;
using model::LogPos;

// A random fact of this kind for which `fits` holds.
template <class F, class Fits>
std::optional<std::size_t> any(const History& h, Dice& dice, Fits fits) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < h.size(); ++i) {
    const F* f = std::get_if<F>(&h[i].fact);
    if (f != nullptr && fits(*f)) places.push_back(i);
  }
  if (places.empty()) return std::nullopt;
  return places[dice.below(places.size())];
}
template <class F>
std::optional<std::size_t> any(const History& h, Dice& dice) {
  return any<F>(h, dice, [](const F&) { return true; });
}

void insert_after(History& h, std::size_t place, model::Fact fact) {
  const std::size_t at = std::min(place, h.size() - 1);
  h.insert(h.begin() + static_cast<std::ptrdiff_t>(at) + 1, Timed{h[at].at, std::move(fact)});
}

// Changes one fact of this kind.
template <class F, class Change>
bool change(History& h, Dice& dice, Change how) {
  const auto place = any<F>(h, dice);
  if (place) how(std::get<F>(h[*place].fact));
  return place.has_value();
}

}  // namespace

std::string_view mutation_name(Mutation mutation) {
  static constexpr std::array<std::string_view, kMutations> kNames = {
      "drop",           "repeat",         "repeat later",
      "delay",          "early tick",     "tick regress",
      "double commit",  "apply given up", "give up applied",
      "changed answer", "wrong position", "wrong content",
      "old session",    "lower lease",    "large footprint",
      "later cause",    "stranger",       "false failure",
      "resent",         "backup goes on", "unknown unwritten"};
  return kNames[static_cast<std::size_t>(mutation)];
}

bool mutate(History& h, Mutation mutation, Dice& dice) {
  const std::size_t place = dice.below(h.size());
  switch (mutation) {
    case Mutation::kDrop:
      h.erase(h.begin() + static_cast<std::ptrdiff_t>(place));
      return true;
    case Mutation::kRepeat:
      insert_after(h, place, h[place].fact);
      return true;
    case Mutation::kRepeatLater:
      insert_after(h, place + dice.below(40), h[place].fact);
      return true;
    case Mutation::kDelay: {
      insert_after(h, place + 1 + dice.below(10), h[place].fact);
      h.erase(h.begin() + static_cast<std::ptrdiff_t>(place));
      return true;
    }
    case Mutation::kEarlyTick:
      return change<model::TicksShown>(h, dice, [](auto& f) { f.delivered = f.delivered.next(); });
    case Mutation::kTickRegress: {
      const auto i =
          any<model::TicksShown>(h, dice, [](const auto& f) { return f.delivered.value() > 0; });
      if (!i) return false;
      auto lower = std::get<model::TicksShown>(h[*i].fact);
      lower.delivered = LogPos(lower.delivered.value() - 1);
      lower.read = std::min(lower.read, lower.delivered);
      insert_after(h, *i, lower);
      return true;
    }
    case Mutation::kDoubleCommit: {
      const auto i = any<model::Committed>(h, dice);
      if (!i) return false;
      auto again = std::get<model::Committed>(h[*i].fact);
      again.message.position = again.message.position.next();
      insert_after(h, *i, again);
      return true;
    }
    case Mutation::kApplyGivenUp: {
      const auto i =
          any<model::Settled>(h, dice, [](const auto& f) { return f.cause == Cause::kExpired; });
      if (!i) return false;
      const auto f = std::get<model::Settled>(h[*i].fact);
      insert_after(h, *i + dice.below(60),
                   model::Applied{f.device, f.incarnation, {}, f.mseq, f.message});
      return true;
    }
    case Mutation::kGiveUpApplied: {
      const auto i = any<model::Applied>(h, dice);
      if (!i) return false;
      const auto f = std::get<model::Applied>(h[*i].fact);
      insert_after(h, *i + dice.below(60),
                   model::Settled{f.device, f.incarnation, f.mseq, f.message, Cause::kExpired});
      return true;
    }
    case Mutation::kChangedAnswer: {
      const auto i = any<model::Answered>(h, dice);
      if (!i) return false;
      auto other = std::get<model::Answered>(h[*i].fact);
      ++other.hash;
      insert_after(h, *i + dice.below(60), other);
      return true;
    }
    case Mutation::kWrongPosition:
      return change<model::Answered>(h, dice,
                                     [](auto& f) { f.position = f.position.next().next(); });
    case Mutation::kWrongContent:
      if (dice.below(2) == 0) {
        return change<model::Applied>(h, dice, [](auto& f) { ++f.message.content.tag[1]; });
      }
      return change<model::Committed>(h, dice, [](auto& f) { ++f.message.content.tag[0]; });
    case Mutation::kOldSession:
      return change<model::Applied>(
          h, dice, [](auto& f) { f.epoch = model::SessionEpoch(f.epoch.value() - 1); });
    case Mutation::kLowerLease:
      return change<model::LeaseCommitted>(h, dice, [](auto& f) { f.epoch = {}; });
    case Mutation::kLargeFootprint:
      return change<model::Footprint>(h, dice, [](auto& f) { f.bytes = 1UL << 30; });
    case Mutation::kLaterCause:
      return change<model::Committed>(h, dice, [](auto& f) { f.message.dep = f.message.position; });
    case Mutation::kStranger:
      return change<model::Committed>(h, dice, [](auto& f) {
        f.recipients[0].device = model::DeviceId(f.recipients[0].device.value() + 1);
      });
    case Mutation::kFalseFailure: {
      const auto i = any<model::Answered>(
          h, dice, [](const auto& f) { return f.code == model::ReplyCode::kSent; });
      if (!i) return false;
      const auto f = std::get<model::Answered>(h[*i].fact);
      const auto commit = std::ranges::find_if(h, [&f](const auto& told) {
        const auto* m = std::get_if<model::Committed>(&told.fact);
        return m != nullptr && m->message.stream == f.stream && m->message.cseq == f.cseq;
      });
      if (commit == h.end()) return false;
      const auto& committed = std::get<model::Committed>(commit->fact);
      model::Recipients recipients = committed.recipients;
      const auto own = std::ranges::remove_if(recipients, [&](const model::Recipient& r) {
        return r.user == committed.message.sender;  // nobody shows ticks of their own devices
      });
      recipients.erase(own.begin(), own.end());
      if (recipients.empty()) return false;
      insert_after(h, *i + dice.below(60),
                   model::FailureShown{f.stream.device, f.stream.incarnation, f.stream.conversation,
                                       recipients[dice.below(recipients.size())].device, f.position,
                                       f.position, Cause::kExpired});
      return true;
    }
    case Mutation::kResent: {
      const auto i = any<model::OutcomeUnknown>(h, dice);
      if (!i) return false;
      const auto id = std::get<model::OutcomeUnknown>(h[*i].fact).id;
      const bool written = dice.below(2) == 0;
      for (std::size_t j = *i + dice.below(60); j < h.size(); ++j) {
        auto* created = std::get_if<model::Created>(&h[j].fact);
        auto* committed = std::get_if<model::Committed>(&h[j].fact);
        if (written && created != nullptr) return created->id = id, true;
        if (!written && committed != nullptr) return committed->message.id = id, true;
      }
      return false;
    }
    case Mutation::kBackupGoesOn: {
      const auto i = any<model::BackupRestored>(h, dice);
      if (!i) return false;
      const model::DeviceId d = std::get<model::BackupRestored>(h[*i].fact).device;
      for (std::size_t j = *i; j-- > 0;) {
        const auto* before = std::get_if<model::SessionAdopted>(&h[j].fact);
        if (before == nullptr || before->device != d) continue;
        insert_after(h, *i + dice.below(4),
                     dice.below(2) == 0
                         ? model::Fact{*before}
                         : model::Fact{model::IncarnationAdopted{d, before->incarnation}});
        return true;
      }
      return false;
    }
    case Mutation::kUnknownUnwritten:
      return change<model::OutcomeUnknown>(
          h, dice, [](auto& f) { f.cseq = model::ClientSeq(f.cseq.value() + 100); });
  }
  return false;
}

}  // namespace greytick::oracle
