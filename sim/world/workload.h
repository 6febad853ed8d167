// What people write, and when: a Poisson process of conversations shaped by the hour of the day, or
// a recorded trace.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/time.h"
#include "sim/engine/random.h"
#include "sim/net/law.h"
#include "sim/scenario/scenario.h"

namespace greytick::world {

/// One row of a trace: users are numbered by the first appearance of their names.
struct Recorded {
  model::Instant at;
  std::uint32_t sender, recipient;  // recipient: a user, or the number of a group
  bool to_group = false;
  std::uint32_t bytes = 0;  // of plaintext; zero: not recorded
  friend bool operator==(const Recorded&, const Recorded&) = default;
};

/// The rows of a trace file, in file order. CHECKs what the loader has checked.
std::vector<Recorded> read_trace(const std::string& path);

class Workload {
 public:
  Workload(const scenario::Scenario& scenario, const engine::Streams& streams);

  /// When the first conversation at or after `now` begins; kNever when no more will.
  model::Instant next_start(model::Instant now);
  /// Where the conversation that next_start() told of begins; nothing where all regions have one
  /// clock.
  [[nodiscard]] std::optional<std::uint16_t> region() const { return region_; }
  /// Messages of a conversation that begins; at least 1.
  std::uint32_t length();
  model::Duration gap() { return gap_.sample_duration(draws_); }
  bool first_speaks() { return draws_.bernoulli(0.5); }
  /// Bytes on the wire of the next message: plaintext, padding and envelope.
  std::uint32_t bytes();
  /// The same of a message whose plaintext is that long.
  [[nodiscard]] std::uint32_t wrapped(std::uint64_t plain) const;

  /// True: the message that begins goes to a group.
  [[nodiscard]] bool to_group(engine::Stream& draws) const {
    return group_share_ > 0 && draws.bernoulli(group_share_);
  }

  engine::Stream& draws() { return draws_; }

 private:
  engine::Stream draws_, sizes_;
  double starts_per_second_ = 0;  // at the busiest hour
  std::vector<double> keep_;      // by hour of the day; empty: all
  struct Clock {
    double share;  // of the users
    model::Duration ahead;
  };
  std::vector<Clock> clocks_;  // by region; empty: one clock
  std::optional<std::uint16_t> region_;
  model::Instant from_, until_;
  net::Law length_, gap_, size_;
  std::uint64_t pad_to_, envelope_;
  double group_share_;
};

}  // namespace greytick::world
