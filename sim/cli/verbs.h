// The verbs, one file each. add_X puts verb X on the command line; when it is called, it runs and
// leaves its exit code in `exit_code`.
#pragma once

#include <CLI/CLI.hpp>

namespace greytick::cli {

void add_run(CLI::App& app, int& exit_code);
void add_validate(CLI::App& app, int& exit_code);
void add_replay(CLI::App& app, int& exit_code);
void add_explain(CLI::App& app, int& exit_code);
void add_runs(CLI::App& app, int& exit_code);
void add_new(CLI::App& app, int& exit_code);
void add_scenarios(CLI::App& app, int& exit_code);
void add_schema(CLI::App& app, int& exit_code);
void add_compare(CLI::App& app, int& exit_code);
void add_export(CLI::App& app, int& exit_code);
void add_report(CLI::App& app, int& exit_code);
void add_sweep(CLI::App& app, int& exit_code);
void add_doctor(CLI::App& app, int& exit_code);
void add_version(CLI::App& app, int& exit_code);

}  // namespace greytick::cli
