qc_test(property_client LABEL property SOURCES ${CMAKE_CURRENT_LIST_DIR}/client/split_test.cpp ${CMAKE_CURRENT_LIST_DIR}/client/corpus_test.cpp ${CMAKE_CURRENT_LIST_DIR}/../fuzz/client/client_fuzz.cpp
        DEPS core record client PRIVATE rapidcheck)
