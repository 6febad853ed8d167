#include "sim/oracle/fact_json.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/oracle/story.h"

namespace greytick::oracle {
namespace {

model::Message example() {
  const model::StreamId stream{model::DeviceId(2), model::Incarnation(1), model::ConversationId(3)};
  model::Message m;
  m.stream = stream;
  m.sender = model::UserId(9);
  m.cseq = model::ClientSeq(4);
  m.position = model::LogPos(5);
  m.id = {0xab, 1};
  m.dep = model::LogPos(2);
  m.accepted_at = model::from_ns(17);
  m.content = {100, {0x10, 0xff}};
  return m;
}

TEST(FactJson, AnAppliedMessageIsOneLineWithAllItsFields) {
  EXPECT_EQ(to_ndjson(model::from_ns(1'500'000'000),
                      model::Applied{model::DeviceId(7), model::Incarnation(1),
                                     model::SessionEpoch(6), model::MailboxSeq(8), example()}),
            "{\"at\":1500000000,\"fact\":\"applied\",\"device\":7,\"incarnation\":1,\"epoch\":6,"
            "\"mseq\":8,\"message\":{\"device\":2,\"incarnation\":1,\"conversation\":3,\"cseq\":4,"
            "\"sender\":9,\"position\":5,\"id\":\"00000000000000ab0000000000000001\",\"dep\":2,"
            "\"accepted_at\":17,\"bytes\":100,\"tag\":\"000000000000001000000000000000ff\"}}\n");
}

TEST(FactJson, RecipientsAreAList) {
  const model::Recipient r{model::UserId(8), model::DeviceId(7), model::Incarnation(1)};
  const std::string line = to_ndjson({}, model::Committed{example(), {r, r}});
  EXPECT_TRUE(
      line.ends_with(",\"recipients\":[{\"user\":8,\"device\":7,\"incarnation\":1},"
                     "{\"user\":8,\"device\":7,\"incarnation\":1}]}\n"))
      << line;
}

TEST(FactJson, LinesForPeopleNameTheMessage) {
  EXPECT_EQ(describe(model::Applied{model::DeviceId(7), model::Incarnation(1),
                                    model::SessionEpoch(6), model::MailboxSeq(8), example()}),
            "device 7 applied position 5 of conversation 3 (message 4 of device 2) as entry 8 in "
            "session 6");
  EXPECT_EQ(describe(model::FailureShown{model::DeviceId(2),
                                         {},
                                         model::ConversationId(3),
                                         {},
                                         model::LogPos(5),
                                         model::LogPos(6),
                                         model::Cause::kExpired}),
            "device 2 shows FAILED at position 5 of conversation 3 to 6: expired");
}

TEST(FactJson, EveryFactOfAHistoryIsABalancedLine) {
  std::set<std::size_t> kinds;
  for (const Timed& t : healthy_history(3, 4000)) {
    kinds.insert(t.fact.index());
    const std::string line = to_ndjson(t.at, t.fact);
    int depth = 0;
    bool in_text = false;
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
      if (line[i] == '"') in_text = !in_text;
      if (!in_text && (line[i] == '{' || line[i] == '[')) ++depth;
      if (!in_text && (line[i] == '}' || line[i] == ']')) --depth;
      EXPECT_NE(line[i], '\n');
      EXPECT_EQ(depth == 0, i + 2 == line.size()) << line;
    }
    EXPECT_FALSE(in_text);
    EXPECT_EQ(line.back(), '\n');
    EXPECT_FALSE(describe(t.fact).empty());
  }
  // Changes of membership and marks for all of a group have tests of their own.
  EXPECT_EQ(kinds.size(), std::variant_size_v<model::Fact> - 3);
}

TEST(FactJson, AChangeOfMembershipNamesWhoAndWhere) {
  model::MemberChanged f{example(),
                         {{model::UserId(9), model::DeviceId(2), model::Incarnation(1)}}};
  f.message.kind = model::EntryKind::kJoined;
  f.message.number = model::MemberNumber(6);
  EXPECT_EQ(to_ndjson(model::from_ns(1), f),
            "{\"at\":1,\"fact\":\"member_changed\",\"change\":\"joined\",\"device\":2,"
            "\"incarnation\":1,\"user\":9,\"number\":6,\"conversation\":3,\"position\":5,"
            "\"recipients\":[{\"user\":9,\"device\":2,\"incarnation\":1}]}\n");
  EXPECT_EQ(describe(f), "device 2 joined at position 5 of conversation 3");
  const model::JoinTurnedAway refused{model::ConversationId(3), model::UserId(9)};
  EXPECT_EQ(to_ndjson(model::from_ns(1), refused),
            "{\"at\":1,\"fact\":\"join_turned_away\",\"conversation\":3,\"user\":9}\n");
  EXPECT_EQ(describe(refused), "user 9 found no room in conversation 3");
}

TEST(FactJson, AMarkForAllOfAGroupNamesItsMessageAndLevel) {
  const model::AggregateShown f{model::DeviceId(2), model::Incarnation(1), model::ConversationId(3),
                                model::LogPos(5), true};
  EXPECT_EQ(to_ndjson(model::from_ns(1), f),
            "{\"at\":1,\"fact\":\"aggregate_shown\",\"device\":2,\"incarnation\":1,"
            "\"conversation\":3,\"position\":5,\"level\":\"read\"}\n");
  EXPECT_EQ(describe(f), "device 2 shows position 5 of conversation 3 READ by all");
}

}  // namespace
}  // namespace greytick::oracle
