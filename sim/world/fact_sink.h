// Where a world reports to: facts for judges, signals for metrics.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "model/fact.h"
#include "model/ids.h"
#include "model/time.h"

namespace greytick::world {

/// What a metric needs and no fact says. Beside each: what `value` holds; 0 where nothing is said.
enum class SignalKind : std::uint8_t {
  kAttempt,         // a device dialled
  kRefused,         // a full accept queue turned a dial away
  kSessionLost,     // the device knows that its session is gone, and did not want that
  kResent,          // a SEND was sent again
  kPush,            // a request reached the push provider
  kPushError,       // which did not accept it
  kFrameLost,       // with a broken connection
  kConnectionLost,  // ended without a close
  kLeaseChange,     // a shard changed hands, and its old owner was not asked
  kShardMoved,      // a shard changed hands by agreement
  kMisrouted,       // a frame reached a process that does not run its shard any more
  kGatewayDrained,  // a gateway closed its last session
  kSynced,          // a store's group commit; value: ns from first persist to durable
  kLoggedIn,        // value: ns from the start of the attempt to the session open
  kFlushed,         // value: ns from session open to an empty mailbox, where something waited
  kWoken,           // value: ns from push request to session open
  kDetected,        // value: ns from a connection's silent death to its side noticing
  kMailboxDepth,    // value: entries of one mailbox after it grew
  kChannelDepth,    // value: entries of one channel after it grew
  kStoreBytes,      // value: bytes on one store's disk
  kSessionBytes,    // value: unsent bytes of one connection after it grew
  kSessionEnded,    // the device went away by its own will, or its app died
};
inline constexpr std::size_t kSignalKinds = static_cast<std::size_t>(SignalKind::kSessionEnded) + 1;

struct Signal {
  SignalKind kind{};
  model::DeviceId device{};  // where one is concerned
  std::int64_t value = 0;
};

/// The receiver of everything a run tells, in the order of simulated time.
class FactSink {
 public:
  virtual ~FactSink() = default;
  virtual void on_fact(model::Instant at, const model::Fact& fact) = 0;
  /// A fact about this stream, at this device, comes soon, or (`next`) very soon: time to ask for
  /// the memory that it will want. A hint, which may be wrong and changes nothing.
  virtual void foresee(const model::StreamId&, model::DeviceId, bool next) {
    static_cast<void>(next);
  }
  /// Judges ignore signals.
  virtual void on_signal(model::Instant, const Signal&) {}
  /// With `wire: encoded`: the bytes of a frame that `by` sends, or of a record that it stores.
  virtual void on_bytes(model::Instant, const model::Address& by, std::span<const std::uint8_t>) {
    static_cast<void>(by);
  }
};

}  // namespace greytick::world
