// Owns conversations: decides the order of their messages, once, and hands each to the shards of
// its recipients.
#pragma once

#include "model/channel.h"
#include "model/clock_guard.h"
#include "model/machine.h"
#include "model/placement.h"

namespace greytick::model {

struct ConversationShard {
  struct Config {
    Version version = Version::k2;             // of the process
    std::uint64_t channel_max = 100'000;       // unacknowledged entries; beyond it RETRYABLE
    std::uint64_t bytes_reserve = 1ULL << 26;  // free bytes below which SENDs are refused
    std::uint32_t content_max = 64 * 1024;     // bytes of one message; beyond it REJECTED
    std::uint32_t members_max = 1024;          // users of one conversation
    Duration retry_after = std::chrono::seconds(2);
    friend bool operator==(const Config&, const Config&) = default;
  };
  struct State {
    Config config;
    Placement placement;
    Address self;
    LeaseEpoch lease;
    bool started = false;
    bool short_of_room = false;
    bool clock_jumped = false;  // so that one jump is counted once
    ClockGuard clock;
    ChannelPaces paces;  // channels to mailbox shards
    AcksDue acks;        // channels from mailbox shards
    friend bool operator==(const State&, const State&) = default;
  };

  static ReadSet keys_of(const State& state, const Input& input);
  static Step handle(State& state, const Stimulus& t, const Input& input, View& view, Outputs& out);
};

}  // namespace greytick::model
