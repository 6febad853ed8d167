# `cmake --install build/release --prefix DIR`: the simulator, its scenarios and its papers.

include(GNUInstallDirs)

if(TARGET greytick)
  install(TARGETS greytick RUNTIME COMPONENT cli)
endif()
install(DIRECTORY scenarios/ COMPONENT cli
  DESTINATION "${CMAKE_INSTALL_DATADIR}/greytick/scenarios")
install(FILES LICENSE NOTICE CHANGELOG.md CITATION.cff docs/third-party.md COMPONENT cli
  DESTINATION "${CMAKE_INSTALL_DOCDIR}")
