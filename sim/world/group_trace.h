// A recorded group chat: windows of a few hours, each of one group.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/time.h"
#include "sim/scenario/scenario.h"
#include "sim/world/workload.h"

namespace greytick::world {

/// One line that somebody said.
struct GroupLine {
  model::Duration at;   // since the window began
  std::uint32_t user;   // of the window, by first appearance
  std::uint32_t bytes;  // of plaintext
  friend bool operator==(const GroupLine&, const GroupLine&) = default;
};

struct GroupWindow {
  model::Duration of_day;        // when it began, since 0:00 of that day
  std::uint32_t users = 0;       // who said something; numbered 0 .. users-1
  std::vector<GroupLine> lines;  // ascending by `at`, in file order
  friend bool operator==(const GroupWindow&, const GroupWindow&) = default;
};

/// The windows of a file, in its order. Header window,minute,user,bytes: windows ascend from 0,
/// minutes (since 0:00 of the window's first day) ascend within one. A window begins with the
/// minute of its first line. The k lines of one minute are spread evenly over it: line i comes i/k
/// of a minute after its beginning. CHECKs what scenario::check_group_trace says of a file.
std::vector<GroupWindow> read_group_trace(const std::string& path);
/// Those that the scenario uses.
std::vector<GroupWindow> read_group_trace(const scenario::GroupTrace& trace);

/// The lines of the first `windows` windows (0: all) as messages to groups, ascending by time,
/// lines of one instant in the order of the windows. Window w is group `first_group` + w, and its
/// people are numbered on from those of the windows before; all windows begin at `from`.
std::vector<Recorded> recorded_chats(const std::vector<GroupWindow>& windows,
                                     std::uint32_t first_group, model::Duration from);

}  // namespace greytick::world
