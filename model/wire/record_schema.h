// record.proto in C++, in its order.
#pragma once

#include <tuple>

#include "model/record.h"
#include "model/wire/schema.h"

namespace greytick::wire {

template <>
struct Schema<model::Conversation> {
  using T = model::Conversation;
  static constexpr auto kFields =
      std::tuple{field(1, "head", &T::head), field(2, "devices", &T::devices),
                 field(3, "users", &T::users), field(4, "last_number", &T::last_number)};
};

template <>
struct Schema<model::Member> {
  using T = model::Member;
  static constexpr auto kFields = std::tuple{field(1, "who", &T::who)};
};

template <>
struct Schema<model::Stream> {
  using T = model::Stream;
  static constexpr auto kFields =
      std::tuple{field(1, "incarnation", &T::incarnation), field(2, "high_water", &T::high_water),
                 field(3, "acked", &T::acked)};
};

template <>
struct Schema<model::Response> {
  using T = model::Response;
  static constexpr auto kFields = std::tuple{field(1, "incarnation", &T::incarnation),
                                             field(2, "cseq", &T::cseq),
                                             field(3, "id", &T::id),
                                             field(4, "code", &T::code),
                                             field(5, "reason", &T::reason),
                                             field(6, "position", &T::position),
                                             field(7, "accepted_at", &T::accepted_at),
                                             field(8, "audience", &T::audience),
                                             field(9, "last_number", &T::last_number)};
};

template <>
struct Schema<model::ChannelOut> {
  using T = model::ChannelOut;
  static constexpr auto kFields =
      std::tuple{field(1, "last", &T::last), field(2, "acked", &T::acked)};
};

template <>
struct Schema<model::Outgoing> {
  using T = model::Outgoing;
  static constexpr auto kFields = std::tuple{field(1, "item", &T::item)};
};

template <>
struct Schema<model::ChannelIn> {
  using T = model::ChannelIn;
  static constexpr auto kFields =
      std::tuple{field(1, "applied", &T::applied), field(2, "parts", &T::parts)};
};

template <>
struct Schema<model::ShardClock> {
  using T = model::ShardClock;
  static constexpr auto kFields = std::tuple{field(1, "watermark", &T::watermark)};
};

template <>
struct Schema<model::Mailbox> {
  using T = model::Mailbox;
  static constexpr auto kFields = std::tuple{field(1, "user", &T::user),
                                             field(2, "incarnation", &T::incarnation),
                                             fixed(3, "install_id", &T::install_id),
                                             field(4, "tail", &T::tail),
                                             field(5, "acked", &T::acked),
                                             field(6, "offered_upto", &T::offered_upto),
                                             field(7, "swept_upto", &T::swept_upto),
                                             field(8, "epoch", &T::epoch),
                                             field(9, "session_open", &T::session_open),
                                             field(10, "retiring", &T::retiring),
                                             field(11, "gateway", &T::gateway),
                                             field(12, "hello_seq", &T::hello_seq),
                                             fixed(13, "hello_nonce", &T::hello_nonce),
                                             field(14, "last_deadline", &T::last_deadline),
                                             field(15, "due_bucket", &T::due_bucket),
                                             field(16, "logged_out", &T::logged_out),
                                             field(17, "version", &T::version)};
};

template <>
struct Schema<model::Entry> {
  using T = model::Entry;
  static constexpr auto kFields = std::tuple{
      field(1, "message", &T::message), field(2, "deadline", &T::deadline),
      field(3, "cause", &T::cause), field(4, "number", &T::number), field(5, "shared", &T::shared)};
};

template <>
struct Schema<model::Body> {
  using T = model::Body;
  static constexpr auto kFields =
      std::tuple{field(1, "content", &T::content), field(2, "entries", &T::entries)};
};

template <>
struct Schema<model::Due> {
  using T = model::Due;
  static constexpr auto kFields = std::tuple{field(1, "device", &T::device)};
};

template <>
struct Schema<model::DeadLetter> {
  using T = model::DeadLetter;
  static constexpr auto kFields =
      std::tuple{field(1, "message", &T::message), field(2, "incarnation", &T::incarnation),
                 field(3, "cause", &T::cause)};
};

template <>
struct Schema<model::DeviceRegister> {
  using T = model::DeviceRegister;
  static constexpr auto kFields =
      std::tuple{field(1, "number", &T::number), field(2, "value", &T::value),
                 field(3, "in_group", &T::in_group)};
};

template <>
struct Schema<model::TickSlot> {
  using T = model::TickSlot;
  static constexpr auto kFields =
      std::tuple{field(1, "recipient", &T::recipient), field(2, "value", &T::value),
                 field(3, "user", &T::user)};
};

template <>
struct Schema<model::UserConversation> {
  using T = model::UserConversation;
  static constexpr auto kFields = std::tuple{field(1, "joined", &T::joined)};
};

template <>
struct Schema<model::UserDevice> {
  static constexpr std::tuple<> kFields{};
};

template <>
struct Schema<model::PendingChange> {
  using T = model::PendingChange;
  static constexpr auto kFields = std::tuple{field(1, "join", &T::join)};
};

template <>
struct Schema<model::Identity> {
  using T = model::Identity;
  static constexpr auto kFields = std::tuple{field(1, "user", &T::user),
                                             fixed(2, "install_id", &T::install_id),
                                             field(3, "incarnation", &T::incarnation),
                                             field(4, "hello_seq", &T::hello_seq),
                                             field(5, "cursor", &T::cursor),
                                             field(6, "leaving", &T::leaving)};
};

template <>
struct Schema<model::Thread> {
  using T = model::Thread;
  static constexpr auto kFields =
      std::tuple{field(1, "unread", &T::unread),       field(2, "next", &T::next),
                 field(3, "acked", &T::acked),         field(4, "settled", &T::settled),
                 field(5, "sent_upto", &T::sent_upto), field(6, "applied_upto", &T::applied_upto),
                 field(7, "read_upto", &T::read_upto), field(8, "ticks_ahead", &T::ticks_ahead),
                 field(9, "in_group", &T::in_group),   field(10, "devices", &T::devices)};
};

template <>
struct Schema<model::Outbox> {
  using T = model::Outbox;
  static constexpr auto kFields =
      std::tuple{field(1, "id", &T::id), field(2, "dep", &T::dep), field(3, "content", &T::content),
                 field(4, "composed_at", &T::composed_at)};
};

template <>
struct Schema<model::PendingRead> {
  using T = model::PendingRead;
  static constexpr auto kFields =
      std::tuple{field(1, "upto", &T::upto), field(2, "senders", &T::senders)};
};

template <>
struct Schema<model::MemberTicks> {
  using T = model::MemberTicks;
  static constexpr auto kFields = std::tuple{
      field(1, "member", &T::member), field(2, "value", &T::value), field(3, "user", &T::user)};
};

template <>
struct Schema<model::GroupMessage> {
  using T = model::GroupMessage;
  static constexpr auto kFields =
      std::tuple{field(1, "audience", &T::audience), field(2, "last_number", &T::last_number),
                 field(3, "delivered", &T::delivered), field(4, "read", &T::read)};
};

template <>
struct Schema<model::Roster> {
  using T = model::Roster;
  static constexpr auto kFields = std::tuple{field(1, "members", &T::members)};
};

template <>
struct Schema<model::Record> {
  static constexpr auto kAlternatives =
      std::tuple{alternative<model::Conversation>(1, "conversation"),
                 alternative<model::Member>(2, "member"),
                 alternative<model::Stream>(3, "stream"),
                 alternative<model::Response>(4, "response"),
                 alternative<model::ChannelOut>(5, "channel_out"),
                 alternative<model::Outgoing>(6, "outgoing"),
                 alternative<model::ChannelIn>(7, "channel_in"),
                 alternative<model::ShardClock>(8, "shard_clock"),
                 alternative<model::Mailbox>(9, "mailbox"),
                 alternative<model::Entry>(10, "entry"),
                 alternative<model::Due>(11, "due"),
                 alternative<model::DeadLetter>(12, "dead_letter"),
                 alternative<model::DeviceRegister>(13, "device_register"),
                 alternative<model::TickSlot>(14, "tick_slot"),
                 alternative<model::UserConversation>(15, "user_conversation"),
                 alternative<model::Identity>(16, "identity"),
                 alternative<model::Thread>(17, "thread"),
                 alternative<model::Outbox>(18, "outbox"),
                 alternative<model::PendingRead>(19, "pending_read"),
                 alternative<model::MemberTicks>(20, "member_ticks"),
                 alternative<model::PendingChange>(21, "pending_change"),
                 alternative<model::UserDevice>(22, "user_device"),
                 alternative<model::Body>(23, "message_body"),
                 alternative<model::GroupMessage>(24, "group_message"),
                 alternative<model::Roster>(25, "roster")};
};

}  // namespace greytick::wire
