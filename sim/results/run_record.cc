#include "sim/results/run_record.h"

#include <fmt/format.h>

#include "sim/engine/fingerprint.h"
#include "sim/results/text.h"

namespace greytick::results {

std::uint64_t scenario_hash(std::string_view resolved) {
  engine::Chain chain(0);
  for (const char c : resolved) chain.absorb(static_cast<unsigned char>(c));
  return chain.digest();
}

std::string run_name(const RunRecord& run) {
  std::string name = run.scenario.name;
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_';
    if (!plain) c = '_';
  }
  return fmt::format("{}-{}-s{}-{}", run.started_utc, name, run.scenario.seed,
                     engine::to_hex(run.fingerprint).substr(0, 8));
}

std::string parting_text(const Parting& parting) {
  std::string out = clock_text(parting.at) + " regions that reach each other:";
  for (const std::vector<std::string>& component : parting.components) {
    if (&component != &parting.components.front()) out += " |";
    for (const std::string& region : component) {
      out += (&region == &component.front() ? " " : ", ") + region;
    }
  }
  return out;
}

}  // namespace greytick::results
