// Ctrl-C: the first one ends a run in good order, the second one ends the program.
#pragma once

namespace greytick::cli {

/// Installs the handler for SIGINT and SIGTERM.
void catch_interrupts();
/// Whether one has come.
bool interrupted();

}  // namespace greytick::cli
