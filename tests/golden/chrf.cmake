qc_test(golden_chrf LABEL golden SOURCES ${CMAKE_CURRENT_LIST_DIR}/chrf/chrf_golden_test.cpp DEPS quality core)
