# The three shapes of target in this tree. Foreign headers are marked SYSTEM by their packages,
# so that warnings-as-errors speak of our own code only.

add_library(grayling_options INTERFACE)
target_compile_options(grayling_options INTERFACE -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Werror)
target_include_directories(grayling_options INTERFACE ${PROJECT_SOURCE_DIR})

# grayling_library(NAME SOURCES a.cpp ... LIBS x y ...): one static library, one room.
function(grayling_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC grayling_options ${ARG_LIBS})
endfunction()

# grayling_program(NAME SOURCES ... LIBS ...): lands in build/<preset>/bin.
function(grayling_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE grayling_options ${ARG_LIBS})
endfunction()

# grayling_test(NAME LABEL unit|contract|e2e SOURCES ... LIBS ...): a GoogleTest program under ctest.
function(grayling_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;LIBS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE grayling_options ${ARG_LIBS} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
endfunction()
