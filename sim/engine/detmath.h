#ifndef GREYTICK_SIM_ENGINE_DETMATH_H_
#define GREYTICK_SIM_ENGINE_DETMATH_H_

namespace greytick::engine::detmath {

/// Elementary functions in nothing but IEEE additions, multiplications, divisions and square roots,
/// so that their bits are the same for every compiler, optimisation level and C library: measured,
/// the libm of two platforms differs, and one differing bit moves an event. They need
/// -ffp-contract=off and refuse -ffast-math. Special values are those of C99 unless said otherwise.
/// Accuracy is in units in the last place (ulp) and held by the tests against libm.

/// Natural logarithm; below 1 ulp. log(0) = -inf, log(x < 0) = NaN.
double log(double x);

/// e to the x; below 1 ulp for normal results, 1 ulp of the smallest normal below that.
double exp(double x);

/// x to the y for x >= 0; below 1.5 ulp for normal results, however large y log x is. NaN for x <
/// 0: no caller here has a use for a power of a negative number.
double pow(double x, double y);

/// Square root, correctly rounded by the standard; here so that callers need no <cmath>.
double sqrt(double x);

/// The standard normal quantile: Phi(result) = p; relative error about 1e-15. -inf at 0, +inf at
/// 1, NaN outside.
/// Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied
/// Statistics 37(3), 1988, routine PPND16.
double normal_quantile(double p);

/// Logarithm of the gamma function for x > 0; absolute error below 2e-14 * max(1, |result|). NaN
/// for x <= 0. Source: Stirling's series with the recurrence below x = 12; DLMF 5.11.1 and 5.5.1.
double log_gamma(double x);

/// Regularised lower incomplete gamma function P(shape, x) for shape > 0 and x >= 0, in [0, 1];
/// absolute error below 1e-12. NaN outside.
/// Source: DLMF 8.11.4 (series) and 8.9.2 (continued fraction, by Lentz's method).
double gamma_p(double shape, double x);

}  // namespace greytick::engine::detmath

#endif  // GREYTICK_SIM_ENGINE_DETMATH_H_
