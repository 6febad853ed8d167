// Owns users: the mailboxes of their devices, their sessions, and the ticks on their way to them.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/channel.h"
#include "model/clock_guard.h"
#include "model/machine.h"
#include "model/placement.h"

namespace greytick::model {

struct MailboxShard {
  struct Config {
    Version version = Version::k2;              // of the process
    std::uint32_t window = 256;                 // W: entries offered and unacknowledged
    std::uint64_t deliver_bytes = 1024 * 1024;  // the same, in bytes; one entry is always offered
    std::uint64_t mailbox_max =
        100'000;  // entries of one device; a further one becomes a tombstone
    Duration retention = std::chrono::hours(24 * 30);  // TTL
    Duration settle = std::chrono::hours(24);          // D: an in-doubt entry settles at TTL + D
    Duration redeliver_after = std::chrono::seconds(10);
    std::uint32_t strikes_max = 3;  // redeliveries without progress before the session is ended
    Duration push_again_after = std::chrono::seconds(30);
    Duration push_again_max = std::chrono::hours(6);
    Duration sweep_every = std::chrono::minutes(1);
    friend bool operator==(const Config&, const Config&) = default;
  };
  /// An open session, as this process knows it. After a restart there is none, and a mailbox that
  /// still says "open" is closed when it is first touched.
  struct Session {
    MailboxSeq sent_upto;             // handed to the gateway
    MailboxSeq acked;                 // as of the last look of kRedeliver
    std::uint64_t unacked_bytes = 0;  // of the entries above the mailbox's `acked`, up to sent_upto
    std::uint32_t strikes = 0;
    bool armed = false;  // kRedeliver is set
    friend bool operator==(const Session&, const Session&) = default;
  };
  /// Wake-ups asked for while something waits and there is no session.
  struct Asked {
    std::uint32_t attempts = 0;
    Instant last{};
    friend bool operator==(const Asked&, const Asked&) = default;
  };
  struct State {
    Config config;
    Placement placement;
    Address self;
    LeaseEpoch lease;
    bool started = false;
    ClockGuard clock;
    ChannelPaces paces;
    AcksDue acks;
    boost::unordered_flat_map<DeviceId, Session, std::hash<DeviceId>> sessions;  // never iterated
    // Of devices that went; never iterated.
    boost::unordered_flat_map<DeviceId, Asked, std::hash<DeviceId>> pushed;
    friend bool operator==(const State&, const State&) = default;
  };

  static ReadSet keys_of(const State& state, const Input& input);
  static Step handle(State& state, const Stimulus& t, const Input& input, View& view, Outputs& out);
};

}  // namespace greytick::model
