// One machine with its disk and its timers, as the bench keeps it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "model/conversation_shard.h"
#include "model/device.h"
#include "model/gateway.h"
#include "model/machine.h"
#include "model/mailbox_shard.h"
#include "model/push.h"
#include "tests/model/step.h"

namespace greytick::model::script {

using AnyState = std::variant<Device::State, Gateway::State, ConversationShard::State,
                              MailboxShard::State, Push::State>;

/// Invariant: while the disk stalls, `durable` is what a crash would leave, and `held` the sends
/// and notes that wait for the rest.
struct Seat {
  AnyState fresh;  // what a start begins with
  AnyState state;
  Store rows;
  std::optional<Store> durable;
  std::optional<Store> backup;
  std::vector<Output> held;
  std::map<std::pair<Timer, std::uint64_t>, Instant> timers;
  Duration wall_offset{};
  std::uint64_t install_id = 0;  // of a device
  std::uint64_t starts = 0;
  std::uint64_t steps = 0;  // for entropy
};

/// One step, its reads served from the seat's rows; the caller applies the writes. CHECKs the
/// machine's promise that a step which needs more has changed nothing.
void step(Seat& seat, const Stimulus& stimulus, const Input& input, Outputs& out);

}  // namespace greytick::model::script
