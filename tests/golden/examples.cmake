qc_test(golden_examples LABEL golden SOURCES ${CMAKE_CURRENT_LIST_DIR}/examples/examples_test.cpp DEPS core)
add_dependencies(golden_examples quantcase)
