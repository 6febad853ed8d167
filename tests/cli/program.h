// Runs the greytick binary as a user would, in a folder of its own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace greytick::cli {

struct Ran {
  int exit_code = -1;
  std::string out, err;
};

/// Runs `greytick arguments...` to its end. interrupt_after: when not empty, SIGINT is sent once
/// that text has appeared on stderr.
Ran run_program(const std::vector<std::string>& arguments, const std::string& interrupt_after = {});

/// A fresh folder, gone at the end of the test.
class Program : public testing::Test {
 protected:
  Program();
  ~Program() override;

  /// Writes a scenario file and returns its path.
  std::string file(const std::string& name, const std::string& text) const;
  /// `greytick run` of a scenario text, its results under runs().
  Ran run(const std::string& text, std::vector<std::string> more = {}) const;
  std::string runs() const { return (folder_ / "runs").string(); }
  std::string latest() const { return (folder_ / "runs" / "latest").string(); }
  static std::string read(const std::filesystem::path& path);

  std::filesystem::path folder_;
};

/// Two phones of the textbook pipeline, where all goes well: device 1 sends one message to device
/// 0, which is online.
extern const char* const kHealthy;
/// The same, but device 0 comes online later, and the list is popped from its wrong end.
extern const char* const kLifo;

}  // namespace greytick::cli
