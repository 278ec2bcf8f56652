# libFuzzer needs clang: `make fuzz` installs it and runs all. By hand: build/fuzz/fuzz_checkpoint -max_total_time=60 CORPUS_OF_YOURS
if(QC_FUZZ)
  add_executable(fuzz_checkpoint ${CMAKE_CURRENT_LIST_DIR}/checkpoint/checkpoint_fuzz.cpp)
  target_compile_options(fuzz_checkpoint PRIVATE -fsanitize=fuzzer,address,undefined)
  target_link_options(fuzz_checkpoint PRIVATE -fsanitize=fuzzer,address,undefined)
  target_link_libraries(fuzz_checkpoint PRIVATE qc_checkpoint)
endif()
