# What `greytick version` prints: the revision, the compiler and its flags, in the generated header
# "sim/cli/build_info.h". Link greytick_build_info to include it.
#
# The header is looked at on every build but written only when its text changes, so a commit
# recompiles the sources that include it (keep that to one) and nothing else.

string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type_upper)
string(STRIP "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type_upper}}" build_info_flags)
if(GREYTICK_SANITIZE)
  string(APPEND build_info_flags " -fsanitize=${GREYTICK_SANITIZE}")
endif()
if(GREYTICK_DEEP_CHECKS)
  string(APPEND build_info_flags " -DGREYTICK_DEEP_CHECKS=1")
endif()

set(build_info_header "${PROJECT_BINARY_DIR}/generated/sim/cli/build_info.h")
add_custom_target(greytick_build_info_header
  COMMAND "${CMAKE_COMMAND}"
    "-DSOURCE_DIR=${PROJECT_SOURCE_DIR}"
    "-DTEMPLATE=${PROJECT_SOURCE_DIR}/cmake/build_info.h.in"
    "-DHEADER=${build_info_header}"
    "-DVERSION=${PROJECT_VERSION}"
    "-DCOMPILER=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}"
    "-DBUILD_TYPE=${CMAKE_BUILD_TYPE}"
    "-DFLAGS=${build_info_flags}"
    -P "${PROJECT_SOURCE_DIR}/cmake/write_build_info.cmake"
  BYPRODUCTS "${build_info_header}"
  COMMENT "Noting the revision"
  VERBATIM)

add_library(greytick_build_info INTERFACE)
target_include_directories(greytick_build_info INTERFACE "${PROJECT_BINARY_DIR}/generated")
add_dependencies(greytick_build_info greytick_build_info_header)
