// Whole files of text.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace greytick::cli {

/// The bytes of a file; empty when it cannot be read.
std::string read_text(const std::filesystem::path& path);

/// Replaces a file. False when that failed, and stderr says so.
bool write_text(const std::filesystem::path& path, std::string_view text);

}  // namespace greytick::cli
