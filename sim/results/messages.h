// The messages that are not read yet, as far as latencies need them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/check.h"
#include "model/ids.h"
#include "model/time.h"
#include "sim/engine/fingerprint.h"
#include "sim/memory/index_table.h"

namespace greytick::results {

/// One message on its way. Stages are passed in any order, each counts once.
struct InTransit {
  enum Stage : std::uint8_t {
    kOnline = 1,  // its recipient was in session at commit
    kCommitted = 2,
    kApplied = 4,
    kSentShown = 8,
    kDeliveredShown = 16,
    kReadShown = 32,
    kSettled = 64,  // without being applied, or rejected
    kFailedShown = 128,
  };
  model::Instant created;
  std::uint64_t position = 0;  // 0 until committed
  std::uint32_t cseq = 0;      // a stream ends below 2^24
  std::uint32_t next = 0;      // of the same stream, ascending by cseq
  std::uint8_t stages = 0;
  // Devices that are due a copy, have it not yet, and of the recipients' those shown as failed.
  std::uint16_t copies = 0, waiting = 0, failed = 0;
  // Users other than the sender: how many there are; of one with several devices, whether it is
  // shown as having it on some device, as having read it.
  std::uint16_t recipients = 0, delivered = 0, read = 0;

  /// Several devices get it: of a group, or of users with more than one.
  [[nodiscard]] bool to_several() const { return copies > 1; }
};

/// Invariant: the messages of a stream form a list in the order they were created, and its head is
/// not finished: not arrived (applied or settled), or not shown as READ or FAILED.
class Messages {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  /// The messages of one stream, as places in the pool. Never empty.
  struct Stream {
    std::uint32_t head = kNone, tail = kNone, hint = kNone;
    std::array<std::uint32_t, 3> ticked = {kNone, kNone, kNone};  // first that it does not cover
  };

  void create(const model::StreamId& stream, model::ClientSeq cseq, model::Instant at) {
    const std::uint32_t slot = take_slot();
    pool_[slot] = {.created = at, .cseq = static_cast<std::uint32_t>(cseq.value()), .next = kNone};
    Stream* known = of(stream);
    if (known == nullptr) {
      streams_.insert(key_of(stream),
                      {.head = slot, .tail = slot, .hint = slot, .ticked = {slot, slot, slot}});
    } else {
      Stream& list = *known;
      pool_[list.tail].next = slot;
      list.tail = slot;
      for (std::uint32_t& cursor : list.ticked) {
        if (cursor == kNone) cursor = slot;
      }
    }
  }

  /// The messages of one stream that are held; nullptr when there is none. Good until the next
  /// create() or trim().
  Stream* of(const model::StreamId& stream) { return streams_.find(key_of(stream)); }

  /// Asks for the memory of a stream, in two steps some time apart.
  void foresee(const model::StreamId& stream, bool next) const {
    next ? streams_.prefetch_row(key_of(stream)) : streams_.prefetch_cell(key_of(stream));
  }

  /// The message, or nullptr when it is finished or was never created here.
  InTransit* find(const model::StreamId& stream, model::ClientSeq cseq) {
    Stream* list = of(stream);
    if (list == nullptr) return nullptr;
    // Streams move in order, so the message is nearly always where the last one was, or next to it.
    std::uint32_t slot = list->hint;
    if (slot == kNone || pool_[slot].cseq > cseq.value()) slot = list->head;
    for (; slot != kNone && pool_[slot].cseq <= cseq.value(); slot = pool_[slot].next) {
      if (pool_[slot].cseq == cseq.value()) {
        list->hint = slot;
        return &pool_[slot];
      }
    }
    return nullptr;
  }

  /// Calls visit(message) for the messages of a stream from its head while it returns true.
  template <class Visit>
  void walk(const Stream& stream, Visit visit) {
    for (std::uint32_t slot = stream.head; slot != kNone; slot = pool_[slot].next) {
      if (!visit(pool_[slot])) return;
    }
  }

  /// The registers a sender shows: 0 SENT, 1 DELIVERED, 2 READ. Calls visit(message) for those that
  /// the register newly covers. Each message is passed once, so a long unread stream costs nothing.
  template <class Visit>
  void raise(Stream& stream, std::size_t which, std::uint64_t upto, Visit visit) {
    std::uint32_t& slot = stream.ticked[which];
    for (; slot != kNone; slot = pool_[slot].next) {
      InTransit& m = pool_[slot];
      const bool rejected = m.position == 0 && (m.stages & InTransit::kSettled) != 0;
      if (rejected) continue;
      if (m.position == 0 || m.position > upto) return;
      visit(m);
    }
  }

  /// Whether the oldest message that is not finished goes to several devices.
  bool to_several(const Stream& stream) const { return pool_[stream.head].to_several(); }

  /// Lets finished messages at the head of the stream go, and the stream with its last one.
  void trim(const model::StreamId& id, Stream& stream) {
    while (stream.head != kNone && finished(pool_[stream.head])) {
      const std::uint32_t slot = stream.head;
      stream.head = pool_[slot].next;
      if (stream.hint == slot) stream.hint = stream.head;
      for (std::uint32_t& cursor : stream.ticked) {
        if (cursor == slot) cursor = stream.head;
      }
      pool_[slot].next = free_;
      free_ = slot;
    }
    if (stream.head == kNone) streams_.erase(key_of(id));
  }
  void trim(const model::StreamId& id) {
    if (Stream* stream = of(id)) trim(id, *stream);
  }

  /// Calls visit(sender, message) for every message still held, in no order that an output may
  /// show.
  template <class Visit>
  void each(Visit visit) const {
    streams_.each([&](const Key& key, const Stream& list) {
      for (std::uint32_t slot = list.head; slot != kNone; slot = pool_[slot].next) {
        visit(model::DeviceId(key.device), pool_[slot]);
      }
    });
  }

 private:
  struct Key {
    std::uint64_t conversation;
    std::uint32_t device, incarnation;
    bool operator==(const Key&) const = default;
  };
  struct Mixed {
    std::uint64_t operator()(const Key& key) const noexcept {
      const std::uint64_t who = (std::uint64_t{key.device} << 32) | key.incarnation;
      return engine::mix64(key.conversation * 0x9e3779b97f4a7c15ULL ^ engine::mix64(who));
    }
  };
  static Key key_of(const model::StreamId& stream) {
    return {.conversation = stream.conversation.value(),
            .device = stream.device.value(),
            .incarnation = static_cast<std::uint32_t>(stream.incarnation.value())};
  }
  static bool finished(const InTransit& m) {
    const bool arrived =
        m.waiting == 0 && (m.stages & (InTransit::kApplied | InTransit::kSettled)) != 0;
    const bool shown = (m.stages & (InTransit::kReadShown | InTransit::kFailedShown)) != 0;
    return arrived && shown;
  }
  std::uint32_t take_slot() {
    if (free_ != kNone) {
      const std::uint32_t slot = free_;
      free_ = pool_[slot].next;
      return slot;
    }
    CHECK(pool_.size() < kNone);
    pool_.emplace_back();
    return static_cast<std::uint32_t>(pool_.size() - 1);
  }

  memory::IndexTable<Key, Stream, Mixed> streams_;
  std::vector<InTransit> pool_;
  std::uint32_t free_ = kNone;
};

}  // namespace greytick::results
