// greytick schema: the form of a scenario, for editors.
#include <cstdio>

#include "sim/cli/verbs.h"
#include "sim/scenario/schema.h"

namespace greytick::cli {

void add_schema(CLI::App& app, int&) {
  CLI::App* verb = app.add_subcommand("schema", "Print the JSON Schema of scenarios, for editors");
  verb->callback([] { std::fputs(scenario::schema().c_str(), stdout); });
}

}  // namespace greytick::cli
