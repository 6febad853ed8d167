// Facts of a small run between device 1, who writes, and device 2, in conversation 7.
#pragma once

#include "model/fact.h"
#include "model/time.h"
#include "sim/results/metrics.h"

namespace greytick::results {

using namespace model::literals;

inline constexpr model::StreamId kStream{.device = model::DeviceId(1),
                                         .incarnation = model::Incarnation(1),
                                         .conversation = model::ConversationId(7)};

inline Instant at(Duration since_start) { return Instant{} + since_start; }

inline model::Created created(std::uint64_t n, Duration when) {
  model::Created f{};
  f.stream = kStream;
  f.user = model::UserId(1);
  f.cseq = model::ClientSeq(n);
  f.composed_at = at(when);
  return f;
}

inline model::Message message(std::uint64_t n) {
  model::Message m{};
  m.stream = kStream;
  m.sender = model::UserId(1);
  m.cseq = model::ClientSeq(n);
  m.position = model::LogPos(n);
  return m;
}

inline model::Committed committed(std::uint64_t n) {
  model::Committed f{};
  f.message = message(n);
  f.recipients.push_back({model::UserId(2), model::DeviceId(2), model::Incarnation(1)});
  return f;
}

inline model::Applied applied(std::uint64_t n) {
  model::Applied f{};
  f.device = model::DeviceId(2);
  f.incarnation = model::Incarnation(1);
  f.message = message(n);
  return f;
}

inline model::SentShown sent(std::uint64_t upto) {
  model::SentShown f{};
  f.device = kStream.device;
  f.incarnation = kStream.incarnation;
  f.conversation = kStream.conversation;
  f.sent = model::LogPos(upto);
  return f;
}

inline model::TicksShown ticks(std::uint64_t delivered, std::uint64_t read) {
  model::TicksShown f{};
  f.device = kStream.device;
  f.incarnation = kStream.incarnation;
  f.conversation = kStream.conversation;
  f.recipient = model::DeviceId(2);
  f.delivered = model::LogPos(delivered);
  f.read = model::LogPos(read);
  return f;
}

inline model::SessionAdopted session(std::uint32_t device) {
  model::SessionAdopted f{};
  f.device = model::DeviceId(device);
  return f;
}

inline world::Signal signal(world::SignalKind kind, std::uint32_t device = 0,
                            std::int64_t value = 0) {
  return {.kind = kind, .device = model::DeviceId(device), .value = value};
}

}  // namespace greytick::results
