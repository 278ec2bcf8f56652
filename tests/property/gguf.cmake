qc_test(property_gguf LABEL property SOURCES ${CMAKE_CURRENT_LIST_DIR}/gguf/hostile_header_test.cpp DEPS gguf core)
