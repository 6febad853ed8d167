// greytick schema: the form of a scenario, for editors.
#include "sim/scenario/schema.h"

#include <cstdio>
#include <memory>

#include "sim/cli/verbs.h"
#include "sim/scenario/reference.h"

namespace greytick::cli {

void add_schema(CLI::App& app, int&) {
  CLI::App* verb = app.add_subcommand("schema", "Print the JSON Schema of scenarios, for editors");
  auto reference = std::make_shared<bool>(false);
  verb->add_flag("--reference", *reference,
                 "Print the page for people instead: every key, fault, metric and invariant");
  verb->callback([reference] {
    std::fputs((*reference ? scenario::reference() : scenario::schema()).c_str(), stdout);
  });
}

}  // namespace greytick::cli
