// The simulator against what was measured and what theory says. Each figure is a number that a
// simulation gave, the number it ought to be, and how far apart they may be.
#pragma once

#include <string>
#include <vector>

namespace greytick::validation {

struct Figure {
  std::string what;
  double simulated = 0;
  double expected = 0;
  double tolerance = 0;  // of |simulated - expected|
  std::string unit;

  [[nodiscard]] bool holds() const {
    const double apart = simulated - expected;
    return apart <= tolerance && -apart <= tolerance;
  }
};

struct Section {
  std::string title;
  std::vector<Figure> figures;
};

// Each runs its own simulations, of fixed seeds: the same figures every time, on every machine.

/// Round trips of echoes over connections on the measured access networks, against the table.
Section access_round_trips();
/// Packets lost and time stalled on them, against the table.
Section access_loss_and_stalls();
/// Round trips of frames between servers, against the three matrices.
Section matrices();
/// Gaps between the messages of the replayed Copenhagen trace, against the file.
Section trace_gaps();
/// Lengths of stays and the share of people there, against the law and Little.
Section stays();
/// A slow link fed at random, against M/M/1, M/G/1 and Little.
Section link_queue();
/// Logins through a gateway, against Pollaczek and Khinchine, and Little.
Section accept_queue();
/// Group commits, against the wait for the next turn and the law of the disk.
Section store_commits();

std::vector<Section> all_sections();

}  // namespace greytick::validation
