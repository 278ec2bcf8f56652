# libFuzzer needs clang: `make fuzz` installs it and runs all. By hand: build/fuzz/fuzz_client -max_total_time=60 CORPUS_OF_YOURS tests/fixtures/streams
if(QC_FUZZ)
  add_executable(fuzz_client ${CMAKE_CURRENT_LIST_DIR}/client/client_fuzz.cpp)
  target_compile_options(fuzz_client PRIVATE -fsanitize=fuzzer,address,undefined)
  target_link_options(fuzz_client PRIVATE -fsanitize=fuzzer,address,undefined)
  target_link_libraries(fuzz_client PRIVATE qc_client)
endif()
