// Names and positions. An Id is a name: it compares and prints. A Seq is a position: it has a
// successor and a distance. Neither converts to the other, or to an integer, by itself.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace greytick::model {

/// A name. Rep is an unsigned integer; zero is a valid name.
template <class Tag, class Rep = std::uint64_t>
class Id {
 public:
  using rep = Rep;
  constexpr Id() = default;
  constexpr explicit Id(Rep value) : value_(value) {}
  [[nodiscard]] constexpr Rep value() const { return value_; }
  friend constexpr auto operator<=>(const Id&, const Id&) = default;

 private:
  Rep value_ = 0;
};

/// A position in a stream that starts at 1; zero is "before the first".
template <class Tag>
class Seq {
 public:
  constexpr Seq() = default;
  constexpr explicit Seq(std::uint64_t value) : value_(value) {}
  [[nodiscard]] constexpr std::uint64_t value() const { return value_; }
  [[nodiscard]] constexpr Seq next() const { return Seq(value_ + 1); }
  [[nodiscard]] constexpr Seq plus(std::uint64_t steps) const { return Seq(value_ + steps); }
  /// Steps from `earlier` up to this one; the caller knows that earlier <= *this.
  friend constexpr std::uint64_t operator-(const Seq& later, const Seq& earlier) {
    return later.value_ - earlier.value_;
  }
  friend constexpr auto operator<=>(const Seq&, const Seq&) = default;

 private:
  std::uint64_t value_ = 0;
};

using UserId = Id<struct UserTag, std::uint32_t>;
using DeviceId = Id<struct DeviceTag, std::uint32_t>;  // one installation slot of a user's phone
using ConversationId = Id<struct ConversationTag>;     // below 2^40, so that it packs into keys
using GatewayId = Id<struct GatewayTag, std::uint32_t>;
using ConnectionId = Id<struct ConnectionTag, std::uint32_t>;  // one socket; never reused in a run
using Nonce = Id<struct NonceTag>;
/// The place of a device among the members of a conversation: given out once, from 1, below 2^24.
using MemberNumber = Id<struct MemberNumberTag, std::uint32_t>;

using Incarnation =
    Seq<struct IncarnationTag>;  // of a device: one per installation, issued by registration
using ClientSeq = Seq<struct ClientSeqTag>;    // cseq: a device's messages in one conversation
using LogPos = Seq<struct LogPosTag>;          // k: position in the log of a conversation
using MailboxSeq = Seq<struct MailboxSeqTag>;  // mseq: position in the mailbox of a device
using ChannelSeq = Seq<struct ChannelSeqTag>;  // position in the channel between two shards
using SessionEpoch =
    Seq<struct SessionEpochTag>;               // of a mailbox: grows when a session opens or closes
using HelloSeq = Seq<struct HelloSeqTag>;      // a device's own count of its HELLOs
using LeaseEpoch = Seq<struct LeaseEpochTag>;  // fencing number of a shard's owner
using TickVersion = Seq<struct TickVersionTag>;  // of a tick register

/// 128 bits chosen when the app creates a message, ordered by time (UUID version 7, RFC 9562).
struct MessageId {
  std::uint64_t high = 0, low = 0;
  friend constexpr auto operator<=>(const MessageId&, const MessageId&) = default;
};

/// The five roles of the core, and the two outside parties that machines exchange frames with.
enum class Role : std::uint8_t {
  kDevice,
  kGateway,
  kConversation,
  kMailbox,
  kPush,
  kTransport,  // dials, hangs up, reports connections
  kProvider,   // the phone maker's push service
};

/// Where a frame goes or came from. `connection` is set between a device and its gateway, else
/// zero.
struct Address {
  Role role = Role::kDevice;
  std::uint32_t index = 0;
  ConnectionId connection{};
  friend constexpr auto operator<=>(const Address&, const Address&) = default;
};

}  // namespace greytick::model

template <class Tag, class Rep>
struct std::hash<greytick::model::Id<Tag, Rep>> {
  std::size_t operator()(const greytick::model::Id<Tag, Rep>& id) const noexcept {
    return std::hash<Rep>{}(id.value());
  }
};
template <class Tag>
struct std::hash<greytick::model::Seq<Tag>> {
  std::size_t operator()(const greytick::model::Seq<Tag>& seq) const noexcept {
    return std::hash<std::uint64_t>{}(seq.value());
  }
};
