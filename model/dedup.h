// Is this SEND new? One high-water mark per (device, conversation) answers for ever: permanent,
// eight bytes, no window of time. The responses to the last few messages are kept so that a retry
// gets the very same answer.
#pragma once

#include "model/record.h"

namespace greytick::model {

enum class Dedup : std::uint8_t {
  kNew,               // the next one: store it
  kRepeat,            // answered before, and the answer is still here
  kForgotten,         // answered before, and the device has acknowledged the answer
  kConflict,          // another message holds this cseq
  kGap,               // one before it has not been seen
  kStaleIncarnation,  // of an installation that was replaced
};

/// stream:   the stored dedup state, or nullptr when this device never wrote here.
/// response: the ring slot of send.cseq, or nullptr.
[[nodiscard]] inline Dedup dedup(const Stream* stream, const Response* response,
                                 const SendMessage& send) {
  const Incarnation known = stream != nullptr ? stream->incarnation : Incarnation{};
  if (send.stream.incarnation < known) return Dedup::kStaleIncarnation;
  // Streams of a new installation restart at 1.
  const bool fresh = stream == nullptr || send.stream.incarnation > known;
  const ClientSeq high_water = fresh ? ClientSeq{} : stream->high_water;
  if (send.cseq > high_water.next()) return Dedup::kGap;
  if (send.cseq == high_water.next()) return Dedup::kNew;
  if (response == nullptr || response->cseq != send.cseq ||
      response->incarnation != send.stream.incarnation) {
    return Dedup::kForgotten;
  }
  return response->id == send.id ? Dedup::kRepeat : Dedup::kConflict;
}

}  // namespace greytick::model
