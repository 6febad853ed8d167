#include "sim/cli/story.h"

#include <gtest/gtest.h>

#include "tests/results/facts.h"

namespace greytick::cli {
namespace {

using results::at;
using namespace model::literals;

std::vector<std::string> words(const std::vector<Hop>& hops) {
  std::vector<std::string> out;
  for (const Hop& hop : hops) out.push_back(hop.what + (hop.repeat ? " again" : ""));
  return out;
}

TEST(Story, NamesReadAndPrintAlike) {
  EXPECT_EQ(print_message_name(*parse_message_name("17:5:3")), "17:5:3");
  for (const char* bad : {"", "17", "17:5", "17:5:0", "17:5:3:1", "a:b:c", "17:5:3x", ":5:3"}) {
    EXPECT_FALSE(parse_message_name(bad)) << bad;
  }
}

TEST(Story, AMessageIsFollowedFromCreateToRead) {
  Zoom zoom(results::kStream.conversation);
  zoom.on_fact(at(1s), results::created(1, 1s));
  zoom.on_fact(at(1100ms), results::committed(1));
  zoom.on_fact(at(1200ms), results::sent(1));
  zoom.on_fact(at(2s), results::session(2));
  zoom.on_fact(at(3s), results::session(99));
  zoom.on_fact(at(4s), results::applied(1));
  zoom.on_fact(at(5s), results::ticks(1, 1));
  zoom.on_fact(at(6s), results::applied(1));
  const std::vector<Hop> hops = chain(zoom.moments(), *parse_message_name("1:7:1"));
  EXPECT_EQ(words(hops), (std::vector<std::string>{"created on device 1", "committed at position 1",
                                                   "the sender sees ✓", "device 2 opens session 0",
                                                   "durable on device 2", "the sender sees READ",
                                                   "durable on device 2 again"}));
  EXPECT_EQ(hops[4].after, model::Duration(2s));
}

TEST(Story, AMessageToAGroupHasAMarkForAllAndAViewOfEachMember) {
  model::Committed to_three = results::committed(1);
  for (const std::uint32_t d : {3U, 4U}) {
    to_three.recipients.push_back({model::UserId(d), model::DeviceId(d), model::Incarnation(1)});
  }
  const model::StreamId& by = results::kStream;
  const auto ticks = [&](std::uint32_t of, std::uint64_t delivered, std::uint64_t read) {
    return model::TicksShown{by.device,           by.incarnation,           by.conversation,
                             model::DeviceId(of), model::LogPos(delivered), model::LogPos(read)};
  };
  Zoom zoom(by.conversation);
  zoom.on_fact(at(1s), results::created(1, 1s));
  zoom.on_fact(at(2s), to_three);
  zoom.on_fact(at(3s), ticks(2, 1, 0));
  zoom.on_fact(at(4s), ticks(3, 1, 1));
  zoom.on_fact(at(5s),
               model::FailureShown{by.device, by.incarnation, by.conversation, model::DeviceId(4),
                                   model::LogPos(1), model::LogPos(1), model::Cause::kExpired});
  const auto name = *parse_message_name("1:7:1");
  EXPECT_EQ(words(chain(zoom.moments(), name)),
            (std::vector<std::string>{"created on device 1", "committed at position 1",
                                      "the sender sees FAILED (expired) for device 4"}));
  const std::vector<MemberView> views = member_views(zoom.moments(), name);
  ASSERT_EQ(views.size(), 3U);
  EXPECT_EQ(views[0].delivered, at(3s));
  EXPECT_FALSE(views[0].read);
  EXPECT_EQ(views[1].read, at(4s));
  EXPECT_FALSE(views[2].delivered);
  EXPECT_EQ(views[2].failed, model::Cause::kExpired);

  for (const bool read : {false, true}) {
    zoom.on_fact(at(6s), model::AggregateShown{by.device, by.incarnation, by.conversation,
                                               model::LogPos(1), read});
  }
  const std::vector<Hop> hops = chain(zoom.moments(), name);
  EXPECT_EQ(hops.at(3).what, "the sender sees ✓✓, delivered to all");
  EXPECT_EQ(hops.at(4).what, "the sender sees READ, by all");
}

TEST(Story, OneRecipientNeedsNoViewOfMembers) {
  Zoom zoom(results::kStream.conversation);
  zoom.on_fact(at(1s), results::created(1, 1s));
  zoom.on_fact(at(2s), results::committed(1));
  EXPECT_TRUE(member_views(zoom.moments(), *parse_message_name("1:7:1")).empty());
}

TEST(Story, APositionNamesTheSameMessage) {
  Zoom zoom(results::kStream.conversation);
  for (std::uint64_t n = 1; n <= 3; ++n) {
    zoom.on_fact(at(n * 1s), results::created(n, n * 1s));
    zoom.on_fact(at(n * 1s), results::committed(n));
  }
  MessageName name{.conversation = results::kStream.conversation,
                   .device = {},
                   .incarnation = {},
                   .cseq = {},
                   .position = model::LogPos(2)};
  const std::vector<Hop> hops = chain(zoom.moments(), name);
  ASSERT_EQ(hops.size(), 2U);
  EXPECT_EQ(hops[0].at, at(2s));
}

TEST(Story, OtherConversationsLeaveNoTrace) {
  Zoom zoom(model::ConversationId(8));
  zoom.on_fact(at(1s), results::created(1, 1s));
  zoom.on_fact(at(2s), results::session(1));
  EXPECT_TRUE(zoom.moments().empty());
}

}  // namespace
}  // namespace greytick::cli
