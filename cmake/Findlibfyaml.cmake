# libfyaml ships a pkg-config file only. Defines libfyaml::libfyaml.

find_package(PkgConfig QUIET REQUIRED)
pkg_check_modules(libfyaml_pc QUIET IMPORTED_TARGET libfyaml)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(libfyaml
  REQUIRED_VARS libfyaml_pc_LINK_LIBRARIES
  VERSION_VAR libfyaml_pc_VERSION)

if(libfyaml_FOUND AND NOT TARGET libfyaml::libfyaml)
  add_library(libfyaml::libfyaml INTERFACE IMPORTED)
  target_link_libraries(libfyaml::libfyaml INTERFACE PkgConfig::libfyaml_pc)
endif()
