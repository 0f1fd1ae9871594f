# cmake --install: the server with its plugins and pages, and what a plugin is made, built and tested with elsewhere.
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/hubbub)
set(data ${CMAKE_INSTALL_DATADIR}/hubbub)

install(TARGETS hubbub)
get_property(plugins TARGET hubbub_plugins PROPERTY MANUALLY_ADDED_DEPENDENCIES)
install(TARGETS ${plugins} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/hubbub/plugins)
install(DIRECTORY static DESTINATION ${data})
install(FILES config.yaml DESTINATION ${data})
install(DIRECTORY plugins/script/examples/ DESTINATION ${data}/scripts)

install(DIRECTORY core/include/ ${PROJECT_BINARY_DIR}/sdk/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
set_target_properties(hubbub_sdk PROPERTIES EXPORT_NAME sdk)
install(TARGETS hubbub_sdk hubbub_testing_installed EXPORT hubbub INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT hubbub FILE hubbubTargets.cmake NAMESPACE hubbub:: DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/hubbubConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  core/cmake/hubbubConfig.cmake core/cmake/HubbubPlugin.cmake core/cmake/plugin.map
  ${PROJECT_BINARY_DIR}/hubbubConfigVersion.cmake
  DESTINATION ${package})

# The tool finds its templates beside the file that the link leads to.
install(PROGRAMS tools/new-plugin DESTINATION ${data}/tools)
install(DIRECTORY tools/templates DESTINATION ${data}/tools)
file(RELATIVE_PATH tool ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_DATADIR}/hubbub/tools/new-plugin)
file(CREATE_LINK ${tool} ${PROJECT_BINARY_DIR}/hubbub-new-plugin SYMBOLIC)
install(FILES ${PROJECT_BINARY_DIR}/hubbub-new-plugin TYPE BIN)
