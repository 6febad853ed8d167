#include "sim/cli/interrupt.h"

#include <csignal>

namespace greytick::cli {
namespace {

volatile std::sig_atomic_t g_interrupted = 0;

extern "C" void on_interrupt(int number) {
  if (g_interrupted != 0) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
  g_interrupted = 1;
}

}  // namespace

void catch_interrupts() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
}

bool interrupted() { return g_interrupted != 0; }

}  // namespace greytick::cli
