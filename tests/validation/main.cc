// Prints the figures of docs/validation.md. Exit code 1: one of them is outside its tolerance.
#include <cstdio>

#include <fmt/format.h>

#include "tests/validation/figures.h"

int main() {
  using greytick::validation::Figure;
  bool held = true;
  for (const greytick::validation::Section& section : greytick::validation::all_sections()) {
    fmt::print("### {}\n\n| what | simulated | expected | tolerance |\n| --- | --- | --- | --- |\n",
               section.title);
    for (const Figure& f : section.figures) {
      const char* space = f.unit.empty() ? "" : " ";
      fmt::print("| {} | {:.4g}{}{}{} | {:.4g} | {:.2g} |\n", f.what, f.simulated, space, f.unit,
                 f.holds() ? "" : " **no**", f.expected, f.tolerance);
      held = held && f.holds();
    }
    fmt::print("\n");
    std::fflush(stdout);
  }
  return held ? 0 : 1;
}
