// The figures of docs/validation.md are within their tolerances.
#include <gtest/gtest.h>

#include "tests/validation/figures.h"

namespace greytick::validation {
namespace {

void expect_held(const Section& section) {
  EXPECT_FALSE(section.figures.empty());
  for (const Figure& f : section.figures) {
    EXPECT_TRUE(f.holds()) << section.title << ", " << f.what << ": " << f.simulated << " "
                           << f.unit << ", expected " << f.expected << " within " << f.tolerance;
  }
}

TEST(Validation, AccessRoundTripsAreTheMeasuredOnes) { expect_held(access_round_trips()); }
TEST(Validation, AccessLossAndStallsAreTheMeasuredOnes) { expect_held(access_loss_and_stalls()); }
TEST(Validation, RegionsAreAsFarApartAsMeasured) { expect_held(matrices()); }
TEST(Validation, AReplayedTraceKeepsItsGaps) { expect_held(trace_gaps()); }
TEST(Validation, StaysFollowTheirLawAndLittle) { expect_held(stays()); }
TEST(Validation, ALinkIsAnMM1Queue) { expect_held(link_queue()); }
TEST(Validation, LoginsWaitAsInAnMD1Queue) { expect_held(accept_queue()); }
TEST(Validation, CommitsWaitForTheirTurnAndOneSync) { expect_held(store_commits()); }

}  // namespace
}  // namespace greytick::validation
