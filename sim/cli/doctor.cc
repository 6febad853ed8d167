// greytick doctor: whether this machine can run it, and run it alike.
#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include "sim/cli/build.h"
#include "sim/cli/verbs.h"
#include "sim/engine/philox.h"
#include "sim/results/exit_code.h"
#include "sim/results/run_folder.h"
#include "sim/scenario/load.h"

namespace greytick::cli {
namespace {

namespace fs = std::filesystem;

bool say(bool good, std::string_view what, std::string_view detail) {
  fmt::print(" {} {:<14}{}\n", good ? "✓" : "✗", what, detail);
  return good;
}

// The random bits of every run begin here, so a machine that gets these wrong gets all wrong.
// Source: Random123, kat_vectors: philox4x32-10 with a zero counter and a zero key.
bool philox_is_right() {
  // A volatile zero, or the compiler's machine would be asked instead of this one.
  volatile std::uint32_t zero = 0;
  const std::uint32_t z = zero;
  return engine::philox4x32_10({z, z, z, z}, {z, z}) ==
         std::array<std::uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
}

bool can_write(const std::string& out) {
  const auto folder = results::RunFolder::begin(out, fmt::format("doctor-{}", getpid()));
  return folder.has_value() && folder->write("probe", std::string(1 << 16, 'x')).has_value();
}

int doctor(const std::string& out) {
  const results::BuildId build = build_id();
  bool good = say(true, "build",
                  fmt::format("{} ({}) {} {}", build.version, build.revision, build.compiler,
                              build.build_type));
  good &= say(true, "host", host_text());
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGE_SIZE);
  const double gib = static_cast<double>(pages) * static_cast<double>(page) / 1073741824.0;
  good &= say(gib >= 1.0, "memory", fmt::format("{:.1f} GiB; a million devices need about 4", gib));
  std::error_code error;
  const auto space = fs::space(fs::exists(out, error) ? fs::path(out) : fs::current_path(), error);
  const double free_gib = static_cast<double>(space.available) / 1073741824.0;
  good &= say(!error && free_gib >= 0.1, "disk", fmt::format("{:.1f} GiB free", free_gib));
  good &= say(can_write(out), "results", fmt::format("run folders can be written to {}", out));
  good &= say(philox_is_right(), "random", "Philox4x32-10 gives the published bits");
  const scenario::Loaded loaded =
      scenario::load_text("built in", "scenario: probe\nusers: 2\ntraffic: {messages: 1/s}\n", {},
                          {.search = data_folders()});
  good &= say(loaded.scenario.has_value(), "scenarios",
              loaded.scenario ? "defaults and data files are found"
                              : "cannot be loaded; run from the project's folder");
  if (!loaded.scenario) std::fputs(loaded.report.text().c_str(), stderr);
  return good ? results::kExitPass : results::kExitInternal;
}

}  // namespace

void add_doctor(CLI::App& app, int& exit_code) {
  auto out = std::make_shared<std::string>("runs");
  CLI::App* verb = app.add_subcommand("doctor", "Check this machine");
  verb->add_option("--out", *out, "Where run folders are kept")->capture_default_str();
  verb->callback([out, &exit_code] { exit_code = doctor(*out); });
}

}  // namespace greytick::cli
