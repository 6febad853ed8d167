// The results of a sweep, a row a point.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "sim/cli/trial.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/sweep.h"

namespace greytick::cli {

/// One combination of values. Invariant: trials are those of the first seeds, without a gap.
struct SweepPoint {
  std::vector<std::string> values;  // one an axis
  std::size_t number = 0;           // among all points, those of other shards included
  scenario::Scenario scenario = {};
  std::size_t begun = 0;  // seeds
  std::vector<Trial> trials = {};
  std::map<std::size_t, Trial> early = {};  // finished before one with a lower seed
  bool enough = false;                      // it has all the seeds it was to have
};

class SweepTable {
 public:
  /// Both outlive it. first: the metric of the first column, "" for none. level: of the intervals.
  SweepTable(const std::vector<scenario::SweepAxis>& axes, const std::vector<SweepPoint>& points,
             std::string first, double level);

  /// "client.backoff.jitter=full users=20k".
  static std::string label(const std::vector<scenario::SweepAxis>& axes, const SweepPoint& point);

  /// For a terminal: axes, seeds, runs that passed, and the few metrics that matter most.
  std::string text() const;
  /// Every metric: mean and half width of its interval, in ns, 1/s, counts, fractions or bytes. An
  /// empty cell: not measured, or no interval.
  std::string csv() const;
  std::string json(const std::string& folder, int exit_code) const;

 private:
  struct Cell {
    std::size_t samples = 0;
    double mean = 0.0;
    double half_width = -1.0;  // negative: none
  };
  Cell cell(const SweepPoint& point, const std::string& metric) const;
  std::vector<std::string> shown() const;
  std::vector<std::string> all() const;

  const std::vector<scenario::SweepAxis>& axes_;
  const std::vector<SweepPoint>& points_;
  std::string first_;
  double level_;
};

}  // namespace greytick::cli
