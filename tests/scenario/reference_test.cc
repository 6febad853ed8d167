// docs/scenario.md says what the program does.
#include "sim/scenario/reference.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace greytick::scenario {
namespace {

// GREYTICK_REWRITE=1 writes the page anew.
TEST(Reference, TheDocumentedFormIsTheOneTheDecoderReads) {
  const std::string page = reference();
  if (std::getenv("GREYTICK_REWRITE") != nullptr) {
    std::ofstream("docs/scenario.md", std::ios::binary) << page;
  }
  std::ifstream in("docs/scenario.md", std::ios::binary);
  EXPECT_EQ(page, std::string((std::istreambuf_iterator<char>(in)), {}));
}

}  // namespace
}  // namespace greytick::scenario
