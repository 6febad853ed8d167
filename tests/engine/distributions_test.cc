#include "sim/engine/distributions.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace greytick::engine {
namespace {

using namespace model::literals;

const std::vector<QuantilePoint> kTable = {{0.0, 10}, {0.5, 20}, {0.9, 60}, {1.0, 300}};

struct Case {
  const char* name;
  Distribution law;
  double
      deviation;  // Standard deviation by theory; infinity where it has none or converges slowly.
};

std::vector<Case> cases() {
  // Of the table: E[X^2] piecewise, integral of a linear quantile squared.
  double square = 0;
  for (std::size_t i = 1; i < kTable.size(); ++i) {
    const auto [q0, a] = kTable[i - 1];
    const auto [q1, b] = kTable[i];
    square += (q1 - q0) * (a * a + a * b + b * b) / 3;
  }
  const double table_mean = 5 * 1.5 + 16 + 18;
  const double weibull_mean = std::tgamma(1 + 1 / 1.5);
  return {
      {"uniform", Distribution::uniform(-2, 6), 8 / std::sqrt(12.0)},
      {"exponential", Distribution::exponential(5), 5},
      {"normal", Distribution::normal(3, 2), 2},
      {"lognormal", Distribution::lognormal(0.5, 0.4),
       std::exp(0.5 + 0.08) * std::sqrt(std::expm1(0.16))},
      {"weibull", Distribution::weibull(1.5, 4),
       4 * std::sqrt(std::tgamma(1 + 2 / 1.5) - weibull_mean * weibull_mean)},
      {"pareto", Distribution::pareto(2, 5), 2 * std::sqrt(5.0 / (16.0 * 3.0))},
      {"gamma", Distribution::gamma(2.04, 3), 3 * std::sqrt(2.04)},
      {"gamma below one", Distribution::gamma(0.4, 3), 3 * std::sqrt(0.4)},
      {"empirical", Distribution::empirical(kTable), std::sqrt(square - table_mean * table_mean)},
  };
}

constexpr int kDraws = 40'000;

TEST(Distribution, SampleMeanAndDeviationAreThoseOfTheory) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    Stream stream(17, Purpose::kTest, 1);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < kDraws; ++i) {
      const double off = c.law.sample(stream) - c.law.mean();
      sum += off;
      squares += off * off;
    }
    const double error = c.deviation / std::sqrt(kDraws);
    EXPECT_NEAR(sum / kDraws, 0, 4 * error);
    EXPECT_NEAR(std::sqrt(squares / kDraws), c.deviation, 0.05 * c.deviation);
  }
}

TEST(Distribution, SamplesFollowTheQuantileFunction) {
  // Kolmogorov and Smirnov: the share of samples at or below quantile(q) must be q, for all q at
  // once.
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    Stream stream(18, Purpose::kTest, 2);
    std::vector<double> samples;
    samples.reserve(kDraws);
    for (int i = 0; i < kDraws; ++i) {
      samples.push_back(c.law.sample(stream));
    }
    std::sort(samples.begin(), samples.end());
    double worst = 0;
    for (int step = 1; step < 200; ++step) {
      const double q = step / 200.0;
      const auto below = std::upper_bound(samples.begin(), samples.end(), c.law.quantile(q));
      const double share = static_cast<double>(below - samples.begin()) / kDraws;
      worst = std::max(worst, std::fabs(share - q));
    }
    EXPECT_LT(worst, 1.95 / std::sqrt(kDraws)) << "the 0.999 quantile of the statistic";
  }
}

TEST(Distribution, ConstantTakesNoDrawAndTheOthersTakeOne) {
  Stream stream(19, Purpose::kTest, 3);
  EXPECT_EQ(Distribution::constant(7.5).sample(stream), 7.5);
  EXPECT_EQ(Distribution().sample(stream), 0.0);
  EXPECT_EQ(stream.position(), 0U);
  for (const Case& c : cases()) {
    if (c.law.kind() != Distribution::Kind::kGamma) {
      const std::uint64_t before = stream.position();
      c.law.sample(stream);
      EXPECT_EQ(stream.position(), before + 1) << c.name;
    }
  }
}

TEST(Distribution, TwoQuantilesGiveThemBack) {
  const QuantilePoint median{0.5, 58e6};
  const QuantilePoint p99{0.99, 900e6};
  for (const Distribution& law : {Distribution::lognormal_from_quantiles(median, p99),
                                  Distribution::weibull_from_quantiles(median, p99),
                                  Distribution::pareto_from_quantiles(median, p99)}) {
    EXPECT_NEAR(law.quantile(0.5) / 58e6, 1, 1e-12);
    EXPECT_NEAR(law.quantile(0.99) / 900e6, 1, 1e-12);
  }
  EXPECT_NEAR(Distribution::weibull_from_median(0.6, 95e9).quantile(0.5) / 95e9, 1, 1e-12);
}

TEST(Distribution, MeansAreThoseOfTheory) {
  EXPECT_NEAR(Distribution::gamma_from_mean_cv(180, 0.7).mean(), 180, 1e-9);
  EXPECT_NEAR(Distribution::weibull(0.6, 1).mean(), std::tgamma(1 + 1 / 0.6), 1e-12);
  EXPECT_NEAR(Distribution::pareto(2, 3).mean(), 3, 1e-12);
  EXPECT_EQ(Distribution::pareto(2, 1).mean(), std::numeric_limits<double>::infinity());
  EXPECT_NEAR(Distribution::empirical(kTable).mean(), 41.5, 1e-12);
}

TEST(Distribution, EmpiricalIsLinearBetweenItsPointsAndExactOnThem) {
  const Distribution law = Distribution::empirical(kTable);
  for (const QuantilePoint& point : kTable) {
    EXPECT_EQ(law.quantile(point.q), point.value);
  }
  EXPECT_DOUBLE_EQ(law.quantile(0.25), 15);
  EXPECT_DOUBLE_EQ(law.quantile(0.95), 180);
}

TEST(Distribution, GammaQuantileInvertsKnownValues) {
  // Shape 1 is exponential; chi-squared with 9 degrees of freedom is gamma(4.5, 2).
  EXPECT_NEAR(Distribution::gamma(1, 2).quantile(0.9), 2 * std::log(10.0), 1e-10);
  EXPECT_NEAR(Distribution::gamma(4.5, 2).quantile(0.95), 16.918977604620448, 1e-9);
  EXPECT_EQ(Distribution::gamma(2, 1).quantile(0), 0);
}

TEST(Distribution, DurationsAreRoundedAndNeverNegative) {
  EXPECT_EQ(to_duration(1.5), 2ns);
  EXPECT_EQ(to_duration(1.49), 1ns);
  EXPECT_EQ(to_duration(-3), 0ns);
  EXPECT_EQ(to_duration(80e6), 80ms);
  EXPECT_EQ(to_duration(1e300), model::Duration::max());
  EXPECT_EQ(to_duration(std::numeric_limits<double>::infinity()), model::Duration::max());
  EXPECT_EQ(to_duration(0x1.fffffffffffffp52), model::Duration{(std::int64_t{1} << 53) - 1});
  Stream stream(20, Purpose::kTest, 4);
  int zeros = 0;
  for (int i = 0; i < 1000; ++i) {
    const model::Duration delay = Distribution::normal(0, 1e6).sample_duration(stream);
    EXPECT_GE(delay, 0ns);
    zeros += delay == 0ns ? 1 : 0;
  }
  EXPECT_NEAR(zeros, 500, 80);
}

TEST(Distribution, SamplesGiveTheseBits) {
  // The same on every compiler, level and machine: a changed digit is a changed result of every
  // scenario.
  const std::vector<double> expected = {
      0x1.3e9c85b4486b1p+2, 0x1.4946bc20a4b75p+3, 0x1.519229c2cb20ep+2,
      0x1.4c9981f368a6fp+1, 0x1.9e30cef8834c0p+2, 0x1.825c7b4f4aa66p+1,
      0x1.5fdc974aca7fap+3, 0x1.28c95232e3b46p+2, 0x1.c9d490e9b1274p+5};
  std::vector<double> actual;
  for (const Case& c : cases()) {
    Stream stream(2024, Purpose::kTest, 5);
    actual.push_back(c.law.sample(stream));
  }
  EXPECT_EQ(actual, expected);
}

TEST(PoissonGap, HasTheRateAskedFor) {
  Stream stream(21, Purpose::kTest, 6);
  model::Duration sum{0};
  constexpr double kRate = 58'000;
  for (int i = 0; i < kDraws; ++i) {
    sum += poisson_gap(stream, kRate);
  }
  const double mean_ns = static_cast<double>(sum.count()) / kDraws;
  EXPECT_NEAR(mean_ns * kRate / 1e9, 1, 4 / std::sqrt(kDraws));
}

TEST(DistributionDeathTest, ParametersOutsideTheirRangeAbort) {
  EXPECT_DEATH(Distribution::exponential(0), "mean > 0");
  EXPECT_DEATH(Distribution::uniform(2, 1), "low <= high");
  EXPECT_DEATH(Distribution::gamma(-1, 1), "shape > 0");
  EXPECT_DEATH(Distribution::lognormal_from_quantiles({0.5, 2}, {0.9, 1}),
               "low.value < high.value");
  const std::vector<QuantilePoint> open_end = {{0.0, 1}, {0.9, 2}};
  EXPECT_DEATH(Distribution::empirical(open_end), "q == 1.0");
  EXPECT_DEATH(to_duration(std::nan("")), "ns == ns");
}

}  // namespace
}  // namespace greytick::engine
