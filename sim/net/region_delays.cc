#include "sim/net/region_delays.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
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

std::vector<RegionLink> RegionDelays::lines(const scenario::Backbone& backbone,
                                            const std::vector<scenario::Region>& regions) const {
  const auto number = [&](const std::string& name) {
    const auto it = std::ranges::find(regions, name, &scenario::Region::name);
    CHECK_MSG(it != regions.end(), "a line leads to an unknown region");
    return static_cast<std::uint16_t>(it - regions.begin());
  };
  const auto line = [&](std::uint16_t a, std::uint16_t b, std::optional<model::Duration> rtt) {
    const model::Duration there = rtt ? *rtt / 2 : one_way(a, b);
    const model::Duration back = rtt ? *rtt / 2 : one_way(b, a);
    return RegionLink{.a = a,
                      .b = b,
                      .there = std::max(there, model::Duration{1}),
                      .back = std::max(back, model::Duration{1})};
  };
  std::vector<RegionLink> out;
  for (const scenario::BackboneLink& l : backbone.links) {
    out.push_back(line(number(l.from), number(l.to), l.rtt));
  }
  if (!backbone.links.empty()) return out;
  for (std::uint16_t a = 0; a < count_; ++a) {
    for (std::uint16_t b = a + 1; b < count_; ++b) out.push_back(line(a, b, std::nullopt));
  }
  return out;
}

}  // namespace greytick::net
