// One installation of a phone follows another.
#include <gtest/gtest.h>

#include "tests/model/mailbox_bench.h"

namespace greytick::model {
namespace {

using namespace model::literals;  // NOLINT(google-build-using-namespace): literals alone.

TEST_F(MailboxShardTest, ARetirementInStepsKeepsTheDoubtOfALargeWindow) {
  bench_.state.config.window = 300;
  bench_.state.config.mailbox_max = 1000;
  hello(1, 0);
  for (std::uint64_t k = 1; k <= 310; ++k) fan_out(k);
  ASSERT_EQ(bench_.sent<Data>().size(), 300U);
  bench_.arrive(kGateway, Register{kBob, kBobUser, 100});
  const auto cause_of = [&](std::uint64_t mseq) {
    return bench_.store.find<DeadLetter>(mailbox_steps::dead_letter_key(kBob, kFirst, mseq))->cause;
  };
  EXPECT_EQ(box().incarnation, kFirst.next());
  for (const std::uint64_t mseq : {1U, 256U, 257U, 300U}) {
    EXPECT_EQ(cause_of(mseq), Cause::kUnconfirmed) << mseq;
  }
  EXPECT_EQ(cause_of(301), Cause::kRetired);
}

TEST_F(MailboxShardTest, ReinstallRetiresWhatWaitsAndTellsTheConversations) {
  for (std::uint64_t k = 1; k <= 6; ++k) fan_out(k);
  hello(1, 0);  // 1..4 are in doubt from now on
  bench_.arrive(kGateway, Register{kBob, kBobUser, 100});
  ASSERT_EQ(bench_.noted<Settled>().size(), 6U);
  EXPECT_EQ(bench_.noted<Settled>()[3].cause, Cause::kUnconfirmed);
  EXPECT_EQ(bench_.noted<Settled>()[4].cause, Cause::kRetired);
  EXPECT_EQ(bench_.noted<Retired>().size(), 1U);
  ASSERT_EQ(bench_.sent<Registered>().size(), 1U);
  EXPECT_EQ(bench_.sent<Registered>()[0].incarnation, Incarnation(2));
  EXPECT_EQ(box().tail, MailboxSeq{});
  bench_.arrive(kGateway, Register{kBob, kBobUser, 100});  // asked again: the same answer
  EXPECT_EQ(bench_.sent<Registered>().size(), 2U);
  fan_out(7);  // still for the old installation
  EXPECT_EQ(bench_.noted<Settled>().back().cause, Cause::kRetired);
  EXPECT_EQ(box().tail, MailboxSeq{});
}

TEST_F(MailboxShardTest, AReinstallWithMuchWaitingIsRetiredInBoundedSteps) {
  bench_.state.config.mailbox_max = 1'000;
  for (std::uint64_t k = 1; k <= 600; ++k) fan_out(k);
  hello(1, 0);
  bench_.arrive(kGateway, Register{kBob, kBobUser, 100});
  const auto settled = bench_.noted<Settled>();
  ASSERT_EQ(settled.size(), 600U);
  for (std::size_t i = 0; i < settled.size(); ++i) {
    EXPECT_EQ(settled[i].cause, i < 4 ? Cause::kUnconfirmed : Cause::kRetired) << i;
  }
  EXPECT_EQ(bench_.store.count(Table::kEntry), 0U);
  ASSERT_EQ(bench_.sent<ChannelEntry>().back().target.role, Role::kConversation);
  ASSERT_EQ(bench_.sent<Registered>().size(), 1U);
  EXPECT_EQ(bench_.sent<Registered>()[0].incarnation, Incarnation(2));
}

// The store of a shard that crashed between two steps of retiring.

TEST_F(MailboxShardTest, ARetirementThatACrashInterruptedGoesOnByItself) {
  for (std::uint64_t k = 1; k <= 3; ++k) fan_out(k);
  Mailbox m = box();
  m.install_id = 100;
  m.retiring = true;
  bench_.store.put(mailbox_key(kBob), m);
  bench_.restart(initial(), Start{LeaseEpoch(2), bench_.now, 0});
  EXPECT_EQ(bench_.noted<Retired>().size(), 1U);
  EXPECT_EQ(box().incarnation, Incarnation(2));
}

TEST_F(MailboxShardTest, ARegistrationThatACrashInterruptedIsAnsweredWhereTheDeviceIsNow) {
  Mailbox m = box();  // nothing waits, so no due row leads here
  m.install_id = 100;
  m.retiring = true;
  bench_.store.put(mailbox_key(kBob), m);
  const Address elsewhere{Role::kGateway, 4, ConnectionId{}};
  bench_.arrive(elsewhere, Register{kBob, kBobUser, 100});
  ASSERT_EQ(bench_.sent<Registered>().size(), 1U);
  EXPECT_EQ(bench_.sends.back().to, elsewhere);
}

}  // namespace
}  // namespace greytick::model
