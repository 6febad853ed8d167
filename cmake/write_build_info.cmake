# Run by `cmake -P` on every build; see build_info.cmake for the variables.

# Without --no-optional-locks, looking for local changes would take the index lock and could fail a
# commit made meanwhile.
execute_process(
  COMMAND git --no-optional-locks -C "${SOURCE_DIR}" describe --always --dirty --abbrev=12
  OUTPUT_VARIABLE REVISION
  OUTPUT_STRIP_TRAILING_WHITESPACE
  ERROR_QUIET
  RESULT_VARIABLE failed)
if(failed)
  set(REVISION "unknown")  # A release archive has no .git.
endif()

configure_file("${TEMPLATE}" "${HEADER}" @ONLY)
