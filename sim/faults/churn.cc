#include "sim/faults/churn.h"

#include <algorithm>
#include <utility>

#include "model/check.h"
#include "sim/engine/fingerprint.h"

namespace greytick::faults {
namespace {

// A law of zeros must not stop time.
constexpr model::Duration kShortest = std::chrono::milliseconds(1);

std::uint64_t entity_of(std::uint64_t token, std::uint32_t device) {
  return engine::mix64(token + 1) ^ device;
}

}  // namespace

void Churn::start(std::uint64_t token, const std::vector<std::uint32_t>& devices,
                  const scenario::FaultWith& with, model::Instant at) {
  Active made{.token = token,
              .up = net::Law(with.up),
              .down = net::Law(with.down),
              .switches = with.switches.value,
              .radios = {}};
  for (const std::uint32_t device : devices) {
    const bool held = std::ranges::any_of(active_, [device](const Active& other) {
      return std::ranges::binary_search(other.radios, device, {}, &Radio::device);
    });
    if (held) continue;
    engine::Stream stream = streams_.stream(engine::Purpose::kChurn, entity_of(token, device));
    const model::Duration stay = std::max(made.up.sample_duration(stream), kShortest);
    made.radios.push_back({.device = device, .draws = stream.position(), .up = true});
    due_.push({.at = saturating_add(at, stay), .device = device, .token = token});
  }
  active_.push_back(std::move(made));
}

void Churn::stop(std::uint64_t token, model::Instant at) {
  const auto it = std::ranges::find(active_, token, &Active::token);
  CHECK(it != active_.end());
  const Active stopped = std::move(*it);
  active_.erase(it);
  // What is still due for it finds no churn and is passed over.
  for (const Radio& radio : stopped.radios) {
    if (radio.up) continue;
    controls_.network().set_radio(radio.device, true);
    controls_.radio_changed(radio.device, at);
  }
}

model::Instant Churn::next() {
  const auto in_force = [this](std::uint64_t token) {
    return std::ranges::find(active_, token, &Active::token) != active_.end();
  };
  while (!due_.empty() && !in_force(due_.top().token)) {
    due_.pop();
  }
  return due_.empty() ? model::kNever : due_.top().at;
}

void Churn::run(model::Instant at) {
  while (next() <= at && next() != model::kNever) {
    const Due due = due_.top();
    due_.pop();
    const auto active = std::ranges::find(active_, due.token, &Active::token);
    const auto radio = std::ranges::lower_bound(active->radios, due.device, {}, &Radio::device);
    CHECK(radio != active->radios.end());
    CHECK(radio->device == due.device);
    engine::Stream stream =
        streams_.stream(engine::Purpose::kChurn, entity_of(due.token, due.device), radio->draws);
    radio->up = !radio->up;
    const net::Law& law = radio->up ? active->up : active->down;
    const model::Duration stay = std::max(law.sample_duration(stream), kShortest);
    const bool switches = radio->up && stream.bernoulli(active->switches);
    radio->draws = stream.position();
    due_.push({.at = saturating_add(due.at, stay), .device = due.device, .token = due.token});
    controls_.network().set_radio(due.device, radio->up);
    controls_.radio_changed(due.device, due.at);
    if (switches) controls_.switch_network(due.device, due.at);
  }
}

}  // namespace greytick::faults
