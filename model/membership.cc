// Joining and leaving, as the device sees it, and being taken off: a wish is durable, and told to
// the server until the log or the server settles it.
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
  if (run.s.incarnation == Incarnation{} || run.s.leaving) return Step::kDone;
  const PendingChange row{join};
  run.out.put(pending_change_key(run.self(), conversation), row);
  run.out.persist();
  if (run.s.conn.in_session()) {
    send_change(run, conversation, row);
    arm_retry(run);
  }
  return Step::kDone;
}

void send_log_out(Run& run) {
  run.send_up(LogOut{run.self(), run.s.config.user, run.s.incarnation});
  run.s.changes_due =
      std::min(run.s.changes_due, saturating_add(run.t.now, run.s.config.ack_timeout));
  arm_retry(run);
}

Step log_out(Run& run) {
  const Identity* identity = run.v.get<Identity>(run.identity());
  if (!run.v.complete()) return Step::kNeedMore;
  if (identity == nullptr || run.s.incarnation == Incarnation{} || run.s.leaving) {
    return Step::kDone;
  }
  Identity leaving = *identity;
  leaving.leaving = true;
  run.out.put(run.identity(), leaving);
  run.out.persist();
  run.s.leaving = true;
  if (run.s.conn.in_session()) send_log_out(run);
  return Step::kDone;
}

// Nothing of this installation is left, and the app stays away until somebody goes online with it.
Step on_logged_out(Run& run, const LoggedOut& in) {
  if (in.incarnation != run.s.incarnation || run.s.wiping) return Step::kDone;
  begin_again(run);
  go_offline(run);
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
