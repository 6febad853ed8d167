// What a run looks like on a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/execute.h"
#include "sim/results/run_record.h"

namespace greytick::cli {

/// Whether stdout, or stderr, is a terminal that may be coloured: NO_COLOR is not set.
bool colour_on_stdout();
bool tty_on_stderr();

/// The verdict and its tables. folder: the run folder, as commands to paste may name it; empty:
/// nothing was kept. page: its report.html, if there is one. Ends with a newline.
std::string report_text(const results::RunRecord& run, std::string_view folder, bool colour,
                        std::string_view page = {});
/// The verdict in one line.
std::string verdict_line(const results::RunRecord& run, bool colour);

/// Progress on stderr: a block redrawn in place on a terminal, plain lines elsewhere, at 1, 10, 25,
/// 50, 75 and 100 % and whenever a fault begins or ends.
class Progress final : public Watcher {
 public:
  /// scenario and windows outlive it.
  Progress(const scenario::Scenario& scenario, const std::vector<faults::Window>& windows,
           bool redraw);
  ~Progress() override;
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void on_progress(model::Instant now, std::uint64_t events,
                   const results::Metrics& metrics) override;
  model::Instant next_stop(model::Instant now) const override;
  /// Removes the block, so that other output may follow.
  void clear();

 private:
  struct Stop {
    model::Instant at;
    std::string text;
  };
  void draw(model::Instant now, std::uint64_t events, const results::Metrics& metrics);

  const scenario::Scenario& scenario_;
  const std::vector<faults::Window>& windows_;
  bool redraw_;
  std::vector<Stop> stops_;  // ascending
  std::size_t passed_ = 0;
  double started_ = 0.0, drawn_ = 0.0;  // wall seconds
  int lines_ = 0;                       // of the block on the screen
};

}  // namespace greytick::cli
