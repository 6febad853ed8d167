#pragma once

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace greytick::net {

/// A CSV by column: its cells as text, below the header.
inline std::map<std::string, std::vector<std::string>> read_columns(const std::string& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in.is_open()) << path;
  const auto cells = [](const std::string& line) {
    std::vector<std::string> out;
    std::stringstream text(line);
    for (std::string cell; std::getline(text, cell, ',');) out.push_back(cell);
    return out;
  };
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> header = cells(line);
  std::map<std::string, std::vector<std::string>> columns;
  while (std::getline(in, line)) {
    const std::vector<std::string> row = cells(line);
    for (std::size_t i = 0; i < row.size(); ++i) columns[header[i]].push_back(row[i]);
  }
  return columns;
}

inline double number(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

}  // namespace greytick::net
