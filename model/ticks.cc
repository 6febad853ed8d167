#include "model/ticks.h"

#include <algorithm>

namespace greytick::model {
namespace {

LogPos before(LogPos position) { return LogPos(position.value() - 1); }

auto covering(TickRegister& reg, LogPos position) {
  return std::ranges::find_if(reg.failed, [position](const FailedInterval& i) {
    return i.from <= position && position <= i.to;
  });
}

}  // namespace

Level level_of(const TickRegister& reg, LogPos position, LogPos sent_upto) {
  if (position > sent_upto) return Level::kPending;
  for (const FailedInterval& i : reg.failed) {
    if (i.from <= position && position <= i.to) return Level::kFailed;
  }
  if (position <= reg.read_upto) return Level::kRead;
  return position <= reg.delivered_upto ? Level::kDelivered : Level::kSent;
}

bool raise_delivered(TickRegister& reg, LogPos upto) {
  if (upto <= reg.delivered_upto) return false;
  reg.delivered_upto = upto;
  reg.version = reg.version.next();
  return true;
}

bool raise_read(TickRegister& reg, LogPos upto) {
  upto = std::min(upto, reg.delivered_upto);
  if (upto <= reg.read_upto) return false;
  reg.read_upto = upto;
  reg.version = reg.version.next();
  return true;
}

bool set_cause(TickRegister& reg, LogPos position, Cause cause, LogPos after) {
  if (const auto it = covering(reg, position); it != reg.failed.end()) {
    if (it->cause == cause) return false;
    const FailedInterval old = *it;
    auto at = reg.failed.erase(it);
    if (position < old.to) at = reg.failed.insert(at, {position.next(), old.to, old.cause});
    if (old.from < position) reg.failed.insert(at, {old.from, before(position), old.cause});
  } else if (cause == Cause::kNone) {
    return false;
  }
  reg.version = reg.version.next();
  if (cause == Cause::kNone) return true;
  auto next = std::ranges::find_if(
      reg.failed, [position](const FailedInterval& i) { return i.from > position; });
  FailedInterval fresh{position, position, cause};
  if (next != reg.failed.end() && next->cause == cause && next->from == position.next()) {
    fresh.to = next->to;
    next = reg.failed.erase(next);
  }
  if (next != reg.failed.begin()) {
    FailedInterval& last = *std::prev(next);
    if (last.cause == cause && (last.to.next() == position || last.to == after)) {
      last.to = fresh.to;
      return true;
    }
  }
  reg.failed.insert(next, fresh);
  return true;
}

}  // namespace greytick::model
