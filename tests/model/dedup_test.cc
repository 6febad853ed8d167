#include "model/dedup.h"

#include <gtest/gtest.h>

namespace greytick::model {
namespace {

struct Case {
  const char* name;
  std::uint64_t incarnation, cseq;  // of the SEND; its message id is {1, cseq}
  Dedup expected;
};

// As held in the ring for the message with id {1, cseq}.
Response answer(Incarnation incarnation, ClientSeq cseq) {
  Response held;
  held.incarnation = incarnation;
  held.cseq = cseq;
  held.id = {1, cseq.value()};
  return held;
}

// A stream of incarnation 2 with answers up to 5, of which the device has acknowledged 3.
Dedup decide(std::uint64_t incarnation, std::uint64_t cseq, MessageId id) {
  const Stream stream{Incarnation(2), ClientSeq(5), ClientSeq(3)};
  const Response held = answer(Incarnation(2), ClientSeq(cseq));
  SendMessage send{};
  send.stream = {DeviceId(1), Incarnation(incarnation), ConversationId(1)};
  send.cseq = ClientSeq(cseq);
  send.id = id;
  return dedup(&stream, cseq == 4 || cseq == 5 ? &held : nullptr, send);
}

TEST(Dedup, OneHighWaterMarkAnswersForEverySend) {
  for (const Case& c : {
           Case{"the next one", 2, 6, Dedup::kNew},
           Case{"the last one again", 2, 5, Dedup::kRepeat},
           Case{"an older one again", 2, 4, Dedup::kRepeat},
           Case{"one whose answer was acknowledged", 2, 3, Dedup::kForgotten},
           Case{"zero is before the first", 2, 0, Dedup::kForgotten},
           Case{"one that leaves a hole", 2, 7, Dedup::kGap},
           Case{"a replaced installation", 1, 6, Dedup::kStaleIncarnation},
           Case{"a new installation starts at 1", 3, 1, Dedup::kNew},
           Case{"a new installation leaves a hole", 3, 6, Dedup::kGap},
       }) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(decide(c.incarnation, c.cseq, {1, c.cseq}), c.expected);
  }
}

TEST(Dedup, AnotherMessageAtAnAnsweredPositionIsAConflict) {
  EXPECT_EQ(decide(2, 5, {9, 9}), Dedup::kConflict);
}

TEST(Dedup, AnAnswerOfAnotherIncarnationInTheSlotIsNotThisOnes) {
  const Stream stream{Incarnation(2), ClientSeq(5), ClientSeq(3)};
  const Response held = answer(Incarnation(1), ClientSeq(5));
  SendMessage send{};
  send.stream.incarnation = Incarnation(2);
  send.cseq = ClientSeq(5);
  send.id = {1, 5};
  EXPECT_EQ(dedup(&stream, &held, send), Dedup::kForgotten);
}

TEST(Dedup, AStreamThatWasNeverWrittenBeginsAtOneWhateverTheIncarnation) {
  SendMessage send{};
  send.cseq = ClientSeq(1);
  EXPECT_EQ(dedup(nullptr, nullptr, send), Dedup::kNew);
  send.cseq = ClientSeq(2);
  EXPECT_EQ(dedup(nullptr, nullptr, send), Dedup::kGap);
}

}  // namespace
}  // namespace greytick::model
