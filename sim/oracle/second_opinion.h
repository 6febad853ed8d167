// The sketches and the judge share nothing but the facts; where they differ, one of them is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/oracle/report.h"
#include "sim/oracle/sketch.h"

namespace greytick::oracle {

/// What the sketches say of a whole run, held against what its judge says.
struct SecondOpinion {
  std::uint64_t copies = 0;         // committed for somebody
  std::uint64_t lost = 0;           // never arrived and never given up; of those that are named
  std::uint64_t doubled = 0;        // arrived more often than they were committed; likewise
  bool whole = true;                // false: there are more than those
  bool agrees = true;               // with the judge, on whether copies were lost or doubled
  std::string sentence;             // names the first of them, and a disagreement; else empty
  std::optional<Difference> first;  // a lost one if there is any
  [[nodiscard]] bool clean() const { return whole && lost == 0 && doubled == 0; }
};

/// Both must have seen the whole run, its drain included.
///
/// A lost copy is one that the judge counts as undelivered (I9, or of an installation that is
/// over). A doubled one was applied twice (I2), after it was given up (I8), or by somebody for whom
/// it was not committed (I3, I11). A message that is committed twice (I1, I2) is one copy for the
/// sketches and stands at two positions for the judge, so then the two are not held against each
/// other on what is lost. The judge sees more than the sketches do: when it objects to something
/// else, that is no disagreement.
SecondOpinion second_opinion(const SketchReport& sketches, const Report& judged);

}  // namespace greytick::oracle
