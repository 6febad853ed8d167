// What an event of a world is. The values reach fingerprints: append, never renumber.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace greytick::world {

enum class EventKind : std::uint8_t {
  kFault,          // the injector has something to do
  kToDevice,       // body: parcel; target: device node
  kToGateway,      // body: parcel
  kToShard,        // body: parcel
  kToPush,         // body: parcel
  kEstablished,    // body: connection
  kWireReset,      // body: connection
  kWireGiveUp,     // body: connection; TCP may have waited long enough
  kHandoff,        // body: connection; the device leaves its network
  kRadioBack,      // target: user
  kDrainStep,      // body: connection; a draining gateway closes it
  kShardDurable,   // body: instance
  kDeviceDurable,  // body: life of the device's app
  kShardStart,     // body: token
  kLeaseExpired,   // target: process; body: its outage
  kFencedEnds,     // body: instance; the renewal of a lost lease fails
  kDeviceTimer,    // body: timer; target: device node
  kGatewayTimer,   // body: user
  kShardTimer,     // body: timer and entity
  kPushTimer,      // body: user
  kProviderAsked,  // target: user; a request has reached the push provider
  kNudge,          // target: user; body: 1 if the phone wakes
  kOnline,         // target: user; body: 1 at the first login of a user who was there already
  kOffline,        // target: user
  kWakeEnds,       // target: user
  kTalk,           // body: conversation under way
  kArrival,        // somebody begins to talk
  kRecorded,       // the next row of the trace
  kRead,           // target: device node; body: read
  kScript,         // body: action
  kDrainConnect,   // target: user
};
inline constexpr std::size_t kEventKinds = static_cast<std::size_t>(EventKind::kDrainConnect) + 1;

std::string_view event_name(EventKind kind);  // "to_device", ...

}  // namespace greytick::world
