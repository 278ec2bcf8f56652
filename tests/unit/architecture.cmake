qc_test(unit_architecture LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/architecture/layers_test.cpp)
