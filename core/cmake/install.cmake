# What `cmake --install` installs: the server with its plugins and pages, and all that people need to write, build and test plugins
# elsewhere.
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/hubbub)
set(data ${CMAKE_INSTALL_DATADIR}/hubbub)

install(TARGETS hubbub)
get_property(plugins TARGET hubbub_plugins PROPERTY MANUALLY_ADDED_DEPENDENCIES)
set(plugins_destination ${CMAKE_INSTALL_LIBDIR}/hubbub/plugins)
install(TARGETS ${plugins} LIBRARY DESTINATION ${plugins_destination})
install(DIRECTORY static DESTINATION ${data} PATTERN README.md EXCLUDE)  # installed with the documents below
install(FILES config.yaml DESTINATION ${data})
install(DIRECTORY plugins/script/examples/ DESTINATION ${data}/scripts)

install(DIRECTORY core/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
set_target_properties(hubbub_sdk PROPERTIES EXPORT_NAME sdk)
install(TARGETS hubbub_sdk hubbub_testing_installed EXPORT hubbub INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT hubbub FILE hubbubTargets.cmake NAMESPACE hubbub:: DESTINATION ${package})
configure_package_config_file(core/cmake/hubbubConfig.cmake.in ${PROJECT_BINARY_DIR}/hubbubConfig.cmake
  INSTALL_DESTINATION ${package} NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/hubbubConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  core/cmake/HubbubPlugin.cmake core/cmake/plugin.map
  ${PROJECT_BINARY_DIR}/hubbubConfig.cmake ${PROJECT_BINARY_DIR}/hubbubConfigVersion.cmake
  DESTINATION ${package})

# The tool finds its templates beside the file that the link points to.
install(PROGRAMS tools/new-plugin DESTINATION ${data}/tools)
install(DIRECTORY tools/templates DESTINATION ${data}/tools)
file(RELATIVE_PATH tool ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_DATADIR}/hubbub/tools/new-plugin)
file(CREATE_LINK ${tool} ${PROJECT_BINARY_DIR}/hubbub-new-plugin SYMBOLIC)
install(FILES ${PROJECT_BINARY_DIR}/hubbub-new-plugin TYPE BIN)

# The documents, in the same folders as here, so that links between them work. Then the examples, which are built there like any
# plugin outside this repository.
foreach(document IN ITEMS LICENSE README.md)
  install(FILES ${document} TYPE DOC)
endforeach()
foreach(folder IN ITEMS core plugins static tools/bench)
  cmake_path(GET folder PARENT_PATH parent)
  install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_DOCDIR}/${parent}
    FILES_MATCHING PATTERN "*.md" PATTERN node_modules EXCLUDE PATTERN .encoded EXCLUDE PATTERN vendor EXCLUDE)
endforeach()
file(GLOB examples RELATIVE ${PROJECT_SOURCE_DIR}/plugins/examples ${PROJECT_SOURCE_DIR}/plugins/examples/*)
foreach(example IN LISTS examples)
  install(DIRECTORY plugins/examples/${example} DESTINATION ${data}/examples)
  install(FILES tests/plugins/${example}_test.cpp DESTINATION ${data}/examples/${example})
endforeach()
install(FILES core/cmake/examples.cmake DESTINATION ${data}/examples RENAME CMakeLists.txt)

# Where the other files are installed that the documents link to.
set(places
  "(static/.*|config.yaml)" "${data}/\\1"
  "core/include/(.*)" "${CMAKE_INSTALL_INCLUDEDIR}/\\1"
  "plugins/script/examples/(.*)" "${data}/scripts/\\1"
  "plugins/(examples/.*)" "${data}/\\1"
  "tests/plugins/(.*)(_test.cpp)" "${data}/examples/\\1/\\1\\2")
install(CODE "set(documents [[${CMAKE_INSTALL_DOCDIR}]])\nset(places [[${places}]])")
install(SCRIPT core/cmake/links.cmake)
