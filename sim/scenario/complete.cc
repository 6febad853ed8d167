#include "sim/scenario/complete.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "sim/scenario/data_check.h"
#include "sim/scenario/names.h"
#include "sim/scenario/region_matrices.h"

namespace greytick::scenario {
namespace {

// The invariants for which every run with one message has facts.
constexpr std::array<Invariant, 7> kDefaultAlways{
    Invariant::kSentDurable, Invariant::kNoDuplicate, Invariant::kNoCreation, Invariant::kFifo,
    Invariant::kTickTruth,   Invariant::kTickOrder,   Invariant::kNoLoss};

void complete_regions(Decoder& d, Scenario& s) {
  std::vector<RegionShare> shares;
  const bool given = d.was_written("population.regions");
  for (const Region& r : s.topology.regions) {
    const auto written = std::ranges::find(s.population.regions, r.name, &RegionShare::region);
    Share share{1.0 / static_cast<double>(s.topology.regions.size())};
    if (given) share = written == s.population.regions.end() ? Share{0.0} : written->share;
    shares.push_back({.region = r.name, .share = share});
  }
  if (given) {
    for (const RegionShare& r : s.population.regions) {
      if (std::ranges::find(shares, r.region, &RegionShare::region) != shares.end()) continue;
      d.error(d.where("population.regions." + r.region),
              fmt::format("unknown region '{}'", r.region), "a region of topology.regions",
              nearest_name(r.region, names_of(s.topology.regions, &Region::name)));
    }
  }
  s.population.regions = std::move(shares);
}

void complete_matrix(Decoder& d, Scenario& s) {
  Backbone& backbone = s.network.backbone;
  if (backbone.matrix != RegionMatrix::kUniform && !d.was_written("network.backbone.file")) {
    backbone.file = {.name = std::string(matrix_file(backbone.matrix)), .path = {}};
  }
  if (backbone.file.path.empty()) {
    backbone.file.path = d.files().find(backbone.file.name, 0).string();
  }
  for (Region& r : s.topology.regions) r.location = location_in(backbone.matrix, r.location);
}

// Built-in networks name a table that the loader has not seen yet.
void complete_access(Decoder& d, Scenario& s) {
  for (Access& a : s.network.access) {
    std::vector<DistSpec*> laws{&a.rtt};
    if (a.stalls) laws.insert(laws.end(), {&a.stalls->every, &a.stalls->lasts});
    if (a.handoff) laws.insert(laws.end(), {&a.handoff->every, &a.handoff->gap});
    for (DistSpec* law : laws) {
      if (law->file.empty() || !law->file.path.empty()) continue;
      const Mark& mark = d.where("network.assign." + a.name);
      law->file.path = d.files().find(law->file.name, 0).string();
      if (law->file.path.empty()) {
        d.error(mark,
                fmt::format("cannot find '{}', which '{}' is drawn from", law->file.name, a.name),
                "the file beside the scenario, in data/");
        break;
      }
      if (const auto found = check_column(law->file.path, law->column)) {
        d.error(mark, found->message, found->expected, found->nearest);
        break;
      }
    }
  }
}

void complete_fault_names(Scenario& s) {
  std::array<size_t, kFaultKinds> seen{};
  for (Fault& f : s.faults) {
    const size_t number = seen[static_cast<size_t>(f.kind)]++;
    if (!f.name.empty()) continue;
    f.name = number == 0 ? std::string(name_of(f.kind))
                         : fmt::format("{}-{}", name_of(f.kind), number + 1);
  }
}

}  // namespace

void complete(Decoder& d, Scenario& s, bool invariants_given) {
  complete_regions(d, s);
  complete_fault_names(s);
  if (!invariants_given) {
    s.gates.always.clear();
    for (const Invariant i : kDefaultAlways) s.gates.always.push_back({.invariant = i});
    s.gates.eventually = {{.invariant = Invariant::kConverged}};
  }
  complete_matrix(d, s);
  complete_access(d, s);
}

}  // namespace greytick::scenario
