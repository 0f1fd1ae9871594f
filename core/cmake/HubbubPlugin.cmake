# add_hubbub_plugin(NAME SOURCE… [LIBRARIES …] [VERSION 1.2.3]) builds the plugin library NAME.so in the directory `plugins`
# of the build, where the server of the same build finds it, and links it with LIBRARIES. The library exports one symbol,
# hubbub_plugin. NAME is also the plugin's key in config.yaml. VERSION is stored with each message that the plugin logs; the
# default is the project's version. With an installed hubbub, `cmake --install` puts the library beside the server's own plugins.
function(add_hubbub_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "VERSION" "LIBRARIES")
  if(NOT arg_VERSION)
    set(arg_VERSION ${PROJECT_VERSION})
  endif()
  add_library(${name} MODULE ${arg_UNPARSED_ARGUMENTS})
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so"
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  target_compile_definitions(${name} PRIVATE HUBBUB_PLUGIN_NAME="${name}" HUBBUB_PLUGIN_VERSION="${arg_VERSION}")
  target_link_libraries(${name} PRIVATE hubbub::sdk ${arg_LIBRARIES})
  # Templates of the standard library are exported in spite of hidden visibility; the version script hides them.
  set(script ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
  target_link_options(${name} PRIVATE -Wl,--version-script=${script})
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${script})
  if(NOT HUBBUB_SANITIZE)
    target_link_options(${name} PRIVATE -Wl,-z,defs)  # with sanitizers, the executable defines some of the symbols
  endif()
  if(HUBBUB_PLUGINS_DESTINATION)
    install(TARGETS ${name} LIBRARY DESTINATION ${HUBBUB_PLUGINS_DESTINATION})
  endif()
endfunction()

# add_hubbub_plugin_test(NAME SOURCE…) builds the program NAME_test with GoogleTest and hubbub/testing.hpp, and adds its tests
# to ctest. The macro HUBBUB_PLUGIN_DIR is the directory of the plugin NAME, as a string. assert() works in the tests, whatever
# the build type.
function(add_hubbub_plugin_test name)
  find_package(GTest REQUIRED)
  include(GoogleTest)
  add_executable(${name}_test ${ARGN})
  target_compile_definitions(${name}_test PRIVATE HUBBUB_PLUGIN_DIR="${CMAKE_BINARY_DIR}/plugins")
  target_compile_options(${name}_test PRIVATE -UNDEBUG)
  target_link_libraries(${name}_test PRIVATE hubbub::testing GTest::gtest_main)
  add_dependencies(${name}_test ${name})
  gtest_discover_tests(${name}_test)
endfunction()
