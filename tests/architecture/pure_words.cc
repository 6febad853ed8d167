#include "tests/architecture/pure_words.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace greytick::architecture {
namespace {

// What would let two runs of one seed differ.
constexpr std::array<std::string_view, 6> kRandomHeaders = {"random", "ctime",  "time.h",
                                                            "thread", "future", "sys/time.h"};
constexpr std::array<std::string_view, 17> kRandomWords = {"system_clock",
                                                           "steady_clock",
                                                           "high_resolution_clock",
                                                           "utc_clock",
                                                           "file_clock",
                                                           "clock_gettime",
                                                           "gettimeofday",
                                                           "random_device",
                                                           "mt19937",
                                                           "mt19937_64",
                                                           "default_random_engine",
                                                           "getenv",
                                                           "getrandom",
                                                           "this_thread",
                                                           "sleep_for",
                                                           "__DATE__",
                                                           "__TIME__"};
constexpr std::array<std::string_view, 8> kRandomCalls = {"rand",  "srand", "random", "now",
                                                          "clock", "time",  "getpid", "arc4random"};
constexpr std::array<std::string_view, 26> kTranscendentals = {
    "exp",  "exp2", "expm1", "log",    "log2",   "log10", "log1p", "pow",  "cbrt",
    "sin",  "cos",  "tan",   "asin",   "acos",   "atan",  "atan2", "sinh", "cosh",
    "tanh", "erf",  "erfc",  "lgamma", "tgamma", "hypot", "expf",  "logf"};

// What would make the core do something instead of saying that it be done.
constexpr std::array<std::string_view, 14> kEffectHeaders = {
    "iostream",           "fstream",   "istream",    "ostream", "sstream",
    "filesystem",         "cstdio",    "mutex",      "atomic",  "shared_mutex",
    "condition_variable", "semaphore", "stop_token", "csignal"};
constexpr std::array<std::string_view, 14> kEffectWords = {
    "throw",    "try",     "catch", "cout",  "cerr",    "clog",         "ifstream",
    "ofstream", "fstream", "FILE",  "mutex", "jthread", "thread_local", "co_await"};
constexpr std::array<std::string_view, 10> kEffectCalls = {
    "printf", "fprintf", "puts", "fopen", "socket", "bind", "recv", "sendto", "syslog", "exit"};

// CHECK prints why it aborts; nothing else in the core prints.
constexpr std::string_view kCheck = "model/check.h";

bool holds(const auto& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

bool is_core(std::string_view path) { return path.starts_with("model/"); }

bool orders_events(std::string_view path) {
  constexpr std::array<std::string_view, 5> kFolders = {"sim/engine/", "sim/net/", "sim/faults/",
                                                        "sim/oracle/", "sim/world/"};
  return std::ranges::any_of(kFolders, [path](auto folder) { return path.starts_with(folder); });
}

// A function of one of these names that belongs to one of our own scopes is not libc's.
bool is_libc_call(const Word& word) {
  return word.called && (word.scope.empty() || word.scope == "std" || word.text == "now");
}

}  // namespace

std::vector<std::string> impure_words(const Source& source) {
  std::vector<std::string> sentences;
  const bool core = is_core(source.path);
  if (!core && !orders_events(source.path)) return sentences;
  const bool effects = core && source.path != kCheck;
  const auto report = [&](size_t line, std::string_view word) {
    sentences.push_back(source.path + ":" + std::to_string(line) + ": " + std::string(word));
  };
  for (const Include& include : source.includes) {
    if (holds(kRandomHeaders, include.path) || (effects && holds(kEffectHeaders, include.path))) {
      report(include.line, "<" + include.path + ">");
    }
  }
  for (const Word& word : source.words) {
    if (holds(kRandomWords, word.text) || (is_libc_call(word) && holds(kRandomCalls, word.text)) ||
        (word.scope == "std" && holds(kTranscendentals, word.text)) ||
        (effects && (holds(kEffectWords, word.text) ||
                     (is_libc_call(word) && holds(kEffectCalls, word.text))))) {
      report(word.line, word.text);
    }
  }
  return sentences;
}

}  // namespace greytick::architecture
