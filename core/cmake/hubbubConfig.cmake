# find_package(hubbub): hubbub::sdk and hubbub::testing, add_hubbub_plugin() and add_hubbub_plugin_test().
include(CMakeFindDependencyMacro)
find_dependency(nlohmann_json 3.11)
include(${CMAKE_CURRENT_LIST_DIR}/hubbubTargets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/HubbubPlugin.cmake)
