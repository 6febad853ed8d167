// A shard that moves by agreement: its owner finishes, the lease goes on, and the servers learn of
// the new place one after the other.
#include "model/check.h"
#include "sim/engine/distributions.h"
#include "sim/engine/fingerprint.h"
#include "sim/world/driver.h"

namespace greytick::world {

namespace {
constexpr std::uint64_t kPlaceHint = std::uint64_t{1} << 63;  // others are below
}

std::uint32_t Driver::host(const Address& shard) const {
  const bool conversation = shard.role == Role::kConversation;
  return shards_[conversation ? shard.index : first_mailbox_ + shard.index].process;
}

void Driver::set_member(std::uint32_t process, bool member, Instant) {
  processes_[process].member = member;
}

void Driver::move_shard(const Address& shard, const faults::Move& move, Instant) {
  ShardNode& s = shard_at(shard);
  if (s.instance == nullptr || s.instance->fenced || s.instance->leaving) return;
  if (!serves(processes_[s.process])) return;
  const std::optional<std::uint32_t> to = move.to ? move.to : next_host(s);
  if (!to || *to == s.process || !serves(processes_[*to])) return;
  s.instance->leaving = move;
  s.instance->leaving->to = to;
  if (s.instance->pending.empty()) pass_on(s);
}

// Nothing is lost: all that the old owner wrote is durable, and what it held until then was sent.
void Driver::pass_on(ShardNode& s) {
  const faults::Move move = *s.instance->leaving;
  CHECK(s.instance->waiting.empty());  // nothing has been taken since
  s.instance.reset();
  s.old_place = {.from = s.process, .at = now_, .hint = move.hint};
  // It may have died since it was asked.
  const bool taken = serves(processes_[*move.to]);
  s.process = taken ? *move.to : next_host(s).value_or(s.process);
  s.replay_at_start = move.entries;
  signal(SignalKind::kShardMoved);
  schedule_start(s, move.handover);
}

// The process at which a server looks for the shard. Each server hears of a move at a moment of its
// own; the two between which it moved know at once.
std::uint32_t Driver::place_known(const net::Endpoint& by, const ShardNode& s) const {
  const OldPlace& old = s.old_place;
  if (now_ - old.at >= old.hint) return s.process;
  if (by.kind == net::NodeKind::kProcess && (by.index == s.process || by.index == old.from)) {
    return s.process;
  }
  const std::uint64_t move =
      engine::mix64(by.key()) ^ engine::mix64(static_cast<std::uint64_t>(model::to_ns(old.at)));
  engine::Stream stream =
      streams_.stream(engine::Purpose::kPlacement, engine::mix64(move + number_of(s)) | kPlaceHint);
  const Duration heard =
      engine::to_duration(static_cast<double>(old.hint.count()) * stream.uniform01());
  return now_ - old.at >= heard ? s.process : old.from;
}

}  // namespace greytick::world
