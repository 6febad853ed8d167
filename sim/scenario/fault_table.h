#ifndef GREYTICK_SIM_SCENARIO_FAULT_TABLE_H_
#define GREYTICK_SIM_SCENARIO_FAULT_TABLE_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "sim/scenario/fault.h"

namespace greytick::scenario {

/// Whether a kind of fault lasts. kNone: it is over at once and the file may not say `for`.
enum class Lasts : uint8_t { kNone, kRequired };

/// A set of targets, one bit a TargetKind.
using TargetSet = uint32_t;
constexpr TargetSet target_bit(TargetKind kind) {
  return TargetSet{1} << static_cast<unsigned>(kind);
}

// What the form allows for one kind of fault.
struct FaultRule {
  FaultKind kind;
  Lasts lasts;
  TargetSet targets;
  std::optional<TargetKind> otherwise;  // the target when the file names none; empty: required
  bool link;                            // takes `between` and `direction`
  std::span<const std::string_view> parameters;  // keys of `with`
  std::span<const std::string_view> required;    // those without a default; "a|b": one of them
  std::string_view about;                        // for the reference
};

/// One rule a kind, in the order of FaultKind.
std::span<const FaultRule> fault_rules();
const FaultRule& fault_rule(FaultKind kind);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_FAULT_TABLE_H_
