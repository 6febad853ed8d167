// After the horizon: everything heals, and whatever waits gets its chance to arrive.
#include <algorithm>

#include "model/check.h"
#include "sim/engine/distributions.h"
#include "sim/world/driver.h"

namespace greytick::world {

using model::Table;

namespace {
constexpr std::uint32_t kFootprintsMax = 4096;
}

std::uint64_t Driver::rows_pending() const {
  std::uint64_t rows = 0;
  for (const ShardNode& s : shards_) {
    rows += s.store.rows(Table::kOutgoing) + s.store.rows(Table::kEntry) +
            s.store.rows(Table::kBody) + s.store.rows(Table::kTickSlot);
  }
  return rows + phones_.rows(Table::kOutbox) + phones_.rows(Table::kPendingRead) +
         phones_.rows(Table::kPendingChange);
}

bool Driver::drained() const { return draining_ && rows_pending() == 0 && pool_.in_use() == 0; }

// Something of theirs waits for their phone, or on it.
bool Driver::has_backlog(std::uint32_t device) {
  if (provisioned_[device] == 0) return false;
  const DeviceId d(device);
  const Store& home =
      shard_at(placement_.mailbox_shard(model::UserId(people_.user_of(device)))).store;
  const auto* mailbox = home.get<model::Mailbox>(model::mailbox_key(d));
  if (mailbox != nullptr && (mailbox->tail > mailbox->acked || mailbox->retiring)) return true;
  bool found = false;
  const auto note = [&](std::uint64_t, const auto&) { found = true; };
  home.each_of<model::TickSlot>(device, note);
  const Store& own = phones_;
  own.each_of<model::Outbox>(device, note);
  own.each_of<model::PendingRead>(device, note);
  own.each_of<model::PendingChange>(device, note);
  const auto* identity = own.get<model::Identity>(model::identity_key(d));
  if (found || identity == nullptr) return found;
  // It has still to be registered, or to log out.
  return identity->leaving ||
         (identity->incarnation == model::Incarnation{} && !is_unlinked(device));
}

void Driver::begin_drain() {
  CHECK(!draining_);
  draining_ = true;
  drain_from_ = now_;
  chain_ = &chains_.front();
  injector_->heal_all(now_);
  tell_footprints();
  footprints_told_ = false;
  for (std::uint32_t device = 0; device < people_.devices(); ++device) {
    if (!network_.radio_up(device)) {
      network_.set_radio(device, true);
      radio_changed(device, now_);
    }
    if (has_backlog(device)) plan_connect(device);
  }
}

// One after the other, at a rate that the gateways can take.
void Driver::plan_connect(std::uint32_t device) {
  std::uint64_t& word = connect_planned_[device / 64];
  const std::uint64_t bit = std::uint64_t{1} << (device % 64);
  if ((word & bit) != 0) return;
  word |= bit;
  const double rate = std::max(scenario_.drain.connect_rate.per_second, 1e-3);
  const Instant turn =
      drain_from_ + engine::to_duration(1e9 * static_cast<double>(connects_planned_++) / rate);
  schedule(world_origin_, std::max(now_, turn), EventClass::kApp, EventKind::kDrainConnect, device,
           0);
}

void Driver::drain_connect(std::uint32_t device) {
  DeviceNode& n = node_of(device);
  if (!n.alive) {
    n.held = false;
    start_app(n);
  }
  if (!n.wants || !n.machine.conn.in_session()) go_online(n);
}

// What the servers keep for a sample of the devices; never more than a constant and what waits.
void Driver::tell_footprints() {
  footprints_told_ = true;
  std::uint32_t known = 0;
  for (const std::uint8_t p : provisioned_) known += p;
  const std::uint32_t each = known / kFootprintsMax + 1;
  std::uint32_t seen = 0;
  for (std::uint32_t device = 0; device < people_.devices(); ++device) {
    if (provisioned_[device] == 0 || seen++ % each != 0) continue;
    const DeviceId d(device);
    const Store& home =
        shard_at(placement_.mailbox_shard(model::UserId(people_.user_of(device)))).store;
    model::Footprint f{d, Store::row_bytes(Table::kMailbox) + Store::row_bytes(Table::kUserDevice),
                       0, 0};
    const auto* mailbox = home.get<model::Mailbox>(model::mailbox_key(d));
    if (mailbox == nullptr) continue;  // it has still to be registered
    f.waiting = mailbox->tail - mailbox->acked;
    f.bytes += f.waiting * Store::row_bytes(Table::kEntry);
    if (mailbox->due_bucket != 0) f.bytes += Store::row_bytes(Table::kDue);
    home.each_of<model::TickSlot>(device, [&](std::uint64_t, const model::TickSlot& slot) {
      ++f.waiting;
      f.bytes += Store::row_bytes(Table::kTickSlot) +
                 slot.value.failed.size() * sizeof(model::FailedInterval);
    });
    home.each_of<model::UserConversation>(
        people_.user_of(device), [&](std::uint64_t sub, const auto&) {
          const model::ConversationId c(sub);
          ++f.conversations;
          f.bytes += Store::row_bytes(Table::kUserConversation) + Store::row_bytes(Table::kMember) +
                     Store::row_bytes(Table::kConversation);
          if (const auto* r = home.get<model::DeviceRegister>(model::register_key(d, c))) {
            f.bytes += Store::row_bytes(Table::kRegister) +
                       r->value.failed.size() * sizeof(model::FailedInterval);
          }
          const Store& theirs = shard_at(placement_.conversation_shard(c)).store;
          if (theirs.get<model::Stream>(model::stream_key(c, d)) == nullptr) return;
          f.bytes += Store::row_bytes(Table::kStream);
          for (std::uint64_t n = 0; n < model::kResponseRing; ++n) {
            const model::Key key = model::response_key(c, d, model::ClientSeq(n));
            // An answer that its device has not acknowledged waits, as an entry does.
            if (theirs.get<model::Response>(key) != nullptr) {
              ++f.waiting;
              f.bytes += Store::row_bytes(Table::kResponse);
            }
          }
        });
    emit(f);
  }
}

}  // namespace greytick::world
