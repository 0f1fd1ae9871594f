# Builds the examples with an installed hubbub: cmake -B build && cmake --build build && ctest --test-dir build
cmake_minimum_required(VERSION 3.25)
set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Debug, Release or RelWithDebInfo")
project(examples VERSION 0.1.0 LANGUAGES CXX)

find_package(hubbub REQUIRED)
enable_testing()
file(GLOB lists */CMakeLists.txt)
foreach(list IN LISTS lists)
  cmake_path(GET list PARENT_PATH folder)
  cmake_path(GET folder FILENAME name)
  add_subdirectory(${folder})
  add_hubbub_plugin_test(${name} ${folder}/${name}_test.cpp)
endforeach()
