#ifndef GREYTICK_MODEL_CHECK_H_
#define GREYTICK_MODEL_CHECK_H_

#include <cstdio>
#include <cstdlib>

/// CHECK states what only our own bug can break, so it stays on in release and aborts at once: a
/// run that went on with a broken invariant would print numbers nobody may trust. What a peer, a
/// disk or a user can cause is a Result (model/result.h), never a CHECK.

namespace greytick::model {

/// True where the build pays for checks that cost more than O(1) a call; on in the dev preset.
#ifdef GREYTICK_DEEP_CHECKS
inline constexpr bool kDeepChecks = true;
#else
inline constexpr bool kDeepChecks = false;
#endif

namespace detail {

/// Prints "file:line: CHECK failed: expression (message)" to stderr and aborts. Out of line and
/// cold, so that a CHECK costs its caller one compare and one branch. message may be null.
[[noreturn]] [[gnu::cold]] [[gnu::noinline]] inline void check_failed(const char* file, int line,
                                                                      const char* expression,
                                                                      const char* message) {
  if (message != nullptr) {
    std::fprintf(stderr, "%s:%d: CHECK failed: %s (%s)\n", file, line, expression, message);
  } else {
    std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", file, line, expression);
  }
  std::fflush(stderr);
  std::abort();
}

}  // namespace detail
}  // namespace greytick::model

/// Aborts unless the condition holds. Variadic, so that a condition may hold commas of template
/// arguments. One property a CHECK. Usable in constant expressions: a failure does not compile.
#define CHECK(...)                                                                        \
  do {                                                                                    \
    if (!(__VA_ARGS__)) [[unlikely]] {                                                    \
      ::greytick::model::detail::check_failed(__FILE__, __LINE__, #__VA_ARGS__, nullptr); \
    }                                                                                     \
  } while (false)

/// The same with one more sentence for the reader of the crash; message is a string literal.
#define CHECK_MSG(condition, message)                                                   \
  do {                                                                                  \
    if (!(condition)) [[unlikely]] {                                                    \
      ::greytick::model::detail::check_failed(__FILE__, __LINE__, #condition, message); \
    }                                                                                   \
  } while (false)

/// A CHECK too dear for release, such as one that walks a container: compiled everywhere, so that
/// it cannot rot, and run only under kDeepChecks.
#define DEEP_CHECK(...)                             \
  do {                                              \
    if constexpr (::greytick::model::kDeepChecks) { \
      CHECK(__VA_ARGS__);                           \
    }                                               \
  } while (false)

#endif  // GREYTICK_MODEL_CHECK_H_
