#include "sim/net/region_delays.h"

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>

#include "model/check.h"
#include "sim/engine/distributions.h"

namespace greytick::net {
namespace {

using Pairs = std::map<std::pair<std::string, std::string>, double>;

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out;
  std::stringstream in(line);
  for (std::string cell; std::getline(in, cell, ',');) {
    if (cell.ends_with('\r')) cell.pop_back();
    out.push_back(cell);
  }
  return out;
}

// Round trips in milliseconds by (from, to).
Pairs read_matrix(const std::string& path) {
  std::ifstream in(path);
  CHECK_MSG(in.is_open(), "the region matrix cannot be read");
  std::string line;
  CHECK(static_cast<bool>(std::getline(in, line)));
  const std::vector<std::string> header = cells(line);
  Pairs pairs;
  while (std::getline(in, line)) {
    const std::vector<std::string> row = cells(line);
    for (std::size_t i = 1; i < row.size() && i < header.size(); ++i) {
      pairs[{row[0], header[i]}] = std::strtod(row[i].c_str(), nullptr);
    }
  }
  return pairs;
}

}  // namespace

RegionDelays::RegionDelays(const scenario::Backbone& backbone,
                           const std::vector<scenario::Region>& regions, model::Duration within)
    : count_(regions.size()), delays_(count_ * count_) {
  const bool measured = backbone.matrix != scenario::RegionMatrix::kUniform && count_ > 1;
  const Pairs pairs = measured ? read_matrix(backbone.file.path) : Pairs{};
  for (std::size_t from = 0; from < count_; ++from) {
    for (std::size_t to = 0; to < count_; ++to) {
      model::Duration round_trip = within;
      if (from != to && measured) {
        const auto it = pairs.find({regions[from].location, regions[to].location});
        CHECK_MSG(it != pairs.end(), "the region matrix lacks a location");
        round_trip = engine::to_duration(it->second * 1e6);
      } else if (from != to) {
        round_trip = backbone.rtt;
      }
      delays_[from * count_ + to] = round_trip / 2;
    }
  }
}

}  // namespace greytick::net
