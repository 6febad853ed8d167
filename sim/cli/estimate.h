// What a run will cost, before it starts.
#pragma once

#include "sim/scenario/scenario.h"

namespace greytick::cli {

struct Estimate {
  double messages = 0.0;
  double wall_seconds = 0.0;
};

/// From the rates alone, good to a factor of about three. A trace counts as nothing.
Estimate estimate(const scenario::Scenario& scenario);

}  // namespace greytick::cli
