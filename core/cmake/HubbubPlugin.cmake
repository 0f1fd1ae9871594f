# add_hubbub_plugin(NAME SOURCE… [VERSION 1.2.3]) builds a plugin library NAME.so into the directory `plugins` of the build,
# where the server of the same build finds it. It exports one symbol, hubbub_plugin. NAME is also the plugin's key in
# config.yaml. VERSION is stored with what the plugin logs; without it, the project's.
function(add_hubbub_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "VERSION" "")
  if(NOT arg_VERSION)
    set(arg_VERSION ${PROJECT_VERSION})
  endif()
  add_library(${name} MODULE ${arg_UNPARSED_ARGUMENTS})
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so"
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_compile_definitions(${name} PRIVATE HUBBUB_PLUGIN_NAME="${name}" HUBBUB_PLUGIN_VERSION="${arg_VERSION}")
  target_link_libraries(${name} PRIVATE hubbub::sdk)
  # Templates of the standard library are exported in spite of hidden visibility; a version script keeps them in.
  set(script ${HUBBUB_CMAKE_DIR}/plugin.map)
  target_link_options(${name} PRIVATE -Wl,--version-script=${script})
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${script})
  if(NOT HUBBUB_SANITIZE)
    target_link_options(${name} PRIVATE -Wl,-z,defs)  # sanitizers leave symbols for the executable to bring
  endif()
endfunction()

set(HUBBUB_CMAKE_DIR ${CMAKE_CURRENT_LIST_DIR} CACHE INTERNAL "where add_hubbub_plugin finds its version script")
