#include "sim/net/conditions.h"

#include <algorithm>
#include <utility>

#include "model/check.h"
#include "sim/engine/detmath.h"
#include "sim/engine/distributions.h"
#include "sim/engine/fingerprint.h"
#include "sim/net/correlated.h"

namespace greytick::net {
namespace {

using engine::Purpose;
using scenario::Direction;
using scenario::JitterShape;

Purpose purpose_of(Effect effect) {
  switch (effect) {
    case Effect::kDuplicate:
      return Purpose::kDuplicate;
    case Effect::kReorder:
      return Purpose::kReorder;
    case Effect::kCorrupt:
      return Purpose::kCorrupt;
    case Effect::kDrop:
    case Effect::kLatency:
    case Effect::kPartition:
      break;
  }
  return Purpose::kFault;
}

// Names the stream of a rule along a link. The top bit keeps clear of the injector's own streams,
// which number occurrences.
std::uint64_t entity_of(std::uint64_t rule_key, std::uint64_t link) {
  return engine::mix64(link ^ engine::mix64(rule_key + 1)) | std::uint64_t{1} << 63;
}

// Mean 0 and deviation 1, so that `jitter` is a deviation whatever the shape (uniform: half the
// width). The Pareto law has shape 3: mean 3/2, deviation sqrt(3)/2.
double jitter_quantile(JitterShape shape, double u) {
  const auto pareto = [u] {
    return (engine::detmath::pow(1 - u, -1.0 / 3) - 1.5) / (0.5 * engine::detmath::sqrt(3.0));
  };
  switch (shape) {
    case JitterShape::kUniform:
      return 2 * u - 1;
    case JitterShape::kNormal:
      return engine::detmath::normal_quantile(u);
    case JitterShape::kPareto:
      return pareto();
    case JitterShape::kParetonormal:
      return 0.25 * engine::detmath::normal_quantile(u) + 0.75 * pareto();
  }
  return 0;
}

}  // namespace

bool Rule::matches(const Endpoint& a, const Endpoint& b) const {
  const bool from_target = target.has(a);
  const bool to_target = target.has(b);
  if (other) {
    const bool out = from_target && other->has(b);
    const bool in = to_target && other->has(a);
    return direction == Direction::kTo ? in : direction == Direction::kFrom ? out : in || out;
  }
  if (effect == Effect::kPartition && !inside && from_target == to_target) return false;
  return direction == Direction::kTo     ? to_target
         : direction == Direction::kFrom ? from_target
                                         : from_target || to_target;
}

RuleId Conditions::add(Rule rule) {
  active_.push_back({next_id_, std::move(rule), {}});
  return next_id_++;
}

void Conditions::remove(RuleId id) {
  const auto it = std::ranges::find(active_, id, &Active::id);
  CHECK(it != active_.end());
  active_.erase(it);
}

bool Conditions::cut(const Endpoint& a, const Endpoint& b) const {
  for (const Active& active : active_) {
    const Rule& rule = active.rule;
    if (rule.effect != Effect::kPartition || rule.lines_only || !rule.matches(a, b)) continue;
    const double share = rule.with.share.value;
    if (share >= 1.0) return true;
    // One draw a pair, the same both ways and at every question.
    const std::uint64_t pair =
        engine::mix64(std::min(a.key(), b.key())) + std::max(a.key(), b.key());
    if (streams_.stream(Purpose::kFault, entity_of(rule.key, pair)).bernoulli(share)) return true;
  }
  return false;
}

Verdict Conditions::judge(const Endpoint& a, const Endpoint& b, std::uint64_t link) {
  Verdict verdict;
  for (Active& active : active_) {
    const Rule& rule = active.rule;
    if (rule.effect == Effect::kPartition || !rule.matches(a, b)) continue;
    Along& along = active.links[link];
    engine::Stream stream =
        streams_.stream(purpose_of(rule.effect), entity_of(rule.key, link), along.draws);
    const scenario::FaultWith& with = rule.with;
    switch (rule.effect) {
      case Effect::kDrop:
        if (with.bursts) {
          const scenario::Loss& loss = *with.bursts;
          const bool turns = stream.bernoulli(along.bad ? loss.to_good.value : loss.to_bad.value);
          along.bad = along.bad != turns;
          verdict.lost |= stream.bernoulli(along.bad ? loss.loss_bad.value : loss.loss_good.value);
        } else {
          verdict.lost |= stream.bernoulli(with.probability.value);
        }
        break;
      case Effect::kLatency: {
        double ns = static_cast<double>(with.latency.count());
        if (with.jitter > model::Duration{}) {
          const double u =
              correlated_uniform(stream, with.correlation.value, along.draws == 0, along.deviate);
          ns += static_cast<double>(with.jitter.count()) * jitter_quantile(with.distribution, u);
        }
        verdict.delay += engine::to_duration(ns);
        break;
      }
      case Effect::kDuplicate:
        verdict.duplicate |= stream.bernoulli(with.probability.value);
        break;
      case Effect::kReorder:
        if (stream.bernoulli(with.probability.value)) {
          verdict.late = true;
          verdict.delay += with.latency;
        }
        break;
      case Effect::kCorrupt:
        verdict.corrupt |= stream.bernoulli(with.probability.value);
        break;
      case Effect::kPartition:
        break;
    }
    along.draws = static_cast<std::uint32_t>(stream.position());
  }
  return verdict;
}

}  // namespace greytick::net
