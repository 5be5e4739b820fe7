# Every fuzzer for 2 s, where clang is there: finds what a change broke at once.
find_program(GRAYLING_FUZZ_CLANG clang++-14)
if(GRAYLING_FUZZ_CLANG)
  add_test(NAME fuzz_smoke COMMAND ${PROJECT_SOURCE_DIR}/tests/fuzz/fuzz.sh 6)
  set_tests_properties(fuzz_smoke PROPERTIES LABELS fuzz TIMEOUT 900)
else()
  message(STATUS "no clang++-14: the fuzzers are not run by ctest")
endif()
