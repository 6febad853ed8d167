// greytick export: a run in the forms that other tools read.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/cli/chains.h"
#include "sim/cli/past_run.h"
#include "sim/cli/story.h"
#include "sim/cli/subject.h"
#include "sim/cli/text_file.h"
#include "sim/cli/trace_file.h"
#include "sim/cli/verbs.h"
#include "sim/results/exit_code.h"
#include "sim/results/tables.h"

namespace greytick::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string run, form, out;
};

int export_csv(const PastRun& past, const fs::path& folder) {
  const auto tables = results::tables_as_csv((past.path / "run.sqlite").string());
  if (!tables) {
    fmt::print(stderr, "greytick: {}\n", tables.error());
    return results::kExitInvalid;
  }
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    fmt::print(stderr, "greytick: cannot write {}\n", folder.string());
    return results::kExitCannotWrite;
  }
  for (const auto& [name, csv] : *tables) {
    const fs::path path = folder / (name + ".csv");
    if (!write_text(path, csv)) return results::kExitCannotWrite;
    fmt::print(" wrote    {}\n", path.string());
  }
  return results::kExitPass;
}

int export_hlog(const PastRun& past, const fs::path& path) {
  const std::string text = read_text(past.path / "latency.hlog");
  if (text.empty()) {
    fmt::print(stderr, "greytick: {} is damaged: latency.hlog is missing\n", past.path.string());
    return results::kExitInvalid;
  }
  std::error_code error;
  const bool there = fs::equivalent(path, past.path / "latency.hlog", error) && !error;
  if (!there && !write_text(path, text)) return results::kExitCannotWrite;
  fmt::print(" {}    {}\n", there ? "is at" : "wrote", path.string());
  return results::kExitPass;
}

// A run folder holds no facts, so the run is made once more.
int export_perfetto(const PastRun& past, const fs::path& path) {
  const std::vector<Subject> subjects = subjects_of(past.summary);
  results::Metrics metrics(past.scenario, faults::windows(past.scenario));
  const auto chains = chains_of(past, subjects, metrics, "there is nothing to show");
  if (!chains) {
    return chains.error() == NotRepeated::kInterrupted ? results::kExitInterrupted
                                                       : results::kExitDiverged;
  }
  std::vector<TracedMessage> messages;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    TracedMessage one{
        .name = fmt::format("{}   {}", print_message_name(subjects[i].name), subjects[i].reason),
        .hops = (*chains)[i]};
    if (!one.hops.empty()) messages.push_back(std::move(one));
  }
  if (!write_text(path, trace_json(metrics.windows(), metrics.series(), messages))) {
    return results::kExitCannotWrite;
  }
  fmt::print(" wrote    {0}\n open     https://ui.perfetto.dev, then Open trace file\n",
             path.string());
  return results::kExitPass;
}

int export_run(const Options& options) {
  const auto past = read_run(options.run);
  if (!past) return past.error();
  const auto path = [&](const char* usual) {
    return options.out.empty() ? past->path / usual : fs::path(options.out);
  };
  if (options.form == "csv") return export_csv(*past, path("csv"));
  if (options.form == "hlog") return export_hlog(*past, path("latency.hlog"));
  return export_perfetto(*past, path("trace.json"));
}

}  // namespace

void add_export(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "export", "A run for other tools: csv, a file a table; hlog, for HdrHistogram; perfetto");
  verb->add_option("RUN", options->run, "Run folder")->required();
  verb->add_option("FORM", options->form, "csv, hlog or perfetto")
      ->required()
      ->check(CLI::IsMember({"csv", "hlog", "perfetto"}));
  verb->add_option("--out", options->out,
                   "File, or folder for csv; by default csv/, latency.hlog or trace.json in RUN");
  verb->callback([options, &exit_code] { exit_code = export_run(*options); });
}

}  // namespace greytick::cli
