qc_test(property_quality LABEL property SOURCES ${CMAKE_CURRENT_LIST_DIR}/quality/chrf_test.cpp DEPS quality core)
