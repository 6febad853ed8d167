#include "sim/net/law.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "sim/engine/detmath.h"

namespace greytick::net {
namespace {

using scenario::DistKey;
using scenario::DistKind;
using scenario::DistSpec;
using scenario::DistUnit;

struct Case {
  const char* name;
  DistSpec spec;
  double q;
  double value;
};

TEST(Law, HasTheQuantilesThatTheScenarioStates) {
  const Case cases[] = {
      {"constant", {.params = {{DistKey::kValue, 5}}}, 0.3, 5},
      {"uniform",
       {.kind = DistKind::kUniform, .params = {{DistKey::kLow, 2}, {DistKey::kHigh, 4}}},
       0.25,
       2.5},
      {"exponential by median",
       {.kind = DistKind::kExponential, .params = {{DistKey::kMedian, 10}}},
       0.5,
       10},
      {"exponential by mean",
       {.kind = DistKind::kExponential, .params = {{DistKey::kMean, 10}}},
       0.5,
       10 * engine::detmath::log(2.0)},
      {"lognormal p99",
       {.kind = DistKind::kLognormal, .params = {{DistKey::kMedian, 8}, {DistKey::kP99, 122}}},
       0.99,
       122},
      {"lognormal p90",
       {.kind = DistKind::kLognormal, .params = {{DistKey::kMedian, 8}, {DistKey::kP90, 60}}},
       0.9,
       60},
      {"lognormal lower of two",
       {.kind = DistKind::kLognormal, .params = {{DistKey::kP10, 8}, {DistKey::kP999, 60}}},
       0.1,
       8},
      {"lognormal upper of two",
       {.kind = DistKind::kLognormal, .params = {{DistKey::kP10, 8}, {DistKey::kP999, 60}}},
       0.999,
       60},
      {"weibull lower of two",
       {.kind = DistKind::kWeibull, .params = {{DistKey::kP25, 8}, {DistKey::kP75, 60}}},
       0.25,
       8},
      {"lognormal by mean",
       {.kind = DistKind::kLognormal, .params = {{DistKey::kMean, 8}, {DistKey::kSigma, 1}}},
       0.5,
       8 / engine::detmath::exp(0.5)},
      {"lognormal without spread",
       {.kind = DistKind::kLognormal, .params = {{DistKey::kMedian, 8}, {DistKey::kP99, 8}}},
       0.99,
       8},
      {"weibull p90",
       {.kind = DistKind::kWeibull, .params = {{DistKey::kMedian, 8}, {DistKey::kP90, 60}}},
       0.9,
       60},
      {"weibull by shape",
       {.kind = DistKind::kWeibull, .params = {{DistKey::kMedian, 8}, {DistKey::kShape, 0.7}}},
       0.5,
       8},
      {"pareto",
       {.kind = DistKind::kPareto, .params = {{DistKey::kScale, 2}, {DistKey::kShape, 1}}},
       0.5,
       4},
      {"clamped below",
       {.kind = DistKind::kUniform,
        .params = {{DistKey::kLow, 0}, {DistKey::kHigh, 4}, {DistKey::kMin, 3}}},
       0.25,
       3},
      {"clamped above",
       {.kind = DistKind::kUniform,
        .params = {{DistKey::kLow, 0}, {DistKey::kHigh, 4}, {DistKey::kMax, 3}}},
       0.9,
       3},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_NEAR(Law(c.spec).quantile(c.q), c.value, 1e-9 * c.value);
  }
}

TEST(Law, GammaHasItsMean) {
  const Law law(DistSpec{.kind = DistKind::kGamma,
                         .unit = DistUnit::kNumber,
                         .params = {{DistKey::kMean, 6}, {DistKey::kCv, 0.5}}});
  engine::Stream stream(1, engine::Purpose::kTest, 1);
  double sum = 0;
  for (int i = 0; i < 20'000; ++i) sum += law.sample(stream);
  EXPECT_NEAR(sum / 20'000, 6, 0.1);
}

TEST(Law, DrawsAreQuantilesToAFewPartsInTenThousand) {
  const Law law(DistSpec{.kind = DistKind::kLognormal,
                         .unit = DistUnit::kNumber,
                         .params = {{DistKey::kMedian, 100}, {DistKey::kSigma, 1.8}}});
  engine::Stream stream(1, engine::Purpose::kTest, 2);
  engine::Stream same = stream;
  for (int i = 0; i < 20'000; ++i) {
    const double exact = law.quantile(same.uniform_open());
    ASSERT_NEAR(law.sample(stream), exact, 3e-4 * exact);
  }
  EXPECT_EQ(stream.position(), same.position());
}

TEST(Law, DrawsInverseQuantilesOfAColumnInSecondsOrMilliseconds) {
  const std::string path = std::filesystem::temp_directory_path() / "greytick_law_test.csv";
  std::ofstream(path) << "quantile,seconds,gap_ms\n0.1,3,10\n0.2,1,30\n0.9,2,20\n";
  DistSpec spec{.kind = DistKind::kEmpirical,
                .params = {},
                .file = {.name = "t.csv", .path = path},
                .column = "seconds"};
  const Law seconds(spec);
  EXPECT_DOUBLE_EQ(seconds.quantile(0), 1e9);
  EXPECT_DOUBLE_EQ(seconds.quantile(0.5), 2e9);
  EXPECT_DOUBLE_EQ(seconds.quantile(0.75), 2.5e9);
  spec.column = "gap_ms";
  const Law milliseconds(spec);
  const Law copy = milliseconds;
  EXPECT_DOUBLE_EQ(copy.quantile(1), 30e6);
  std::filesystem::remove(path);
}

TEST(Law, ReadsATableOfQuantilesByItsQ) {
  const std::string path = std::filesystem::temp_directory_path() / "greytick_law_q_test.csv";
  std::ofstream(path) << "q,other,gap_ms\n0,9,1\n0.5,9,3\n0.9,9,7\n1,9,107\n";
  const Law law(DistSpec{.kind = DistKind::kEmpirical,
                         .params = {},
                         .file = {.name = "t.csv", .path = path},
                         .column = "gap_ms"});
  std::filesystem::remove(path);
  EXPECT_DOUBLE_EQ(law.quantile(0), 1e6);
  EXPECT_DOUBLE_EQ(law.quantile(0.25), 2e6);
  EXPECT_DOUBLE_EQ(law.quantile(0.7), 5e6);
  EXPECT_NEAR(law.quantile(0.95), 57e6, 1);
}

}  // namespace
}  // namespace greytick::net
