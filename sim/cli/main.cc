// greytick: simulates message delivery and judges it.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/cli/interrupt.h"
#include "sim/cli/verbs.h"
#include "sim/results/exit_code.h"

namespace {

std::string exit_codes() {
  std::string text = "Exit codes:\n";
  for (const auto& [code, meaning] : greytick::results::kExitMeanings) {
    text += fmt::format("  {:>3}  {}\n", code, meaning);
  }
  return text;
}

int run(int argc, char** argv) {
  namespace cli = greytick::cli;
  namespace results = greytick::results;
  CLI::App app("Simulates WhatsApp-style message delivery and judges it.", "greytick");
  app.require_subcommand(1);
  app.footer(exit_codes());
  int exit_code = results::kExitPass;
  cli::add_run(app, exit_code);
  cli::add_validate(app, exit_code);
  cli::add_replay(app, exit_code);
  cli::add_explain(app, exit_code);
  cli::add_report(app, exit_code);
  cli::add_export(app, exit_code);
  cli::add_runs(app, exit_code);
  cli::add_compare(app, exit_code);
  cli::add_sweep(app, exit_code);
  cli::add_new(app, exit_code);
  cli::add_scenarios(app, exit_code);
  cli::add_schema(app, exit_code);
  cli::add_doctor(app, exit_code);
  cli::add_version(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help
    fmt::print(stderr, "greytick: {}\n  try: greytick --help\n", error.what());
    return results::kExitUsage;
  }
  // A pipe that closed early or a full disk must not pass for a result.
  if (std::fflush(stdout) != 0) return results::kExitCannotWrite;
  return exit_code;
}

// A large world is gigabytes read at random, and with pages of 4 KiB many a read also waits for its
// address to be translated. malloc asks for huge pages when this tunable says so (glibc 2.35; others
// ignore it), and reads it before main() only: so the program starts itself again, once.
void start_with_huge_pages(char** argv) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  if (std::getenv("GLIBC_TUNABLES") != nullptr) return;
  if (setenv("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1", 0) != 0) return;
  execv("/proc/self/exe", argv);  // returns only when it failed: then small pages will do
#else
  static_cast<void>(argv);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  start_with_huge_pages(argv);
  greytick::cli::catch_interrupts();
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "greytick: internal error: {}\n", error.what());
    return greytick::results::kExitInternal;
  }
}
