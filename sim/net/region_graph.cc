#include "sim/net/region_graph.h"

#include <limits>
#include <utility>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/strong_components.hpp>

#include "model/check.h"

namespace greytick::net {
namespace {

using Weight = boost::property<boost::edge_weight_t, std::int64_t>;
using Graph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property, Weight>;

// Of the links that are up.
Graph graph_of(std::size_t regions, std::span<const RegionLink> links,
               std::span<const RegionGraph::Up> up) {
  Graph graph(regions);
  for (std::size_t i = 0; i < links.size(); ++i) {
    const RegionLink& link = links[i];
    if (up[i].there) boost::add_edge(link.a, link.b, Weight(link.there.count()), graph);
    if (up[i].back) boost::add_edge(link.b, link.a, Weight(link.back.count()), graph);
  }
  return graph;
}

}  // namespace

RegionGraph::RegionGraph(std::size_t regions, std::vector<RegionLink> links)
    : regions_(regions), links_(std::move(links)) {
  for (const RegionLink& link : links_) {
    CHECK(link.a < regions);
    CHECK(link.b < regions);
    CHECK(link.a != link.b);
    CHECK(link.there > model::Duration{});
    CHECK(link.back > model::Duration{});
  }
  set_up(std::vector<Up>(links_.size()));
}

void RegionGraph::set_up(std::vector<Up> up) {
  CHECK(up.size() == links_.size());
  up_ = std::move(up);
  const Graph graph = graph_of(regions_, links_, up_);
  delays_.assign(regions_ * regions_, kNoWay);
  std::vector<std::int64_t> from_here(regions_);
  for (std::size_t from = 0; from < regions_; ++from) {
    boost::dijkstra_shortest_paths(
        graph, boost::vertex(from, graph),
        boost::distance_map(boost::make_iterator_property_map(
                                from_here.begin(), boost::get(boost::vertex_index, graph)))
            .distance_inf(kNoWay));
    std::copy(from_here.begin(), from_here.end(),
              delays_.begin() + static_cast<std::ptrdiff_t>(from * regions_));
  }
}

model::Duration RegionGraph::one_way(std::size_t from, std::size_t to) const {
  CHECK(reaches(from, to));
  return model::Duration{delays_[from * regions_ + to]};
}

Components RegionGraph::components() const {
  const Graph graph = graph_of(regions_, links_, up_);
  std::vector<std::size_t> number(regions_);
  const std::size_t count = boost::strong_components(
      graph,
      boost::make_iterator_property_map(number.begin(), boost::get(boost::vertex_index, graph)));
  // Numbered anew by first region, since Boost's order is that of its walk.
  constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  std::vector<std::size_t> place(count, kNone);
  Components out;
  for (std::size_t region = 0; region < regions_; ++region) {
    std::size_t& at = place[number[region]];
    if (at == kNone) {
      at = out.size();
      out.emplace_back();
    }
    out[at].push_back(static_cast<std::uint16_t>(region));
  }
  return out;
}

}  // namespace greytick::net
