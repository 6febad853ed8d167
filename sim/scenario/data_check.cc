#include "sim/scenario/data_check.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "sim/scenario/nearest.h"

namespace greytick::scenario {
namespace {

std::vector<std::string> cells_of(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  std::vector<std::string> out;
  for (size_t begin = 0; begin <= line.size();) {
    const size_t end = std::min(line.find(',', begin), line.size());
    out.emplace_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

std::optional<double> number_of(const std::string& text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value) ||
      value < 0.0) {
    return std::nullopt;
  }
  return value;
}

// One CSV file, line by line; names itself in problems.
class Csv {
 public:
  explicit Csv(const std::string& path)
      : in_(path), name_(std::filesystem::path(path).filename().string()) {}

  /// The cells of the next line that is not empty; nothing at the end.
  std::optional<std::vector<std::string>> next() {
    std::string line;
    while (std::getline(in_, line)) {
      ++line_;
      if (!line.empty() && line != "\r") return cells_of(line);
    }
    return std::nullopt;
  }

  DataProblem problem(std::string_view what, std::string expected = {},
                      std::string nearest = {}) const {
    return {.message = fmt::format("line {} of {}: {}", line_, name_, what),
            .expected = std::move(expected),
            .nearest = std::move(nearest)};
  }
  DataProblem whole(std::string_view what, std::string expected) const {
    return {.message = fmt::format("{} {}", name_, what),
            .expected = std::move(expected),
            .nearest = {}};
  }

 private:
  std::ifstream in_;
  std::string name_;
  size_t line_ = 0;
};

}  // namespace

std::optional<DataProblem> check_column(const std::string& path, const std::string& column,
                                        size_t rows) {
  Csv csv(path);
  const auto header = csv.next();
  if (!header) return csv.whole("is empty", "a header line and numbers below it");
  size_t index = 0;
  while (index < header->size() && (*header)[index] != column) ++index;
  if (index == header->size()) {
    std::string names;
    for (const std::string& c : *header) names += fmt::format("{}{}", names.empty() ? "" : ", ", c);
    return csv.problem(fmt::format("there is no column '{}'", column), std::move(names),
                       nearest_name(column, *header));
  }
  const bool quantiles = header->front() == "q" && index != 0;
  double last_q = -1.0, last = 0.0;
  size_t count = 0;
  while (const auto cells = csv.next()) {
    if (index >= cells->size()) return csv.problem("too few columns", "as many as the header has");
    const std::optional<double> value = number_of((*cells)[index]);
    if (!value) {
      return csv.problem(fmt::format("'{}' is not a number", (*cells)[index]),
                         "a number, 0 or more");
    }
    if (quantiles) {
      const std::optional<double> q = number_of(cells->front());
      if (!q || *q <= last_q || *q > 1.0 || (count == 0 && *q != 0.0)) {
        return csv.problem(fmt::format("q is '{}'", cells->front()), "q ascending from 0 to 1");
      }
      if (*value < last) {
        return csv.problem(fmt::format("'{}' is less than the line before", (*cells)[index]),
                           "quantiles that do not descend");
      }
      last_q = *q;
      last = *value;
    }
    ++count;
  }
  if (quantiles && last_q != 1.0) return csv.whole("ends before q = 1", "q ascending from 0 to 1");
  if (count == 0) return csv.whole("has no rows", "numbers below the header");
  if (rows != 0 && count != rows) {
    return csv.whole(fmt::format("has {} rows", count), fmt::format("{} rows", rows));
  }
  return std::nullopt;
}

std::optional<DataProblem> check_matrix(const std::string& path,
                                        const std::vector<std::string>& names) {
  Csv csv(path);
  const auto header = csv.next();
  if (!header) return csv.whole("is empty", "a header line with the names of the locations");
  std::vector<size_t> columns;
  for (const std::string& name : names) {
    const auto column = std::ranges::find(*header, name);
    if (column == header->end()) {
      return DataProblem{
          .message = fmt::format("the region matrix has no location '{}'", name),
          .expected = fmt::format("a column of {}, as in {{NAME: {}}}",
                                  std::filesystem::path(path).filename().string(), header->back()),
          .nearest = nearest_name(name, *header)};
    }
    columns.push_back(static_cast<size_t>(column - header->begin()));
  }
  std::set<std::string> rows;
  while (const auto cells = csv.next()) {
    if (std::ranges::find(names, cells->front()) == names.end()) continue;
    rows.insert(cells->front());
    for (const size_t column : columns) {
      if (column < header->size() && (*header)[column] == cells->front()) continue;
      if (column >= cells->size() || !number_of((*cells)[column])) {
        return csv.problem(fmt::format("no number of milliseconds to {}", (*header)[column]),
                           "a number, 0 or more");
      }
    }
  }
  for (const std::string& name : names) {
    if (!rows.contains(name)) {
      return csv.whole(fmt::format("has no row for '{}'", name), "a row for each column");
    }
  }
  return std::nullopt;
}

std::optional<DataProblem> check_trace(const std::string& path, uint64_t users) {
  Csv csv(path);
  const auto header = csv.next();
  if (!header || *header != std::vector<std::string>{"t_s", "sender", "recipient"}) {
    return csv.whole("is not a trace", "the header line t_s,sender,recipient");
  }
  double last = 0.0;
  std::set<std::string> names;
  size_t count = 0;
  while (const auto cells = csv.next()) {
    if (cells->size() != 3) return csv.problem("not three columns", "t_s,sender,recipient");
    const std::optional<double> at = number_of((*cells)[0]);
    if (!at)
      return csv.problem(fmt::format("'{}' is not a time", (*cells)[0]), "seconds, 0 or more");
    if (*at < last) return csv.problem("earlier than the line before", "ascending times");
    last = *at;
    if ((*cells)[1] == (*cells)[2]) {
      return csv.problem(fmt::format("'{}' writes to himself", (*cells)[1]), "two different names");
    }
    names.insert((*cells)[1]);
    names.insert((*cells)[2]);
    ++count;
  }
  if (count == 0) return csv.whole("has no messages", "lines below the header");
  if (names.size() > users) {
    return csv.whole(fmt::format("has {} names, but there are {} users", names.size(), users),
                     fmt::format("users: {}", names.size()));
  }
  return std::nullopt;
}

std::optional<DataProblem> check_group_trace(const std::string& path, size_t users_max,
                                             uint32_t windows_used) {
  Csv csv(path);
  const auto header = csv.next();
  if (!header || *header != std::vector<std::string>{"window", "minute", "user", "bytes"}) {
    return csv.whole("is not a group trace", "the header line window,minute,user,bytes");
  }
  uint64_t windows = 0, last = 0;
  size_t names = 0;  // of the windows before this one
  std::set<uint64_t> users;
  while (const auto cells = csv.next()) {
    if (cells->size() != 4) return csv.problem("not four columns", "window,minute,user,bytes");
    std::array<uint64_t, 4> row{};
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string& text = (*cells)[i];
      const char* const end = text.data() + text.size();
      const auto [rest, error] = std::from_chars(text.data(), end, row[i]);
      constexpr uint64_t kMost = 1'000'000'000;
      if (error != std::errc() || rest != end || row[i] > kMost) {
        return csv.problem(fmt::format("'{}' is not a count", text), "a whole number");
      }
    }
    const bool begins = row[0] == windows;
    if (!begins && row[0] + 1 != windows) {
      return csv.problem(fmt::format("window {} after {} windows", row[0], windows),
                         "windows numbered from 0, one after the other");
    }
    if (begins) {
      ++windows;
      names += users.size();
      users.clear();
    } else if (row[1] < last) {
      return csv.problem("earlier than the line before", "ascending minutes");
    }
    last = row[1];
    users.insert(row[2]);
    const bool used = windows_used == 0 || windows <= windows_used;
    if (used && names + users.size() > users_max) {
      return csv.problem(fmt::format("more than {} names up to window {}", users_max, windows - 1),
                         "more users, or fewer windows");
    }
  }
  if (windows == 0) return csv.whole("has no lines", "lines below the header");
  return std::nullopt;
}

}  // namespace greytick::scenario
