// Frames on their way and records on a disk as bytes, for runs with `wire: encoded`. What goes in
// comes out again, so such a run is that of `wire: struct`; it shows that the codec loses nothing
// that a machine or a judge would miss.
#pragma once

#include <cstdint>
#include <span>

#include "model/frame.h"
#include "model/machine.h"
#include "model/wire/codec.h"
#include "sim/engine/random.h"
#include "sim/memory/slab.h"

namespace greytick::world {

/// What went through the codec.
struct LetterCounts {
  std::uint64_t frames = 0, records = 0;
  std::uint64_t spoilt = 0;   // frames that arrived damaged
  std::uint64_t refused = 0;  // of those, seen to be no frame by the decoder alone
};

class Letters {
 public:
  static constexpr std::uint32_t kNone = 0xffff'ffff;

  /// encoded: of the scenario; without it only encoded() may be called.
  Letters(bool encoded, const engine::Streams& streams);

  [[nodiscard]] bool encoded() const { return encoded_; }
  /// The letter that holds the bytes of the frame. kNone when it is beyond the limits of the codec
  /// (more content than any server takes): it has none, and travels as it is.
  std::uint32_t write(const model::Frame& frame);
  /// The frame in the letter, which is gone then.
  model::Frame read(std::uint32_t letter);
  /// The letter arrives damaged and is gone then. The decoder gets it before any checksum: it may
  /// refuse it or take it for another frame, of which nothing comes.
  void spoil(std::uint32_t letter);
  /// The letter never arrives.
  void lose(std::uint32_t letter) { letters_.erase(letter); }

  /// The bytes in a letter.
  [[nodiscard]] std::span<const std::uint8_t> bytes(std::uint32_t letter) const {
    return letters_[letter];
  }

  /// Replaces each record by what its bytes give back, after seen(bytes); one beyond the limits
  /// stays.
  template <class Seen>
  void store(std::span<model::Write> writes, Seen&& seen) {
    for (model::Write& w : writes) {
      if (w.record && encode(*w.record)) {
        seen(std::span<const std::uint8_t>(scratch_));
        decode(*w.record);
      }
    }
  }

  [[nodiscard]] const LetterCounts& counts() const { return counts_; }

 private:
  bool encode(const model::Record& record);  // into scratch_
  void decode(model::Record& record);        // out of it

  bool encoded_;
  memory::Slab<wire::Bytes> letters_;
  wire::Bytes scratch_;
  std::uint64_t damage_;  // state of the draws that damage
  LetterCounts counts_;
};

}  // namespace greytick::world
