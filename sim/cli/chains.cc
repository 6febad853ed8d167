#include "sim/cli/chains.h"

#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include "sim/cli/execute.h"
#include "sim/cli/interrupt.h"
#include "sim/engine/fingerprint.h"

namespace greytick::cli {
namespace {

// Several conversations at once.
class Zooms final : public world::FactSink {
 public:
  explicit Zooms(const std::vector<Subject>& subjects) {
    for (const Subject& s : subjects) zooms_.emplace_back(s.name.conversation);
  }
  void on_fact(model::Instant at, const model::Fact& fact) override {
    for (Zoom& zoom : zooms_) zoom.on_fact(at, fact);
  }
  const std::vector<Moment>& moments(std::size_t i) const { return zooms_[i].moments(); }

 private:
  std::vector<Zoom> zooms_;
};

}  // namespace

std::vector<Subject> subjects_of(const nlohmann::json& summary) {
  std::vector<Subject> out;
  for (const auto& finding : summary.at("invariants")) {
    if (auto subject = of_offender(finding)) out.push_back(std::move(*subject));
  }
  for (Subject& subject : slowest_of(summary)) out.push_back(std::move(subject));
  return out;
}

Repeat Repeat::of(const PastRun& past) {
  return {.scenario = past.scenario,
          .fingerprint = past.fingerprint(),
          .stop_at = past.partial() ? std::optional(past.reached()) : std::nullopt};
}

std::expected<std::vector<std::vector<Hop>>, NotRepeated> chains_of(
    const Repeat& repeat, const std::vector<Subject>& subjects, results::Metrics& metrics) {
  Zooms zooms(subjects);
  const Execution done =
      execute(repeat.scenario, metrics, {.stop_at = repeat.stop_at, .also = &zooms});
  if (interrupted()) return std::unexpected(NotRepeated::kInterrupted);
  if (engine::to_hex(done.fingerprint) != repeat.fingerprint) {
    return std::unexpected(NotRepeated::kDiverged);
  }
  std::vector<std::vector<Hop>> out;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    out.push_back(chain(zooms.moments(i), subjects[i].name));
  }
  return out;
}

std::expected<std::vector<std::vector<Hop>>, NotRepeated> chains_of(
    const PastRun& past, const std::vector<Subject>& subjects, results::Metrics& metrics,
    std::string_view lost) {
  auto chains = chains_of(Repeat::of(past), subjects, metrics);
  if (chains) return chains;
  switch (chains.error()) {
    case NotRepeated::kInterrupted:
      fmt::print(stderr, "greytick: interrupted, nothing was written\n");
      break;
    case NotRepeated::kDiverged:
      fmt::print(stderr, "greytick: the run cannot be repeated, so {}: greytick replay {}\n", lost,
                 past.path.string());
      break;
  }
  return chains;
}

}  // namespace greytick::cli
