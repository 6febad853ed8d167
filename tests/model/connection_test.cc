#include "model/connection.h"

#include <array>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

namespace greytick::model {
namespace {

std::vector<Link> links() {
  std::vector<Link> all;
  for (std::size_t i = 0; i < kLinks; ++i) all.push_back(static_cast<Link>(i));
  return all;
}

TEST(Connection, GoesRoundTheRing) {
  Connection c;
  for (const Link to : {Link::kConnecting, Link::kResuming, Link::kFlushing, Link::kOpen,
                        Link::kDegraded, Link::kOpen, Link::kDegraded, Link::kDropped,
                        Link::kBackoff, Link::kConnecting, Link::kOffline}) {
    c.move(to);
    EXPECT_EQ(c.link, to);
  }
}

TEST(Connection, EveryStateIsReachable) {
  std::array<bool, kLinks> seen{};
  std::vector<Link> todo{Link::kOffline};
  while (!todo.empty()) {
    const Link from = todo.back();
    todo.pop_back();
    if (seen[static_cast<std::size_t>(from)]) continue;
    seen[static_cast<std::size_t>(from)] = true;
    for (const Link to : links()) {
      if (may_follow(from, to)) todo.push_back(to);
    }
  }
  for (const Link link : links()) EXPECT_TRUE(seen[static_cast<std::size_t>(link)]);
}

TEST(Connection, OpensOnlyThroughResumingAndFlushing) {
  for (const Link from : links()) {
    SCOPED_TRACE(link_name(from));
    EXPECT_EQ(may_follow(from, Link::kFlushing),
              from == Link::kResuming || from == Link::kDegraded);
    EXPECT_EQ(may_follow(from, Link::kOpen), from == Link::kFlushing || from == Link::kDegraded);
  }
}

TEST(Connection, DroppedLeadsToBackoffAndNowhereElse) {
  for (const Link to : links()) {
    EXPECT_EQ(may_follow(Link::kDropped, to), to == Link::kBackoff || to == Link::kOffline);
  }
}

TEST(Connection, ADialStartsFromRestOnly) {
  for (const Link from : links()) {
    EXPECT_EQ(may_follow(from, Link::kConnecting),
              from == Link::kOffline || from == Link::kBackoff);
  }
}

TEST(Connection, ForgetsItsGatewayWithTheConnection) {
  Connection c;
  c.move(Link::kConnecting);
  c.move(Link::kResuming);
  c.gateway = {Role::kGateway, 3, ConnectionId(9)};
  c.move(Link::kDropped);
  EXPECT_EQ(c.gateway, Address{});
}

TEST(ConnectionDeathTest, AForbiddenMoveIsOurBug) {
  Connection c;
  EXPECT_DEATH(c.move(Link::kOpen), "may_follow");
}

}  // namespace
}  // namespace greytick::model
