// greytick runs: what has been run, and room for more.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/cli/past_run.h"
#include "sim/cli/verbs.h"
#include "sim/results/exit_code.h"

namespace greytick::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string out = "runs";
  std::size_t keep = 50;
  bool json = false;
};

struct Row {
  fs::path path;
  nlohmann::json manifest;
};

// Oldest first. Names begin with the time of the start, so their order is that of time.
std::vector<Row> rows(const std::string& out) {
  std::vector<Row> found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(out, error)) {
    if (!entry.is_directory(error) || entry.is_symlink(error)) continue;
    if (auto manifest = read_json(entry.path() / "manifest.json")) {
      found.push_back({entry.path(), std::move(*manifest)});
    }
  }
  std::ranges::sort(found, {}, &Row::path);
  return found;
}

int list(const Options& options) {
  const std::vector<Row> found = rows(options.out);
  if (options.json) {
    auto out = nlohmann::json::array();
    for (const Row& row : found) {
      out.push_back(row.manifest);
      out.back()["path"] = row.path.string();
    }
    fmt::print("{}\n", out.dump(2));
    return results::kExitPass;
  }
  for (const Row& row : found) {
    fmt::print(" {:<8}{:<28}seed {:<8}exit {:<4}{}\n", row.manifest.value("verdict", "?"),
               row.manifest.value("scenario", "?"), row.manifest.value("seed", std::uint64_t{0}),
               row.manifest.value("exit_code", 0), row.path.string());
  }
  if (found.empty()) fmt::print(" no runs in {}\n", options.out);
  return results::kExitPass;
}

int prune(const Options& options) {
  std::vector<Row> found = rows(options.out);
  const std::size_t remove = found.size() > options.keep ? found.size() - options.keep : 0;
  for (std::size_t i = 0; i < remove; ++i) {
    std::error_code error;
    fs::remove_all(found[i].path, error);
    if (error) {
      fmt::print(stderr, "greytick: cannot remove {}: {}\n", found[i].path.string(),
                 error.message());
      return results::kExitCannotWrite;
    }
    fmt::print(" removed  {}\n", found[i].path.string());
  }
  // A link to nothing would be worse than none.
  std::error_code error;
  const fs::path latest = fs::path(options.out) / "latest";
  if (fs::is_symlink(latest, error) && !fs::exists(latest, error)) fs::remove(latest, error);
  fmt::print(" kept     {}\n", found.size() - remove);
  return results::kExitPass;
}

}  // namespace

void add_runs(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("runs", "List run folders, or prune them");
  verb->add_option("--out", options->out, "Where run folders are kept")->capture_default_str();
  verb->add_flag("--json", options->json, "Print every manifest as JSON");
  CLI::App* pruning = verb->add_subcommand("prune", "Remove all but the newest runs");
  pruning->add_option("--keep", options->keep, "How many stay")->capture_default_str();
  verb->callback([options, pruning, &exit_code] {
    exit_code = pruning->parsed() ? prune(*options) : list(*options);
  });
}

}  // namespace greytick::cli
