// What this binary was built from, and where it runs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/results/run_record.h"

namespace greytick::cli {

results::BuildId build_id();
/// "Linux 6.1.0 x86_64, 2 cores"; no name of the machine.
std::string host_text();
/// Where data files are looked for after the scenario's own neighbourhood: ./scenarios, then the
/// scenarios that were installed beside the binary.
std::vector<std::filesystem::path> data_folders();

}  // namespace greytick::cli
