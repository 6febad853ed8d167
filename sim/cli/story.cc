#include "sim/cli/story.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <type_traits>
#include <variant>

#include <fmt/format.h>

#include "sim/oracle/fact_json.h"

namespace greytick::cli {
namespace {

using model::ConversationId;
using model::DeviceId;
using model::LogPos;

std::optional<ConversationId> conversation_of(const model::Fact& fact) {
  return std::visit(
      [](const auto& f) -> std::optional<ConversationId> {
        if constexpr (requires { f.message.stream; }) return f.message.stream.conversation;
        if constexpr (requires { f.stream; }) return f.stream.conversation;
        if constexpr (requires { f.conversation; }) return f.conversation;
        return std::nullopt;
      },
      fact);
}

std::optional<DeviceId> device_of(const model::Fact& fact) {
  if (const auto* f = std::get_if<model::SessionAdopted>(&fact)) return f->device;
  if (const auto* f = std::get_if<model::IncarnationAdopted>(&fact)) return f->device;
  if (const auto* f = std::get_if<model::DeviceCrashed>(&fact)) return f->device;
  if (const auto* f = std::get_if<model::BackupRestored>(&fact)) return f->device;
  if (const auto* f = std::get_if<model::Retired>(&fact)) return f->device;
  return std::nullopt;
}

// Where a fact happened, as far as its reader cares: the servers are one place.
std::string place_of(const model::Fact& fact) {
  return std::visit(
      []<class F>(const F& f) -> std::string {
        if constexpr (std::is_same_v<F, model::Created> ||
                      std::is_same_v<F, model::OutcomeUnknown>) {
          return fmt::format("device {}", f.stream.device.value());
        } else if constexpr (std::is_same_v<F, model::Settled> ||
                             std::is_same_v<F, model::SessionAdopted> || !requires { f.device; }) {
          return "service";
        } else {
          return fmt::format("device {}", f.device.value());
        }
      },
      fact);
}

template <class... F>
struct Cases : F... {
  using F::operator()...;
};

// Follows one message through the moments.
class Follower {
 public:
  explicit Follower(const MessageName& name) : name_(name) {}

  std::optional<std::string> step(const model::Fact& fact) {
    return std::visit(
        Cases{[this](const model::Created& f) { return created(f); },
              [this](const model::TurnedAway& f) {
                return mine(f.stream, f.cseq) ? text("turned away by an overloaded shard") : none();
              },
              [this](const model::RejectedForGood& f) {
                return mine(f.stream, f.cseq) ? text("rejected for good") : none();
              },
              [this](const model::Committed& f) {
                if (!mine(f.message)) return none();
                std::set<model::UserId> users;
                for (const model::Recipient& r : f.recipients) {
                  recipients_.insert(r.device);
                  if (r.user != f.message.sender) users.insert(r.user);
                }
                to_group_ = users.size() > 1;
                return text(fmt::format("committed at position {}", f.message.position.value()));
              },
              [this](const model::Answered& f) {
                if (!mine(f.stream, f.cseq)) return none();
                return text(is_definite(f.code) ? "the sender has its answer: ✓"
                                                : "the sender is told to repeat");
              },
              [this](const model::SessionAdopted& f) {
                if (!waiting(f.device)) return none();
                return text(
                    fmt::format("device {} opens session {}", f.device.value(), f.epoch.value()));
              },
              [this](const model::DeviceCrashed& f) {
                if (!waiting(f.device)) return none();
                return text(fmt::format("device {} crashes", f.device.value()));
              },
              [this](const model::Applied& f) {
                if (!mine(f.message)) return none();
                applied_.insert(f.device);
                return text(fmt::format("durable on device {}", f.device.value()));
              },
              [this](const model::Displayed& f) {
                if (!at(f.position)) return none();
                return text(fmt::format("shown on device {}", f.device.value()));
              },
              [this](const model::GapShown& f) {
                if (!at(f.position)) return none();
                return text(fmt::format("device {} shows a gap in its place ({})", f.device.value(),
                                        model::cause_name(f.cause)));
              },
              [this](const model::Settled& f) {
                if (!mine(f.message)) return none();
                applied_.insert(f.device);
                return text(fmt::format("given up for device {} ({})", f.device.value(),
                                        model::cause_name(f.cause)));
              },
              [this](const model::Corrected& f) {
                return mine(f.message) ? text("delivered after all") : none();
              },
              [this](const model::Opened& f) {
                if (position_ == LogPos() || f.device == sender_ || f.upto < position_)
                  return none();
                return once(fmt::format("read on device {}", f.device.value()));
              },
              [this](const model::SentShown& f) { return sent(f); },
              [this](const model::TicksShown& f) { return ticks(f); },
              [this](const model::AggregateShown& f) {
                if (f.device != sender_ || !at(f.position)) return none();
                return text(f.read ? "the sender sees READ, by all"
                                   : "the sender sees ✓✓, delivered to all");
              },
              [this](const model::FailureShown& f) {
                const bool covers = f.device == sender_ && position_ != LogPos() &&
                                    f.from <= position_ && position_ <= f.to;
                if (!covers) return none();
                return once(fmt::format("the sender sees FAILED ({}){}", model::cause_name(f.cause),
                                        to_group_
                                            ? fmt::format(" for device {}", f.recipient.value())
                                            : std::string()));
              },
              [](const auto&) { return none(); }},
        fact);
  }

 private:
  static std::optional<std::string> none() { return std::nullopt; }
  static std::optional<std::string> text(std::string what) { return what; }
  // Registers say the same again with every later message.
  std::optional<std::string> once(std::string what) {
    if (!said_.insert(what).second) return std::nullopt;
    return what;
  }

  std::optional<std::string> created(const model::Created& f) {
    if (!mine(f.stream, f.cseq)) return std::nullopt;
    return fmt::format("created on device {}", f.stream.device.value());
  }

  std::optional<std::string> sent(const model::SentShown& f) {
    if (f.device != sender_ || position_ == LogPos() || f.sent < position_) return std::nullopt;
    if (!said_.insert("sent").second) return std::nullopt;
    return "the sender sees ✓";
  }

  std::optional<std::string> ticks(const model::TicksShown& f) {
    // Of a group, the tick of one member is not that of the message: see member_views().
    if (f.device != sender_ || position_ == LogPos() || to_group_) return std::nullopt;
    std::string what;
    if (f.delivered >= position_ && said_.insert("delivered").second) what = "the sender sees ✓✓";
    if (f.read >= position_ && said_.insert("read").second) what = "the sender sees READ";
    if (what.empty()) return std::nullopt;
    return what;
  }

  // The name may lack the position or the cseq; the first fact that has both completes it.
  bool mine(const model::StreamId& stream, model::ClientSeq cseq) {
    if (name_.cseq && *name_.cseq != cseq) return false;
    if (!name_.cseq) return false;
    if (name_.device && *name_.device != stream.device) return false;
    if (name_.incarnation && *name_.incarnation != stream.incarnation) return false;
    sender_ = stream.device;
    return true;
  }
  bool mine(const model::Message& message) {
    if (!mine(message.stream, message.cseq)) return false;
    position_ = message.position;
    return true;
  }
  bool at(LogPos position) const { return position_ != LogPos() && position == position_; }
  bool waiting(DeviceId device) const {
    return recipients_.contains(device) && !applied_.contains(device);
  }

  MessageName name_;
  DeviceId sender_{};
  LogPos position_{};
  bool to_group_ = false;
  std::set<DeviceId> recipients_, applied_;
  std::set<std::string> said_;
};

// A name by position becomes one by sender and cseq.
void complete(const std::vector<Moment>& moments, MessageName& name) {
  if (name.cseq) return;
  for (const Moment& m : moments) {
    const auto look = [&name](const model::Message& message) {
      if (name.position != message.position) return;
      name.device = message.stream.device;
      name.incarnation = message.stream.incarnation;
      name.cseq = message.cseq;
    };
    if (const auto* f = std::get_if<model::Committed>(&m.fact)) look(f->message);
    if (const auto* f = std::get_if<model::Applied>(&m.fact)) look(f->message);
    if (name.cseq) return;
  }
}

const model::Committed* commit_of(const std::vector<Moment>& moments, const MessageName& name) {
  for (const Moment& m : moments) {
    const auto* f = std::get_if<model::Committed>(&m.fact);
    if (f != nullptr && name.cseq == f->message.cseq &&
        (!name.device || *name.device == f->message.stream.device) &&
        (!name.incarnation || *name.incarnation == f->message.stream.incarnation)) {
      return f;
    }
  }
  return nullptr;
}

}  // namespace

std::optional<MessageName> parse_message_name(std::string_view text) {
  std::array<std::uint64_t, 3> parts{};
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto [next, error] = std::from_chars(at, end, parts[i]);
    if (error != std::errc()) return std::nullopt;
    at = next;
    if (i + 1 < parts.size()) {
      if (at == end || *at != ':') return std::nullopt;
      ++at;
    }
  }
  if (at != end || parts[0] > 0xffffffffU || parts[2] == 0) return std::nullopt;
  return MessageName{.conversation = ConversationId(parts[1]),
                     .device = DeviceId(static_cast<std::uint32_t>(parts[0])),
                     .incarnation = {},
                     .cseq = model::ClientSeq(parts[2]),
                     .position = {}};
}

std::string print_message_name(const MessageName& name) {
  if (name.device && name.cseq) {
    return fmt::format("{}:{}:{}", name.device->value(), name.conversation.value(),
                       name.cseq->value());
  }
  return fmt::format("position {} of conversation {}", name.position ? name.position->value() : 0,
                     name.conversation.value());
}

void Zoom::on_fact(model::Instant at, const model::Fact& fact) {
  if (conversation_of(fact) == conversation_) {
    if (const auto* f = std::get_if<model::Created>(&fact)) members_.insert(f->stream.device);
    if (const auto* f = std::get_if<model::Committed>(&fact)) {
      for (const model::Recipient& r : f->recipients) members_.insert(r.device);
    }
    moments_.push_back({at, fact});
  } else if (const auto device = device_of(fact); device && members_.contains(*device)) {
    moments_.push_back({at, fact});
  }
}

std::vector<Hop> chain(const std::vector<Moment>& moments, MessageName name) {
  complete(moments, name);
  Follower follower(name);
  std::vector<Hop> hops;
  std::set<std::string> seen;
  for (const Moment& m : moments) {
    auto what = follower.step(m.fact);
    if (!what) continue;
    const bool repeat = !seen.insert(*what).second;
    const model::Duration after = hops.empty() ? model::Duration(0) : m.at - hops.back().at;
    hops.push_back({.at = m.at,
                    .what = std::move(*what),
                    .place = place_of(m.fact),
                    .after = after,
                    .repeat = repeat});
  }
  return hops;
}

std::vector<MemberView> member_views(const std::vector<Moment>& moments, MessageName name) {
  complete(moments, name);
  const model::Committed* committed = commit_of(moments, name);
  std::vector<MemberView> views;
  if (committed == nullptr) return views;
  const model::Message& message = committed->message;
  for (const model::Recipient& r : committed->recipients) {
    if (r.user != message.sender) views.push_back({r.user, r.device, {}, {}, model::Cause::kNone});
  }
  if (views.size() < 2) return {};
  std::ranges::sort(views, {}, [](const MemberView& v) { return std::pair(v.user, v.device); });
  const auto view_of = [&](const auto& f) {
    const bool ours =
        f.device == message.stream.device && f.incarnation == message.stream.incarnation;
    const auto it = std::ranges::find(views, f.recipient, &MemberView::device);
    return ours && it != views.end() ? &*it : nullptr;
  };
  for (const Moment& m : moments) {
    if (const auto* f = std::get_if<model::TicksShown>(&m.fact)) {
      MemberView* view = view_of(*f);
      if (view == nullptr) continue;
      if (f->delivered >= message.position && !view->delivered) view->delivered = m.at;
      if (f->read >= message.position && !view->read) view->read = m.at;
    } else if (const auto* failure = std::get_if<model::FailureShown>(&m.fact)) {
      MemberView* view = view_of(*failure);
      const bool covers = failure->from <= message.position && message.position <= failure->to;
      if (view != nullptr && covers) view->failed = failure->cause;
    }
  }
  return views;
}

}  // namespace greytick::cli
