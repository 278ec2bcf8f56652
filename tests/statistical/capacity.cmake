qc_test(statistical_capacity LABEL statistical-heavy SOURCES ${CMAKE_CURRENT_LIST_DIR}/capacity/capacity_coverage_test.cpp DEPS capacity compare core)
