#include "sim/world/group_trace.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "sim/scenario/data_check.h"

namespace greytick::world {
namespace {

using namespace model::literals;

std::string file_of(const std::string& rows) {
  const std::string path = std::filesystem::temp_directory_path() / "greytick_group_trace.csv";
  std::ofstream(path) << "window,minute,user,bytes\n" << rows;
  return path;
}

TEST(GroupTrace, SpreadsTheLinesOfAMinuteEvenlyInFileOrder) {
  const std::string path =
      file_of("0,738,5,30\n0,738,2,47\n0,738,5,1\n0,740,9,2\n1,1500,0,7\n1,1501,1,8\n1,1501,0,9\n");
  EXPECT_EQ(scenario::check_group_trace(path, 3, 1), std::nullopt);
  const std::vector<GroupWindow> windows = read_group_trace(path);
  std::filesystem::remove(path);
  ASSERT_EQ(windows.size(), 2U);
  EXPECT_EQ(windows[0].of_day, 738min);
  EXPECT_EQ(windows[0].users, 3U);
  EXPECT_EQ(windows[0].lines,
            (std::vector<GroupLine>{{0s, 0, 30}, {20s, 1, 47}, {40s, 0, 1}, {120s, 2, 2}}));
  EXPECT_EQ(windows[1].of_day, 60min);  // 1500 minutes: of the second day
  EXPECT_EQ(windows[1].lines, (std::vector<GroupLine>{{0s, 0, 7}, {60s, 1, 8}, {90s, 0, 9}}));
}

TEST(GroupTrace, TheShippedOneIsWhole) {
  const std::string path = "scenarios/data/irc_group.csv";
  const std::vector<GroupWindow> windows = read_group_trace(path);
  EXPECT_EQ(windows.size(), 173U);
  std::size_t lines = 0, everybody = 0;
  std::uint32_t users = 0;
  for (const GroupWindow& w : windows) {
    lines += w.lines.size();
    everybody += w.users;
    users = std::max(users, w.users);
    EXPECT_EQ(w.lines.front().at, 0s);
    EXPECT_TRUE(std::ranges::is_sorted(w.lines, {}, &GroupLine::at));
  }
  EXPECT_EQ(lines, 221'619U);
  EXPECT_EQ(users, 237U);
  EXPECT_EQ(scenario::check_group_trace(path, everybody, 0), std::nullopt);
  EXPECT_NE(scenario::check_group_trace(path, everybody - 1, 0), std::nullopt);
  EXPECT_EQ(scenario::check_group_trace(path, windows[0].users, 1), std::nullopt);
}

TEST(GroupTrace, EachWindowIsAGroupOfItsOwnPeople) {
  const std::vector<GroupWindow> windows = {{0s, 2, {{0s, 0, 30}, {20s, 1, 47}}},
                                            {0s, 1, {{20s, 0, 7}}}};
  const std::vector<Recorded> rows = recorded_chats(windows, 3, 1min);
  const auto at = [](model::Duration d) { return model::Instant{} + d; };
  EXPECT_EQ(rows,
            (std::vector<Recorded>{
                {at(60s), 0, 3, true, 30}, {at(80s), 1, 3, true, 47}, {at(80s), 2, 4, true, 7}}));
}

TEST(GroupTrace, WhatIsNoneIsSaidSo) {
  for (const auto& [rows, problem] :
       {std::pair{"", "no lines"},
        {"1,0,0,0\n", "window 1 after 0"},
        {"0,0,0,0\n2,0,0,0\n", "window 2 after 1"},
        {"0,5,0,0\n0,4,0,0\n", "earlier"},
        {"0,5,0\n", "not four columns"},
        {"0,5,x,0\n", "'x' is not a count"},
        {"0,5,0,0\n0,5,1,0\n0,5,2,0\n0,5,3,0\n", "more than 3 names"}}) {
    SCOPED_TRACE(rows);
    const auto found = scenario::check_group_trace(file_of(rows), 3, 0);
    ASSERT_TRUE(found.has_value());
    EXPECT_NE(found->message.find(problem), std::string::npos) << found->message;
  }
  std::filesystem::remove(file_of(""));
}

}  // namespace
}  // namespace greytick::world
