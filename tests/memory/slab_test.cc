#include "sim/memory/slab.h"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace greytick::memory {
namespace {

TEST(Slab, KeepsAddressesWhileItGrows) {
  Slab<std::string> slab;
  const auto first = slab.emplace("first");
  const std::string* address = &slab[first];
  for (int i = 0; i < 10'000; ++i) {
    slab.emplace("more");
  }
  EXPECT_EQ(&slab[first], address);
  EXPECT_EQ(slab[first], "first");
}

TEST(Slab, ReusesThePlaceFreedLastUnderANewHandle) {
  Slab<int> slab;
  const auto a = slab.emplace(1);
  const auto b = slab.emplace(2);
  slab.erase(a);
  slab.erase(b);
  const auto c = slab.emplace(3);
  EXPECT_EQ(slab.places(), 2U);
  EXPECT_NE(c, b) << "same place, another generation";
  EXPECT_FALSE(slab.live(a));
  EXPECT_FALSE(slab.live(b));
  EXPECT_TRUE(slab.live(c));
  EXPECT_EQ(slab[c], 3);
}

TEST(Slab, DestroysWhatLivesAndOnlyThat) {
  const auto token = std::make_shared<int>(7);
  {
    Slab<std::shared_ptr<int>> slab;
    const auto a = slab.emplace(token);
    slab.emplace(token);
    EXPECT_EQ(token.use_count(), 3);
    slab.erase(a);
    EXPECT_EQ(token.use_count(), 2);
    const Slab<std::shared_ptr<int>> moved(std::move(slab));
    EXPECT_EQ(moved.size(), 1U);
    EXPECT_EQ(token.use_count(), 2);
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(SlabDeathTest, ErasingAStaleHandleAborts) {
  Slab<int> slab;
  const auto handle = slab.emplace(1);
  slab.erase(handle);
  EXPECT_DEATH(slab.erase(handle), "live");
  EXPECT_DEATH(slab.erase(Slab<int>::kNone), "live");
}

TEST(SlabDeathTest, ReadingAStaleHandleAbortsUnderDeepChecks) {
  if constexpr (model::kDeepChecks) {
    Slab<int> slab;
    const auto handle = slab.emplace(1);
    slab.erase(handle);
    slab.emplace(2);
    EXPECT_DEATH(static_cast<void>(slab[handle]), "live");
  } else {
    GTEST_SKIP() << "needs GREYTICK_DEEP_CHECKS";
  }
}

RC_GTEST_PROP(Slab, BehavesLikeAMapFromHandles, (const std::vector<std::uint16_t>& steps)) {
  Slab<std::uint16_t> slab;
  std::map<Slab<std::uint16_t>::Handle, std::uint16_t> model;
  std::vector<Slab<std::uint16_t>::Handle> handles;
  for (const std::uint16_t step : steps) {
    if (step % 3 == 0 && !handles.empty()) {
      const std::size_t victim = step % handles.size();
      slab.erase(handles[victim]);
      model.erase(handles[victim]);
      handles.erase(handles.begin() + static_cast<std::ptrdiff_t>(victim));
    } else {
      handles.push_back(slab.emplace(step));
      RC_ASSERT(model.emplace(handles.back(), step).second);
    }
  }
  RC_ASSERT(slab.size() == model.size());
  std::map<Slab<std::uint16_t>::Handle, std::uint16_t> seen;
  slab.for_each([&](auto handle, std::uint16_t value) { seen.emplace(handle, value); });
  RC_ASSERT(seen == model);
}

}  // namespace
}  // namespace greytick::memory
