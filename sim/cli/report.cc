// greytick report: a run as one page to look at.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/cli/chains.h"
#include "sim/cli/past_run.h"
#include "sim/cli/report_page.h"
#include "sim/cli/text_file.h"
#include "sim/cli/verbs.h"
#include "sim/report/page.h"
#include "sim/results/exit_code.h"
#include "sim/results/tables.h"

namespace greytick::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string run, out;
  bool no_repeat = false;
};

// What happened to the messages, where the run can be had again.
int add_chains(report::Input& input, const PastRun& past, const Options& options) {
  const std::vector<Subject> subjects = subjects_of(past.summary);
  if (options.no_repeat || subjects.empty()) {
    input.no_hops = "Written with --no-repeat: greytick report RUN adds what happened to each.";
    add_messages(input, subjects, {});
    return results::kExitPass;
  }
  results::Metrics metrics(past.scenario, faults::windows(past.scenario));
  const auto chains =
      chains_of(past, subjects, metrics, "the report lacks what happened to each message");
  if (!chains && chains.error() == NotRepeated::kInterrupted) return results::kExitInterrupted;
  if (!chains) {
    input.no_hops =
        "The run could not be repeated by the greytick that wrote this page, so what happened to "
        "each message is not known.";
  }
  add_messages(input, subjects, chains.value_or(std::vector<std::vector<Hop>>()));
  return results::kExitPass;
}

int write_report(const Options& options) {
  const auto past = read_run(options.run);
  if (!past) return past.error();
  auto series = results::series_of((past->path / "run.sqlite").string());
  if (!series) {
    fmt::print(stderr, "greytick: {}\n", series.error());
    return results::kExitInvalid;
  }
  std::string html;
  try {
    report::Input input = report_input(past->scenario, past->manifest, past->summary,
                                       read_text(past->path / "resolved.yaml"), std::move(*series));
    if (const int code = add_chains(input, *past, options); code != 0) return code;
    html = report::page(input);
  } catch (const nlohmann::json::exception& error) {
    fmt::print(stderr, "greytick: {} is damaged: {}\n", options.run, error.what());
    return results::kExitInvalid;
  }
  const fs::path path = options.out.empty() ? past->path / "report.html" : fs::path(options.out);
  if (!write_text(path, html)) return results::kExitCannotWrite;
  fmt::print(" wrote    {}\n", path.string());
  return results::kExitPass;
}

}  // namespace

void add_report(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("report", "A run as one page that opens offline: curves, gates, messages");
  verb->add_option("RUN", options->run, "Run folder")->required();
  verb->add_option("--out", options->out, "File; by default report.html in RUN");
  verb->add_flag("--no-repeat", options->no_repeat,
                 "Do not make the run again, which takes as long as it took, for the messages");
  verb->callback([options, &exit_code] { exit_code = write_report(*options); });
}

}  // namespace greytick::cli
