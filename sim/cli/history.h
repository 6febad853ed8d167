// history.ndjson: every fact of a run, one JSON object a line.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "sim/oracle/fact_json.h"
#include "sim/world/fact_sink.h"

namespace greytick::cli {

class History final : public world::FactSink {
 public:
  explicit History(const std::filesystem::path& path)
      : out_(path, std::ios::binary | std::ios::trunc) {}
  void on_fact(model::Instant at, const model::Fact& fact) override {
    oracle::append_ndjson(buffer_, at, fact);
    if (buffer_.size() >= kFlushBytes) flush();
  }
  /// Writes what is left; false when anything could not be written.
  bool close() {
    flush();
    out_.close();
    return !out_.fail();
  }

 private:
  static constexpr std::size_t kFlushBytes = 1UL << 20;
  void flush() {
    out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    buffer_.clear();
  }
  std::ofstream out_;
  std::string buffer_;
};

}  // namespace greytick::cli
