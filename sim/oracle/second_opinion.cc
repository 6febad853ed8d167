#include "sim/oracle/second_opinion.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "sim/oracle/tally.h"

namespace greytick::oracle {
namespace {

std::string text_of(const Copy& copy) {
  const std::string what = copy.is_change() ? name_of(copy.stream.conversation, copy.number())
                                            : name_of(copy.stream, copy.number());
  return what + " for " + name_of(copy.recipient);
}

std::uint64_t total(const std::vector<Difference>& differences) {
  std::uint64_t sum = 0;
  for (const Difference& d : differences) {
    sum += static_cast<std::uint64_t>(d.count < 0 ? -d.count : d.count);
  }
  return sum;
}

// "2 copies never arrived: message 4 of device 1 in conversation 7 for device 2, ...".
std::string list(const std::vector<Difference>& differences, std::string_view what) {
  constexpr std::size_t kNamed = 3;
  const std::uint64_t count = total(differences);
  std::string out =
      std::to_string(count) + (count == 1 ? " copy " : " copies ") + std::string(what) + ": ";
  for (std::size_t i = 0; i < std::min(differences.size(), kNamed); ++i) {
    out += (i == 0 ? "" : ", ") + text_of(differences[i].copy);
  }
  if (differences.size() > kNamed) {
    out += " and " + std::to_string(differences.size() - kNamed) + " more";
  }
  return out;
}

void add(std::string& text, const std::string& part) {
  if (!text.empty()) text += "; ";
  text += part;
}

}  // namespace

SecondOpinion second_opinion(const SketchReport& sketches, const Report& judged) {
  SecondOpinion out;
  out.copies = sketches.committed;
  out.lost = total(sketches.lost);
  out.doubled = total(sketches.doubled);
  out.whole = sketches.whole;
  if (!sketches.lost.empty()) {
    out.first = sketches.lost.front();
    add(out.sentence, list(sketches.lost, "never arrived"));
  }
  if (!sketches.doubled.empty()) {
    if (!out.first) out.first = sketches.doubled.front();
    add(out.sentence, list(sketches.doubled, "arrived too often"));
  }
  if (!sketches.whole) add(out.sentence, "more were lost or doubled than can be named");

  const std::uint64_t undelivered = judged.counters.undelivered;
  const auto objects_to = [&](std::initializer_list<int> invariants) {
    return std::ranges::any_of(invariants, [&](int n) { return judged.of(n).violated != 0; });
  };
  const bool commits_twice = objects_to({1, 2});
  const bool doubled = objects_to({2, 3, 8, 11});
  const auto disagree = [&](const std::string& what) {
    out.agrees = false;
    add(out.sentence, "the judge and the sketches disagree: " + what);
  };
  if (!sketches.whole) {
    // What is not named may be either.
    if (undelivered == 0 && !commits_twice && !doubled) disagree("the judge found none of them");
    return out;
  }
  if (out.lost != 0 && undelivered == 0 && !commits_twice) {
    disagree("the judge found nothing lost");
  }
  if (out.lost == 0 && undelivered != 0 && !commits_twice) {
    disagree("the judge misses " + std::to_string(undelivered) + ", the sketches none");
  }
  if (out.doubled != 0 && !doubled) disagree("the judge found nothing doubled");
  return out;
}

}  // namespace greytick::oracle
