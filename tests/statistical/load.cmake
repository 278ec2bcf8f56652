qc_test(statistical_load LABEL statistical-heavy SOURCES ${CMAKE_CURRENT_LIST_DIR}/load/until_narrow_coverage_test.cpp DEPS load core)
