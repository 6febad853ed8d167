#ifndef GREYTICK_SIM_SCENARIO_TREE_H_
#define GREYTICK_SIM_SCENARIO_TREE_H_

#include <cstdint>
#include <string>

#include "sim/scenario/diagnostic.h"
#include "sim/scenario/node.h"

// What happens to a scenario's tree before it is decoded: short forms, extends, --set.
namespace greytick::scenario {

/// Rewrites the short forms of one file's root mapping: `users` moves into population, a network
/// name becomes an assignment, and `gates` is dealt out to invariants and thresholds.
void expand_short_forms(Report& report, Node& root);

/// The base tree with `over` on top: mappings merge key by key, everything else is replaced. A
/// mapping that is one value in itself is replaced whole: one with `dist` or `kind`, one of two
/// quantiles, and the shares under `assign` and `population.regions`.
Node merge(Node base, Node over);

/// `{p50: 58ms, p99: 900ms}`, perhaps with min and max: a distribution without its kind.
bool is_two_quantiles(const Node& node);

/// Applies one --set, "a.b[0].c=value", to the root. source: its text in the report.
void apply_set(Report& report, Node& root, uint32_t source);

}  // namespace greytick::scenario

#endif  // GREYTICK_SIM_SCENARIO_TREE_H_
