// Joining and leaving, as the device sees it: a wish is durable, and told to the server until the
// log or the server settles it.
#include <algorithm>

#include "model/device_steps.h"

namespace greytick::model::device {
namespace {

void send_change(Run& run, ConversationId conversation, const PendingChange& row) {
  run.send_up(
      ChangeMembership{run.self(), run.s.config.user, run.s.incarnation, conversation, row.join});
  run.s.changes_due =
      std::min(run.s.changes_due, saturating_add(run.t.now, run.s.config.ack_timeout));
}

}  // namespace

Range pending_changes(const Run& run) {
  return {Table::kPendingChange, run.self().value(), 0, ~std::uint64_t{0}, kChangesAStep};
}

void send_changes(Run& run, const Rows<PendingChange>& rows) {
  run.s.changes_due = kNever;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    send_change(run, ConversationId(rows[i].sub), rows[i].record);
  }
  arm_retry(run);
}

Step change_membership(Run& run, ConversationId conversation, bool join) {
  if (run.s.incarnation == Incarnation{}) return Step::kDone;
  const PendingChange row{join};
  run.out.put(pending_change_key(run.self(), conversation), row);
  run.out.persist();
  if (run.s.conn.in_session()) {
    send_change(run, conversation, row);
    arm_retry(run);
  }
  return Step::kDone;
}

bool settles(const PendingChange* row, const Run& run, const Message& message) {
  if (row == nullptr || message.sender != run.s.config.user) return false;
  return row->join ? is_join(message.kind) : message.kind == EntryKind::kLeft;
}

Step on_membership_reply(Run& run, const MembershipReply& in) {
  const Key key = pending_change_key(run.self(), in.conversation);
  const auto* row = run.v.get<PendingChange>(key);
  if (!run.v.complete()) return Step::kNeedMore;
  // An answer to the wish before this one says nothing of it.
  if (row == nullptr || row->join == (in.outcome == MembershipOutcome::kLeft)) return Step::kDone;
  run.out.erase(key);
  run.out.persist();
  return Step::kDone;
}

}  // namespace greytick::model::device
