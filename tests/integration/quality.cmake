qc_test(integration_quality LABEL integration SOURCES ${CMAKE_CURRENT_LIST_DIR}/quality/ask_spot_test.cpp DEPS quality core)
