# libFuzzer needs clang: `make fuzz` installs it and runs all. By hand: build/fuzz/fuzz_study -max_total_time=60 CORPUS_OF_YOURS studies/
if(QC_FUZZ)
  add_executable(fuzz_study ${CMAKE_CURRENT_LIST_DIR}/study/study_fuzz.cpp)
  target_compile_options(fuzz_study PRIVATE -fsanitize=fuzzer,address,undefined)
  target_link_options(fuzz_study PRIVATE -fsanitize=fuzzer,address,undefined)
  target_link_libraries(fuzz_study PRIVATE qc_study)
endif()
