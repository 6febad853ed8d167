// The standing judge: follows a run fact by fact and says at once what broke. Exact, and small:
// cursors for each (device, conversation), and of the messages only those that are still on their
// way. Its definitions are written down in docs/protocol.md 1; brute_force.h says them again
// without cleverness, and tests hold the two together.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "model/fact.h"
#include "model/time.h"
#include "sim/oracle/report.h"

namespace greytick::oracle {

/// Facts come in the order in which they happened; several may share an instant.
class Judge {
 public:
  explicit Judge(const JudgeConfig& config);
  ~Judge();
  Judge(Judge&&) noexcept;
  Judge& operator=(Judge&&) noexcept;

  void on_fact(model::Instant at, const model::Fact& fact);

  /// I13: nothing in the clear is in what `by` sends, or stores. Bytes come in the order of time,
  /// among the facts.
  void on_bytes(const model::Address& by, std::span<const std::uint8_t> bytes);

  /// A fact about these comes soon: asks for the memory that judging it will want. `next`: it is
  /// about to come, and was foreseen before.
  void foresee(model::ConversationId conversation, model::DeviceId device, bool next) const;

  /// Judges what must hold once faults have healed and queues have drained: I9, I17, I18, and that
  /// every sender was told (I8). No facts may follow. Called once.
  void finish(model::Instant at);

  /// Violations so far, all invariants together: cheap, for a run that stops at the first.
  [[nodiscard]] std::uint64_t violations() const;

  /// At any time. Before finish(), I9, I17 and I18 are UNKNOWN unless already violated.
  [[nodiscard]] Report report() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace greytick::oracle
