#pragma once

#include "sim/engine/detmath.h"
#include "sim/engine/random.h"

namespace greytick::net {

/// A number uniform in (0, 1) whose normal quantile follows an AR(1) chain: fed to any law's
/// quantile function it gives successive draws that are correlated, each still of that law exactly.
/// (tc-netem mixes the draws themselves, which narrows their law.)
///
/// deviate: the chain's last normal deviate, changed; first: there is none yet. One draw.
/// Source: the Gaussian copula; Nelsen, "An introduction to copulas", 2006, 2.3.
inline double correlated_uniform(engine::Stream& stream, double correlation, bool first,
                                 double& deviate) {
  namespace detmath = engine::detmath;
  const double fresh = detmath::normal_quantile(stream.uniform_open());
  deviate =
      first ? fresh : correlation * deviate + detmath::sqrt(1 - correlation * correlation) * fresh;
  const double half = 0.5 * detmath::gamma_p(0.5, deviate * deviate / 2);
  const double u = deviate < 0 ? 0.5 - half : 0.5 + half;
  // Far out the incomplete gamma function is 1 exactly, where a quantile would be infinite.
  constexpr double kEdge = 0x1p-53;
  return u < kEdge ? kEdge : u > 1 - kEdge ? 1 - kEdge : u;
}

}  // namespace greytick::net
