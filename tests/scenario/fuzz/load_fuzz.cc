// libFuzzer over the loader: whatever the text, it ends in a scenario or in a report, and a
// scenario survives being written and read.
#include <cstddef>
#include <cstdint>
#include <string>

#include "model/check.h"
#include "sim/scenario/load.h"
#include "sim/scenario/write.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace greytick::scenario;
  const Loaded loaded =
      load_text("fuzz.yaml", std::string(reinterpret_cast<const char*>(data), size), "scenarios");
  CHECK(loaded.scenario.has_value() == loaded.report.ok());
  CHECK(loaded.report.ok() == loaded.report.text().empty());
  if (!loaded.scenario) return loaded.report.json().empty() ? 1 : 0;
  const Loaded again = load_text("resolved.yaml", write_yaml(*loaded.scenario), "scenarios");
  CHECK(again.scenario.has_value());
  CHECK(*again.scenario == *loaded.scenario);
  return 0;
}
