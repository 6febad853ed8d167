#include "tests/model/script/print.h"

#include <array>
#include <string_view>
#include <type_traits>

#include <fmt/format.h>

namespace greytick::model::script {
namespace {

std::string_view code_name(ReplyCode code) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "sent", "rejected",          "forgotten", "conflict",
      "gap",  "stale_incarnation", "retryable", "stale_devices"};
  return kNames[static_cast<std::size_t>(code)];
}

// "alice/1 #2": the second message of alice's first installation.
std::string message(const StreamId& stream, ClientSeq n) {
  return fmt::format("{}/{}#{}", name_of(stream.device), stream.incarnation.value(), n.value());
}
std::string message(const Message& m) {
  if (m.kind != EntryKind::kContent) {
    return fmt::format("{}/{} {} k={}", name_of(m.stream.device), m.stream.incarnation.value(),
                       entry_kind_name(m.kind), m.position.value());
  }
  return fmt::format("{} k={}", message(m.stream, m.cseq), m.position.value());
}
std::string cause(Cause c) {
  return c == Cause::kNone ? std::string() : fmt::format(" {}", cause_name(c));
}
std::string version(Version v) {
  return v == Version::k2 ? std::string() : fmt::format(" version={}", static_cast<int>(v));
}
std::string names_of(const Recipients& list) {
  std::string text;
  for (const Recipient& r : list) text += (text.empty() ? "" : " ") + name_of(r.device);
  return text;
}
std::string ticks(const TickRegister& r) {
  std::string text = fmt::format("v{} delivered={} read={}", r.version.value(),
                                 r.delivered_upto.value(), r.read_upto.value());
  for (const FailedInterval& f : r.failed) {
    text += fmt::format(" failed={}..{}:{}", f.from.value(), f.to.value(), cause_name(f.cause));
  }
  return text;
}
std::string item(const ChannelItem& i) {
  return std::visit(
      []<class T>(const T& x) {
        if constexpr (std::is_same_v<T, FanOut>) {
          std::string text = "fan_out " + message(x.message) + " to";
          for (const Recipient& r : x.recipients) {
            text += fmt::format(" {}/{}", name_of(r.device), r.incarnation.value());
          }
          return text;
        } else if constexpr (std::is_same_v<T, RegisterUpdate>) {
          return fmt::format("register {} of {}: {}", name_of(x.sender.device),
                             name_of(x.recipient), ticks(x.value));
        } else if constexpr (std::is_same_v<T, MemberUpdate>) {
          static constexpr std::string_view kWords[] = {"renew", "join", "leave"};
          std::string text = fmt::format("{}", kWords[static_cast<std::size_t>(x.change)]);
          for (const Recipient& r : x.devices) {
            text += fmt::format(" {}/{}", name_of(r.device), r.incarnation.value());
          }
          return text;
        } else {
          return fmt::format("join_refused user {}", x.user.value());
        }
      },
      i);
}
std::string reply(const SendReply& r) {
  std::string text = fmt::format("{} {}", message(r.stream, r.cseq), code_name(r.code));
  if (r.code == ReplyCode::kSent) text += fmt::format(" k={}", r.position.value());
  if (r.audience > 0) text += fmt::format(" to {}", r.audience);
  if (r.code == ReplyCode::kStaleDevices) text += fmt::format(" devices={}", r.devices.value());
  if (r.code == ReplyCode::kGap) text += fmt::format(" expected={}", r.expected.value());
  if (r.code == ReplyCode::kRetryable) text += " after=" + time_text(r.retry_after);
  return text;
}

template <class T>
std::string session_fields(const T& f) {
  if constexpr (std::is_same_v<T, Hello>) {
    return fmt::format(" {}/{} hello_seq={} cursor={}{}", name_of(f.device), f.incarnation.value(),
                       f.hello_seq.value(), f.cursor.value(), version(f.version));
  } else if constexpr (std::is_same_v<T, Welcome>) {
    return fmt::format(" {} hello_seq={} epoch={}{}", name_of(f.device), f.hello_seq.value(),
                       f.epoch.value(), version(f.version));
  } else if constexpr (std::is_same_v<T, HelloStale>) {
    return fmt::format(" {} hello_seq={} stored={}", name_of(f.device), f.hello_seq.value(),
                       f.stored_seq.value());
  } else if constexpr (std::is_same_v<T, Registered>) {
    return fmt::format(" {}/{}", name_of(f.device), f.incarnation.value());
  } else if constexpr (std::is_same_v<T, SessionClosed> || std::is_same_v<T, Evict>) {
    return fmt::format(" {} epoch={}", name_of(f.device), f.epoch.value());
  } else {
    return {};
  }
}

template <class T>
std::string fields(const T& f) {
  if constexpr (std::is_same_v<T, SendMessage>) {
    return fmt::format(" {} acked={} dep={}", message(f.stream, f.cseq), f.acked.value(),
                       f.dep.value()) +
           (f.devices == LogPos{} ? std::string() : fmt::format(" devices={}", f.devices.value()));
  } else if constexpr (std::is_same_v<T, SendReply>) {
    return " " + reply(f);
  } else if constexpr (std::is_same_v<T, Data>) {
    return fmt::format(" epoch={} mseq={} {}{}", f.epoch.value(), f.mseq.value(),
                       message(f.message), cause(f.cause));
  } else if constexpr (std::is_same_v<T, Ack>) {
    return fmt::format(" epoch={} cursor={}", f.epoch.value(), f.cursor.value());
  } else if constexpr (std::is_same_v<T, Read>) {
    return fmt::format(" upto={} cursor={} of {}", f.upto.value(), f.cursor.value(),
                       names_of(f.senders));
  } else if constexpr (std::is_same_v<T, ReadAck>) {
    return fmt::format(" upto={}", f.upto.value());
  } else if constexpr (std::is_same_v<T, Tick>) {
    return fmt::format(" of {}: {}", name_of(f.recipient), ticks(f.value));
  } else if constexpr (std::is_same_v<T, TickAck>) {
    return fmt::format(" of member {}: v{}", f.number.value(), f.version.value());
  } else if constexpr (std::is_same_v<T, ChangeMembership>) {
    return f.join ? " join" : " leave";
  } else if constexpr (std::is_same_v<T, MembershipReply>) {
    static constexpr std::string_view kWords[] = {"member", "left", "full"};
    return fmt::format(" {}", kWords[static_cast<std::size_t>(f.outcome)]);
  } else if constexpr (std::is_same_v<T, ChannelEntry>) {
    const std::string part =
        f.part == 0 ? "" : fmt::format(" part={}{}", f.part, f.more ? "+" : "");
    return fmt::format(" n={}{} {}", f.n.value(), part, item(f.item));
  } else if constexpr (std::is_same_v<T, ChannelAck>) {
    return fmt::format(" applied={}{}{}", f.applied.value(), f.gap ? " gap" : "",
                       version(f.version));
  } else {
    return session_fields(f);
  }
}

template <class T>
std::string device_fact(const T& f) {
  if constexpr (std::is_same_v<T, Created>) {
    return fmt::format(" {} dep={}", message(f.stream, f.cseq), f.dep.value());
  } else if constexpr (std::is_same_v<T, Answered>) {
    return fmt::format(" {} {} k={}", message(f.stream, f.cseq), code_name(f.code),
                       f.position.value());
  } else if constexpr (std::is_same_v<T, TurnedAway> || std::is_same_v<T, OutcomeUnknown>) {
    return fmt::format(" {}", message(f.stream, f.cseq));
  } else if constexpr (std::is_same_v<T, Displayed>) {
    return fmt::format(" {} k={}", name_of(f.device), f.position.value());
  } else if constexpr (std::is_same_v<T, GapShown>) {
    return fmt::format(" {} mseq={} k={}{}", name_of(f.device), f.mseq.value(), f.position.value(),
                       cause(f.cause));
  } else if constexpr (std::is_same_v<T, Opened>) {
    return fmt::format(" {} upto={}", name_of(f.device), f.upto.value());
  } else if constexpr (std::is_same_v<T, TicksShown>) {
    return fmt::format(" {} of {} delivered={} read={}", name_of(f.device), name_of(f.recipient),
                       f.delivered.value(), f.read.value());
  } else if constexpr (std::is_same_v<T, AggregateShown>) {
    return fmt::format(" {} k={} {}", name_of(f.device), f.position.value(),
                       f.read ? "read by all" : "delivered to all");
  } else if constexpr (std::is_same_v<T, SentShown>) {
    return fmt::format(" {} sent={}", name_of(f.device), f.sent.value());
  } else if constexpr (std::is_same_v<T, FailureShown>) {
    return fmt::format(" {} k={}..{} {}", name_of(f.device), f.from.value(), f.to.value(),
                       cause_name(f.cause));
  } else if constexpr (std::is_same_v<T, SessionAdopted>) {
    return fmt::format(" {}/{} epoch={}", name_of(f.device), f.incarnation.value(),
                       f.epoch.value());
  } else {
    return {};
  }
}

}  // namespace

std::string name_of(DeviceId device) {
  if (device == DeviceId(1)) return "alice";
  if (device == DeviceId(2)) return "bob";
  if (device == DeviceId(3)) return "carol";
  if (device == DeviceId(5)) return "laptop";
  if (device == DeviceId(4)) return "dave";
  return fmt::format("tablet{}", device.value() - 5);
}

std::string name_of(const Address& address) {
  switch (address.role) {
    case Role::kDevice:
      return name_of(DeviceId(address.index));
    case Role::kGateway:
      return fmt::format("gw{}", address.index);
    case Role::kConversation:
      return fmt::format("c{}", address.index);
    case Role::kMailbox:
      return fmt::format("m{}", address.index);
    case Role::kPush:
      return "push";
    case Role::kTransport:
      return "net";
    case Role::kProvider:
      return "provider";
  }
  return "?";
}

std::string time_text(Duration d) {
  const std::int64_t ms = d.count() / 1'000'000;
  if (ms != 0 && ms % 86'400'000 == 0) return fmt::format("{}d", ms / 86'400'000);
  if (ms != 0 && ms % 3'600'000 == 0) return fmt::format("{}h", ms / 3'600'000);
  if (ms % 1000 == 0) return fmt::format("{}s", ms / 1000);
  return fmt::format("{}.{:03}s", ms / 1000, ms % 1000);
}

std::string text_of(const Frame& frame) {
  return std::string(frame_name(frame)) +
         std::visit([](const auto& f) { return fields(f); }, frame);
}

std::string text_of(const Fact& fact) {
  return std::visit(
      [&]<class T>(const T& f) {
        const std::string name(fact_name(fact));
        if constexpr (std::is_same_v<T, Took>) {
          return "branch " + std::string(branch_name(f.branch));
        } else if constexpr (std::is_same_v<T, Applied>) {
          return fmt::format("{} {} mseq={} {}", name, name_of(f.device), f.mseq.value(),
                             message(f.message));
        } else if constexpr (std::is_same_v<T, Committed>) {
          return fmt::format("{} {}", name, message(f.message));
        } else if constexpr (std::is_same_v<T, MemberChanged>) {
          return fmt::format("{} {}", name, message(f.message));
        } else if constexpr (std::is_same_v<T, JoinTurnedAway>) {
          return fmt::format("{} user {}", name, f.user.value());
        } else if constexpr (std::is_same_v<T, RejectedForGood>) {
          return fmt::format("{} {}", name, message(f.stream, f.cseq));
        } else if constexpr (std::is_same_v<T, Settled>) {
          return fmt::format("{} {}/{} mseq={} {}{}", name, name_of(f.device),
                             f.incarnation.value(), f.mseq.value(), message(f.message),
                             cause(f.cause));
        } else if constexpr (std::is_same_v<T, Corrected>) {
          return fmt::format("{} {}/{} mseq={} {}", name, name_of(f.device), f.incarnation.value(),
                             f.mseq.value(), message(f.message));
        } else if constexpr (std::is_same_v<T, Retired> || std::is_same_v<T, IncarnationAdopted>) {
          return fmt::format("{} {}/{}", name, name_of(f.device), f.incarnation.value());
        } else {
          return name + device_fact(f);
        }
      },
      fact);
}

std::string text_of(const Record& record) {
  return std::visit(
      []<class T>(const T& r) -> std::string {
        if constexpr (std::is_same_v<T, Mailbox>) {
          return fmt::format("tail={} acked={} offered_upto={} epoch={} {}", r.tail.value(),
                             r.acked.value(), r.offered_upto.value(), r.epoch.value(),
                             r.session_open ? "open" : "closed");
        } else if constexpr (std::is_same_v<T, Conversation>) {
          return fmt::format("head={} users={}", r.head.value(), r.users);
        } else if constexpr (std::is_same_v<T, Member>) {
          return fmt::format("{}/{} number={}", name_of(r.who.device), r.who.incarnation.value(),
                             r.who.number.value());
        } else if constexpr (std::is_same_v<T, UserConversation>) {
          return r.joined ? "joined" : "asked";
        } else if constexpr (std::is_same_v<T, Entry>) {
          return message(r.message) + cause(r.cause) + (r.shared ? " shared" : "");
        } else if constexpr (std::is_same_v<T, Body>) {
          return fmt::format("{} bytes for {}", r.content.bytes, r.entries);
        } else if constexpr (std::is_same_v<T, DeadLetter>) {
          return message(r.message) + cause(r.cause);
        } else if constexpr (std::is_same_v<T, Stream>) {
          return fmt::format("incarnation={} high_water={} acked={}", r.incarnation.value(),
                             r.high_water.value(), r.acked.value());
        } else if constexpr (std::is_same_v<T, Response>) {
          return fmt::format("#{} {} k={}", r.cseq.value(), code_name(r.code), r.position.value());
        } else if constexpr (std::is_same_v<T, Identity>) {
          return fmt::format("incarnation={} hello_seq={} cursor={}", r.incarnation.value(),
                             r.hello_seq.value(), r.cursor.value());
        } else if constexpr (std::is_same_v<T, Thread>) {
          return fmt::format("next={} acked={} applied_upto={} read_upto={}", r.next.value(),
                             r.acked.value(), r.applied_upto.value(), r.read_upto.value());
        } else if constexpr (std::is_same_v<T, PendingRead>) {
          return fmt::format("upto={}", r.upto.value());
        } else if constexpr (std::is_same_v<T, ChannelOut>) {
          return fmt::format("last={} acked={}", r.last.value(), r.acked.value());
        } else if constexpr (std::is_same_v<T, ChannelIn>) {
          return fmt::format("applied={}{}", r.applied.value(),
                             r.parts == 0 ? "" : fmt::format(" parts={}", r.parts));
        } else if constexpr (std::is_same_v<T, Outgoing>) {
          return item(r.item);
        } else if constexpr (std::is_same_v<T, TickSlot> || std::is_same_v<T, DeviceRegister> ||
                             std::is_same_v<T, MemberTicks>) {
          return ticks(r.value);
        } else if constexpr (std::is_same_v<T, GroupMessage>) {
          return fmt::format("to {} upto member {}: delivered={} read={}", r.audience,
                             r.last_number.value(), r.delivered, r.read);
        } else if constexpr (std::is_same_v<T, Roster>) {
          return names_of(r.members);
        } else {
          return "present";
        }
      },
      record);
}

}  // namespace greytick::model::script
