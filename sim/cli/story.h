// The facts that concern one message, picked from a run.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/fact.h"
#include "model/time.h"
#include "sim/world/fact_sink.h"

namespace greytick::cli {

/// Which message; a position names it once it is committed, a cseq from the beginning. At least one
/// of the two is set, and `device` with a cseq.
struct MessageName {
  model::ConversationId conversation;
  std::optional<model::DeviceId> device;  // the sender
  std::optional<model::Incarnation> incarnation;
  std::optional<model::ClientSeq> cseq;
  std::optional<model::LogPos> position;
};

/// "17:5:3": device 17, conversation 5, its third message there.
std::optional<MessageName> parse_message_name(std::string_view text);
std::string print_message_name(const MessageName& name);

struct Moment {
  model::Instant at;
  model::Fact fact;
};

/// Records the conversation, and what happens to its devices from their first fact in it: sessions,
/// crashes, installations. Memory: one conversation, whatever the size of the run.
class Zoom final : public world::FactSink {
 public:
  explicit Zoom(model::ConversationId conversation) : conversation_(conversation) {}
  void on_fact(model::Instant at, const model::Fact& fact) override;
  const std::vector<Moment>& moments() const { return moments_; }

 private:
  model::ConversationId conversation_;
  std::set<model::DeviceId> members_;
  std::vector<Moment> moments_;
};

/// One step of a message: what happened, and how long after the step before.
struct Hop {
  model::Instant at;
  std::string what;
  std::string place;        // "device 17", or "service"
  model::Duration after{};  // since the hop before; 0 for the first
  bool repeat = false;      // it happened before, or should not have
};

/// The causal chain of the message: create, refusals, commit, SENT, sessions of the recipient that
/// opened while it waited, apply, display, ticks, read, failure; in time order. Empty when the run
/// never created it.
std::vector<Hop> chain(const std::vector<Moment>& moments, MessageName name);

/// What the sender's device shows of one device that a message to several was due to. Neither time
/// nor cause: it is SENT.
struct MemberView {
  model::UserId user;
  model::DeviceId device;
  std::optional<model::Instant> delivered, read;  // shown since
  model::Cause failed = model::Cause::kNone;
};

/// The members of that message, the sender's own devices apart, by user and device; empty when it
/// was due to fewer than two devices.
std::vector<MemberView> member_views(const std::vector<Moment>& moments, MessageName name);

}  // namespace greytick::cli
