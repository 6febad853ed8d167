#include <thread>

#include <fmt/format.h>
#include <sys/utsname.h>

#include "sim/cli/build.h"
#include "sim/cli/build_info.h"
#include "sim/cli/verbs.h"

namespace greytick::cli {

results::BuildId build_id() {
  return {.version = std::string(build_info::kVersion),
          .revision = std::string(build_info::kRevision),
          .compiler = std::string(build_info::kCompiler),
          .build_type = std::string(build_info::kBuildType),
          .flags = std::string(build_info::kFlags)};
}

std::string host_text() {
  utsname name{};
  const bool known = uname(&name) == 0;
  return fmt::format("{} {} {}, {} cores", known ? name.sysname : "unknown",
                     known ? name.release : "", known ? name.machine : "",
                     std::thread::hardware_concurrency());
}

std::vector<std::filesystem::path> data_folders() {
  std::vector<std::filesystem::path> folders = {"scenarios"};
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    folders.push_back(self.parent_path().parent_path() / "share" / "greytick" / "scenarios");
  }
  return folders;
}

void add_version(CLI::App& app, int&) {
  CLI::App* verb = app.add_subcommand("version", "Revision, compiler and flags of this binary");
  verb->callback([] {
    const results::BuildId b = build_id();
    fmt::print("greytick {} ({})\n{} {} {}\nsemantics {}, run folder schema {}\n", b.version,
               b.revision, b.compiler, b.build_type, b.flags, results::kSemanticsVersion,
               results::kSchemaVersion);
  });
}

}  // namespace greytick::cli
