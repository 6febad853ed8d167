#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

#include "sim/cli/terminal.h"
#include "sim/results/text.h"
#include "sim/scenario/sorted.h"

namespace greytick::cli {
namespace {

using model::Instant;

double wall_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

constexpr double kRedrawSeconds = 0.1;
constexpr int kBarCells = 40;

}  // namespace

bool colour_on_stdout() { return isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr; }
bool tty_on_stderr() { return isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr; }

Progress::Progress(const scenario::Scenario& scenario, const std::vector<faults::Window>& windows,
                   bool redraw)
    : scenario_(scenario), windows_(windows), redraw_(redraw), started_(wall_now()) {
  if (redraw_) return;
  for (const int percent : {1, 10, 25, 50, 75, 100}) {
    stops_.push_back({Instant{} + scenario.horizon / 100 * percent, fmt::format("{}%", percent)});
  }
  for (const faults::Window& w : windows_) {
    const bool momentary = w.end == w.start;
    stops_.push_back(
        {w.start, fmt::format("fault {} {}", w.name, momentary ? "struck" : "begins")});
    if (!momentary) stops_.push_back({w.end, fmt::format("fault {} ends", w.name)});
  }
  stops_ = scenario::sorted_stably(stops_, [](const Stop& s) { return s.at; });
}

Progress::~Progress() { clear(); }

Instant Progress::next_stop(Instant) const {
  return passed_ < stops_.size() ? stops_[passed_].at : model::kNever;
}

void Progress::clear() {
  // Up to the first line of the block, and wipe from there to the end of the screen.
  if (lines_ > 0) fmt::print(stderr, "\x1b[{}F\x1b[J", lines_);
  lines_ = 0;
}

void Progress::on_progress(Instant now, std::uint64_t events, const results::Metrics& metrics) {
  if (redraw_) {
    const double wall = wall_now();
    if (wall - drawn_ < kRedrawSeconds) return;
    drawn_ = wall;
    draw(now, events, metrics);
    return;
  }
  for (; passed_ < stops_.size() && stops_[passed_].at <= now; ++passed_) {
    const Stop& stop = stops_[passed_];
    fmt::print(stderr, "{:>14}  {:<32} connected {}  queued {}  delivered {}\n",
               results::clock_text(stop.at), stop.text, results::group_digits(metrics.connected()),
               results::group_digits(metrics.queued()),
               results::group_digits(metrics.count(results::Count::kDelivered)));
  }
}

void Progress::draw(Instant now, std::uint64_t events, const results::Metrics& metrics) {
  clear();
  const double wall = std::max(wall_now() - started_, 1e-3);
  const double done = std::min(
      1.0, static_cast<double>(model::to_ns(now)) / static_cast<double>(scenario_.horizon.count()));
  const int cells = static_cast<int>(done * kBarCells);
  std::string bar;
  for (int i = 0; i < kBarCells; ++i) bar += i < cells ? "━" : "─";
  const double speed = static_cast<double>(model::to_ns(now)) / 1e9 / wall;
  const bool draining = now > Instant{} + scenario_.horizon;
  fmt::print(stderr, " {} / {} {} {:3.0f}%  ×{:.0f} real time  {:.2g} M ev/s  {}\n",
             results::clock_text(now), results::clock_text(Instant{} + scenario_.horizon), bar,
             done * 100.0, speed, static_cast<double>(events) / wall / 1e6,
             draining      ? std::string("draining")
             : done > 0.01 ? fmt::format("eta {:.0f} s", wall / done * (1.0 - done))
                           : std::string());
  fmt::print(stderr, " in flight {}   queued {}   connected {}\n",
             results::group_digits(metrics.in_flight()), results::group_digits(metrics.queued()),
             results::group_digits(metrics.connected()));
  lines_ = 2;
  std::string active;
  for (const std::string_view name : faults::in_force(windows_, now)) {
    active += fmt::format(" {}", name);
  }
  if (!active.empty()) {
    fmt::print(stderr, " fault ▐{}\n", active);
    ++lines_;
  }
  std::fflush(stderr);
}

}  // namespace greytick::cli
