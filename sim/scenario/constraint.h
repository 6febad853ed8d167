#ifndef GREYTICK_SIM_SCENARIO_CONSTRAINT_H_
#define GREYTICK_SIM_SCENARIO_CONSTRAINT_H_

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "sim/scenario/node.h"

// The expressions of `sweep: {constraint: ...}`:
//   or, and, not, ( )          of comparisons
//   == != < <= > >=            of two values of one dimension, or of two words (== and != only)
//   + - * /                    of values; 2 * 30s is a time, 10/s * 1m a plain number
//   a.b.c                      what the scenario has there, every default filled in
//   20k 30s 5% 4kB 10/s 1Mbit  values as the form writes them
//   full 'two words'           words
// Minus needs a space before it, since keys may hold one.
namespace greytick::scenario {

struct ConstraintError {
  size_t offset = 0, length = 0;  // of the part of the text that is wrong
  std::string message;
  std::string expected = {};
};

/// Whether the expression can be read at all.
std::expected<void, ConstraintError> check_constraint(std::string_view text);

/// Whether it holds for a scenario's tree (to_tree of write.h). Fails where it names a key that the
/// tree has not, compares what has no common dimension, or is no truth.
std::expected<bool, ConstraintError> constraint_holds(std::string_view text, const Node& scenario);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_CONSTRAINT_H_
