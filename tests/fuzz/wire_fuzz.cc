// Any bytes as a frame or a record: the first byte says which. ./dev fuzz runs it under libFuzzer;
// the tests run it over the corpus.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

#include "tests/model/wire/peer.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it by this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace model = greytick::model;
  if (size == 0) return 0;
  const std::span bytes(data + 1, size - 1);
  const std::string_view broken = data[0] % 2 == 0
                                      ? greytick::wire::broken_promise<model::Frame>(bytes)
                                      : greytick::wire::broken_promise<model::Record>(bytes);
  if (!broken.empty()) {
    std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(broken.size()), broken.data());
    std::abort();
  }
  return 0;
}
