// frame.proto in C++, in its order.
#pragma once

#include <tuple>

#include "model/frame.h"
#include "model/wire/schema.h"

namespace greytick::wire {

template <>
struct Schema<model::StreamId> {
  using T = model::StreamId;
  static constexpr auto kFields =
      std::tuple{field(1, "device", &T::device), field(2, "incarnation", &T::incarnation),
                 field(3, "conversation", &T::conversation)};
};

template <>
struct Schema<model::Recipient> {
  using T = model::Recipient;
  static constexpr auto kFields =
      std::tuple{field(1, "user", &T::user), field(2, "device", &T::device),
                 field(3, "incarnation", &T::incarnation), field(4, "number", &T::number)};
};

template <>
struct Schema<model::Address> {
  using T = model::Address;
  static constexpr auto kFields =
      std::tuple{field(1, "role", &T::role), field(2, "index", &T::index),
                 field(3, "connection", &T::connection)};
};

template <>
struct Schema<model::Message> {
  using T = model::Message;
  static constexpr auto kFields = std::tuple{field(1, "stream", &T::stream),
                                             field(2, "sender", &T::sender),
                                             field(3, "cseq", &T::cseq),
                                             field(4, "position", &T::position),
                                             field(5, "id", &T::id),
                                             field(6, "dep", &T::dep),
                                             field(7, "accepted_at", &T::accepted_at),
                                             field(8, "content", &T::content),
                                             field(9, "number", &T::number),
                                             field(10, "kind", &T::kind),
                                             field(11, "audience", &T::audience),
                                             field(12, "last_number", &T::last_number)};
};

template <>
struct Schema<model::FailedInterval> {
  using T = model::FailedInterval;
  static constexpr auto kFields =
      std::tuple{field(1, "from", &T::from), field(2, "to", &T::to), field(3, "cause", &T::cause)};
};

template <>
struct Schema<model::TickRegister> {
  using T = model::TickRegister;
  static constexpr auto kFields =
      std::tuple{field(1, "version", &T::version), field(2, "delivered_upto", &T::delivered_upto),
                 field(3, "read_upto", &T::read_upto), field(4, "failed", &T::failed)};
};

template <>
struct Schema<model::Hello> {
  using T = model::Hello;
  static constexpr auto kFields = std::tuple{field(1, "device", &T::device),
                                             field(2, "user", &T::user),
                                             field(3, "incarnation", &T::incarnation),
                                             field(4, "hello_seq", &T::hello_seq),
                                             fixed(5, "nonce", &T::nonce),
                                             field(6, "cursor", &T::cursor),
                                             field(7, "version", &T::version)};
};

template <>
struct Schema<model::Welcome> {
  using T = model::Welcome;
  static constexpr auto kFields = std::tuple{
      field(1, "device", &T::device), field(2, "hello_seq", &T::hello_seq),
      fixed(3, "nonce", &T::nonce), field(4, "epoch", &T::epoch), field(5, "version", &T::version)};
};

template <>
struct Schema<model::HelloStale> {
  using T = model::HelloStale;
  static constexpr auto kFields =
      std::tuple{field(1, "device", &T::device), field(2, "hello_seq", &T::hello_seq),
                 fixed(3, "nonce", &T::nonce), field(4, "stored_seq", &T::stored_seq)};
};

template <>
struct Schema<model::Register> {
  using T = model::Register;
  static constexpr auto kFields =
      std::tuple{field(1, "device", &T::device), field(2, "user", &T::user),
                 fixed(3, "install_id", &T::install_id)};
};

template <>
struct Schema<model::Registered> {
  using T = model::Registered;
  static constexpr auto kFields =
      std::tuple{field(1, "device", &T::device), fixed(2, "install_id", &T::install_id),
                 field(3, "incarnation", &T::incarnation)};
};

template <>
struct Schema<model::SessionClosed> {
  using T = model::SessionClosed;
  static constexpr auto kFields = std::tuple{
      field(1, "device", &T::device), field(2, "user", &T::user), field(3, "epoch", &T::epoch)};
};

template <>
struct Schema<model::Evict> {
  using T = model::Evict;
  static constexpr auto kFields =
      std::tuple{field(1, "device", &T::device), field(2, "epoch", &T::epoch)};
};

template <>
struct Schema<model::SendMessage> {
  using T = model::SendMessage;
  static constexpr auto kFields = std::tuple{
      field(1, "stream", &T::stream),   field(2, "user", &T::user),      field(3, "cseq", &T::cseq),
      field(4, "acked", &T::acked),     field(5, "id", &T::id),          field(6, "dep", &T::dep),
      field(7, "content", &T::content), field(8, "devices", &T::devices)};
};

template <>
struct Schema<model::SendReply> {
  using T = model::SendReply;
  static constexpr auto kFields = std::tuple{field(1, "stream", &T::stream),
                                             field(2, "cseq", &T::cseq),
                                             field(3, "id", &T::id),
                                             field(4, "code", &T::code),
                                             field(5, "reason", &T::reason),
                                             field(6, "position", &T::position),
                                             field(7, "accepted_at", &T::accepted_at),
                                             field(8, "expected", &T::expected),
                                             field(9, "retry_after", &T::retry_after),
                                             field(10, "audience", &T::audience),
                                             field(11, "last_number", &T::last_number),
                                             field(12, "devices", &T::devices)};
};

template <>
struct Schema<model::Data> {
  using T = model::Data;
  static constexpr auto kFields = std::tuple{
      field(1, "device", &T::device), field(2, "epoch", &T::epoch), field(3, "mseq", &T::mseq),
      field(4, "cause", &T::cause), field(5, "message", &T::message)};
};

template <>
struct Schema<model::Ack> {
  using T = model::Ack;
  static constexpr auto kFields =
      std::tuple{field(1, "device", &T::device), field(2, "user", &T::user),
                 field(3, "incarnation", &T::incarnation), field(4, "epoch", &T::epoch),
                 field(5, "cursor", &T::cursor)};
};

template <>
struct Schema<model::Read> {
  using T = model::Read;
  static constexpr auto kFields = std::tuple{field(1, "device", &T::device),
                                             field(2, "user", &T::user),
                                             field(3, "incarnation", &T::incarnation),
                                             field(4, "epoch", &T::epoch),
                                             field(5, "cursor", &T::cursor),
                                             field(6, "conversation", &T::conversation),
                                             field(7, "upto", &T::upto),
                                             field(8, "senders", &T::senders)};
};

template <>
struct Schema<model::ReadAck> {
  using T = model::ReadAck;
  static constexpr auto kFields =
      std::tuple{field(1, "device", &T::device), field(2, "conversation", &T::conversation),
                 field(3, "upto", &T::upto)};
};

template <>
struct Schema<model::Tick> {
  using T = model::Tick;
  static constexpr auto kFields =
      std::tuple{field(1, "device", &T::device),       field(2, "conversation", &T::conversation),
                 field(3, "recipient", &T::recipient), field(4, "value", &T::value),
                 field(5, "number", &T::number),       field(6, "user", &T::user)};
};

template <>
struct Schema<model::TickAck> {
  using T = model::TickAck;
  static constexpr auto kFields =
      std::tuple{field(1, "device", &T::device), field(2, "user", &T::user),
                 field(3, "conversation", &T::conversation), field(4, "number", &T::number),
                 field(5, "version", &T::version)};
};

template <>
struct Schema<model::FanOut> {
  using T = model::FanOut;
  static constexpr auto kFields =
      std::tuple{field(1, "message", &T::message), field(2, "recipients", &T::recipients)};
};

template <>
struct Schema<model::RegisterUpdate> {
  using T = model::RegisterUpdate;
  static constexpr auto kFields = std::tuple{field(1, "conversation", &T::conversation),
                                             field(2, "sender", &T::sender),
                                             field(3, "recipient", &T::recipient),
                                             field(4, "value", &T::value),
                                             field(5, "number", &T::number),
                                             field(6, "user", &T::user)};
};

template <>
struct Schema<model::MemberUpdate> {
  using T = model::MemberUpdate;
  static constexpr auto kFields =
      std::tuple{field(1, "conversation", &T::conversation), field(2, "change", &T::change),
                 field(3, "devices", &T::devices)};
};

template <>
struct Schema<model::JoinRefused> {
  using T = model::JoinRefused;
  static constexpr auto kFields =
      std::tuple{field(1, "conversation", &T::conversation), field(2, "user", &T::user)};
};

template <>
struct Schema<model::ChannelItem> {
  static constexpr auto kAlternatives =
      std::tuple{alternative<model::FanOut>(1, "fan_out"),
                 alternative<model::RegisterUpdate>(2, "register_update"),
                 alternative<model::MemberUpdate>(3, "member_update"),
                 alternative<model::JoinRefused>(4, "join_refused")};
};

template <>
struct Schema<model::ChannelEntry> {
  using T = model::ChannelEntry;
  static constexpr auto kFields = std::tuple{
      field(1, "source", &T::source), field(2, "target", &T::target), field(3, "n", &T::n),
      field(4, "item", &T::item),     field(5, "part", &T::part),     field(6, "more", &T::more)};
};

template <>
struct Schema<model::ChannelAck> {
  using T = model::ChannelAck;
  static constexpr auto kFields = std::tuple{
      field(1, "source", &T::source), field(2, "target", &T::target),
      field(3, "applied", &T::applied), field(4, "gap", &T::gap), field(5, "version", &T::version)};
};

template <>
struct Schema<model::Ping> {
  using T = model::Ping;
  static constexpr auto kFields = std::tuple{field(1, "device", &T::device)};
};

template <>
struct Schema<model::Pong> {
  using T = model::Pong;
  static constexpr auto kFields = std::tuple{field(1, "device", &T::device)};
};

template <>
struct Schema<model::WakeUp> {
  using T = model::WakeUp;
  static constexpr auto kFields =
      std::tuple{field(1, "device", &T::device), field(2, "user", &T::user)};
};

template <>
struct Schema<model::Notify> {
  using T = model::Notify;
  static constexpr auto kFields = std::tuple{field(1, "device", &T::device)};
};

template <>
struct Schema<model::Notified> {
  using T = model::Notified;
  static constexpr auto kFields =
      std::tuple{field(1, "device", &T::device), field(2, "outcome", &T::outcome),
                 field(3, "retry_after", &T::retry_after)};
};

template <>
struct Schema<model::Nudge> {
  using T = model::Nudge;
  static constexpr auto kFields = std::tuple{field(1, "device", &T::device)};
};

template <>
struct Schema<model::Dial> {
  using T = model::Dial;
  static constexpr auto kFields = std::tuple{field(1, "device", &T::device)};
};

template <>
struct Schema<model::HangUp> {
  using T = model::HangUp;
  static constexpr auto kFields = std::tuple{field(1, "retry_after", &T::retry_after)};
};

template <>
struct Schema<model::Connected> {
  using T = model::Connected;
  static constexpr auto kFields =
      std::tuple{field(1, "device", &T::device), field(2, "gateway", &T::gateway)};
};

template <>
struct Schema<model::Refused> {
  using T = model::Refused;
  static constexpr auto kFields = std::tuple{field(1, "retry_after", &T::retry_after)};
};

template <>
struct Schema<model::Disconnected> {
  using T = model::Disconnected;
  static constexpr auto kFields = std::tuple{field(1, "retry_after", &T::retry_after)};
};

template <>
struct Schema<model::ChangeMembership> {
  using T = model::ChangeMembership;
  static constexpr auto kFields =
      std::tuple{field(1, "device", &T::device), field(2, "user", &T::user),
                 field(3, "incarnation", &T::incarnation),
                 field(4, "conversation", &T::conversation), field(5, "join", &T::join)};
};

template <>
struct Schema<model::MembershipReply> {
  using T = model::MembershipReply;
  static constexpr auto kFields =
      std::tuple{field(1, "device", &T::device), field(2, "conversation", &T::conversation),
                 field(3, "outcome", &T::outcome)};
};

template <>
struct Schema<model::LogOut> {
  using T = model::LogOut;
  static constexpr auto kFields =
      std::tuple{field(1, "device", &T::device), field(2, "user", &T::user),
                 field(3, "incarnation", &T::incarnation)};
};

template <>
struct Schema<model::LoggedOut> {
  using T = model::LoggedOut;
  static constexpr auto kFields =
      std::tuple{field(1, "device", &T::device), field(2, "incarnation", &T::incarnation)};
};

template <>
struct Schema<model::Frame> {
  static constexpr auto kAlternatives =
      std::tuple{alternative<model::Hello>(1, "hello"),
                 alternative<model::Welcome>(2, "welcome"),
                 alternative<model::HelloStale>(3, "hello_stale"),
                 alternative<model::Register>(4, "register"),
                 alternative<model::Registered>(5, "registered"),
                 alternative<model::SessionClosed>(6, "session_closed"),
                 alternative<model::Evict>(7, "evict"),
                 alternative<model::SendMessage>(8, "send"),
                 alternative<model::SendReply>(9, "send_reply"),
                 alternative<model::Data>(10, "data"),
                 alternative<model::Ack>(11, "ack"),
                 alternative<model::Read>(12, "read"),
                 alternative<model::ReadAck>(13, "read_ack"),
                 alternative<model::Tick>(14, "tick"),
                 alternative<model::TickAck>(15, "tick_ack"),
                 alternative<model::ChannelEntry>(16, "channel"),
                 alternative<model::ChannelAck>(17, "channel_ack"),
                 alternative<model::Ping>(18, "ping"),
                 alternative<model::Pong>(19, "pong"),
                 alternative<model::WakeUp>(20, "wake_up"),
                 alternative<model::Notify>(21, "notify"),
                 alternative<model::Notified>(22, "notified"),
                 alternative<model::Nudge>(23, "nudge"),
                 alternative<model::Dial>(24, "dial"),
                 alternative<model::HangUp>(25, "hang_up"),
                 alternative<model::Connected>(26, "connected"),
                 alternative<model::Refused>(27, "refused"),
                 alternative<model::Disconnected>(28, "disconnected"),
                 alternative<model::ChangeMembership>(29, "change_membership"),
                 alternative<model::MembershipReply>(30, "membership_reply"),
                 alternative<model::LogOut>(31, "log_out"),
                 alternative<model::LoggedOut>(32, "logged_out")};
};

}  // namespace greytick::wire
