// Memory asked for ahead of its use, so that nobody waits for it.
#pragma once

#include <cstddef>

namespace greytick::memory {

/// Asks for the cache lines of that memory, which need not be there.
inline void prefetch(const void* memory, std::size_t bytes) {
  constexpr std::size_t kLine = 64;
  const auto* at = static_cast<const char*>(memory);
  for (std::size_t line = 0; line < bytes; line += kLine) __builtin_prefetch(at + line);
  // Without this, GCC (12.2) takes a function that only prefetches for one without effects, and
  // drops the calls of it.
  asm volatile("");
}

}  // namespace greytick::memory
