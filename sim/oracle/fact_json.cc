#include "sim/oracle/fact_json.h"

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <variant>

#include "sim/oracle/tally.h"

namespace greytick::oracle {
namespace {

std::string_view code_name(model::ReplyCode code) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "sent", "rejected",          "forgotten", "conflict",
      "gap",  "stale_incarnation", "retryable", "stale_devices"};
  return kNames[static_cast<std::size_t>(code)];
}

std::string_view role_name(model::Role role) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "device", "gateway", "conversation", "mailbox", "push", "transport", "provider"};
  return kNames[static_cast<std::size_t>(role)];
}

// Writes the fields of one object. Names and texts are ours, so nothing needs escaping.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void number(std::string_view name, std::integral auto value) {
    key(name);
    append(value);
  }
  void text(std::string_view name, std::string_view value) {
    key(name);
    quote(value);
  }
  void hex(std::string_view name, std::initializer_list<std::uint64_t> words) {
    key(name);
    out_ += '"';
    for (const std::uint64_t word : words) {
      for (int shift = 60; shift >= 0; shift -= 4)
        out_ += "0123456789abcdef"[(word >> shift) & 15U];
    }
    out_ += '"';
  }
  void open(std::string_view name) {
    key(name);
    out_ += '{';
    first_ = true;
  }
  void close() {
    out_ += '}';
    first_ = false;
  }
  void open_list(std::string_view name) {
    key(name);
    out_ += '[';
    first_ = true;
  }
  void open_item() {
    if (!first_) out_ += ',';
    out_ += '{';
    first_ = true;
  }
  void close_list() {
    out_ += ']';
    first_ = false;
  }

  // Fields that several facts share.
  void device(model::DeviceId d, model::Incarnation i) {
    number("device", d.value());
    number("incarnation", i.value());
  }
  void stream(const model::StreamId& s, model::ClientSeq n) {
    device(s.device, s.incarnation);
    number("conversation", s.conversation.value());
    number("cseq", n.value());
  }
  void content(const model::Ciphertext& c) {
    number("bytes", c.bytes);
    hex("tag", {c.tag[0], c.tag[1]});
  }
  void message(const model::Message& m) {
    open("message");
    stream(m.stream, m.cseq);
    number("sender", m.sender.value());
    number("position", m.position.value());
    hex("id", {m.id.high, m.id.low});
    number("dep", m.dep.value());
    number("accepted_at", model::to_ns(m.accepted_at));
    content(m.content);
    close();
  }
  void shard(model::Address a) {
    text("role", role_name(a.role));
    number("shard", a.index);
  }

 private:
  void key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    quote(name);
    out_ += ':';
  }
  void quote(std::string_view text) {
    out_ += '"';
    out_ += text;
    out_ += '"';
  }
  void append(std::integral auto value) {
    std::array<char, 24> digits;
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out_.append(digits.data(), end);
  }

  std::string& out_;
  bool first_ = true;
};

void fields(Writer& w, const model::Created& f) {
  w.stream(f.stream, f.cseq);
  w.number("user", f.user.value());
  w.hex("id", {f.id.high, f.id.low});
  w.number("dep", f.dep.value());
  w.content(f.content);
  w.number("composed_at", model::to_ns(f.composed_at));
}
void fields(Writer& w, const model::Answered& f) {
  w.stream(f.stream, f.cseq);
  w.text("code", code_name(f.code));
  w.number("position", f.position.value());
  w.hex("hash", {f.hash});
}
void fields(Writer& w, const model::TurnedAway& f) { w.stream(f.stream, f.cseq); }
void fields(Writer& w, const model::Applied& f) {
  w.device(f.device, f.incarnation);
  w.number("epoch", f.epoch.value());
  w.number("mseq", f.mseq.value());
  w.message(f.message);
}
void fields(Writer& w, const model::Displayed& f) {
  w.device(f.device, f.incarnation);
  w.number("conversation", f.conversation.value());
  w.number("position", f.position.value());
}
void fields(Writer& w, const model::GapShown& f) {
  w.device(f.device, f.incarnation);
  w.number("mseq", f.mseq.value());
  w.number("conversation", f.conversation.value());
  w.number("position", f.position.value());
  w.text("cause", model::cause_name(f.cause));
}
void fields(Writer& w, const model::Opened& f) {
  w.device(f.device, f.incarnation);
  w.number("conversation", f.conversation.value());
  w.number("upto", f.upto.value());
}
void fields(Writer& w, const model::SentShown& f) {
  w.device(f.device, f.incarnation);
  w.number("conversation", f.conversation.value());
  w.number("sent", f.sent.value());
}
void fields(Writer& w, const model::TicksShown& f) {
  w.device(f.device, f.incarnation);
  w.number("conversation", f.conversation.value());
  w.number("recipient", f.recipient.value());
  w.number("delivered", f.delivered.value());
  w.number("read", f.read.value());
}
void fields(Writer& w, const model::AggregateShown& f) {
  w.device(f.device, f.incarnation);
  w.number("conversation", f.conversation.value());
  w.number("position", f.position.value());
  w.text("level", f.read ? "read" : "delivered");
}
void fields(Writer& w, const model::FailureShown& f) {
  w.device(f.device, f.incarnation);
  w.number("conversation", f.conversation.value());
  w.number("recipient", f.recipient.value());
  w.number("from", f.from.value());
  w.number("to", f.to.value());
  w.text("cause", model::cause_name(f.cause));
}
void fields(Writer& w, const model::SessionAdopted& f) {
  w.device(f.device, f.incarnation);
  w.number("epoch", f.epoch.value());
}
void fields(Writer& w, const model::IncarnationAdopted& f) { w.device(f.device, f.incarnation); }
void fields(Writer& w, const model::OutcomeUnknown& f) {
  w.stream(f.stream, f.cseq);
  w.hex("id", {f.id.high, f.id.low});
}
void recipients(Writer& w, const model::Recipients& list) {
  w.open_list("recipients");
  for (const model::Recipient& r : list) {
    w.open_item();
    w.number("user", r.user.value());
    w.device(r.device, r.incarnation);
    w.close();
  }
  w.close_list();
}
void fields(Writer& w, const model::Committed& f) {
  w.message(f.message);
  recipients(w, f.recipients);
}
void fields(Writer& w, const model::MemberChanged& f) {
  w.text("change", model::entry_kind_name(f.message.kind));
  w.number("device", f.message.stream.device.value());
  w.number("incarnation", f.message.stream.incarnation.value());
  w.number("user", f.message.sender.value());
  w.number("number", f.message.number.value());
  w.number("conversation", f.message.stream.conversation.value());
  w.number("position", f.message.position.value());
  recipients(w, f.recipients);
}
void fields(Writer& w, const model::JoinTurnedAway& f) {
  w.number("conversation", f.conversation.value());
  w.number("user", f.user.value());
}
void fields(Writer& w, const model::RejectedForGood& f) { w.stream(f.stream, f.cseq); }
void fields(Writer& w, const model::Settled& f) {
  w.device(f.device, f.incarnation);
  w.number("mseq", f.mseq.value());
  w.text("cause", model::cause_name(f.cause));
  w.message(f.message);
}
void fields(Writer& w, const model::Corrected& f) {
  w.device(f.device, f.incarnation);
  w.number("mseq", f.mseq.value());
  w.message(f.message);
}
void fields(Writer& w, const model::Retired& f) { w.device(f.device, f.incarnation); }
void fields(Writer& w, const model::Took& f) { w.text("branch", model::branch_name(f.branch)); }
void fields(Writer& w, const model::LeaseCommitted& f) {
  w.shard(f.shard);
  w.number("epoch", f.epoch.value());
}
void fields(Writer& w, const model::ShardCrashed& f) { w.shard(f.shard); }
void fields(Writer& w, const model::DeviceCrashed& f) { w.number("device", f.device.value()); }
void fields(Writer& w, const model::BackupRestored& f) { w.number("device", f.device.value()); }
void fields(Writer& w, const model::Footprint& f) {
  w.number("device", f.device.value());
  w.number("bytes", f.bytes);
  w.number("waiting", f.waiting);
  w.number("conversations", f.conversations);
}

std::string at(model::ConversationId c, model::LogPos k) { return name_of(c, k.value()); }
std::string of(const model::StreamId& s, model::ClientSeq n) { return name_of(s, n.value()); }
std::string sent_as(const model::Message& m) {
  return at(m.stream.conversation, m.position) + " (message " + std::to_string(m.cseq.value()) +
         " of " + name_of(m.stream.device) + ")";
}
std::string shard_name(model::Address a) {
  return std::string(role_name(a.role)) + " shard " + std::to_string(a.index);
}

std::string say(const model::Created& f) {
  return name_of(f.stream.device) + " wrote " + of(f.stream, f.cseq) + ", having applied up to " +
         std::to_string(f.dep.value());
}
std::string say(const model::Answered& f) {
  std::string text = of(f.stream, f.cseq) + " was answered " + std::string(code_name(f.code));
  if (f.code == model::ReplyCode::kSent)
    text += " at position " + std::to_string(f.position.value());
  return text;
}
std::string say(const model::TurnedAway& f) {
  return of(f.stream, f.cseq) + " was turned away for now";
}
std::string say(const model::Applied& f) {
  return name_of(f.device) + " applied " + sent_as(f.message) + " as entry " +
         std::to_string(f.mseq.value()) + " in session " + std::to_string(f.epoch.value());
}
std::string say(const model::Displayed& f) {
  return name_of(f.device) + " displayed " + at(f.conversation, f.position);
}
std::string say(const model::GapShown& f) {
  return name_of(f.device) + " shows a gap at " + at(f.conversation, f.position) + ": " +
         std::string(model::cause_name(f.cause));
}
std::string say(const model::Opened& f) {
  return name_of(f.device) + " read up to " + at(f.conversation, f.upto);
}
std::string say(const model::SentShown& f) {
  return name_of(f.device) + " shows SENT up to " + at(f.conversation, f.sent);
}
std::string say(const model::TicksShown& f) {
  return name_of(f.device) + " shows of " + name_of(f.recipient) + " DELIVERED up to " +
         at(f.conversation, f.delivered) + ", READ up to " + std::to_string(f.read.value());
}
std::string say(const model::AggregateShown& f) {
  return name_of(f.device) + " shows " + at(f.conversation, f.position) +
         (f.read ? " READ by all" : " DELIVERED to all");
}
std::string say(const model::FailureShown& f) {
  std::string text = name_of(f.device);
  text += f.cause == model::Cause::kNone ? " shows no failure any more at " : " shows FAILED at ";
  text += at(f.conversation, f.from);
  if (f.to != f.from) text += " to " + std::to_string(f.to.value());
  if (f.cause != model::Cause::kNone) text += ": " + std::string(model::cause_name(f.cause));
  return text;
}
std::string say(const model::SessionAdopted& f) {
  return name_of(f.device) + " is in session " + std::to_string(f.epoch.value());
}
std::string say(const model::IncarnationAdopted& f) {
  return name_of(f.device) + " goes on as installation " + std::to_string(f.incarnation.value());
}
std::string say(const model::OutcomeUnknown& f) {
  return name_of(f.stream.device) + " shows " + of(f.stream, f.cseq) + " as of unknown outcome";
}
std::string say(const model::Committed& f) {
  return of(f.message.stream, f.message.cseq) + " was committed at position " +
         std::to_string(f.message.position.value()) + " for " +
         std::to_string(f.recipients.size()) +
         (f.recipients.size() == 1 ? " recipient" : " recipients");
}
std::string say(const model::MemberChanged& f) {
  return name_of(f.message.stream.device) + " " +
         std::string(model::entry_kind_name(f.message.kind)) + " at " +
         at(f.message.stream.conversation, f.message.position);
}
std::string say(const model::JoinTurnedAway& f) {
  return "user " + std::to_string(f.user.value()) + " found no room in conversation " +
         std::to_string(f.conversation.value());
}
std::string say(const model::RejectedForGood& f) { return of(f.stream, f.cseq) + " was rejected"; }
std::string say(const model::Settled& f) {
  return sent_as(f.message) + " was given up for " + name_of(f.device) + ": " +
         std::string(model::cause_name(f.cause));
}
std::string say(const model::Corrected& f) {
  return sent_as(f.message) + " had reached " + name_of(f.device) + " after all";
}
std::string say(const model::Retired& f) {
  return "installation " + std::to_string(f.incarnation.value()) + " of " + name_of(f.device) +
         " was retired";
}
std::string say(const model::Took& f) {
  return "rare branch: " + std::string(model::branch_name(f.branch));
}
std::string say(const model::LeaseCommitted& f) {
  return shard_name(f.shard) + " committed under lease " + std::to_string(f.epoch.value());
}
std::string say(const model::ShardCrashed& f) { return shard_name(f.shard) + " crashed"; }
std::string say(const model::DeviceCrashed& f) { return name_of(f.device) + " crashed"; }
std::string say(const model::BackupRestored& f) {
  return name_of(f.device) + " was restored from a backup";
}
std::string say(const model::Footprint& f) {
  return name_of(f.device) + " takes " + std::to_string(f.bytes) + " B at the servers";
}

}  // namespace

void append_ndjson(std::string& out, model::Instant at, const model::Fact& fact) {
  out += '{';
  Writer w(out);
  w.number("at", model::to_ns(at));
  w.text("fact", model::fact_name(fact));
  std::visit([&](const auto& f) { fields(w, f); }, fact);
  out += "}\n";
}

std::string to_ndjson(model::Instant at, const model::Fact& fact) {
  std::string line;
  append_ndjson(line, at, fact);
  return line;
}

std::string describe(const model::Fact& fact) {
  return std::visit([](const auto& f) { return say(f); }, fact);
}

}  // namespace greytick::oracle
