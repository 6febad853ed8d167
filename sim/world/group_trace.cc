#include "sim/world/group_trace.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <map>
#include <string_view>

#include "model/check.h"
#include "sim/scenario/sorted.h"

namespace greytick::world {
namespace {

using model::Duration;

constexpr Duration kMinute = std::chrono::minutes(1);

struct Row {
  std::uint64_t window, minute, user, bytes;
};

Row row_of(std::string_view line) {
  std::array<std::uint64_t, 4> cells{};
  const char* at = line.data();
  const char* const end = line.data() + line.size();
  for (std::uint64_t& cell : cells) {
    const auto [rest, error] = std::from_chars(at, end, cell);
    CHECK_MSG(error == std::errc(), "a line of the group trace is not four numbers");
    at = rest == end ? end : rest + 1;
  }
  return {cells[0], cells[1], cells[2], cells[3]};
}

// The lines of a minute are the last `count` of the window.
void spread(GroupWindow& window, std::size_t count) {
  const auto total = static_cast<std::int64_t>(count);
  const std::size_t first = window.lines.size() - count;
  for (std::int64_t i = 1; i < total; ++i) {
    window.lines[first + static_cast<std::size_t>(i)].at += kMinute * i / total;
  }
}

}  // namespace

std::vector<GroupWindow> read_group_trace(const std::string& path) {
  std::ifstream in(path);
  CHECK_MSG(in.is_open(), "the group trace cannot be read");
  std::string line;
  CHECK(static_cast<bool>(std::getline(in, line)));
  std::vector<GroupWindow> windows;
  std::map<std::uint64_t, std::uint32_t> users;  // of this window, by their number in the file
  std::uint64_t first_minute = 0, minute = 0;
  std::size_t in_minute = 0;
  while (std::getline(in, line)) {
    if (line.empty() || line == "\r") continue;
    const Row row = row_of(line);
    CHECK(row.window <= windows.size());
    const bool begins = row.window == windows.size();
    if (begins || row.minute != minute) {
      if (in_minute > 0) spread(windows.back(), in_minute);
      in_minute = 0;
      CHECK(begins || row.minute > minute);
      minute = row.minute;
    }
    if (begins) {
      first_minute = minute;
      users.clear();
      windows.emplace_back().of_day = kMinute * static_cast<std::int64_t>(minute % (24 * 60));
    }
    CHECK(row.window + 1 == windows.size());
    GroupWindow& window = windows.back();
    const auto user =
        users.try_emplace(row.user, static_cast<std::uint32_t>(users.size())).first->second;
    window.users = static_cast<std::uint32_t>(users.size());
    window.lines.push_back({.at = kMinute * static_cast<std::int64_t>(minute - first_minute),
                            .user = user,
                            .bytes = static_cast<std::uint32_t>(row.bytes)});
    ++in_minute;
  }
  if (in_minute > 0) spread(windows.back(), in_minute);
  return windows;
}

std::vector<GroupWindow> read_group_trace(const scenario::GroupTrace& trace) {
  std::vector<GroupWindow> windows = read_group_trace(trace.file.path);
  if (trace.windows != 0 && trace.windows < windows.size()) windows.resize(trace.windows);
  return windows;
}

std::vector<Recorded> recorded_chats(const std::vector<GroupWindow>& windows,
                                     std::uint32_t first_group, model::Duration from) {
  std::vector<Recorded> rows;
  std::uint32_t first_user = 0;
  for (std::uint32_t w = 0; w < windows.size(); ++w) {
    for (const GroupLine& line : windows[w].lines) {
      rows.push_back({.at = model::Instant{} + from + line.at,
                      .sender = first_user + line.user,
                      .recipient = first_group + w,
                      .to_group = true,
                      .bytes = line.bytes});
    }
    first_user += windows[w].users;
  }
  return scenario::sorted_stably(rows, [](const Recorded& r) { return r.at; });
}

}  // namespace greytick::world
