#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "model/time.h"
#include "sim/engine/distributions.h"
#include "sim/engine/random.h"
#include "sim/scenario/dist_spec.h"

namespace greytick::net {

/// A scenario's distribution ready to be drawn from: its law, its clamps and its table. A value;
/// copies share the table. Units are those of the spec: nanoseconds, bytes, plain numbers.
class Law {
 public:
  /// Always 0.
  Law() = default;
  /// Reads the file of an empirical spec; CHECKs what the loader has checked.
  explicit Law(const scenario::DistSpec& spec);

  double sample(engine::Stream& stream) const {
    if (steps_ == nullptr) return clamp(law_.sample(stream));
    const double u = stream.uniform_open();
    const double at = u * kSteps;
    const auto step = static_cast<std::size_t>(at);
    if (step < kEdge || step >= kSteps - kEdge) return clamp(law_.quantile(u));
    const double low = (*steps_)[step];
    return clamp(low + (at - static_cast<double>(step)) * ((*steps_)[step + 1] - low));
  }
  /// Rounded to whole nanoseconds, at least 0.
  model::Duration sample_duration(engine::Stream& stream) const {
    return engine::to_duration(sample(stream));
  }
  double quantile(double q) const { return clamp(law_.quantile(q)); }
  bool is_constant() const { return law_.kind() == engine::Distribution::Kind::kConstant; }

 private:
  double clamp(double x) const { return x < min_ ? min_ : x > max_ ? max_ : x; }

  // The quantile function at multiples of 1 / kSteps, between which it is taken for straight: off
  // by less than one part in ten thousand. The ends, where it bends, are computed exactly.
  static constexpr std::size_t kSteps = 1024, kEdge = 32;

  engine::Distribution law_;
  std::shared_ptr<const std::vector<double>> steps_;                 // null: every draw is exact
  std::shared_ptr<const std::vector<engine::QuantilePoint>> table_;  // null but for empirical laws
  double min_ = 0.0;
  double max_ = 1e300;
};

}  // namespace greytick::net
