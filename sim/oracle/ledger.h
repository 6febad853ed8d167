// What the judge remembers of conversations and devices.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "model/check.h"
#include "model/ids.h"
#include "model/payload.h"
#include "sim/memory/index_table.h"
#include "sim/memory/paged_array.h"
#include "sim/oracle/window.h"

namespace greytick::oracle {

/// Positions fit into 32 bits; one that does not was never given out.
constexpr std::uint32_t narrow(std::uint64_t value) {
  constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();
  return value < kMost ? static_cast<std::uint32_t>(value) : kMost;
}

/// Levels that a sender shows for one recipient device.
struct Marks {
  std::uint32_t recipient = 0, delivered = 0, read = 0;
  std::uint32_t top_delivered = 0;  // the furthest ever shown: below it, the sender has seen it
};

/// Positions from..to, as far as visible to somebody.
struct Span {
  std::uint32_t from, to;
};

inline constexpr std::uint32_t kNoUser = 0xffff'ffff;

/// One installation of a device in one conversation, as sender and as recipient.
struct Party {
  std::uint32_t device = 0, incarnation = 0;
  std::uint32_t user = kNoUser;  // as the log has said
  // As sender, cseqs:
  std::uint32_t created = 0;         // last one written
  std::uint32_t consumed = 0;        // last one committed or rejected
  std::uint32_t answered_upto = 0;   // all up to here have their definite answer
  std::uint32_t answered_ahead = 0;  // bit i: answered_upto+2+i has too
  // As sender, positions:
  std::uint32_t first_commit = 0, last_commit = 0;
  std::uint32_t sent = 0;  // shown as SENT up to here
  Marks marks = {};        // for the recipient last heard of; others: Judge's side table
  // As recipient, positions:
  std::uint32_t cursor = 0;         // the furthest applied, or passed as a tombstone: durable
  std::uint32_t top_applied = 0;    // the furthest applied
  std::uint32_t displayed = 0;      // the furthest shown: volatile
  std::uint32_t opened = 0;         // read up to
  std::uint32_t first_visible = 0;  // the first that names it a recipient; 0: none yet
  std::uint32_t last_trimmed = 0;   // the last visible one that left the window
  std::uint32_t given_up = 0;       // list of spans, 1 + index; 0: none
  bool has_left = false;            // the conversation, at least once
};

/// Two devices, or two installations of one, of the same user.
[[nodiscard]] inline bool same_user(const Party& a, const Party& b) {
  return a.device == b.device || (a.user == b.user && a.user != kNoUser);
}

/// What the log has said of joins and leaves. By device, since a chat may have thousands.
struct Changes {
  struct Absence {
    std::uint32_t left, back;  // it saw nothing in between
  };
  boost::unordered_flat_map<std::uint32_t, std::vector<Absence>> absences;
  boost::unordered_flat_map<std::uint32_t, std::vector<std::uint32_t>> joins;  // ascending
};

struct Conversation {
  std::uint64_t id = 0;
  Window window;
  boost::container::small_vector<Party, 2> parties;
  // Devices at the end of the log, ascending; empty until the log has said who they are.
  boost::container::small_vector<std::uint32_t, 2> members;
  std::unique_ptr<Changes> changes_kept;  // while there are none, nothing

  Changes& changes() {
    if (!changes_kept) changes_kept = std::make_unique<Changes>();
    return *changes_kept;
  }
  void leaves(std::uint32_t device, std::uint32_t k) {
    changes().absences[device].push_back({k, std::numeric_limits<std::uint32_t>::max()});
  }
  void joins(std::uint32_t device, std::uint32_t k) {
    auto& list = changes().joins[device];
    list.insert(std::ranges::lower_bound(list, k), k);
    for (Changes::Absence& a : changes().absences[device]) a.back = std::min(a.back, k);
  }
  [[nodiscard]] bool was_away(std::uint32_t device, std::uint32_t k) const {
    if (!changes_kept) return false;
    const auto it = changes_kept->absences.find(device);
    return it != changes_kept->absences.end() &&
           std::ranges::any_of(it->second,
                               [k](const Changes::Absence& a) { return a.left < k && k < a.back; });
  }
  /// Where the device joined last before that; 0: it was there from the beginning.
  [[nodiscard]] std::uint32_t joined_at(std::uint32_t device, std::uint32_t before) const {
    if (!changes_kept) return 0;
    const auto it = changes_kept->joins.find(device);
    if (it == changes_kept->joins.end()) return 0;
    const auto after = std::ranges::lower_bound(it->second, before);
    return after == it->second.begin() ? 0 : *std::prev(after);
  }
};

/// One phone.
struct DeviceRecord {
  std::uint32_t incarnation = 0;  // the newest heard of
  std::uint32_t retired = 0;      // this one and all before are settled for good
  std::uint32_t backup = 0;       // this one and all before are in a backup that was restored
  std::uint32_t session_incarnation = 0, mseq_incarnation = 0;
  std::uint64_t epoch = 0;  // the highest adopted
  std::uint64_t mseq = 0;   // its cursor
  std::int64_t adopted_at = 0;
  bool in_session = false;
  bool known = false;  // some fact was about it

  /// Nobody uses this installation any more.
  [[nodiscard]] bool is_over(std::uint32_t of) const { return of <= retired || of < incarnation; }
};

/// Conversations by first appearance, and what was given up in them.
class Ledger {
 public:
  /// The index stays good for the whole run, and so does the reference.
  std::uint32_t index_of(model::ConversationId id) {
    const std::uint32_t index = conversations_.row_of(id.value());
    if (index != Conversations::kNone) return index;
    conversations_.insert(id.value(), {}).id = id.value();
    return size() - 1;
  }
  Conversation& operator[](std::uint32_t index) { return conversations_[index]; }
  [[nodiscard]] std::uint32_t size() const {
    return static_cast<std::uint32_t>(conversations_.size());
  }

  /// Asks for memory that a fact about these will want, in two steps some time apart.
  void foresee(model::ConversationId id, model::DeviceId device) const {
    conversations_.prefetch_cell(id.value());
    devices_.prefetch(device.value());
  }
  void foresee_row(model::ConversationId id) const { conversations_.prefetch_row(id.value()); }

  /// Index of a party; new when not seen before. CHECKs that a conversation has below 65,534.
  static std::uint16_t party_of(Conversation& c, model::DeviceId device, model::Incarnation inc) {
    const std::uint32_t incarnation = narrow(inc.value());
    for (std::size_t i = 0; i < c.parties.size(); ++i) {
      if (c.parties[i].device == device.value() && c.parties[i].incarnation == incarnation) {
        return static_cast<std::uint16_t>(i);
      }
    }
    CHECK(c.parties.size() < Entry::kLog);
    const auto earlier = std::ranges::find(c.parties, device.value(), &Party::device);
    const std::uint32_t user = earlier == c.parties.end() ? kNoUser : earlier->user;
    c.parties.push_back({.device = device.value(), .incarnation = incarnation, .user = user});
    return static_cast<std::uint16_t>(c.parties.size() - 1);
  }

  /// The log says whose device that is: of all its installations.
  static void set_user(Conversation& c, std::uint16_t party, model::UserId user) {
    if (c.parties[party].user == user.value()) return;
    for (Party& p : c.parties) {
      if (p.device == c.parties[party].device) p.user = user.value();
    }
  }

  DeviceRecord& device(model::DeviceId id) {
    DeviceRecord& record = devices_[id.value()];
    record.known = true;
    return record;
  }
  [[nodiscard]] bool is_over(const Party& party) const {
    const DeviceRecord* record = devices_.find(party.device);
    return record != nullptr && record->known && record->is_over(party.incarnation);
  }

  /// `position` leaves the window: applied by this party, or given up for it. Ascending.
  void trimmed(Party& party, std::uint32_t position, bool given_up) {
    if (given_up) {
      if (party.given_up == 0) {
        spans_.emplace_back();
        party.given_up = static_cast<std::uint32_t>(spans_.size());
      }
      auto& list = spans_[party.given_up - 1];
      if (!list.empty() && list.back().to == party.last_trimmed) {
        list.back().to = position;  // Nothing that it saw lies between.
      } else {
        list.push_back({position, position});
      }
    }
    party.last_trimmed = position;
  }
  [[nodiscard]] bool gave_up(const Party& party, std::uint32_t position) const {
    if (party.given_up == 0) return false;
    return std::ranges::any_of(spans_[party.given_up - 1], [position](const Span& s) {
      return s.from <= position && position <= s.to;
    });
  }

  EntryPool entries;

 private:
  struct Mixed {
    std::uint64_t operator()(std::uint64_t id) const noexcept {
      return model::payload_internal::mix(id);
    }
  };
  using Conversations = memory::IndexTable<std::uint64_t, Conversation, Mixed>;

  Conversations conversations_;
  memory::PagedArray<DeviceRecord> devices_;
  std::vector<boost::container::small_vector<Span, 1>> spans_;
};

}  // namespace greytick::oracle
