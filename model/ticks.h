// Arithmetic of a tick register: what one recipient device has done in one conversation. Marks only
// grow; a failed position may be corrected only where it was `unconfirmed`.
#pragma once

#include "model/frame.h"

namespace greytick::model {

/// What a sender shows for one of its messages.
enum class Level : std::uint8_t { kPending, kSent, kDelivered, kRead, kFailed };

/// Level of the message at `position`, which is known to be SENT when position <= sent_upto.
[[nodiscard]] Level level_of(const TickRegister& reg, LogPos position, LogPos sent_upto);

/// Each returns true when the register changed, and then its version has grown by one.
bool raise_delivered(TickRegister& reg, LogPos upto);
/// READ never exceeds DELIVERED: a client that reads what it never acknowledged is cut short.
bool raise_read(TickRegister& reg, LogPos upto);
/// Gives `position` another cause; kNone takes an `unconfirmed` failure back. A failure joins an
/// interval of the same cause next to it.
///
/// after: the position due to this recipient just before `position`, or zero when that is not
///        known. What lies between the two is nobody's loss (the recipient's own messages), so an
///        interval that ends at `after` is next to `position` too. A guess would not do: a message
///        that still waits there would be shown as failed.
bool set_cause(TickRegister& reg, LogPos position, Cause cause, LogPos after = {});

}  // namespace greytick::model
