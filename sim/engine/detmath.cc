#include "sim/engine/detmath.h"

#include <array>
#include <bit>
#include <cstdint>
#include <limits>

#ifdef __FAST_MATH__
#error "detmath promises the same bits everywhere: build it without -ffast-math."
#endif
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0
#error "detmath needs doubles that are evaluated as doubles (SSE2, not x87)."
#endif

namespace greytick::engine::detmath {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kLeastNormal = std::numeric_limits<double>::min();

// ln 2 in two parts. The first has 32 significant bits, so that its product with an exponent is
// exact.
constexpr double kLn2High = 0x1.62e42feep-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kLog2E = 0x1.71547652b82fep+0;

// An unevaluated sum: some 106 bits, |low| at most half an ulp of high.
struct DoubleDouble {
  double high;
  double low;
};

// a + b exactly, if |a| >= |b| or a == 0. Source: Dekker, Numerische Mathematik 18, 1971.
DoubleDouble fast_two_sum(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

// a + b exactly. Source: Knuth, The Art of Computer Programming 2, 4.2.2.
DoubleDouble two_sum(double a, double b) {
  const double sum = a + b;
  const double from_b = sum - a;
  return {sum, (a - (sum - from_b)) + (b - from_b)};
}

// a * b exactly, by splitting each factor in halves (Veltkamp and Dekker): there is no fused
// multiply-add here to do it in two operations. Overflows above 2^996.
DoubleDouble two_product(double a, double b) {
  constexpr double kSplitter = 0x1p27 + 1;
  const double a_big = a * kSplitter;
  const double a_high = a_big - (a_big - a);
  const double a_low = a - a_high;
  const double b_big = b * kSplitter;
  const double b_high = b_big - (b_big - b);
  const double b_low = b - b_high;
  const double product = a * b;
  return {product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

// 2^n for a normal result.
double power_of_two(std::int64_t n) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(n + 1023) << 52);
}

struct Reduced {
  double mantissa;  // In [sqrt(1/2), sqrt(2)), up to the rounding of the bound.
  double exponent;  // An integer.
};

// x = mantissa * 2^exponent for finite x > 0.
Reduced reduce(double x) {
  std::int64_t exponent = 0;
  if (x < kLeastNormal) {
    x *= 0x1p54;
    exponent = -54;
  }
  const auto bits = std::bit_cast<std::uint64_t>(x);
  constexpr std::uint64_t kMantissaMask = (std::uint64_t{1} << 52) - 1;
  constexpr std::uint64_t kSqrt2Mantissa = 0x6a09e667f3bcd;
  exponent += static_cast<std::int64_t>(bits >> 52) - 1023;
  std::uint64_t biased = 1023;
  if ((bits & kMantissaMask) >= kSqrt2Mantissa) {
    biased = 1022;
    ++exponent;
  }
  return {std::bit_cast<double>(biased << 52 | (bits & kMantissaMask)),
          static_cast<double>(exponent)};
}

// (atanh(s) - s) / s^3 = 1/3 + z/5 + z^2/7 + ... with z = s^2 <= 0.0295; the first term left out is
// below 2^-58 of the sum. Summed in pairs, which is twice as fast as Horner's rule.
double atanh_tail(double z) {
  const double z2 = z * z;
  const double z4 = z2 * z2;
  const double z8 = z4 * z4;
  const double first = (1.0 / 3 + z * (1.0 / 5)) + z2 * (1.0 / 7 + z * (1.0 / 9));
  const double second = (1.0 / 11 + z * (1.0 / 13)) + z2 * (1.0 / 15 + z * (1.0 / 17));
  const double third = (1.0 / 19 + z * (1.0 / 21)) + z2 * (1.0 / 23);
  return first + z4 * second + z8 * third;
}

// log x to some 60 bits relative to its size, for pow.
DoubleDouble log_extended(double x) {
  const Reduced r = reduce(x);
  const double f = r.mantissa - 1.0;  // Exact: Sterbenz.
  const DoubleDouble g = two_sum(r.mantissa, 1.0);
  // s = f / (2 + f) in two parts: the quotient and what it leaves over.
  const double s = f / g.high;
  const DoubleDouble product = two_product(s, g.high);
  const double s_low = (((f - product.high) - product.low) - s * g.low) / g.high;
  const double z = s * s;
  const double tail = 2.0 * s * z * atanh_tail(z);
  const DoubleDouble scale = two_sum(r.exponent * kLn2High, 2.0 * s);
  return two_sum(scale.high, scale.low + (r.exponent * kLn2Low + 2.0 * s_low + tail));
}

// exp(high + low) for a low far below high, which is all that a caller can have.
double exp_extended(double high, double low) {
  constexpr double kOverflow = 710.0;
  constexpr double kUnderflow = -746.0;
  if (high != high) {
    return high;
  }
  if (high > kOverflow) {
    return kInfinity;
  }
  if (high < kUnderflow) {
    return 0.0;
  }
  const auto n = static_cast<std::int64_t>(high * kLog2E + (high < 0 ? -0.5 : 0.5));
  const auto count = static_cast<double>(n);
  const double reduced_high =
      high - count * kLn2High;  // Exact: both are multiples of one small ulp.
  const double reduced_low = low - count * kLn2Low;
  const double r = reduced_high + reduced_low;
  const double left_over = (reduced_high - r) + reduced_low;
  // exp(r) = 1 + r + r^2 q(r), Taylor to r^13 for |r| <= 0.347: the rest is below 2^-57.
  const double r2 = r * r;
  const double r4 = r2 * r2;
  const double q0 = (1.0 / 2 + r * (1.0 / 6)) + r2 * (1.0 / 24 + r * (1.0 / 120));
  const double q1 = (1.0 / 720 + r * (1.0 / 5040)) + r2 * (1.0 / 40320 + r * (1.0 / 362880));
  const double q2 =
      (1.0 / 3628800 + r * (1.0 / 39916800)) + r2 * (1.0 / 479001600 + r * (1.0 / 6227020800));
  const double q = q0 + r4 * (q1 + r4 * q2);
  const double value = 1.0 + (r + (r2 * q + left_over * (1.0 + r)));
  // In two steps, since 2^n alone may be subnormal or too large; only the second can round.
  const std::int64_t half = n / 2;
  return value * power_of_two(half) * power_of_two(n - half);
}

template <std::size_t N>
double polynomial(const std::array<double, N>& coefficients, double x) {
  double sum = coefficients[N - 1];
  for (std::size_t i = N - 1; i > 0; --i) {
    sum = sum * x + coefficients[i - 1];
  }
  return sum;
}

}  // namespace

double log(double x) {
  if (x != x || x == kInfinity) {
    return x;
  }
  if (x <= 0.0) {
    return x == 0.0 ? -kInfinity : kNaN;
  }
  const Reduced r = reduce(x);
  const double f = r.mantissa - 1.0;
  const double s = f / (2.0 + f);
  const double z = s * s;
  // log(1 + f) = 2 atanh(s) = f - s (f - 2 z tail) and, with h = f^2 / 2, = f - (h - s (h + 2 z
  // tail)): the last form keeps f, which is exact, as the leading term.
  const double half_square = 0.5 * f * f;
  const double tail = s * (half_square + 2.0 * z * atanh_tail(z));
  if (r.exponent == 0.0) {
    return f - (half_square - tail);
  }
  return r.exponent * kLn2High - ((half_square - (tail + r.exponent * kLn2Low)) - f);
}

double exp(double x) { return exp_extended(x, 0.0); }

double pow(double x, double y) {
  if (y == 0.0 || x == 1.0) {
    return 1.0;
  }
  if (x != x || y != y) {
    return kNaN;
  }
  if (x < 0.0) {
    return kNaN;
  }
  if (x == 0.0) {
    return y > 0.0 ? 0.0 : kInfinity;
  }
  if (x == kInfinity) {
    return y > 0.0 ? kInfinity : 0.0;
  }
  const DoubleDouble log_x = log_extended(x);
  const double rough = y * log_x.high;
  // Far outside, where two_product could overflow, the rough product decides.
  if (rough > 800.0 || rough < -800.0) {
    return rough > 0.0 ? kInfinity : 0.0;
  }
  const DoubleDouble product = two_product(y, log_x.high);
  const DoubleDouble exponent = fast_two_sum(product.high, product.low + y * log_x.low);
  return exp_extended(exponent.high, exponent.low);
}

double sqrt(double x) { return __builtin_sqrt(x); }

double normal_quantile(double p) {
  if (!(p >= 0.0 && p <= 1.0)) {
    return kNaN;
  }
  constexpr std::array<double, 8> kA = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                                        1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                        4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                        3.3430575583588128105e+4, 2.5090809287301226727e+3};
  constexpr std::array<double, 8> kB = {1.0,
                                        4.2313330701600911252e+1,
                                        6.8718700749205790830e+2,
                                        5.3941960214247511077e+3,
                                        2.1213794301586595867e+4,
                                        3.9307895800092710610e+4,
                                        2.8729085735721942674e+4,
                                        5.2264952788528545610e+3};
  constexpr std::array<double, 8> kC = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                        5.76949722146069140550e0,  3.64784832476320460504e0,
                                        1.27045825245236838258e0,  2.41780725177450611770e-1,
                                        2.27238449892691845833e-2, 7.74545014278341407640e-4};
  constexpr std::array<double, 8> kD = {1.0,
                                        2.05319162663775882187e0,
                                        1.67638483018380384940e0,
                                        6.89767334985100004550e-1,
                                        1.48103976427480074590e-1,
                                        1.51986665636164571966e-2,
                                        5.47593808499534494600e-4,
                                        1.05075007164441684324e-9};
  constexpr std::array<double, 8> kE = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                        1.78482653991729133580e0,  2.96560571828504891230e-1,
                                        2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                        2.71155556874348757815e-5, 2.01033439929228813265e-7};
  constexpr std::array<double, 8> kF = {1.0,
                                        5.99832206555887937690e-1,
                                        1.36929880922735805310e-1,
                                        1.48753612908506148525e-2,
                                        7.86869131145613259100e-4,
                                        1.84631831751005468180e-5,
                                        1.42151175831644588870e-7,
                                        2.04426310338993978564e-15};
  const double q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(kA, r) / polynomial(kB, r);
  }
  const double tail = q < 0.0 ? p : 1.0 - p;
  if (tail == 0.0) {
    return q < 0.0 ? -kInfinity : kInfinity;
  }
  const double r = sqrt(-log(tail));
  const double value = r <= 5.0 ? polynomial(kC, r - 1.6) / polynomial(kD, r - 1.6)
                                : polynomial(kE, r - 5.0) / polynomial(kF, r - 5.0);
  return q < 0.0 ? -value : value;
}

double log_gamma(double x) {
  if (!(x > 0.0)) {
    return kNaN;
  }
  if (x == kInfinity) {
    return x;
  }
  // Gamma(x) = Gamma(x + n) / (x (x + 1) ... (x + n - 1)).
  double product = 1.0;
  while (x < 12.0) {
    product *= x;
    x += 1.0;
  }
  // B_2k / (2k (2k - 1)) for k = 1 to 7; the first left out is below 1e-16 at x = 12.
  constexpr std::array<double, 7> kStirling = {1.0 / 12,   -1.0 / 360,      1.0 / 1260, -1.0 / 1680,
                                               1.0 / 1188, -691.0 / 360360, 1.0 / 156};
  constexpr double kHalfLogTwoPi = 0x1.d67f1c864beb5p-1;
  const double inverse = 1.0 / x;
  const double series = inverse * polynomial(kStirling, inverse * inverse);
  return (x - 0.5) * log(x) - x + kHalfLogTwoPi + series - log(product);
}

double gamma_p(double shape, double x) {
  if (!(shape > 0.0 && x >= 0.0)) {
    return kNaN;
  }
  if (x == 0.0) {
    return 0.0;
  }
  if (x == kInfinity) {
    return 1.0;
  }
  // Enough for shapes to 1e6: both expansions need some 10 sqrt(shape) terms near x = shape.
  constexpr int kTermsMax = 20'000;
  constexpr double kEnough = 0x1p-54;
  const double front = exp(shape * log(x) - x - log_gamma(shape));
  if (x < shape + 1.0) {
    double term = 1.0 / shape;
    double sum = term;
    for (int n = 1; n < kTermsMax && term > sum * kEnough; ++n) {
      term *= x / (shape + n);
      sum += term;
    }
    return front * sum;
  }
  double b = x + 1.0 - shape;
  double c = 0x1p1000;
  double d = 1.0 / b;
  double fraction = d;
  for (int n = 1; n < kTermsMax; ++n) {
    const double a = -n * (n - shape);
    b += 2.0;
    d = 1.0 / (a * d + b);
    c = b + a / c;
    const double factor = c * d;
    fraction *= factor;
    if (factor - 1.0 < kEnough && 1.0 - factor < kEnough) {
      break;
    }
  }
  return 1.0 - front * fraction;
}

}  // namespace greytick::engine::detmath
