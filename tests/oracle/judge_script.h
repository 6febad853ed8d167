// A history for the judge, told as a script, so that a reader can judge the judge.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <gtest/gtest.h>

#include "sim/oracle/judge.h"
#include "sim/oracle/sketch.h"
#include "tests/oracle/story.h"

namespace greytick::oracle {

inline constexpr model::ConversationId kC{7};

// Device 1 (Ann) writes to device 2 (Bob) in conversation 7; one second passes with each fact.
class Script {
 public:
  Script() { online(2).online(1); }

  Script& tell(const model::Fact& fact) {
    at_ += std::chrono::seconds(1);
    judge_.on_fact(at_, fact);
    sketches_.on_fact(fact);
    return *this;
  }
  Script& wait(model::Duration how_long) {
    at_ += how_long;
    return *this;
  }
  Script& online(std::uint32_t device) {
    return tell(model::SessionAdopted{model::DeviceId(device), model::Incarnation(1),
                                      model::SessionEpoch(++epoch_[device])});
  }
  Script& write(std::uint64_t n, std::uint64_t dep = 0) {
    const model::Message m = message(n, 0);
    return tell(model::Created{m.stream, m.sender, m.cseq, m.id, model::LogPos(dep), m.content,
                               at_ + std::chrono::seconds(1)});
  }
  Script& commit(std::uint64_t n, std::uint64_t k, std::uint64_t dep = 0) {
    model::Message m = message(n, k);
    m.dep = model::LogPos(dep);
    return tell(model::Committed{
        m, {model::Recipient{model::UserId(2), model::DeviceId(2), model::Incarnation(1)}}});
  }
  Script& sent(std::uint64_t n, std::uint64_t k, std::uint64_t hash = 1) {
    const model::Message m = message(n, k);
    return tell(model::Answered{m.stream, m.cseq, model::ReplyCode::kSent, m.position, hash});
  }
  Script& apply(std::uint64_t n, std::uint64_t k, std::uint64_t mseq) {
    tell(applied(n, k, mseq));
    return tell(model::Displayed{model::DeviceId(2), model::Incarnation(1), kC, model::LogPos(k)});
  }
  Script& ticks(std::uint64_t sent, std::uint64_t delivered, std::uint64_t read) {
    tell(model::SentShown{model::DeviceId(1), model::Incarnation(1), kC, model::LogPos(sent)});
    return tell(model::TicksShown{model::DeviceId(1), model::Incarnation(1), kC, model::DeviceId(2),
                                  model::LogPos(delivered), model::LogPos(read)});
  }
  Script& failed(std::uint64_t from, std::uint64_t to, model::Cause cause) {
    return tell(model::FailureShown{model::DeviceId(1), model::Incarnation(1), kC,
                                    model::DeviceId(2), model::LogPos(from), model::LogPos(to),
                                    cause});
  }
  Script& open(std::uint64_t upto) {
    return tell(model::Opened{model::DeviceId(2), model::Incarnation(1), kC, model::LogPos(upto)});
  }
  Script& settle(std::uint64_t n, std::uint64_t k, model::Cause cause) {
    return tell(model::Settled{model::DeviceId(2), model::Incarnation(1), model::MailboxSeq(k),
                               message(n, k), cause});
  }
  Script& gap(std::uint64_t k, std::uint64_t mseq, model::Cause cause) {
    return tell(model::GapShown{model::DeviceId(2), model::Incarnation(1), model::MailboxSeq(mseq),
                                kC, model::LogPos(k), cause});
  }
  // A message that arrives as it should: from the first touch to the second tick.
  Script& whole(std::uint64_t n) {
    return write(n).commit(n, n).sent(n, n).ticks(n, n - 1, 0).apply(n, n, n).ticks(n, n, 0);
  }

  [[nodiscard]] model::Applied applied(std::uint64_t n, std::uint64_t k, std::uint64_t mseq) {
    return {model::DeviceId(2), model::Incarnation(1), model::SessionEpoch(epoch_[2]),
            model::MailboxSeq(mseq), message(n, k)};
  }
  [[nodiscard]] static model::Message message(std::uint64_t n, std::uint64_t k) {
    const model::StreamId stream{model::DeviceId(1), model::Incarnation(1), kC};
    const model::ClientSeq cseq(n);
    return {stream,
            model::UserId(1),
            {},
            {},
            0,
            {},
            cseq,
            model::LogPos(k),
            {n, 1},
            model::LogPos{},
            model::Instant{},
            model::seal({42}, stream, cseq, 100)};
  }
  Report end() {
    judge_.finish(at_);
    return judge_.report();
  }
  [[nodiscard]] Report so_far() const { return judge_.report(); }
  [[nodiscard]] SketchReport sketched() const { return sketches_.report(); }

 private:
  Judge judge_{story_config()};
  Sketches sketches_;
  model::Instant at_{};
  std::uint64_t epoch_[4] = {};
};

inline void expect_pass(const Report& report, int invariant) {
  EXPECT_EQ(report.of(invariant).verdict, Verdict::kPass);
  for (const Violation& v : report.violations) ADD_FAILURE() << v.invariant << ": " << v.sentence;
}

inline Violation first_of(const Report& report, int invariant) {
  return report.of(invariant).first.value_or(Violation{});
}

// The first offender is this message of Ann's at this position, seen at this device.
inline void expect_fail(const Report& report, int invariant, std::uint32_t device,
                        std::optional<std::uint64_t> position,
                        std::optional<std::uint64_t> cseq = {}) {
  EXPECT_EQ(report.of(invariant).verdict, Verdict::kFail);
  const Violation first = first_of(report, invariant);
  EXPECT_EQ(first.invariant, invariant);
  EXPECT_EQ(first.device, model::DeviceId(device));
  if (position) {
    EXPECT_EQ(first.position, model::LogPos(*position));
  }
  if (cseq) {
    EXPECT_EQ(first.cseq, model::ClientSeq(*cseq));
  }
  EXPECT_FALSE(first.sentence.empty());
}

}  // namespace greytick::oracle
