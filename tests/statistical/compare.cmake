qc_test(statistical_compare LABEL statistical SOURCES ${CMAKE_CURRENT_LIST_DIR}/compare/p95_coverage_test.cpp DEPS compare core)
