// Each kind of fault in a small world: what is seen while it is in force. faults_test.cc runs them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "model/fact.h"
#include "model/time.h"
#include "sim/scenario/fault.h"
#include "sim/world/fact_sink.h"
#include "tests/world/observed_run.h"

namespace greytick::world::fault_cases {

inline constexpr model::Instant kFrom =
    model::Instant{} + std::chrono::seconds(40);  // the fault is in force ...
inline constexpr model::Instant kTo =
    model::Instant{} + std::chrono::seconds(80);  // ... until here
inline constexpr model::Instant kCalm =
    model::Instant{} + std::chrono::seconds(120);  // by then it is forgotten
inline constexpr model::Instant kEnd = model::Instant{} + std::chrono::seconds(150);

// Who is there: everybody all the time, or people who come and go and are woken by pushes.
enum class Crowd : std::uint8_t { kPresent, kComing };

struct Runs {
  const ObservedRun& with;
  const ObservedRun& without;

  // Each in force only.
  std::size_t more(model::Branch b) const { return with.count(b, kFrom, kTo); }
  std::size_t more(SignalKind k) const { return with.count(k, kFrom, kTo); }
  std::size_t usual(model::Branch b) const { return without.count(b, kFrom, kTo); }
  std::size_t usual(SignalKind k) const { return without.count(k, kFrom, kTo); }
};

struct Case {
  scenario::FaultKind kind;
  const char* says;   // name of the test
  const char* fault;  // all of it but `at`
  void (*effect)(const Runs&);
  Crowd crowd = Crowd::kPresent;
};

/// On connections and between servers; on servers and their disks and clocks; on phones, and on
/// the pushes that wake them.
std::span<const Case> of_links();
std::span<const Case> of_servers();
std::span<const Case> of_phones();

}  // namespace greytick::world::fault_cases
