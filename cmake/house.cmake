# The house: what every target of this project is compiled with, and the two functions that keep
# a folder's CMakeLists.txt at a few lines.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(GREYTICK_CCACHE ccache)
mark_as_advanced(GREYTICK_CCACHE)
if(GREYTICK_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${GREYTICK_CCACHE}")
endif()

add_library(house INTERFACE)
target_include_directories(house INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_features(house INTERFACE cxx_std_23)
target_compile_options(house INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Werror
  # GCC 12 at -O2 reports these two falsely where a variant that holds a small vector is
  # moved: it follows alternatives that are not the one held. Sanitizers make the first false too.
  # Clang and the sanitizers watch over what they were meant for.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overread>
  # A fused multiply-add rounds once where two operations round twice, so results would depend on
  # the machine. For the same reason nothing here may add -ffast-math or -march.
  -ffp-contract=off
  # CHECK prints paths from the root, the same on every machine.
  "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")
if(GREYTICK_DEEP_CHECKS)
  target_compile_definitions(house INTERFACE GREYTICK_DEEP_CHECKS=1)
endif()
if(GREYTICK_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "GREYTICK_FUZZ needs clang: libFuzzer is part of it.")
  endif()
  target_compile_options(house INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(GREYTICK_SANITIZE)
  target_compile_options(house INTERFACE
    "-fsanitize=${GREYTICK_SANITIZE}" -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(house INTERFACE "-fsanitize=${GREYTICK_SANITIZE}")
endif()

# Most of what a source costs to compile is reading the same headers again, so eight of a folder are
# compiled as one: a fresh clone gives its first verdict in half the time. Hence two sources of a
# folder may not use one name in their unnamed namespaces. The clang preset compiles each alone, which
# shows that each includes what it needs.
option(GREYTICK_UNITY "Compile the sources of a library together." ON)

# greytick_library(name source...): a static library of this folder, compiled as the house is.
# A folder without sources of its own (headers only) becomes an interface library. Link the
# libraries it includes with target_link_libraries(name PUBLIC|INTERFACE ...).
function(greytick_library name)
  if(ARGN)
    add_library(${name} STATIC ${ARGN})
    target_link_libraries(${name} PUBLIC house)
    set_target_properties(${name} PROPERTIES
      UNITY_BUILD ${GREYTICK_UNITY} UNITY_BUILD_BATCH_SIZE 8)
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE house)
  endif()
endfunction()

# greytick_test(name source... [LIBS library...] [LABELS label...]): a GoogleTest program (gmock's
# main, so both styles link; RapidCheck too), one ctest test for each TEST. Without LABELS the label
# is the folder's name: `ctest -L engine`. Tests run from the source root, so that
# "tests/model/testdata/x.txt" opens; GREYTICK_SOURCE_DIR is that root as a string literal.
function(greytick_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBS;LABELS")
  if(NOT arg_LABELS)
    cmake_path(GET CMAKE_CURRENT_SOURCE_DIR FILENAME arg_LABELS)
  endif()
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE
    house ${arg_LIBS} GTest::gmock GTest::gmock_main rapidcheck)
  target_compile_definitions(${name} PRIVATE "GREYTICK_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
  gtest_discover_tests(${name}
    DISCOVERY_MODE PRE_TEST
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 600)
endfunction()
