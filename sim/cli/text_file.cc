#include "sim/cli/text_file.h"

#include <cstdio>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

namespace greytick::cli {

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

bool write_text(const std::filesystem::path& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (out.fail()) fmt::print(stderr, "greytick: cannot write {}\n", path.string());
  return !out.fail();
}

}  // namespace greytick::cli
