qc_test(property_client LABEL property SOURCES ${CMAKE_CURRENT_LIST_DIR}/client/split_test.cpp DEPS core record client PRIVATE rapidcheck)
