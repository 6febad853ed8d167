// What a judge says at the end: one finding an invariant, the violations it kept, and how often
// things happened.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/fact.h"
#include "model/ids.h"
#include "model/payload.h"
#include "model/time.h"

namespace greytick::oracle {

/// Invariants are numbered 1 to 18, as in docs/protocol.md 1.
inline constexpr int kInvariants = 18;
/// "sent_durable", "no_duplicate", ... CHECKs 1 <= number <= kInvariants.
std::string_view invariant_name(int number);

/// Unknown: no fact could have broken it, so nothing is proved.
enum class Verdict : std::uint8_t { kPass, kFail, kUnknown };
std::string_view verdict_name(Verdict verdict);  // "PASS", "FAIL", "UNKNOWN"

/// What became of the older messages that something newer overtook. A gap is open until one of
/// them arrives after all (reordered), or the run ends without it (lost).
enum class Gap : std::uint8_t { kNone, kOpen, kReordered, kLost };
std::string_view gap_name(Gap gap);  // "", "open", "reordered", "lost"

/// One place where an invariant broke.
struct Violation {
  int invariant = 0;
  model::Instant at{};
  std::uint64_t fact = 0;  // its number in the run, from 1; 0: found at the end of the run
  Gap gap = Gap::kNone;
  std::optional<model::DeviceId> device;
  std::optional<model::ConversationId> conversation;
  std::optional<model::LogPos> position;
  std::optional<model::StreamId> stream;
  std::optional<model::ClientSeq> cseq;
  std::string sentence;
};

struct Finding {
  int invariant = 0;
  std::string_view name;
  std::uint64_t checked = 0;   // facts and obligations that could have broken it
  std::uint64_t violated = 0;  // that did
  Verdict verdict = Verdict::kUnknown;
  std::optional<Violation> first;
};

/// How often things happened, as the facts tell it.
struct Counters {
  std::uint64_t facts = 0, created = 0, committed = 0, rejected = 0, answered = 0;
  std::uint64_t turned_away = 0, applied = 0, displayed = 0, gaps_shown = 0, opened = 0;
  std::uint64_t ticks_shown = 0, failures_shown = 0, sessions = 0, incarnations = 0;
  std::array<std::uint64_t, 5> settled{};  // by Cause; an upgrade counts again
  std::uint64_t corrected = 0, retired = 0, device_crashes = 0, shard_crashes = 0;
  // At the end of the run: messages created and never answered, of installations still in use;
  // and (message, recipient) pairs neither applied nor settled.
  std::uint64_t unanswered = 0, undelivered = 0;
  friend bool operator==(const Counters&, const Counters&) = default;
};

struct Report {
  std::vector<Finding> findings;      // kInvariants of them, in order
  std::vector<Violation> violations;  // the first ones of the run, at most JudgeConfig::keep
  std::array<std::uint64_t, model::kBranches> branches{};
  Counters counters;
  bool finished = false;  // false: what is judged at the end of a run is not judged yet

  [[nodiscard]] const Finding& of(int invariant) const {
    return findings[static_cast<std::size_t>(invariant - 1)];
  }
};

/// What a judge is told beforehand.
struct JudgeConfig {
  model::PayloadKey key;  // of the run: contents prove themselves under it

  // The promise to a sender: DELIVERED or FAILED is shown within `ttl + settle` after SENT. A zero
  // ttl: messages never expire. `slack` is what group commits and restarts may take away or add.
  model::Duration ttl{};
  model::Duration settle{};
  model::Duration slack = std::chrono::minutes(1);

  /// Slack, and what two clocks that are off by 500 ppm each make of so long a time.
  [[nodiscard]] model::Duration leeway() const { return slack + (ttl + settle) / 1000; }

  std::size_t keep = 16;               // violations kept with all their detail
  std::size_t anomalies = 64UL << 10;  // gaps watched until they are resolved
  std::uint32_t member_cap = 1024;     // users of a conversation

  // I14: bytes <= device_bytes + conversation_bytes * conversations + entry_bytes * waiting.
  std::uint64_t device_bytes = 1024;
  std::uint64_t conversation_bytes = 512;
  std::uint64_t entry_bytes = 4096;
};

}  // namespace greytick::oracle
